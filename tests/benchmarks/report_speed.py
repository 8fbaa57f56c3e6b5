"""What reports cost beside grading: a class of `affine` graded with its report and without.

    python tests/benchmarks/report_speed.py [submissions] [rounds]

The same class is graded by the same worker twice in turn: once with `-o`, which keeps every grade,
writes each student's three pages, the class's page and the files for machines; once with nothing
but the table on the terminal. What the first takes more is what all reports take. Processor time of
all processes is counted, so that what runs beside makes no difference; pages are written where a
submission is graded, so that with more processes both parts shrink alike.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from class_speed import ENVIRONMENT, ROOT, make_class

BOUND = 1.0
JOBS = "1"


def grade(folder: Path, report: Path | None) -> tuple[float, float]:
    """Seconds of processor time of all processes, and the parent's peak memory in megabytes."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "-a", "affine", "-j", JOBS, "--exit-zero"]
    command += ["-o", str(report)] if report else []
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main(count: int = 1000, rounds: int = 3) -> int:
    """Measure, print, and say whether the bound holds."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        folder = make_class(top / "class", "affine", count)
        ratios, alone, peaks = [], [], []
        for number in range(rounds):
            graded, _peak = grade(folder, None)
            reported, peak = grade(folder, top / f"report{number}")
            ratios.append((reported - graded) / graded)
            alone.append(graded)
            peaks.append(peak)
            pages = list((top / f"report{number}" / "students").glob("*/feedback.html"))
            assert len(pages) == count
    print(f"| grading {count} submissions of affine, `-j {JOBS}` | {statistics.median(alone):7.1f} s |")
    print(f"| all their reports beside it (at most {BOUND:g}) | {statistics.median(ratios):7.2f} |")
    print(f"| the parent's peak memory | {max(peaks):7.0f} MB |")
    return int(statistics.median(ratios) > BOUND)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
