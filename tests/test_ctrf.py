"""CTRF: it holds to its schema; what was not attempted is pending, and every hidden case is in it."""

import pytest

from grader.reports.ctrf import write
from tests.samples import HOSTILE, Graded, hostile_runs, one_graded, own_check, run, whole_class
from tests.validators import valid_json


def written(made):
    return valid_json("ctrf.json", "".join(write(made)))["results"]


def test_the_summary_counts_the_tests():
    for made, count in ((own_check(), 4), (one_graded(), 12), (whole_class(), 38), (run(Graded()), 0)):
        results = written(made)
        statuses = [test["status"] for test in results["tests"]]
        summary = results["summary"]
        assert summary["tests"] == len(statuses) == count
        for status in ("passed", "failed", "skipped", "pending", "other"):
            assert summary[status] == statuses.count(status)


def test_not_attempted_is_pending_and_blocked_is_skipped():
    results = written(whole_class())
    told = {(t["rawStatus"], t["status"]) for t in results["tests"] if "rawStatus" in t}
    assert told == {
        ("not_attempted", "pending"),
        ("blocked", "skipped"),
        ("raised", "failed"),
        ("timed_out", "failed"),
        ("values", "failed"),
        ("shape", "failed"),
        ("unreadable", "failed"),
        ("ungraded", "failed"),
    }


def test_a_test_tells_where_how_long_and_whether_it_is_hidden():
    tests = {t["name"]: t for t in written(one_graded())["tests"] if t["suite"][-1] == "forward"}
    assert tests["out: worked"] == {
        "name": "out: worked",
        "status": "failed",
        "duration": 10,
        "suite": ["affine", "bob", "forward"],
        "extra": {"visibility": "visible", "score": 0.0, "max_score": 4.0},
        "rawStatus": "raised",
        "message": "raised ValueError: shapes (2,3) and (2,3) in line 12",
        "trace": "layers.py:12 in forward",
        "filePath": "work/affine/layers.py",
        "line": 12,
    }
    assert tests["out: hidden case 2"]["extra"]["visibility"] == "hidden"
    assert "trace" not in tests["out: hidden case 1"]


def test_times_come_from_the_run():
    summary = written(one_graded())["summary"]
    assert (summary["start"], summary["stop"], summary["duration"]) == (1780324391500, 1780324393750, 2048)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_student_breaks_the_format_or_acts_in_a_log(text):
    for made in hostile_runs(text):
        written(made)
        for line in "".join(write(made)).splitlines():
            assert not line.lstrip().startswith("::") and "##[" not in line and "##vso" not in line
            assert not any(c < " " or c in "\x1b\x9b\u202e\u2066" for c in line)
