"""A class over several processes: the same grades in the same order, whatever finishes first or is killed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from grader import batch
from grader.model import Grade, Status, Submission
from grader.wire import pack, unpack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hidden grading is Linux's")

ROOT = Path(__file__).resolve().parent.parent
SLOW = "import time\ndef relu_forward(x):\n    time.sleep(60)\n"


def submission(name):
    return Submission(str(name), {"work.py": b""}, "work.py", "0")


@pytest.fixture(scope="module")
def key(tmp_path_factory, course_in):
    return course_in(tmp_path_factory.mktemp("key")).key()


class BackwardsEngine:
    """Does what it is given in the reverse order, when a result is asked for; loses what `loses` names."""

    def __init__(self, loses=()):
        self.waiting = []
        self.most = 0
        self.loses = dict(loses)
        self.graded = []

    def ahead(self):
        return batch.AHEAD * 2

    def size(self):
        return batch.BATCH

    def submit(self, packed):
        future = Future()
        self.waiting.append((future, [job.submission for job in unpack(packed, list[batch.Job])]))
        self.most = max(self.most, len(self.waiting))
        return future

    def result(self, future):
        while self.waiting:
            one, submissions = self.waiting.pop()
            lost = [s.id for s in submissions if self.loses.get(s.id)]
            for name in lost:
                self.loses[name] -= 1
            if lost:
                one.set_exception(batch.LostError("killed"))
                continue
            self.graded += [s.id for s in submissions]
            one.set_result(pack([batch.Done(s.id, b"", {}) for s in submissions]))
        return future.result()


def test_grades_come_in_the_order_of_the_submissions_whatever_finishes_first(key):
    grades = list(batch.grade_over(BackwardsEngine(), key, (submission(i) for i in range(100))))
    assert [(str(i), str(i)) for i in range(100)] == [(s.id, done.id) for s, done in grades]


def test_no_more_of_a_class_is_held_than_the_processes_need(key):
    taken = []

    def coming():
        for number in range(1000):
            taken.append(number)
            yield submission(number)

    engine = BackwardsEngine()
    next(batch.grade_over(engine, key, coming()))
    assert len(taken) <= batch.AHEAD * 2 * batch.BATCH
    assert engine.most <= batch.AHEAD * 2


@pytest.fixture(scope="module")
def course_class(tmp_path_factory):
    """Forty submissions of the activations: the reference, half of it, and broken files."""
    folder = tmp_path_factory.mktemp("class")
    source = (ROOT / "solutions" / "activations" / "activations.py").read_text("utf-8")
    for number in range(40):
        own = folder / f"student{number:02}"
        own.mkdir()
        text = [source, source.replace("np.maximum(x, 0)", "x"), "def broken(:\n", source[: len(source) // 2]][
            number % 4
        ]
        (own / "activations.py").write_text(f"# {number}\n{text}", "utf-8")
    return folder


def command(folder, *words):
    return [sys.executable, "-m", "grader", "grade", str(folder), "-a", "activations", *map(str, words)]


ENVIRONMENT = {**os.environ, "GRADER_SEED": "x", "PYTHONPATH": str(ROOT)}


def test_one_process_or_two_write_the_same_bytes(course_class, tmp_path):
    for jobs in (1, 2):
        words = ("-o", tmp_path / str(jobs), "-j", jobs, "--exit-zero")
        subprocess.run(command(course_class, *words), cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=True)
    for name in ("grades.json", "grades.csv", "students/student02/feedback.json"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    entries = json.loads((tmp_path / "1" / "grades.json").read_text("utf-8"))["submissions"]
    assert {"student00"} <= {e["id"] for e in entries if e["score"] == e["max_score"]}  # the reference


def descendants(pid):
    """The process ids below one, as the kernel tells."""
    found = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return found
    for child in map(int, children):
        found += [child, *descendants(child)]
    return found


def running(pid):
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return False


def wait_for(true, seconds=20.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def slow_class(course_class, tmp_path):
    """Sixteen that are quickly graded, and then some that take their time."""
    folder = tmp_path / "class"
    shutil.copytree(course_class, folder)
    for number in range(20, 40):
        (folder / f"student{number}" / "activations.py").write_text(SLOW, "utf-8")
    return folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_stops_within_a_second_and_keeps_what_is_graded(slow_class, tmp_path, jobs):
    words = ("-o", tmp_path / "report", "-j", jobs)
    run = subprocess.Popen(
        command(slow_class, *words),
        cwd=ROOT,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        stdout=subprocess.DEVNULL,
    )
    assert "confined" in run.stderr.readline()
    assert wait_for(lambda: len(descendants(run.pid)) >= jobs)
    assert wait_for(lambda: len(list((tmp_path / "report" / "students").glob("*"))) >= 8, 60.0)
    time.sleep(1.0)  # well inside the slow ones
    below = descendants(run.pid)
    run.send_signal(signal.SIGINT)
    started = time.monotonic()
    said = run.communicate(timeout=20)[1]
    assert 130 == run.returncode, said
    assert time.monotonic() - started < 5.0  # a second on a quiet machine
    assert "are graded and kept" in said and "again" in said
    grades = json.loads((tmp_path / "report" / "grades.json").read_text("utf-8"))
    done = [s["id"] for s in grades["submissions"]]
    assert done == [f"student{i:02}" for i in range(len(done))] and 0 < len(done) < 40
    assert wait_for(lambda: not any(map(running, below))), "a process is left"


def test_a_parent_that_is_killed_leaves_no_process_behind(slow_class):
    run = subprocess.Popen(
        command(slow_class, "-j", 2), cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert wait_for(lambda: len(descendants(run.pid)) >= 5), "two processes, each with a zygote and a worker"
    below = descendants(run.pid)
    run.kill()
    run.wait()
    assert wait_for(lambda: not any(map(running, below))), "a process is left"


def test_a_stopped_run_goes_on_where_it_was(slow_class, tmp_path):
    words = ("-o", tmp_path / "report")
    run = subprocess.Popen(
        command(slow_class, *words),
        cwd=ROOT,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        stdout=subprocess.DEVNULL,
    )
    assert "confined" in run.stderr.readline()
    assert wait_for(lambda: len(list((tmp_path / "report" / "students").glob("*"))) >= 8, 60.0)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=20)
    done = len(json.loads((tmp_path / "report" / "grades.json").read_text("utf-8"))["submissions"])
    assert done > 0
    for number in range(20, 40):
        (slow_class / f"student{number}" / "activations.py").write_text(f"# {number}", "utf-8")
    again = subprocess.run(
        [*command(slow_class, *words), "--exit-zero"],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = int(re.search(r"(\d+) were graded before with the same key and are not run again", again.stderr)[1])
    assert found in (done, done + 1)  # it was stopped between keeping one and reporting it
    assert 40 == len(json.loads((tmp_path / "report" / "grades.json").read_text("utf-8"))["submissions"])


def test_what_is_known_already_keeps_its_place_among_what_is_run(key):
    def known(one):
        return batch.Done(one.id, b"known", {}) if int(one.id) % 3 == 0 else None

    graded = list(batch.grade_over(BackwardsEngine(), key, (submission(i) for i in range(50)), known))
    assert [str(i) for i in range(50)] == [done.id for _one, done in graded]
    assert {i for i in range(50) if i % 3 == 0} == {int(done.id) for _one, done in graded if done.grade}


def test_a_batch_whose_process_is_lost_is_graded_again_and_counted_once(key):
    engine = BackwardsEngine(loses={"3": 1, "20": batch.LOSSES})
    done = [done for _one, done in batch.grade_over(engine, key, (submission(i) for i in range(30)))]
    assert [str(i) for i in range(30)] == [d.id for d in done]
    assert sorted(engine.graded) == sorted(map(str, range(30)))


def test_a_submission_that_no_process_survives_is_ungraded_and_costs_nobody_else(key):
    engine = BackwardsEngine(loses={"3": 1000})
    done = {d.id: d.grade for _one, d in batch.grade_over(engine, key, (submission(i) for i in range(10)))}
    assert ["3"] == [name for name, grade in done.items() if grade]
    grade = unpack(done["3"], Grade)
    assert (Status.UNGRADED, None) == (grade.status, grade.score)
    assert "our fault, not the student's: 5 processes in turn ended while they graded it" == grade.message
    assert 9 == len(engine.graded)


def test_a_class_whose_processes_are_killed_gets_the_same_bytes(course_class, tmp_path):
    words = ("-o", tmp_path / "whole", "--exit-zero")
    subprocess.run(command(course_class, *words), cwd=ROOT, env=ENVIRONMENT, capture_output=True, check=True)
    run = subprocess.Popen(
        command(course_class, "-o", tmp_path / "killed", "-j", 2, "--exit-zero"),
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert wait_for(lambda: len(descendants(run.pid)) >= 5), "two processes, each with a zygote and a worker"
    for pid in Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text("ascii").split():
        if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text("utf-8"):
            os.kill(int(pid), signal.SIGKILL)
    said = run.communicate(timeout=60)[1]
    assert 0 == run.returncode, said
    for name in ("grades.json", "grades.csv"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes()
