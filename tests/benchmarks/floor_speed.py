"""What confining and judging cost: one submission of affine_backward with twelve cases beside the floor.

The floor is a fork of a process with NumPy that compiles and executes the same file, calls the
function on the same inputs and sends the results back: no confinement, no judging. Both run on one
core, in turns of five, each in a process of its own; second runs are in, one submission in twenty. The grader's way
is measured twice: with answers that others gave before, as most of a class's are, and with ones that are new each time.

    python tests/benchmarks/floor_speed.py [rounds]
"""

from __future__ import annotations

import gc
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from quiet import undisturbed

BOUND = 1.75
CASES = 12
CHUNK = 5
ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = """import numpy as np


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = np.sum(dout, axis=0)
    return dx, dw, db
"""


def floor(inputs_file: str) -> Callable[[int], None]:
    """The bare way: nothing but NumPy is imported."""
    with open(inputs_file, "rb") as file:
        inputs = pickle.load(file)
    import numpy  # noqa: F401

    def one(_number: int) -> None:
        read, write = os.pipe()
        if os.fork() == 0:
            space: dict = {}
            exec(compile(SOURCE, "layers.py", "exec"), space)
            call = space["affine_backward"]
            os.write(write, pickle.dumps([call(i["dout"], (i["x"], i["w"], i["b"])) for i in inputs]))
            os._exit(0)
        os.close(write)
        parts = []
        while part := os.read(read, 1 << 20):
            parts.append(part)
        os.close(read)
        os.wait()
        assert len(pickle.loads(b"".join(parts))) == CASES

    return one


def ours(inputs_file: str, known: bool = True) -> Callable[[int], None]:
    """The grader's way, with the same twelve cases; leaves their inputs for the floor.

    Parameters
    ----------
    known : keep what came back and was judged before, as `grade` does.
    """
    import msgspec

    from grader.authoring.course import load_assignment
    from grader.authoring.key import build_key
    from grader.model import Submission
    from grader.pipeline import Grading
    from grader.sandbox.warm import ZygoteLauncher
    from grader.schedule import only

    key = only(build_key(load_assignment(ROOT, "affine"), b"benchmark"), ["affine_backward"])
    (exercise,) = key.exercises
    more = [msgspec.structs.replace(c, id=f"{c.id}_again") for c in exercise.cases if not c.visible]
    cases = [*exercise.cases, *more][:CASES]
    key = msgspec.structs.replace(key, exercises=[msgspec.structs.replace(exercise, cases=cases)])
    with open(inputs_file, "wb") as file:
        pickle.dump([c.inputs for c in cases], file)
    grading = Grading(key, ZygoteLauncher())

    def one(number: int) -> None:
        if not known:
            for schedule in grading._schedules.values():
                for task in schedule.tasks:
                    task.heard.clear()
            for own in grading._precedents._own.values():
                own.known.clear()
        submission = Submission(str(number), {"layers.py": SOURCE.encode()}, "layers.py", f"{number:064x}")
        grade = grading.grade(submission)
        assert grade.score == grade.max_score

    return one


def serve(way: str, inputs_file: str) -> None:
    """Do chunks on request and tell how many seconds each took."""
    one = {"floor": floor, "ours": ours, "new": partial(ours, known=False)}[way](inputs_file)
    gc.collect()
    gc.freeze()
    number = 0
    print("ready", flush=True)
    for _line in sys.stdin:
        started = time.perf_counter()
        for _ in range(CHUNK):
            number += 1
            one(number)
        print(time.perf_counter() - started, flush=True)


def main(rounds: int = 120) -> int:
    """Measure, print, and say whether the bound holds."""
    print(undisturbed())
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    times: dict[str, list[float]] = {"ours": [], "new": [], "floor": []}
    with tempfile.TemporaryDirectory() as folder:
        running = {}
        for way in times:  # ours first: it writes the inputs
            command = [sys.executable, __file__, "serve", way, f"{folder}/inputs"]
            running[way] = subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert running[way].stdout.readline() == "ready\n"
        for _ in range(rounds + 1):
            for way, process in running.items():
                process.stdin.write("go\n")
                process.stdin.flush()
                times[way].append(float(process.stdout.readline()) / CHUNK)
        for process in running.values():
            process.stdin.close()
            process.wait()
    medians = {way: statistics.median(values[1:]) for way, values in times.items()}
    print(f"| the floor, a submission of affine_backward | {medians['floor'] * 1000:.2f} ms | |")
    ratios = []
    for way, what in (("ours", "with answers that came before"), ("new", "with answers that are new each time")):
        ratios.append(statistics.median(a / b for a, b in zip(times[way][1:], times["floor"][1:], strict=True)))
        print(f"| confined and judged, {what} | {medians[way] * 1000:.2f} ms | |")
        print(f"| that beside the floor | {ratios[-1]:.2f} times | at most {BOUND}, 1.5 the aim |")
    return int(max(ratios) > BOUND)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(*sys.argv[2:])
    else:
        sys.exit(main(*(int(a) for a in sys.argv[1:])))
