"""Makes the README's pictures: a terminal, a student's feedback and a class's overview, of a class drawn from a seed.

    make pictures        (or: python docs/pictures/make.py, with Chromium and the test tools installed)

A class of 120 is put together from the known mistakes of `affine`, the frequent ones more often, with
two who copied; it is graded for real, and its pages are photographed as a browser shows them.
"""

from __future__ import annotations

import html
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import browser

from grader.authoring.course import load_assignment
from grader.authoring.release import stub_source
from grader.authoring.splice import with_function

NAMES = """
    Ada Ben Cleo Dora Elif Finn Gia Hugo Ines Jan Kira Luis Mara Nils Omar Pia Quinn Rosa Sven Tara
    Abel Braun Costa Dietz Evers Fuchs
"""
FIRST, LAST = NAMES.split()[:20], NAMES.split()[20:]
ENVIRONMENT = {**os.environ, "GRADER_SEED": "pictures", "PYTHONPATH": str(ROOT)}
OFTEN = {"dw_and_db_averaged_over_batch": 14, "db_keeps_two_axes": 9, "x_not_flattened": 8, "dw_elementwise": 7}
HELPER = """def helper(dout, cache, total):
    x, w, b = cache
    for i in range(len(dout)):
        for j in range(dout.shape[1]):
            total = total + dout[i, j]
    return [np.sqrt(total), x, {w: b}]
"""


def write_class(folder: Path, rng: random.Random) -> None:
    """Students' files: some mistakes each, more for some than for others; unfinished and broken ones among them."""
    authored = load_assignment(ROOT, "affine")
    weights = [OFTEN.get(m.id, 1) for m in authored.mistakes]
    people = [f"{first.lower()}.{last.lower()}" for last in LAST for first in FIRST]
    for number, student in enumerate(people):
        text = authored.source
        for mistake in rng.choices(authored.mistakes, weights, k=min(6, int(rng.expovariate(0.55)))):
            text = with_function(text, mistake.of, authored.mistakes_source, mistake.wrong.__name__)
        if number % 29 == 5:
            text = stub_source(authored.source, "layers.py")
        if number % 61 == 7:
            text += "\ndef unfinished(:\n"
        if number in (33, 78):
            text += f"\n\n{HELPER}"
        (folder / student).mkdir(parents=True)
        (folder / student / "layers.py").write_text(text, "utf-8")


def run(*words: str, folder: Path) -> str:
    """A command's output, as a terminal of 92 columns shows it."""
    command = [sys.executable, "-m", "grader", *words]
    done = subprocess.run(
        command, cwd=folder, env={**ENVIRONMENT, "COLUMNS": "92"}, capture_output=True, text=True, check=False
    )
    return done.stdout


def terminal_page(command: str, said: str) -> str:
    """A terminal's window as a page."""
    marks = {"✓": "#7bd88f", "✗": "#ff8f85"}
    text = html.escape(said.rstrip())
    for mark, colour in marks.items():
        text = text.replace(mark, f'<b style="color:{colour}">{mark}</b>')
    style = "font:15px/1.5 'DejaVu Sans Mono',monospace;color:#e6e9ef;background:#161b22;margin:0;padding:22px 26px"
    return f'<meta charset="utf-8"><pre style="{style}"><b style="color:#8db9f5">$ {command}</b>\n\n{text}</pre>'


def main() -> None:
    """Write terminal.png, feedback.png and overview.png beside this file."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        write_class(top / "class", random.Random(20))
        run("grade", str(top / "class"), "-a", "affine", "-o", str(top / "report"), "-j", "2", folder=ROOT)
        authored = load_assignment(ROOT, "affine")
        wrong = next(m for m in authored.mistakes if m.id == "dw_and_db_averaged_over_batch")
        text = with_function(authored.source, wrong.of, authored.mistakes_source, wrong.wrong.__name__)
        (top / "home").mkdir()
        for file in (ROOT / "assignments" / "affine").iterdir():
            (top / "home" / file.name).write_bytes(file.read_bytes())
        (top / "home" / "layers.py").write_text(text, "utf-8")
        said = run("check", "-e", "affine_backward", folder=top / "home")
        (top / "terminal.html").write_text(terminal_page("grader check -e affine_backward", said), "utf-8")
        shown = next(p for p in sorted((top / "report" / "students").iterdir()) if "averaged" in page_of(p))
        with browser() as chromium:
            photograph(chromium, top / "terminal.html", "terminal.png", (900, 300), whole=True)
            photograph(chromium, shown / "feedback.html", "feedback.png", (900, 1128))
            photograph(chromium, top / "report" / "index.html", "overview.png", (1180, 1800))


def page_of(folder: Path) -> str:
    """What a student is told first."""
    text = (folder / "feedback.html").read_text("utf-8")
    return text.split('class="start"', 1)[-1].split("</div>", 1)[0]


def photograph(chromium, page: Path, name: str, size: tuple[int, int], whole: bool = False) -> None:
    """A page as a picture."""
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
    opened = context.new_page()
    opened.goto(page.as_uri())
    opened.screenshot(path=str(HERE / name), full_page=whole)
    context.close()


if __name__ == "__main__":
    main()
