"""What the search for a smallest failing input costs: a submission that fails affine_backward, with the key's ladder and without.

Two mistakes: one whose arrays each submission has in common, and one that is new each time, which is
judged and diagnosed anew. The two keys are tried in turn; the figure is the median of the differences.

    python tests/benchmarks/ladder_speed.py [pairs]
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy

import statistics
import sys
import time
from pathlib import Path

import msgspec
from quiet import undisturbed

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from grader.authoring.course import load_assignment  # noqa: E402
from grader.authoring.key import build_key  # noqa: E402
from grader.model import Submission  # noqa: E402
from grader.pipeline import Grading  # noqa: E402
from grader.sandbox.warm import ZygoteLauncher  # noqa: E402
from grader.schedule import only  # noqa: E402

BOUND = 50.0
SOURCE = """import numpy as np


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.T @ dout * {factor}
    db = np.sum(dout, axis=0)
    return dx, dw, db
"""


def milliseconds(grading: Grading, number: int, factor: float) -> float:
    """How long one submission takes."""
    source = SOURCE.format(factor=factor).encode()
    started = time.perf_counter()
    grade = grading.grade(Submission(str(number), {"layers.py": source}, "layers.py", f"{number:064x}"))
    took = time.perf_counter() - started
    assert grade.score < grade.max_score
    assert bool(grade.exercises[0].smallest) == bool(grading.key.exercises[0].ladder)
    return took * 1000


def main(pairs: int = 60) -> int:
    """Measure, print, and say whether the bound holds."""
    print(undisturbed())
    key = only(build_key(load_assignment(ROOT, "affine"), b"benchmark"), ["affine_backward"])
    bare = msgspec.structs.replace(key, exercises=[msgspec.structs.replace(e, ladder=[]) for e in key.exercises])
    launcher = ZygoteLauncher()
    with_ladder, without = Grading(key, launcher), Grading(bare, launcher)
    missed = False
    for what, step in (("a mistake that others made too", 0.0), ("a new mistake each time", 0.001)):
        more = []
        for number in range(pairs + 5):
            factor = 2 + number * step
            alone = milliseconds(without, number, factor)
            more.append(milliseconds(with_ladder, number, factor) - alone)
        median = statistics.median(more[5:])
        missed = missed or median > BOUND
        print(f"| the smallest failing input of {what} | {median:.1f} ms more | at most {BOUND:.0f} ms |")
    launcher.close()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:])))
