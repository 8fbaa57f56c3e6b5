"""Malformed files, archives and notebooks by the thousand: each ends as a grade or as an entry with a message.

`make soak` grades 5,000, `make test` 500. None stops the others, and none takes more than its limits: not of
the workers' time, nor of the run's own memory.
"""

import json
import subprocess
import sys
from collections import Counter

import pytest

from tests.fuzzer import handed_in
from tests.test_reliability import ENVIRONMENT, SOAK

COUNT = 5000 if SOAK else 500
SECONDS, MEGABYTES = 2, 400
DRIVER = f"""
import resource, sys
from grader.intake import reader
reader.SECONDS = {SECONDS}
from grader.cli import main
try:
    main(standalone_mode=True)
finally:
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, file=sys.stderr)
"""

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="confined runs are Linux's"),
]


@pytest.fixture(scope="module")
def fuzzed(course_in, tmp_path_factory):
    """The report folder of a class that handed in what the fuzzer makes, and what the run said."""
    course = course_in(tmp_path_factory.mktemp("fuzz") / "course")
    (course.root / "class").mkdir()
    for name, data in handed_in("grader", COUNT):
        (course.root / "class" / name).write_bytes(data)
    words = ["grade", "class", "-a", "small", "-o", "report", "--exit-zero", "-j", "2"]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *words], cwd=course.root, env=ENVIRONMENT, capture_output=True, check=False
    )
    said = done.stderr.decode("utf-8", "replace")
    assert 0 == done.returncode, said[-3000:]
    return course.root / "report", said


def entries(folder):
    return json.loads((folder / "grades.json").read_text("utf-8"))["submissions"]


def test_the_seed_gives_the_same_files():
    assert list(handed_in("again", 30)) == list(handed_in("again", 30))
    assert list(handed_in("again", 30)) != list(handed_in("another", 30))


def test_each_ends_as_a_grade_or_as_an_entry_with_a_message(fuzzed):
    found = entries(fuzzed[0])
    assert [f"s{n:05}" for n in range(COUNT)] == [e["id"] for e in found]
    statuses = Counter(e["status"] for e in found)
    assert {"graded", "unreadable"} == set(statuses), [e for e in found if e["status"] == "ungraded"][:3]
    assert min(statuses.values()) > COUNT / 10, statuses
    assert [] == [e["id"] for e in found if e["status"] == "unreadable" and not e["message"]]
    assert [] == [e["id"] for e in found if e["status"] == "graded" and e["score"] is None]


def test_some_have_full_marks_whatever_stands_beside_the_function(fuzzed):
    assert sum(e["score"] == e["max_score"] for e in entries(fuzzed[0])) > COUNT / 10


def test_no_message_is_of_our_own_making_or_unbounded(fuzzed):
    told = [e["message"] for e in entries(fuzzed[0]) if e["message"]]
    assert [] == [m for m in told if "Traceback" in m or "our fault" in m or "reading it failed" in m]
    assert 2000 > max(map(len, told))
    assert all(c.isprintable() or c == "\n" for m in told for c in m)


def test_what_is_too_much_to_read_is_told(fuzzed):
    told = [e["message"] for e in entries(fuzzed[0]) if e["message"] and "reading it takes more than" in e["message"]]
    assert all(f"{SECONDS} s of processor time" in m or "MiB of memory" in m for m in told)


def test_the_run_takes_no_more_memory_than_for_any_class(fuzzed):
    peak = int(fuzzed[1].rpartition("peak ")[2])
    assert peak < MEGABYTES


def test_no_submission_takes_longer_than_its_limits(fuzzed):
    times = json.loads((fuzzed[0] / "run.json").read_text("utf-8"))["times"]
    assert COUNT == len(times)
    longest = max(times, key=lambda t: t["seconds"])
    assert longest["seconds"] < 60, longest
