"""Grading by Dask with real workers as processes: the same bytes, whoever is killed; and who is refused."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import distributed
import pytest

from grader import batch, engines
from grader.cluster import desk
from grader.cluster.engine import DaskEngine, open_cluster
from grader.errors import UsageError
from grader.keyfile import dump_key
from grader.model import Submission
from grader.sandbox.defences import Tier
from grader.wire import pack, unpack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hidden grading is Linux's")

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "GRADER_SEED": "x", "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
CONFINED = "limits, no new privileges, a list of allowed system calls without one that takes a path, Landlock"
OTHER = """import grader, numpy
from grader.cluster import desk
desk.own_versions = lambda: desk.Versions("0.0.9", "1.26.4")
"""


class Cluster:
    """A scheduler and workers of its own, each a process."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.file = folder / "scheduler.json"
        words = ["--scheduler-file", self.file, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        self.start("distributed.cli.dask_scheduler", *words)
        wait_for(lambda: self.file.exists() and self.file.stat().st_size)
        self.address = json.loads(self.file.read_text("utf-8"))["address"]

    def start(self, module, *words, before=()):
        command = [sys.executable, *map(str, before), *([sys.executable] if before else []), "-m", module]
        with (self.folder / f"{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *map(str, words)],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def worker(self, *words, before=()):
        """One more, with a nanny that starts it again when it is killed."""
        words = [self.address, "--nthreads", 1, "--no-dashboard", "--local-directory", self.folder, *words]
        return self.start("distributed.cli.dask_worker", *words, before=before)

    def client(self, workers):
        client = distributed.Client(self.address)
        wait_for(lambda: len(client.nthreads()) == workers)  # those that were killed are gone, too
        return client

    def end(self, process):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self):
        for process in self.processes:
            self.end(process)


def wait_for(true, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two workers."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.worker()
    cluster.worker()
    try:
        cluster.client(2).close()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory, course_in):
    """A small course, and its key in a file."""
    course = course_in(tmp_path_factory.mktemp("course"))
    (course.root / "key").write_bytes(dump_key(course.key()))
    return course


@pytest.fixture(scope="module")
def course_class(tmp_path_factory, small):
    """Sixty submissions: the reference, a wrong one, one that waits, and a broken file."""
    folder = tmp_path_factory.mktemp("class")
    source = (small.folder / "work.py").read_text("utf-8")
    texts = [source, source.replace("2 * x", "x / 2"), f"import time\ntime.sleep(0.5)\n{source}", "def broken(:\n"]
    for number in range(60):
        own = folder / f"student{number:02}"
        own.mkdir()
        (own / "work.py").write_text(f"# {number}\n{texts[number % 4]}", "utf-8")
    return folder, small.root / "key"


def command(course_class, *words):
    folder, key = course_class
    words = ("--key", key, "--unproven", "--exit-zero", *words)
    return [sys.executable, "-m", "grader", "grade", str(folder), *map(str, words)]


def grade(course_class, *words):
    return subprocess.run(command(course_class, *words), cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)


def content(report):
    """Every file but run.json and the database, by name."""
    left_out = ("run.json", "gradebook.sqlite")
    files = [p for p in report.rglob("*") if p.is_file() and not p.name.startswith(left_out)]
    return {str(p.relative_to(report)): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def local_report(course_class, tmp_path_factory):
    report = tmp_path_factory.mktemp("local") / "report"
    assert 0 == grade(course_class, "-o", report).returncode
    return report


# ------------------------------------------------------------------------------------ the same bytes


def test_with_a_worker_killed_again_and_again_every_grade_arrives_once_byte_by_byte(
    cluster, course_class, local_report, tmp_path
):
    killed = []
    with cluster.client(2) as client:
        done = threading.Event()

        def kill():
            seen = {}
            while len(killed) < 3 and not done.wait(1.0):
                for pid in client.run(os.getpid, on_error="ignore").values():
                    seen.setdefault(pid, len(seen))
                living = sorted((p for p in seen if p not in killed), key=seen.get)
                if len(living) >= 2 and any((tmp_path / "report").glob("students/*")):
                    killed.append(living[0])
                    os.kill(living[0], signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        try:
            run = grade(course_class, "-o", tmp_path / "report", "--executor", f"dask:{cluster.address}")
        finally:
            done.set()
            killer.join()
        client.wait_for_workers(2, timeout=60)
    assert 0 == run.returncode, run.stderr
    assert len(killed) >= 2
    assert run.stderr.startswith(f"2 Dask workers, confined at tier 1: {CONFINED}")
    assert content(local_report) == content(tmp_path / "report")
    with sqlite3.connect(tmp_path / "report" / "gradebook.sqlite") as book:
        assert (60, 60) == (*book.execute("SELECT count(*), count(DISTINCT attempt) FROM result").fetchone(),)


def test_two_workers_that_the_run_starts_itself_write_the_same_bytes(course_class, local_report, tmp_path):
    run = grade(course_class, "-o", tmp_path / "report", "--executor", "dask", "-j", 2)
    assert 0 == run.returncode, run.stderr
    assert content(local_report) == content(tmp_path / "report")
    assert "distributed" not in run.stderr and "Warning" not in run.stderr


def test_ctrl_c_keeps_what_is_graded_and_leaves_no_worker_behind(course_class, tmp_path):
    run = subprocess.Popen(
        command(course_class, "-o", tmp_path / "report", "--executor", "dask", "-j", 2),
        cwd=ROOT,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert "2 Dask workers" in run.stderr.readline()
    wait_for(lambda: list((tmp_path / "report" / "students").glob("*")))
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the workers too
    said = run.communicate(timeout=60)[1]
    assert 130 == run.returncode, said
    assert "are graded and kept" in said and "Traceback" not in said
    wait_for(lambda: not group_is_there(run.pid), 10.0)


def group_is_there(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


# ------------------------------------------------------------------------------------ how large a batch


class Answering:
    """A client with three threads, whose workers take so many seconds for a submission."""

    def __init__(self, seconds):
        self.seconds = seconds

    def get_executor(self, **_settings):
        return self

    def nthreads(self):
        return {"one": 2, "two": 1}

    def submit(self, *_what, **_settings):
        future = Future()
        future.set_result(pack(desk.Answer("one", seconds=self.seconds)))
        return future


def sizes(seconds, count):
    """What the engine asks for, batch by batch, with each batch heard of before the next one."""
    engine = DaskEngine(Answering(seconds), b"", Tier.FILTERED, print, count)
    asked = []
    while sum(asked) < (count or 400):
        assert 6 == engine.ahead()
        asked.append(engine.size())
        engine.result(engine.submit(b""))
    return asked


def test_a_batch_takes_two_seconds_and_towards_the_end_of_the_class_less():
    assert [8, 20, 20] == sizes(0.1, None)[:3]
    assert [8, 32, 32] == sizes(0.001, None)[:3]
    assert [8, 1, 1] == sizes(5.0, None)[:3]
    shrinking = sizes(0.1, 200)
    assert [8, 20, 20, 20, 20] == shrinking[:5] and shrinking == [8, *sorted(shrinking[1:], reverse=True)]
    assert [8] * 5 == shrinking[-5:] and sum(shrinking) < 208


class Gone(Answering):
    """A client whose scheduler has ended, as Dask's tells it: while it looks for it, and when it has given up."""

    def __init__(self, status, error):
        super().__init__(0.1)
        self.status, self.error = status, error

    def nthreads(self):
        raise self.error

    def submit(self, what, *_rest, **_settings):
        if what is desk.carry:
            return Future()
        raise self.error


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("running", distributed.comm.CommClosedError("in <TCP …>: ConnectionRefusedError")),
        ("connecting", distributed.comm.CommClosedError("ConnectionPool closing.")),
        ("closed", RuntimeError("ConnectionPool is closed")),
    ],
)
@pytest.mark.parametrize("ask", [DaskEngine.ahead, lambda engine: engine.submit(b"")])
def test_a_scheduler_that_is_gone_is_told_in_a_sentence(status, error, ask):
    engine = DaskEngine(Gone(status, error), b"", Tier.FILTERED, print)
    with pytest.raises(UsageError) as told:
        ask(engine)
    assert "the scheduler is gone; what is graded is kept, and the same command again grades the rest" == str(
        told.value
    )


# ----------------------------------------------------------------------------------------- the key


def test_a_key_goes_to_each_worker_once_and_is_forgotten_afterwards(cluster, course, tmp_path):
    key = course.key()
    source = (course.folder / "work.py").read_bytes()
    with cluster.client(2) as client:
        engine = DaskEngine(client, dump_key(key), Tier.FILTERED, print)
        came = list(
            batch.grade_over(engine, key, (Submission(str(i), {"work.py": source}, "work.py", "") for i in range(80)))
        )
        assert [str(i) for i in range(80)] == [done.id for _one, done in came]
        seats = client.run(lambda: [order.key for order, _desk in desk._seats.values()])
        assert [[desk.key_digest(dump_key(key))]] * 2 == list(seats.values())
        name = engine._key.key
        moved = client.run(lambda dask_worker: [k for log in dask_worker.transfer_incoming_log for k in log["keys"]])
        assert 1 <= sum(keys.count(name) for keys in moved.values()) <= 2  # one made it, the other fetched it
        engine.close()
        assert [0, 0] == list(client.run(lambda: len(desk._seats)).values())
        wait_for(lambda: not any(client.run(lambda dask_worker: name in dask_worker.data).values()))


# --------------------------------------------------------------------------------------- who is refused


def test_a_worker_with_another_version_is_refused_with_both_versions_named(cluster, course_class, tmp_path):
    (tmp_path / "other.py").write_text(OTHER, "utf-8")
    with cluster.client(2) as client:
        other = cluster.worker("--preload", tmp_path / "other.py", "--no-nanny")
        client.wait_for_workers(3, timeout=60)
        try:
            run = grade(course_class, "--executor", f"dask:{cluster.address}")
            assert 2 == run.returncode
            ours = desk.own_versions()
            wrong = next(a for a, v in client.run(desk.packed_versions).items() if unpack(v, desk.Versions) != ours)
            assert run.stderr == (
                f"grader: worker {wrong} has grader 0.0.9, and this run grader {ours.grader} and "
                f"NumPy 1.26.4, and this run NumPy {ours.numpy}: their grades may differ; install the same versions there\n"
            )
        finally:
            cluster.end(other)


def test_a_worker_that_joins_later_and_cannot_follow_is_let_go_and_its_work_done_by_others(cluster, course, tmp_path):
    (tmp_path / "other.py").write_text(OTHER, "utf-8")
    key, source, said = course.key(), (course.folder / "work.py").read_bytes(), []

    def coming():
        for number in range(200):
            if number == 60:
                cluster.worker("--preload", tmp_path / "other.py", "--no-nanny")
                client.wait_for_workers(3, timeout=60)
            yield Submission(str(number), {"work.py": source}, "work.py", "")

    with cluster.client(2) as client:
        engine = DaskEngine(client, dump_key(key), Tier.FILTERED, said.append)
        came = [done.id for _one, done in batch.grade_over(engine, key, coming())]
        engine.close()
        assert list(map(str, range(200))) == came
        assert (
            len(said) == 1 and "has grader 0.0.9, and this run" in said[0] and said[0].endswith("it gets no more work")
        )
        wait_for(lambda: 2 == len(client.nthreads()))


def test_a_worker_that_cannot_confine_far_enough_is_refused_by_its_name(cluster, course_class):
    with cluster.client(2) as client:
        lacking = cluster.worker("--no-nanny", before=[ROOT / "tests" / "lacking.py", "EPERM:unshare"])
        client.wait_for_workers(3, timeout=60)
        try:
            run = grade(course_class, "--executor", f"dask:{cluster.address}", "--tier", 2)
            assert 3 == run.returncode, run.stderr
            assert run.stderr.startswith("grader: submissions cannot be confined at tier 2 on worker tcp://")
        finally:
            cluster.end(lacking)


def test_one_that_no_scheduler_answers_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("grader.cluster.start.CONNECT_SECONDS", 0.5)
    with (
        pytest.raises(
            UsageError, match=r"--executor dask:tcp://127.0.0.1:9: no scheduler answers there .*'dask scheduler'"
        ),
        open_cluster("dask", "tcp://127.0.0.1:9", 1, Tier.FILTERED, tmp_path, print),
    ):
        pass


@pytest.mark.parametrize("name", ["ray", "dask:", "slurm:x", "local:2", ""])
def test_an_engine_that_there_is_not_is_told(name, tmp_path):
    with (
        pytest.raises(UsageError, match=f"--executor {name}: expected local, dask, dask:ADDRESS or slurm"),
        engines.open_place(name, 1, Tier.FILTERED, tmp_path, print),
    ):
        pass


def test_without_the_extra_it_is_told_which_brings_it(course_class, tmp_path):
    (tmp_path / "distributed.py").write_text("raise ModuleNotFoundError('gone', name='distributed')", "utf-8")
    environment = ENVIRONMENT | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    run = subprocess.run(
        command(course_class, "--executor", "dask"), cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert 2 == run.returncode
    assert (
        "grader: --executor dask: distributed is not installed; pip install 'nabla-grader[cluster]' brings it\n"
        == run.stderr
    )


def test_workers_that_do_not_start_are_told_in_a_sentence(monkeypatch):
    from grader.cluster import start

    def fails(**_settings):
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(start, "LocalCluster", fails)
    with pytest.raises(UsageError) as told, start.local_cluster(3):
        pass
    assert str(told.value) == (
        "--executor dask: 3 workers could not be started (Nanny failed to start.); give fewer by -j, or leave --executor out"
    )
