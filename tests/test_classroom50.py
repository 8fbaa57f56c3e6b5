"""Classroom 50's result.json: whole numbers that add up, and whose submission it is from its runner."""

import json

import msgspec
import pytest

from grader.reports.classroom50 import write
from grader.reports.run import One
from tests.samples import CLASS, HOSTILE, Graded, grade, hostile_runs, one_graded, right, run, wrong
from tests.validators import valid_json


def written(made):
    (text,) = write(made)
    result = valid_json("classroom50.json", text)
    assert result["score"] == sum(test["score"] for test in result["tests"]) <= result["max-score"]
    assert all(test["score"] <= test["max-score"] for test in result["tests"])
    assert not result["tests"] or result["max-score"] == sum(test["max-score"] for test in result["tests"])
    return result


def test_whose_it_is_comes_from_the_runner():
    result = written(one_graded())
    assert {name: result[name] for name in ("classroom", "assignment", "assignment_type", "owner")} == {
        "classroom": "ml",
        "assignment": "affine",
        "assignment_type": "individual",
        "owner": "bob",
    }
    assert result["submission"] == "submit/2026-06-01T14-32-05Z-a1b2c3d"
    assert result["commit"] == "https://github.com/ml/affine-bob/commit/a1b2c3d"
    assert result["datetime"] == "2026-06-01T14:33:11Z"
    assert result["graded_at"] == "2026-06-01T14:33:13Z"


def test_without_a_runner_it_is_still_whole():
    result = written(run(One(CLASS[1]), environ={"GITHUB_REPOSITORY": "ml/a", "GITHUB_SHA": "beef"}))
    assert (result["owner"], result["classroom"], result["submission"]) == ("-", "-", "submit/none")
    assert result["commit"] == result["review"] == "https://github.com/ml/a/commit/beef"
    assert result["datetime"] == "2026-06-01T14:33:11Z"


def test_points_that_are_no_whole_numbers_are_told_in_hundredths():
    result = written(one_graded())
    assert [(t["test-name"], t["passed"], t["score"], t["max-score"]) for t in result["tests"]] == [
        ("forward", False, 0, 400),
        ("backward", False, 300, 600),
        ("bias", False, 0, 250),
    ]
    assert result["tests"][1]["output"] == (
        "Which of x and dout is transposed?\ndw[0, 1] is 20, expected 32\ndw has the wrong shape\ndw has wrong values"
    )


@pytest.mark.parametrize(("score", "told"), [(5.96, 5), (5.4, 5), (0.5, 1), (0.2, 0), (6.0, 6), (2.5, 3)])
def test_points_are_rounded_and_never_up_to_full_marks(score, told):
    one = grade("ada", [msgspec.structs.replace(wrong(), score=score), right("forward")])
    first, second = written(one_graded(one))["tests"]
    assert (first["score"], first["max-score"], first["passed"]) == (told, 6, told == 6)
    assert (first["points"], second["score"], second["passed"]) == (score, 4, True)


def test_one_that_cannot_be_read_has_no_points_and_is_one_test_that_says_why():
    result = written(one_graded(CLASS[3]))
    (test,) = result["tests"]
    assert (result["score"], result["max-score"], test["passed"]) == (0, 13, False)
    assert test["output"].startswith("layers.py, line 1: invalid syntax")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_student_breaks_the_format(text):
    for made in hostile_runs(text):
        if isinstance(made.grades, Graded):
            continue
        written(made)
        (shown,) = write(made)
        assert not any(c in shown for c in "\x1b\x9b\x00\u202e")
        assert json.loads(shown)["score"] <= 1250
