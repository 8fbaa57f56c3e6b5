"""A class of notebooks of 100 kB: reading it beside grading it, and a second run in which nothing has changed.

    python tests/benchmarks/intake_speed.py [submissions]

Reading is `survey` and every submission through the process that reads; grading is what run.json says of
the first run, in which reading goes on beside it; the second run is the whole command, start included.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {**os.environ, "GRADER_SEED": "benchmark", "PYTHONPATH": str(ROOT)}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)  # as an installed grader runs
AGAIN, KILOBYTES = 0.05, 100


def make_class(folder: Path, count: int) -> Path:
    """Write `count` notebooks as students leave them: magics, plots, and an image that makes up the size."""
    book: dict[str, Any] = json.loads((ROOT / "assignments" / "affine" / "layers.ipynb").read_text("utf-8"))
    from grader.authoring.course import load_assignment
    from grader.authoring.release import _parts

    source = load_assignment(ROOT, "affine").source
    cells = [code(part) for part in _parts(source)]
    cells.insert(1, code("%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n!ls"))
    cells.append(code("plt.plot(x)\nplt.show()", image="A" * (KILOBYTES * 1000 - 15_000)))
    for number in range(count):
        own = folder / f"{number:06}"
        own.mkdir(parents=True)
        book["cells"] = [code(f"number = {number}"), *cells]
        (own / "layers.ipynb").write_text(json.dumps(book, indent=1), "utf-8")
    return folder


def code(text: str, image: str = "") -> dict[str, Any]:
    """A code cell, with a plot as its output or none."""
    outputs = [{"output_type": "display_data", "data": {"image/png": image}, "metadata": {}}] if image else []
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": 1,
        "outputs": outputs,
        "source": text.splitlines(True),
    }


def reading(folder: Path) -> tuple[float, float]:
    """Seconds, by the clock and of processor time, to read the class."""
    program = (
        "import sys, pathlib; from grader.intake.folder import survey\n"
        "with survey([pathlib.Path(sys.argv[1])], 'layers.py') as f, f.reading(f.entries) as c:\n"
        "    assert all(s.problem is None for s in c)\n"
    )
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", program, str(folder)], env=ENVIRONMENT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, used


def grade(folder: Path, report: Path) -> tuple[float, float]:
    """Seconds of one whole command, by the clock and of processor time."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "-a", "affine", "-o", str(report), "--exit-zero"]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, used


def main(count: int = 1000) -> int:
    """Measure, print, and say whether the bounds hold."""
    with tempfile.TemporaryDirectory() as name:
        folder, report = make_class(Path(name) / "class", count), Path(name) / "report"
        size = (folder / "000000" / "layers.ipynb").stat().st_size
        read, read_cpu = reading(folder)
        first, first_cpu = grade(folder, report)
        again, again_cpu = grade(folder, report)
        graded = json.loads((report / "grades.json").read_text("utf-8"))["submissions"]
        assert count == sum(g["score"] == g["max_score"] for g in graded)
    said = f"{read:.1f} s beside {first - read:.1f} s; {read_cpu:.1f} s of processor time"
    print(
        f"| reading {count} notebooks of {size / 1000:.0f} kB beside grading them, {said} | {read / (first - read):.3f} | 1 |"
    )
    said = f"{again:.2f} s beside {first:.1f} s; {again_cpu / first_cpu:.3f} of the processor time"
    print(f"| a second run over them in which nothing changed, {said} | {again / first:.3f} | {AGAIN} |")
    return int(read >= first - read or again > AGAIN * first)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
