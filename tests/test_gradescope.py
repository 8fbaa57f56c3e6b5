"""results.json for Gradescope: the mark, points that show when they are published, and what visible cases say."""

import json

import msgspec
import pytest

from grader.model import Status, Verdict
from grader.reports.gradescope import results_json, write
from grader.texts import speaking
from tests.samples import HOSTILE, Graded, hostile_runs, one_graded, own_check
from tests.validators import valid_json


def results(small_class, mark=7.0, changes=None, said=()):
    grade = small_class.grade("ada", f=3.0, **(changes or {}))
    return valid_json("gradescope.json", results_json(grade, mark, {"f": 3.0, "g": 4.0}, said))


def test_the_score_is_the_mark_and_tests_are_exercises(small_class):
    told = results(small_class, mark=6.5, said=["well \x1b[31mdone", "late"])
    assert (told["score"], told["output"]) == (6.5, "well [31mdone\nlate")
    assert [(t["name"], t.get("score"), t.get("max_score"), t["status"], t["visibility"]) for t in told["tests"]] == [
        ("f: visible cases", None, None, "failed", "visible"),
        ("f", 3.0, 6.0, "failed", "after_published"),
        ("g: visible cases", None, None, "passed", "visible"),
        ("g", 4.0, 4.0, "passed", "after_published"),
    ]


def test_a_mark_by_hand_is_the_score_of_its_exercise(small_class):
    grade = small_class.grade("ada", f=0.0)
    tests = json.loads(results_json(grade, 10.0, {"f": 6.0, "g": 4.0}))["tests"]
    assert [t["score"] for t in tests if "score" in t] == [6.0, 4.0]


def test_what_a_visible_case_says_holds_nothing_of_a_hidden_one(small_class):
    grade = small_class.grade("ada", f=0.0)
    verdicts = [
        Verdict(
            case=case,
            visible=case == "shown",
            output="y",
            passed=False,
            credit=0.0,
            message=f"{case} is wrong",
            hint="h",
        )
        for case in ("shown", "drawn")
    ]
    wrong = msgspec.structs.replace(grade.exercises[0], verdicts=verdicts)
    grade = msgspec.structs.replace(grade, exercises=[wrong])
    shown, points = json.loads(results_json(grade, 0.0))["tests"]
    assert shown["output"] == "y: h\ny: shown is wrong"
    assert points["output"] == "y: h\ny: shown is wrong\ny: drawn is wrong"


def test_a_fault_of_ours_is_told_as_one(small_class):
    told = results(small_class, mark=None, changes={"status": Status.UNGRADED, "score": None})
    assert told == {
        "score": 0.0,
        "output": "The grader could not run. Your teacher has been told.",
        "output_format": "text",
        "tests": [],
    }
    message = {"status": Status.UNREADABLE, "score": 0.0, "exercises": [], "message": "work.py: line 1 is no Python"}
    assert results(small_class, mark=0.0, changes=message)["output"] == "work.py: line 1 is no Python"


def test_a_graded_submission_tells_its_time_and_shows_points_once_they_are_published():
    told = valid_json("gradescope.json", "".join(write(one_graded())))
    assert (told["score"], told["execution_time"]) == (3.0, 0.25)
    assert {t["visibility"] for t in told["tests"] if "score" in t} == {"after_published"}
    shown = [t["output"] for t in told["tests"] if t["visibility"] == "visible"]
    assert not any("hidden" in text or "2 s" in text or "wrong shape" in text for text in shown)
    assert "forward: visible cases" in [t["name"] for t in told["tests"]]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_student_breaks_the_format(text):
    for made in [own_check(), *hostile_runs(text)]:
        if isinstance(made.grades, Graded):
            continue
        shown = "".join(write(made))
        told = valid_json("gradescope.json", shown)
        assert told["output_format"] == "text" and not any("output_format" in test for test in told["tests"])
        assert not any(c in shown for c in "\x1b\x9b\x00\u202e")


def test_german_students_are_told_in_german():
    german = msgspec.structs.replace(own_check().key, language="de")
    told = json.loads("".join(write(msgspec.structs.replace(own_check(), key=german))))
    assert {"forward: sichtbare Fälle", "backward: sichtbare Fälle", "bias: sichtbare Fälle"} <= {
        t["name"] for t in told["tests"]
    }
    with speaking("de"):
        assert (
            "Das Bewertungsprogramm konnte nicht laufen. Deine Lehrkraft weiß davon."
            == (json.loads(results_json(None, None))["output"])
        )
