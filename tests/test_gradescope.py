"""results.json for Gradescope: the mark, points that show when they are published, and what visible cases say."""

import json

import msgspec

from grader.exports.gradescope import results_json
from grader.exports.row import Row
from grader.model import Status, Verdict


def results(small_class, mark=7.0, changes=None, **more):
    grade = small_class.grade("ada", f=3.0, **(changes or {}))
    row = Row(student="ada", max_score=10.0, mark=mark, points={"f": 3.0, "g": 4.0}, **more)
    return json.loads(results_json(row, grade))


def test_the_score_is_the_mark_and_tests_are_exercises(small_class):
    told = results(small_class, mark=6.5, late=2, comments=["well \x1b[31mdone"])
    assert (told["score"], told["output"]) == (6.5, "well  [31mdone\nHanded in late, by 2 begun days.")
    assert [(t["name"], t.get("score"), t.get("max_score"), t["status"], t["visibility"]) for t in told["tests"]] == [
        ("f: visible cases", None, None, "failed", "visible"),
        ("f", 3.0, 6.0, "failed", "after_published"),
        ("g: visible cases", None, None, "passed", "visible"),
        ("g", 4.0, 4.0, "passed", "after_published"),
    ]


def test_a_mark_by_hand_is_the_score_of_its_exercise(small_class):
    grade = small_class.grade("ada", f=0.0)
    row = Row(student="ada", max_score=10.0, mark=10.0, points={"f": 6.0, "g": 4.0})
    tests = json.loads(results_json(row, grade))["tests"]
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
    shown, points = json.loads(results_json(Row(student="ada", max_score=10.0, mark=0.0), grade))["tests"]
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
