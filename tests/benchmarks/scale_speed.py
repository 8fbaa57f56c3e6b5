"""A class of a hundred thousand: time and memory as it grows, Dask beside -j 2, workers killed on purpose.

    python tests/benchmarks/scale_speed.py [small] [large] [turns]   all of it with real workers; 1000 100000 3
    python tests/benchmarks/scale_speed.py parent 1000 10000         the parent alone, workers left out
    python tests/benchmarks/scale_speed.py memory 10000 100000       the same with small grades and no pages: its memory
    python tests/benchmarks/scale_speed.py merge 1000 10000          `merge` of four parts made so

Submissions are of `affine`, all different, with two of its twelve functions: right in both half of the time, else
wrong or raising. Memory and CPU are those of the run's own process, as the kernel tells them. `parent` has the grade
of a real submission come back for every one, so that listing, keeping and reporting is all that is done.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from msgspec.structs import replace

from grader.model import NO_TIMES, AnswerKey
from grader.shards import Shard

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {**os.environ, "GRADER_SEED": "benchmark", "PYTHONPATH": str(ROOT)}
SLOWER, DASK, MEGABYTES, KILL_SECONDS = 1.05, 0.9, 50, 2.0
HEAD = "import numpy as np\n\n\ndef flatten_batch(images):\n    return {}\n\n\ndef dL_db(dL_dY):\n    return {}\n"
FIRST = ["images.reshape(images.shape[0], -1)", "images.reshape(len(images), -1)"] * 3 + [
    "images.reshape(-1)",
    "images",
]
SECOND = ["dL_dY.sum(axis=0)", "np.sum(dL_dY, axis=0)"] * 4 + ["dL_dY.sum(axis=1)", "dL_dY.mean(axis=0)", "1 / 0"]
SAME = ("grades.json", "grades.csv", "index.html")
TICKS = os.sysconf("SC_CLK_TCK")


def source(number: int) -> str:
    """A submission that no other is."""
    return f"# {number}\n" + HEAD.format(FIRST[number % len(FIRST)], SECOND[number % len(SECOND)])


def make_class(folder: Path, count: int) -> Path:
    """Write `count` submissions."""
    for number in range(count):
        own = folder / f"{number:06}"
        own.mkdir(parents=True)
        (own / "layers.py").write_text(source(number), "utf-8")
    return folder


class Cost:
    """What a process takes, looked at while it runs: peak memory in MB, CPU in seconds."""

    def __init__(self, pid: int) -> None:
        self.pid, self.peak, self.cpu = pid, 0.0, 0.0

    def look(self) -> None:
        """Read it from /proc; a process that has ended keeps what it had."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text("ascii")
            fields = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            return
        lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
        self.peak = int(lines[0].split()[1]) / 1024 if lines else self.peak
        self.cpu = (int(fields[11]) + int(fields[12])) / TICKS if lines else self.cpu


