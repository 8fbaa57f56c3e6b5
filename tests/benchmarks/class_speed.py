"""A class of `affine` over one process and over two, and ten times as large a class: rates and memory.

    python tests/benchmarks/class_speed.py [submissions] [large]

Each submission is the reference or one with known mistakes, made unique by a comment. Rates are
those of the grading itself, from run.json, the runs taken in turn; memory is the parent's peak.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TWICE, TEN_TIMES, MEGABYTES = 1.8, 10.5, 50
ENVIRONMENT = {**os.environ, "GRADER_SEED": "benchmark", "PYTHONPATH": str(ROOT)}


def make_class(folder: Path, count: int) -> Path:
    """Write `count` submissions: the reference, and copies with one operator changed."""
    source = (ROOT / "solutions" / "affine" / "layers.py").read_text("utf-8")
    texts = [source, source.replace("axis=0", "axis=1"), source.replace(" + b", ""), source]
    for number in range(count):
        own = folder / f"{number:06}"
        own.mkdir(parents=True)
        (own / "layers.py").write_text(f"# {number}\n{texts[number % len(texts)]}", "utf-8")
    return folder


def grade(folder: Path, jobs: int, report: Path) -> tuple[float, float]:
    """Submissions a second, and the parent's peak memory in megabytes."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "-a", "affine", "-j", str(jobs), "-o", str(report)]
    process = subprocess.Popen(
        [*command, "--exit-zero"], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    run = json.loads((report / "run.json").read_text("utf-8"))
    return run["submissions"] / run["seconds"], used.ru_maxrss / 1024


def main(count: int = 1000, large: int = 10_000, rounds: int = 3) -> int:
    """Measure, print, and say whether the bounds hold."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        small = make_class(top / "small", count)
        one, two = [], []
        for number in range(rounds):
            rate, _peak = grade(small, 1, top / f"one{number}")
            one.append(rate)
            two.append(grade(small, 2, top / f"two{number}")[0])
        gain = statistics.median(b / a for a, b in zip(one, two, strict=True))
        print(f"| `-j 1`, {count} submissions of affine | {statistics.median(one):7.1f} a second |")
        print(f"| `-j 2` beside it (at least {TWICE}) | {gain:7.2f} |")
        if not large:
            return int(gain < TWICE)
        small_two, small_peak = grade(small, 2, top / "small_two")
        large_two, large_peak = grade(make_class(top / "large", large), 2, top / "large_two")
        times = (large / large_two) / (count / small_two)
        print(
            f"| {large} submissions beside {count} (at most {TEN_TIMES * large / count / 10:g}) | {times:7.2f} times the time |"
        )
        print(f"| the parent's peak memory grows by (under {MEGABYTES} MB) | {large_peak - small_peak:7.1f} MB |")
    return int(gain < TWICE or times > TEN_TIMES * large / count / 10 or large_peak - small_peak >= MEGABYTES)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
