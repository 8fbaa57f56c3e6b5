"""All benchmarks, one after the other, as one table: `make bench`.

Each figure is a ratio of two things measured in turn in this run on this machine. Exits 1 when one
misses its bound.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = (
    "check_speed.py",
    "floor_speed.py",
    "ladder_speed.py",
    "class_speed.py",
    "intake_speed.py",
    "report_speed.py",
    "peers.py",
)


def main() -> int:
    """Run them, each in a process of its own."""
    print("| what | figure | bound |\n| --- | --- | --- |", flush=True)
    notes, missed = [], False
    for script in SCRIPTS:
        done = subprocess.run([sys.executable, str(HERE / script)], stdout=subprocess.PIPE, text=True)
        missed = missed or done.returncode != 0
        for line in done.stdout.splitlines():
            if line.startswith("|"):
                print(line, flush=True)
            else:
                notes.append(f"{script}: {line}")
    print("\n" + "\n".join(notes))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
