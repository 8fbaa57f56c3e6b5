"""From a save to the new picture under `grader check --watch`, in a real terminal.

    python tests/benchmarks/watch_speed.py [saves]

Each save makes one function of affine's twelve right or wrong; the time runs from the end of the save until
the terminal has been written the last of the new picture.
"""

from __future__ import annotations

import os
import select
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BOUND = 0.3
QUIET = 0.25
"""A picture is whole when so many seconds nothing more comes."""
ROOT = Path(__file__).resolve().parent.parent.parent


def picture(master: int, patience: float) -> tuple[float, bytes]:
    """When the last byte of what is written next came, and the bytes."""
    last, seen = 0.0, b""
    while select.select([master], [], [], QUIET if seen else patience)[0]:
        part = os.read(master, 1 << 16)
        last, seen = time.perf_counter(), seen + part
    assert seen, "nothing was written"
    return last, seen


def main(saves: int = 21) -> int:
    """Measure, print, and say whether the bound holds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "affine"
        shutil.copytree(ROOT / "assignments" / "affine", folder)
        solved = (ROOT / "solutions" / "affine" / "layers.py").read_text("utf-8")
        texts = [solved, solved.replace("np.sum(dL_dY, axis=0)", "np.sum(dL_dY, axis=1)")]
        assert texts[0] != texts[1]
        (folder / "layers.py").write_text(texts[1], "utf-8")
        master, slave = os.openpty()
        watching = subprocess.Popen(
            [sys.executable, "-m", "grader", "check", "--watch", "-e", "all"],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            start_new_session=True,
        )
        picture(master, 30.0)
        took = []
        for number in range(saves):
            (folder / "layers.py").write_text(texts[number % 2], "utf-8")
            saved = time.perf_counter()
            took.append(picture(master, 10.0)[0] - saved)
        watching.terminate()
        watching.wait()
    median = statistics.median(took)
    print(
        f"| from a save to the whole new picture, {saves} saves | {median * 1000:.0f} ms (median; "
        f"{min(took) * 1000:.0f} to {max(took) * 1000:.0f}) | at most {BOUND * 1000:.0f} ms |"
    )
    return int(median > BOUND)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
