"""GitLab's code quality report: one finding an exercise, with a fingerprint that edits elsewhere leave alone."""

import msgspec
import pytest

from grader.model import Place
from grader.reports.gitlab import write
from grader.reports.run import One
from tests.samples import CLASS, HOSTILE, hostile_runs, own_check, run, whole_class
from tests.validators import valid_json


def written(made):
    return valid_json("codequality.json", "".join(write(made)))


def test_each_exercise_with_something_wrong_is_one_entry_its_worst():
    assert [(e["check_name"], e["severity"], e["location"]) for e in written(own_check())] == [
        ("forward/raised", "critical", {"path": "work/affine/layers.py", "lines": {"begin": 12}}),
        ("backward/values", "major", {"path": "work/affine/layers.py", "lines": {"begin": 30}}),
        ("bias/not_attempted", "info", {"path": "work/affine/layers.py", "lines": {"begin": 50}}),
    ]
    assert written(own_check())[1]["description"] == (
        "backward: dw: worked: Which of x and dout is transposed? dw[0, 1] is 20, expected 32"
    )


def test_nothing_wrong_is_an_empty_report():
    assert written(own_check(CLASS[0])) == []


def test_fingerprints_differ_between_findings_and_not_by_the_line():
    prints = [e["fingerprint"] for e in written(whole_class())]
    assert len(prints) == len(set(prints)) == 7
    moved = msgspec.structs.replace(
        CLASS[1],
        exercises=[msgspec.structs.replace(e, place=Place("layers.py", 99)) for e in CLASS[1].exercises],
    )
    assert [e["fingerprint"] for e in written(run(One(moved)))] == [
        e["fingerprint"] for e in written(run(One(CLASS[1])))
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_student_breaks_the_format_or_acts_in_a_log(text):
    for made in hostile_runs(text):
        written(made)
        for line in "".join(write(made)).splitlines():
            assert not line.lstrip().startswith("::") and "##[" not in line and line.isascii()
