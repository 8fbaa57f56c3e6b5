"""A run that is killed, runs out of disk, finds its gradebook locked or meets another run: no grade is lost or doubled.

`make soak` kills a class of 300 at 100 random moments; `make test` a class of 30 at 10. The moments come from a seed.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.gradebook.book import FILE, Gradebook

ROOT = Path(__file__).resolve().parent.parent
SOAK = bool(os.environ.get("GRADER_SOAK"))
STUDENTS, KILLS, DISKS = (300, 100, 10) if SOAK else (30, 10, 1)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "GRADER_SEED": "reliability", "GRADER_WHO": "tests"}
WORK = [
    "def double(x):\n    return x + x\n",
    "def double(x):\n    return x * 3\n",
    "def double(x):\n    print(x)\n    return x / 0\n",
    "def double(\n",
    '{"cells": [{"cell_type": "code", "source": "%matplotlib inline\\ndef double(x):\\n    return 2 * x"}]}',
    "not a notebook",
]

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="confined runs are Linux's"),
]


@pytest.fixture(scope="module")
def here(course_in, tmp_path_factory):
    """A course with a class of files and notebooks, right, wrong, and not to be read."""
    course = course_in(tmp_path_factory.mktemp("reliability") / "course")
    folder = course.root / "class"
    folder.mkdir()
    for number in range(STUDENTS):
        text = WORK[number % len(WORK)]
        name = f"s{number:03}{'.ipynb' if number % len(WORK) > 3 else '.py'}"
        (folder / name).write_text(f"# {number}\n{text}" if name.endswith(".py") else text + " " * number, "utf-8")
    return course.root


@pytest.fixture(scope="module")
def undisturbed(here):
    """grades.json of a run that nothing disturbs, and how many seconds it takes."""
    started = time.monotonic()
    assert 0 == command(here, "undisturbed").wait()
    return (here / "undisturbed" / "grades.json").read_bytes(), time.monotonic() - started


def command(here, folder, jobs=1, **more):
    """A run that is started."""
    words = [
        sys.executable,
        "-m",
        "grader",
        "grade",
        "class",
        "-a",
        "small",
        "-o",
        folder,
        "--exit-zero",
        "-j",
        str(jobs),
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    return subprocess.Popen(words, cwd=here, env=ENVIRONMENT, **{**quiet, **more})


def whole(folder, grades):
    """Assert that the report is that of an undisturbed run, and the gradebook has every grade once."""
    assert grades == (folder / "grades.json").read_bytes()
    with closing(sqlite3.connect(folder / FILE)) as book:
        assert [("ok",)] == book.execute("PRAGMA integrity_check").fetchall()
        once = "SELECT count(*), count(DISTINCT student) FROM attempt"
        assert (STUDENTS, STUDENTS) == book.execute(once).fetchone()
        assert (STUDENTS, STUDENTS) == book.execute("SELECT count(*), count(DISTINCT attempt) FROM result").fetchone()
    pages = sorted(p.parent.name for p in folder.glob("students/*/feedback.json"))
    assert [f"s{n:03}" for n in range(STUDENTS)] == pages


def kept(folder):
    """(student, grade) that a gradebook has; none where there is no gradebook yet."""
    if not (folder / FILE).is_file() or not (folder / FILE).stat().st_size:
        return set()
    with closing(sqlite3.connect(folder / FILE)) as book:
        if not book.execute("SELECT 1 FROM sqlite_master WHERE name = 'result'").fetchall():
            return set()
        assert [("ok",)] == book.execute("PRAGMA integrity_check").fetchall()
        return set(book.execute("SELECT student, grade FROM result JOIN attempt ON attempt.id = attempt"))


def ended(process):
    """Assert that of a run that was killed no process is left."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError("processes of a killed run live on")


def test_a_run_killed_at_any_moment_loses_nothing_and_grades_nothing_twice(here, undisturbed):
    grades, seconds = undisturbed
    moments = random.Random("moments")
    killed = tries = folders = 0
    folder = here / "killed-0"
    while killed < KILLS:
        tries += 1
        assert tries < 5 * KILLS, "the moments come too late"
        process = command(here, folder.name, 1 + tries % 2)
        before = kept(folder)
        time.sleep(moments.uniform(0, seconds))
        alive = process.poll() is None
        process.kill()
        process.wait()
        ended(process)
        killed += alive
        assert before <= kept(folder), "a grade that was kept is gone"
        if not alive or killed % 5 == 0:
            assert 0 == command(here, folder.name).wait()
            whole(folder, grades)
            shutil.rmtree(folder)
            folders += 1
            folder = here / f"killed-{folders}"
    assert folders >= KILLS // 5


