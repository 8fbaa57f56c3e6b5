"""How long `grader check` of one exercise takes beside `python -c "import numpy"`, and what a re-check costs.

    python tests/benchmarks/check_speed.py [pairs]

The commands are run in turn, A B C A B C, and the median of the ratios within each turn is printed:
on a machine that does other things too, a turn has one load. Then the CPU time of a re-check under
--watch, workers and all. Exits 1 when a bound is exceeded. `make bench` runs it; no test is timed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BOUND, SPAWNED_BOUND, RECHECK_BOUND = 1.6, 3.0, 0.1
RECHECKS = 20
FLOOR = 'python -c "import numpy"'
ROOT = Path(__file__).resolve().parent.parent.parent
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # both are compiled, as where they are installed


def seconds(command: list[str], folder: Path, **environ: str) -> float:
    """Wall time of one run of a command as a whole process."""
    started = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        env={**os.environ, **environ},
    )
    return time.perf_counter() - started


def beside_numpy(folder: Path, pairs: int) -> int:
    """Print the ratios; how many bounds are exceeded."""
    floor = [sys.executable, "-c", "import numpy"]
    check = [str(Path(sys.executable).parent / "grader"), "check"]
    one = [*check, "-e", "affine_backward"]
    lines = {
        "grader check -e affine_backward": (one, {}, BOUND),
        "the same, GRADER_SPAWN=1": (one, {"GRADER_SPAWN": "1"}, SPAWNED_BOUND),
        "grader check (12 exercises)": (check, {}, None),
    }
    floors: list[float] = []
    times: dict[str, list[float]] = {label: [] for label in lines}
    for _ in range(pairs + 1):
        floors.append(seconds(floor, folder))
        for label, (command, environ, _bound) in lines.items():
            times[label].append(seconds(command, folder, **environ))
    print(f"| {FLOOR:<34} | {statistics.median(floors[1:]) * 1000:7.1f} ms | |")
    exceeded = 0
    for label, (_command, _environ, bound) in lines.items():
        ratio = statistics.median(t / f for t, f in zip(times[label][1:], floors[1:], strict=True))
        exceeded += bound is not None and ratio > bound
        told = "" if bound is None else f"at most {bound:g}"
        print(f"| {label:<34} | {statistics.median(times[label][1:]) * 1000:7.1f} ms | {ratio:.2f} times, {told} |")
    return exceeded


def recheck(folder: Path) -> int:
    """Print the CPU time of a re-check of all exercises; whether the bound is exceeded.

    Counted are this process, the child that starts workers, and the workers.
    """
    from grader.student.watch import Warm, Watch

    warm = Warm()
    child = getattr(warm._nursery, "_child", 0)
    try:
        watched = Watch(folder, (), warm)
        watched.check()
        before = cpu(child)
        for _ in range(RECHECKS):
            watched.check()
        mean = (cpu(child) - before) / RECHECKS
    finally:
        warm.close()
    print(f"| {'re-check under --watch, CPU':<34} | {mean * 1000:7.1f} ms | at most {RECHECK_BOUND * 1000:g} ms |")
    return int(mean > RECHECK_BOUND)


def cpu(child: int) -> float:
    """CPU seconds of this process and of a child with all that it waited for."""
    total = time.process_time()
    with contextlib.suppress(OSError):
        told = Path(f"/proc/{child}/stat").read_text("ascii").rpartition(")")[2].split()
        total += sum(int(n) for n in told[11:15]) / os.sysconf("SC_CLK_TCK")
    return total


def main(pairs: int = 21) -> int:
    """Measure, print, and say whether the bounds hold."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "assignments" / "affine", folder, dirs_exist_ok=True)
        shutil.copy(ROOT / "solutions" / "affine" / "layers.py", folder)
        return int(bool(beside_numpy(folder, pairs) + recheck(folder)))


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
