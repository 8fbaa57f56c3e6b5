"""How long `grader check` of one exercise takes beside `python -c "import numpy"`: medians of both, taken in turn.

    python tests/benchmarks/check_speed.py [runs]

Prints a table; exits 1 when the ratio is above the bound. `make bench` runs it; no test is timed.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BOUND = 1.6
ROOT = Path(__file__).resolve().parent.parent.parent


def seconds(command: list[str], folder: Path) -> float:
    """Wall time of one run of a command as a whole process."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def main(runs: int = 21) -> int:
    """Measure, print, and say whether the bound holds."""
    beside = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "assignments" / "affine", folder, dirs_exist_ok=True)
        shutil.copy(ROOT / "solutions" / "affine" / "layers.py", folder)
        commands = {
            'python -c "import numpy"': [sys.executable, "-c", "import numpy"],
            "grader check -e affine_backward": [str(beside / "grader"), "check", "-e", "affine_backward"],
        }
        times: dict[str, list[float]] = {label: [] for label in commands}
        for _ in range(runs + 1):
            for label, command in commands.items():
                times[label].append(seconds(command, folder))
    medians = {label: statistics.median(values[1:]) for label, values in times.items()}
    floor, check = medians.values()
    for label, value in medians.items():
        print(f"| {label:<34} | {value * 1000:7.1f} ms |")
    print(f"| ratio (at most {BOUND}){'':<15} | {check / floor:7.2f}    |")
    return int(check / floor > BOUND)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