def grade(folder: Path, report: Path, *words: str, meanwhile: Callable[[int], None] | None = None) -> dict[str, float]:
    """Grade a class: milliseconds a submission of grading, the parent's CPU milliseconds and peak, bytes of gradebook."""
    command = [sys.executable, "-m", "grader", "grade", str(folder), "-a", "affine", "-o", str(report), *words]
    process = subprocess.Popen(
        [*command, "--exit-zero"], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    cost = Cost(process.pid)
    if meanwhile is not None:
        threading.Thread(target=meanwhile, args=(process.pid,), daemon=True).start()
    while process.poll() is None:
        cost.look()
        time.sleep(0.2)
    assert process.returncode == 0, process.returncode
    run = json.loads((report / "run.json").read_text("utf-8"))
    count = run["submissions"]
    return {
        "ms": 1000 * run["seconds"] / count,
        "parent": 1000 * cost.cpu / count,
        "peak": cost.peak,
        "bytes": (report / "gradebook.sqlite").stat().st_size / count,
        "count": count,
    }


def killer(report: Path, killed: list[int]) -> Callable[[int], None]:
    """Kills a Dask worker of a run every two seconds, the older ones first, from the first grade on.

    A new one takes about that long to start, so that of two none would live to finish a batch: it takes four.
    """

    def kill(pid: int) -> None:
        while not (report / "students").is_dir():
            time.sleep(0.1)
        while Path(f"/proc/{pid}").exists():
            time.sleep(KILL_SECONDS)
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
                children += [c for t in os.listdir(f"/proc/{pid}/task") for c in _children(pid, t)]
                workers = sorted({int(c) for c in children if "spawn_main" in Path(f"/proc/{c}/cmdline").read_text()})
                if len(workers) >= 2:
                    os.kill(workers[0], signal.SIGKILL)
                    killed.append(workers[0])
            except OSError:
                continue

    return kill


def _children(pid: int, task: str) -> list[str]:
    return Path(f"/proc/{pid}/task/{task}/children").read_text("ascii").split()


def told(name: str, cost: dict[str, float]) -> None:
    """One line of figures."""
    print(
        f"| {name}, {cost['count']} submissions | {cost['ms']:.2f} ms each ({1000 / cost['ms']:.0f} a second), "
        f"parent {cost['parent']:.2f} ms of CPU each, peak {cost['peak']:.0f} MB, gradebook {cost['bytes']:.0f} bytes each |",
        flush=True,
    )


def main(small: int = 1000, large: int = 100_000, turns: int = 3) -> int:
    """Measure, print, and say whether the bounds hold; the large class is graded last."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        few = make_class(top / "few", small)
        ones, beside = [], []
        for turn in range(turns):
            ones.append(grade(few, top / f"small{turn}", "-j", "2"))
            told("`-j 2`", ones[-1])
            dask = grade(few, top / f"dask{turn}", "-j", "2", "--executor", "dask")
            told("`--executor dask -j 2`", dask)
            beside.append(ones[-1]["ms"] / dask["ms"])
        one = sorted(ones, key=lambda cost: cost["ms"])[turns // 2]
        print(f"| throughput of Dask beside `-j 2` (at least {DASK}) | {statistics.median(beside):.2f} |", flush=True)
        killed: list[int] = []
        lost = grade(few, top / "killed", "-j", "4", "--executor", "dask", meanwhile=killer(top / "killed", killed))
        told(f"`--executor dask -j 4`, {len(killed)} workers killed", lost)
        same = (top / "small0" / "grades.json").read_bytes() == (top / "killed" / "grades.json").read_bytes()
        print(f"| with a worker killed every {KILL_SECONDS:g} s the same bytes | {same} |", flush=True)
        two = grade(make_class(top / "many", large), top / "large", "-j", "2")
        told("`-j 2`", two)
    slower, grown = two["ms"] / one["ms"], two["peak"] - one["peak"]
    print(f"| time of one at {large} beside {small} (at most {SLOWER}) | {slower:.3f} |")
    print(f"| the parent's peak grows by (under {MEGABYTES} MB) | {grown:.0f} MB |")
    missed = slower > SLOWER or statistics.median(beside) < DASK or grown >= MEGABYTES
    return int(missed or not same or not killed)


# ------------------------------------------------------------------------------------ the parent alone


class Stub:
    """Gives in the place of grading what one of a few real submissions got, so that keeping and reporting is all."""

    def __init__(self, key: AnswerKey, bare: bool) -> None:
        from grader.batch import Job, _done
        from grader.model import Grade, Submission
        from grader.pipeline import Grading
        from grader.sandbox.warm import ZygoteLauncher
        from grader.wire import unpack

        launcher = ZygoteLauncher()
        judged = Grading(key, launcher, structured=True)
        self.kinds, self.bare = [], bare
        for number in range(1 if bare else len(FIRST) * len(SECOND)):
            text = source(number).encode()
            one = Submission(str(number), {"layers.py": text}, "layers.py", hashlib.sha256(text).hexdigest())
            done = _done(judged, Job(one))
            grade = unpack(done.grade, Grade)
            self.kinds.append((done, replace(grade, exercises=grade.exercises[:1]) if bare else grade))
        launcher.close()

    def grade(self, _key, submissions, known, remembered):
        """As Place.grade."""
        from grader.batch import Done
        from grader.wire import pack

        for one in submissions:
            if (done := known(one)) is None:
                remembered(one)
                done, grade = self.kinds[int(one.sha256[:8], 16) % len(self.kinds)]
                packed = pack(replace(grade, id=one.id, sha256=one.sha256, origin=one.origin))
                rest = ({}, NO_TIMES, b"") if self.bare else (done.pages, done.times, done.memory)
                done = Done(one.id, packed, *rest)
            yield one, done


def keep(class_: Path, report: Path, *, bare: bool = False, shard: Shard | None = None) -> None:
    """Grade a class with the grading left out."""
    from grader import grading
    from grader.source import course_source
    from grader.spool import Spool

    os.environ["GRADER_SEED"] = "benchmark"
    stub = Stub(course_source(ROOT, "affine").key(lambda _line: None), bare)
    grading.open_place = lambda *_what, **_words: nullcontext(stub)
    report.mkdir()
    with Spool(report) as spool:
        grading.run(grading.Request([class_], "affine", report, None, ROOT, shard=shard), spool, lambda _line: None)


def parent(count: int, *, bare: bool) -> None:
    """List a class, keep its grades and write its reports, in this process; the class is read by another, as always."""
    with tempfile.TemporaryDirectory() as name:
        class_, report = make_class(Path(name) / "class", count), Path(name) / "report"
        cost = Cost(os.getpid())
        cost.look()
        before, started = cost.cpu, time.perf_counter()
        keep(class_, report, bare=bare)
        wall = 1000 * (time.perf_counter() - started) / count
        cost.look()
        size = (report / "gradebook.sqlite").stat().st_size
    cpu = 1000 * (cost.cpu - before) / count
    print(
        f"| the parent alone{', small grades, no pages' if bare else ''}, {count} submissions | {cpu:.2f} ms of CPU "
        f"each ({wall:.2f} ms by the clock), peak {cost.peak:.0f} MB, gradebook {size / count:.0f} bytes each |",
        flush=True,
    )


def merge(count: int, parts: int = 4) -> None:
    """Join the parts of a class, and hold the whole against one run's."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        class_ = make_class(top / "class", count)
        keep(class_, top / "whole")
        folders = [top / f"part{number}" for number in range(1, parts + 1)]
        for number, folder in enumerate(folders, 1):
            keep(class_, folder, shard=Shard(number, parts))
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", "merge", *map(str, folders), "-o", str(top / "merged")],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
        )
        cost = Cost(process.pid)
        while process.poll() is None:
            cost.look()
            time.sleep(0.05)
        assert process.returncode == 0, process.returncode
        wall = 1000 * (time.perf_counter() - started) / count
        same = all((top / "whole" / n).read_bytes() == (top / "merged" / n).read_bytes() for n in SAME)
    print(
        f"| merge of {parts} parts, {count} submissions | {1000 * cost.cpu / count:.2f} ms of CPU each ({wall:.2f} ms by "
        f"the clock), peak {cost.peak:.0f} MB, the same bytes as of one run: {same} |",
        flush=True,
    )
    assert same


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ("parent", "memory", "merge"):
        for word in sys.argv[2:]:
            again = [sys.executable, __file__, f"{sys.argv[1]}-of", word]
            subprocess.run(again, env=ENVIRONMENT, cwd=ROOT, check=True)
    elif sys.argv[1:2] == ["merge-of"]:
        merge(int(sys.argv[2]))
    elif sys.argv[1:2] in (["parent-of"], ["memory-of"]):
        parent(int(sys.argv[2]), bare=sys.argv[1] == "memory-of")
    else:
        sys.exit(main(*(int(a) for a in sys.argv[1:])))