@pytest.mark.parametrize("number", range(DISKS))
def test_a_run_out_of_room_for_its_files_says_so_and_is_resumed(here, undisturbed, number):
    import resource

    largest = random.Random(f"disk {number}").randrange(4096, 40 * STUDENTS * 30)
    folder = here / f"bounded-{number}"

    def bounded():
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    process = command(here, folder.name, preexec_fn=bounded, stderr=subprocess.PIPE)
    said = process.communicate()[1].decode()
    assert process.returncode in (0, 2), said
    if process.returncode:
        assert "make room on the disk" in said or "cannot be written" in said or "cannot be kept" in said, said
        assert "Traceback" not in said
    ended(process)
    assert 0 == command(here, folder.name).wait()
    whole(folder, undisturbed[0])
    shutil.rmtree(folder)


DISK = """
mount -t tmpfs -o size="$1" none full || exit 77
mkdir full/report
"$2" -m grader grade class -a small -o full/report --exit-zero 2>said; code=$?
mount -o remount,size=256m full || exit 77
"$2" -m grader grade class -a small -o full/report --exit-zero 2>/dev/null || exit 78
cp -r full/report after
exit $code
"""


@pytest.mark.parametrize("number", range(DISKS))
def test_a_run_on_a_full_disk_says_so_and_is_resumed(here, undisturbed, number):
    size = random.Random(f"tmpfs {number}").randrange(64 << 10, STUDENTS * 6000) // 4096 * 4096
    (here / "full").mkdir(exist_ok=True)
    words = ["unshare", "--mount", "sh", "-c", DISK, "sh", str(size), sys.executable]
    try:
        process = subprocess.run(words, cwd=here, env=ENVIRONMENT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if process.returncode in (1, 77):
        pytest.skip("no file system can be mounted here")
    said = (here / "said").read_text("utf-8")
    assert process.returncode in (0, 2), said
    if process.returncode:
        assert "make room on the disk" in said or "cannot be written" in said or "cannot be kept" in said, said
    whole(here / "after", undisturbed[0])
    shutil.rmtree(here / "after")


def test_a_run_waits_for_a_gradebook_that_another_program_has_locked(here, undisturbed):
    folder = here / "locked"
    folder.mkdir()
    Gradebook.open(folder / FILE, "small").close()
    other = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
    moments = random.Random("locks")
    over = threading.Event()

    def lock_now_and_then():
        while not over.is_set():
            other.execute("BEGIN IMMEDIATE")
            time.sleep(moments.uniform(0.05, 0.5))
            other.execute("ROLLBACK")
            time.sleep(moments.uniform(0, 0.1))

    process = command(here, folder.name)
    locker = threading.Thread(target=lock_now_and_then)
    locker.start()
    try:
        assert 0 == process.wait()
    finally:
        over.set()
        locker.join()
        other.close()
    whole(folder, undisturbed[0])


def test_a_gradebook_that_stays_locked_is_told_and_the_run_is_resumed(here, undisturbed, monkeypatch):
    monkeypatch.chdir(here)
    monkeypatch.setenv("GRADER_SEED", ENVIRONMENT["GRADER_SEED"])
    monkeypatch.setitem(Gradebook.open.__func__.__kwdefaults__, "wait", 0.2)
    folder = here / "stuck"
    folder.mkdir()
    Gradebook.open(folder / FILE, "small").close()
    words = ["grade", "class", "-a", "small", "-o", "stuck", "--exit-zero"]
    other = sqlite3.connect(folder / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    stopped = CliRunner().invoke(main, words)
    told = (
        "grader: stuck/gradebook.sqlite: another program has kept the gradebook locked for 0.2 s; close it and give "
        "the same command again: what is recorded stays"
    )
    assert (2, told) == (stopped.exit_code, stopped.stderr.splitlines()[-1])
    other.execute("ROLLBACK")
    other.close()
    assert 0 == CliRunner().invoke(main, words).exit_code
    whole(folder, undisturbed[0])


def test_two_runs_on_one_gradebook_at_once(here, undisturbed):
    for number in range(5 if SOAK else 1):
        folder = here / f"both-{number}"
        runs = [command(here, folder.name, jobs, stderr=subprocess.PIPE) for jobs in (1, 2)]
        said = [run.communicate()[1].decode() for run in runs]
        assert [0, 0] == [run.returncode for run in runs], said
        whole(folder, undisturbed[0])


def test_an_interrupted_run_says_what_it_has_and_is_resumed(here, undisturbed):
    folder = here / "interrupted"
    process = command(here, folder.name, stderr=subprocess.PIPE)
    while process.poll() is None and len(list(folder.glob("students/*"))) < STUDENTS // 3:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1].decode()
    if process.returncode != 0:  # it was over before
        assert (130, True) == (process.returncode, "are graded and kept" in said), said
    ended(process)
    assert 0 == command(here, folder.name).wait()
    whole(folder, undisturbed[0])
