"""A class over one process and over two, and ten times as large a class: rates and memory.

    python tests/benchmarks/class_speed.py [submissions] [of the small class] [rounds]

Rates are those of the grading itself, from run.json, the runs taken in turn: `affine` over one and
two processes; `two_by_two` for the large class, ten times the small one. Memory is the parent's peak.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from quiet import undisturbed

ROOT = Path(__file__).resolve().parent.parent.parent
TWICE, TEN_TIMES, MEGABYTES = 1.8, 10.5, 50
ENVIRONMENT = {**os.environ, "GRADER_SEED": "benchmark", "PYTHONPATH": str(ROOT)}


def make_class(folder: Path, assignment: str, count: int) -> Path:
    """Write `count` submissions: the reference, and copies that are wrong somewhere, each made unique by a comment."""
    file = "layers.py" if assignment == "affine" else "answers.py"
    source = (ROOT / "solutions" / assignment / file).read_text("utf-8")
    texts = [source, source.replace("axis=0", "axis=1"), source.replace(" + b", "").replace("52", "51"), source]
    for number in range(count):
        own = folder / f"{number:06}"
        own.mkdir(parents=True)
        (own / file).write_text(f"# {number}\n{texts[number % len(texts)]}", "utf-8")
    return folder


def grade(folder: Path, assignment: str, jobs: int, report: Path) -> tuple[float, float]:
    """Submissions a second, and the parent's peak memory in megabytes."""
    words = [str(folder), "-a", assignment, "-j", str(jobs), "-o", str(report), "--exit-zero"]
    command = [sys.executable, "-m", "grader", "grade", *words]
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    run = json.loads((report / "run.json").read_text("utf-8"))
    done = run["submissions"] if isinstance(run["submissions"], int) else len(run["submissions"])
    return done / run["seconds"], used.ru_maxrss / 1024


def main(count: int = 1000, small: int = 1000, rounds: int = 3) -> int:
    """Measure, print, and say whether the bounds hold."""
    print(undisturbed(pinned=False))
    missed = False
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        if count:
            folder = make_class(top / "affine", "affine", count)
            one, two = [], []
            for number in range(rounds):
                one.append(grade(folder, "affine", 1, top / f"one{number}")[0])
                two.append(grade(folder, "affine", 2, top / f"two{number}")[0])
            gain = statistics.median(b / a for a, b in zip(one, two, strict=True))
            missed = gain < TWICE
            print(f"| `-j 1`, {count} submissions of affine | {statistics.median(one):.1f} a second | |")
            print(f"| `-j 2` beside it | {gain:.2f} times as many | at least {TWICE} |")
        if small:
            few = make_class(top / "few", "two_by_two", small)
            many = make_class(top / "many", "two_by_two", 10 * small)
            few_rate, few_peak = grade(few, "two_by_two", 2, top / "few_report")
            many_rate, many_peak = grade(many, "two_by_two", 2, top / "many_report")
            times, grown = 10 * few_rate / many_rate, many_peak - few_peak
            missed = missed or times > TEN_TIMES or grown >= MEGABYTES
            print(
                f"| {10 * small} submissions of two_by_two beside {small} | {times:.2f} times the time | at most {TEN_TIMES} |"
            )
            print(
                f"| the parent's peak memory grows from {few_peak:.0f} MB by | {grown:.1f} MB | under {MEGABYTES} MB |"
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
