"""Tests of reading a class in a process of its own: limits on each submission, and none lost."""

import os
import resource
import signal
import sys
import time
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.intake import reader
from grader.intake.folder import survey
from grader.intake.reader import reading
from grader.model import Submission
from tests.trees import at, on_disk

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="without limits on Windows")

HOG = "x = f'" + "{a}" * 100_000 + "'"
"""CPython's parser takes minutes for half a megabyte of this."""


def submission(number, text=b""):
    return Submission(str(number), {"f.py": text}, "f.py", "")


def spoiled(number, why):
    return Submission(str(number), {}, None, "", why)


def told(total, read, **more):
    with reading(total, read, spoiled, **more) as coming:
        return {s.id: s.problem or s.files["f.py"] for s in coming}


def children(process=None):
    process = process or os.getpid()
    with open(f"/proc/{process}/task/{process}/children", "rb") as file:
        return [int(name) for name in file.read().split()]


def test_submissions_come_in_their_order_and_whole():
    large = os.urandom(3 << 20)
    got = told(40, lambda n: submission(n, large[n * 1000 :] if n % 9 == 4 else b"%d" % n))
    assert [str(n) for n in range(40)] == list(got)
    assert (b"3", large[4000:]) == (got["3"], got["4"])


def test_none_of_them():
    assert {} == told(0, submission)


def test_one_that_takes_too_long_is_told_and_the_next_is_read():
    def read(number):
        while number in (1, 4):
            pass
        return submission(number, b"read")

    why = "reading it takes more than 1 s of processor time"
    assert {"0": b"read", "1": why, "2": b"read", "3": b"read", "4": why} == told(5, read, seconds=1)


def test_one_that_takes_too_much_memory_is_told_and_the_next_is_read():
    def read(number):
        return submission(number, bytes(400 << 20) if number == 1 else b"read")

    why = "reading it takes more than 100 MiB of memory"
    assert {"0": b"read", "1": why, "2": b"read"} == told(3, read, memory=100 << 20)


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0)])
def test_one_that_ends_the_reader_is_told_and_the_next_is_read(end):
    def read(number):
        if number == 1:
            end()
        return submission(number, b"read")

    got = told(3, read)
    assert "ends the process that reads" in got.pop("1")
    assert {"0": b"read", "2": b"read"} == got


def test_an_error_of_ours_in_one_is_told_and_the_next_is_read():
    def read(number):
        return submission(number, {1: b"read", 0: b"read"}[number % 2 if number != 1 else 7])

    assert "reading it failed (KeyError)" == told(3, read)["1"]


def test_the_limits_are_the_readers_own():
    before = resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_AS)
    told(2, submission, seconds=1, memory=50 << 20)
    assert before == (resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_AS))


def runs(pid):
    """Whether a process is there and has not ended: one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_no_process_is_left_when_not_all_are_wanted():
    before = children()
    with reading(1000, lambda n: submission(n, bytes(100_000)), spoiled) as coming:
        assert "0" == next(coming).id
        (supervisor,) = set(children()) - set(before)
        (own,) = children(supervisor)
    assert supervisor not in children()
    end = time.monotonic() + 10
    while time.monotonic() < end and runs(own):
        time.sleep(0.05)
    assert not runs(own)


def test_a_reader_that_is_ended_from_outside_costs_nobody_a_mark():
    before = set(children())
    with (
        pytest.raises(SandboxError, match=r"^the process that reads was ended from outside; the same command again"),
        reading(3, lambda n: submission(n, bytes(4 << 20)), spoiled) as coming,
    ):
        assert "0" == next(coming).id
        (supervisor,) = set(children()) - before
        for process in (supervisor, *children(supervisor)):
            os.kill(process, signal.SIGKILL)
        list(coming)


def test_without_fork_it_is_read_here(monkeypatch):
    monkeypatch.delattr(reader.os, "fork")
    assert ["0", "1"] == list(told(2, submission))


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "plain"])
def test_a_class_with_texts_that_keep_the_parser_busy(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(reader, "SECONDS", 1)
    cells = '{"cells": [{"cell_type": "code", "source": %s}]}'
    hog = cells % ('"' + HOG.replace('"', "'") + '"')
    tree = {f"s{n:02}/f.ipynb": cells % f'"a = {n}"' for n in range(30)} | {"s07/f.ipynb": hog, "s20/f.ipynb": hog}
    with survey([at(tmp_path, kind, tree)], "f.py") as found, found.reading(found.entries) as coming:
        got = {s.id: s for s in coming}
    assert found.ids == list(got)
    for one, submission in got.items():
        if one in ("s07", "s20"):
            assert submission.problem is not None
            assert (
                "takes more than" in submission.problem and "hand in your own .py or .ipynb alone" in submission.problem
            )
        else:
            assert b"a = %d" % int(one[1:]) in submission.files["f.py"]


def test_what_is_read_in_the_process_is_what_is_read_here(tmp_path):
    on_disk(tmp_path, {f"s{n}/layers.py": f"x = {n}" for n in range(5)} | {"empty/nothing.txt": "", "bad.ipynb": "{"})
    with survey([tmp_path], "layers.py") as found, found.reading(found.entries) as coming:
        assert list(found) == list(coming)
