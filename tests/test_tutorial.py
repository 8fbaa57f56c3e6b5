"""docs/tutorial.md, done from its first line to its last: files written, lines changed, commands run, outputs compared."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(
    r"(?:<!-- (?P<what>file|change): (?P<path>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```\n", re.DOTALL
)
CODE = re.compile(r"^(?P<line>.*?)(?:\s+# exit code (?P<code>\d))?$")


def pattern(shown):
    """What an output must look like: a line "…" stands for any lines, "…" in a line for anything in it."""
    parts = []
    for line in shown.splitlines():
        inner = "[^\n]*".join(re.escape(part) for part in line.split("…"))
        parts.append("(?:[^\n]*\n)*?" if line == "…" else f"{inner}\n")
    return re.compile("".join(parts))


def commands(text):
    """(command, exit code, output shown) of a console block."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        first, _newline, shown = part.partition("\n")
        found = CODE.fullmatch(first)
        yield found["line"], int(found["code"] or 0), shown


def changed(text, diff):
    """The text with the lines of a diff taken away and added; its context must stand there once."""
    lines = diff.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if line[0] != "+")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] != "-")
    assert text.count(old) == 1, old
    return text.replace(old, new)


def test_the_comparison_can_fail():
    assert pattern("a\n…\nb … c\n").fullmatch("a\nx\ny\nb 1 c\n")
    assert pattern("…\nb\n").fullmatch("b\n")
    assert not pattern("a\n…\nb\n").fullmatch("a\nx\n")
    assert not pattern("a\n").fullmatch("a\nb\n")
    with pytest.raises(AssertionError):
        changed("x\n", "-y\n")


def test_the_tutorial_runs_as_it_is_written(tmp_path):
    folder = tmp_path
    bin_ = Path(sys.executable).parent
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRADER_")}
    environment |= {"PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80", "TZ": "UTC"}
    ran = 0
    for block in BLOCK.finditer(TUTORIAL.read_text("utf-8")):
        path = tmp_path / "course" / (block["path"] or "")
        if block["what"] == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], "utf-8")
        elif block["what"] == "change":
            path.write_text(changed(path.read_text("utf-8"), block["text"]), "utf-8")
        elif block["kind"] == "console":
            for line, code, shown in commands(block["text"]):
                if line.startswith("cd "):
                    folder = folder / shlex.split(line)[1]
                    continue
                done = subprocess.run(
                    ["sh", "-c", f"{line} 2>&1"],
                    cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False,
                )  # fmt: skip
                assert code == done.returncode, f"$ {line}\n{done.stdout}"
                assert pattern(shown).fullmatch(done.stdout), f"$ {line}\nshown:\n{shown}\ncame:\n{done.stdout}"
                ran += 1
    assert ran > 20
