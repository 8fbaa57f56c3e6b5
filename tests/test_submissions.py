"""Golden submissions: a folder of tests/submissions/ holds one student's work and the report that it must get.

The assignment is the small frozen one of tests/course. A folder whose name starts with `right_` must get full
marks, any other must not.

After a change of the grader that changes reports on purpose, write them again with

    GRADER_REWRITE=1 pytest tests/test_submissions.py

The rule: a rewrite is read before it is kept. Go through `git diff tests/submissions` entry by entry, as the
student whom it tells about, and keep it only if each new sentence is true, fair and of use; a report that got
worse is a bug of the grader, and is not made right by being expected.

A new submission is a new folder with the student's file; the first rewrite adds its expected.json.
"""

import json
import os
import re
import sys
from pathlib import Path

import msgspec
import pytest

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.intake.folder import read_submission, submissions
from grader.model import Limits
from grader.pipeline import grade_submission
from grader.reports.data import submission
from grader.sandbox.warm import ZygoteLauncher

HERE = Path(__file__).parent
COURSE, FOLDER = HERE / "course", HERE / "submissions"
NAMES = sorted(p.name for p in FOLDER.iterdir() if p.is_dir())
EXPECTED = "expected.json"
SEED = b"golden"
REWRITE = bool(os.environ.get("GRADER_REWRITE"))

ENDLESS = {"broken_endless_loop", "right_but_loops_at_import"}
PATIENT = Limits(wall=30.0, load_wall=30.0, total_wall=120.0)
"""For all that ends by itself or runs into another limit: a busy machine must not change its report."""

ENTRY = ("id", "status", "message", "remarks", "score", "max_score")
EXERCISE = ("id", "score", "outcome", "message")
VERDICT = ("case", "output", "passed", "finding", "message", "mistake", "hint", "remark")

VISIBLE = {"two_by_two", "not_square"}
OUTPUTS = r"(out|cache|dx|dw|db)"
PLACE = r"(code cell \d+, )?line \d+"
HIDDEN_MESSAGE = re.compile(
    "|".join(
        [
            r"not attempted yet",
            rf"not finished yet: {OUTPUTS} has no value in {PLACE}",
            r"nothing is returned: is the return line missing\?",
            r"the file has no affine_(forward|backward)",
            rf"{OUTPUTS} (is None|is no array of numbers|has the wrong shape|holds nan or inf|has wrong values)",
            r"was not run: 4 cases before it took too long",
            r"expected 3 values \(dx, dw, db\)",
            rf"raised (\w+(Error|Exit)|an exception of your own)( in {PLACE})?",
            r"the function took more than 0\.5 s",
            r"the function (printed|returned) more than [\d,]+ bytes",
            r"the function ended the whole program",
        ]
    )
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="a zygote is Linux's")


@pytest.fixture(scope="module")
def key():
    return build_key(load_assignment(COURSE, "affine"), SEED)


@pytest.fixture(scope="module")
def launcher():
    own = ZygoteLauncher()
    yield own
    own.close()


def report(name, key, launcher):
    """The stable part of the entry that grades.json has for one folder."""
    if name not in ENDLESS:
        key = msgspec.structs.replace(key, limits=PATIENT)
    grade = grade_submission(key, read_submission(FOLDER / name, key.file, name), launcher)
    entry = msgspec.to_builtins(submission(grade))
    exercises = [
        some(exercise, EXERCISE) | {"verdicts": [some(verdict, VERDICT) for verdict in exercise["verdicts"]]}
        for exercise in entry["exercises"]
    ]
    return some(entry, ENTRY) | {"exercises": exercises}


def some(table, names):
    return {name: table[name] for name in names}


def expected(name):
    return json.loads((FOLDER / name / EXPECTED).read_text("utf-8"))


@linux
@pytest.mark.parametrize("name", NAMES)
def test_a_submission_gets_the_report_that_lies_beside_it(name, key, launcher):
    got = report(name, key, launcher)
    if REWRITE:
        text = json.dumps(got, indent=1, ensure_ascii=False) + "\n"
        (FOLDER / name / EXPECTED).write_text(text, "utf-8")
        pytest.skip("written: read it before you keep it")
    assert expected(name) == got


@linux
def test_a_mistake_is_not_named_for_an_exception_alone(key, launcher):
    """Without the square case dx is right or nothing came back: that dw raised says nothing about dx."""
    exercises = [
        msgspec.structs.replace(exercise, cases=[case for case in exercise.cases if case.id != "square"])
        for exercise in key.exercises
    ]
    without_square = msgspec.structs.replace(key, exercises=exercises)
    backward = report("wrong_dw_in_a_notebook", without_square, launcher)["exercises"][1]
    named = {(v["output"], v["mistake"]) for v in backward["verdicts"] if v["mistake"]}
    assert set() == named


def test_right_work_gets_full_marks_and_no_other_does():
    full = {name for name in NAMES if expected(name)["score"] == expected(name)["max_score"]}
    assert {name for name in NAMES if name.startswith("right_")} == full


def test_every_submission_is_graded_or_unreadable_and_never_our_fault():
    assert {"graded", "unreadable"} == {expected(name)["status"] for name in NAMES}


def test_a_hidden_case_is_told_in_the_graders_own_words():
    told = {
        verdict["message"]
        for name in NAMES
        for exercise in expected(name)["exercises"]
        for verdict in exercise["verdicts"]
        if verdict["case"] not in VISIBLE and not verdict["passed"]
    }
    assert set() == {message for message in told if not HIDDEN_MESSAGE.fullmatch(message)}


def test_the_folder_can_be_graded_as_a_class(key):
    one_by_one = [read_submission(FOLDER / name, key.file, name) for name in NAMES]
    assert one_by_one == list(submissions([FOLDER], key.file))
