"""The smallest failing input: the first rung of a public ladder on which the same submission is wrong."""

import numpy as np
import pytest

from grader.judging.smallest import BUDGET, MAX_ENTRIES, smallest, within_budget
from grader.model import KeyCase, KeyExercise, Outcome, OutcomeKind, Raised, Rung, Shape, Submission, Within
from grader.pipeline import grade_submission
from grader.plan import Plan, Result
from grader.sandbox.warm import ZygoteLauncher
from grader.wire import pack

X = [np.array([2.0]), np.array([[3.0, -4.0]]), np.array([[5.0, -6.0, 7.0]])]
LADDER = [Rung(f"r{i}", f"Rung {i}", {"x": x}, {"y": Within(2 * x, 1e-6)}) for i, x in enumerate(X)]
CASE = KeyCase("drawn", "", False, "all", {}, Plan((), Result("y")), {"y": Within(X[2], 1e-6)})
EXERCISE = KeyExercise("f", "F", "f()", "", Shape.ONE, {"y": 1.0}, {"all": 1.0}, [CASE], ladder=LADDER)


def returned(*values):
    return [Outcome(OutcomeKind.RETURNED, v) for v in values]


def test_the_first_rung_that_is_wrong_is_shown_in_full():
    found = smallest(EXERCISE, returned(2 * X[0], X[1] ** 2, X[2] ** 2))
    assert ("r1", "Rung 1", {"y": 1e-6}) == (found.rung, found.title, found.tolerance)
    assert [[3.0, -4.0]] == found.inputs["x"].tolist()
    assert [[6.0, -8.0]] == found.expected["y"].tolist()
    assert [[9.0, 16.0]] == found.returned["y"].tolist()
    told = "2 of 2 entries differ; the farthest off is at [0, 1]: expected -8, got 16"
    assert {"y": told} == found.message


def test_where_every_rung_is_right_nothing_is_said():
    assert None is smallest(EXERCISE, returned(*(2 * x for x in X)))


def test_an_exception_on_a_rung_is_told_with_its_message():
    error = Outcome(OutcomeKind.RAISED, error=Raised("ValueError", "builtins", "no", [(3, "f")]))
    found = smallest(EXERCISE, [error, *returned(X[1], X[2])])
    assert ({"y": "raised ValueError in line 3: no"}, {}) == (found.message, found.returned)


@pytest.mark.parametrize("kind", [OutcomeKind.TIMED_OUT, OutcomeKind.CRASHED, OutcomeKind.NOT_ATTEMPTED])
def test_a_rung_that_did_not_end_says_nothing(kind):
    assert None is smallest(EXERCISE, [Outcome(kind), *returned(X[1], X[2])])


@pytest.mark.parametrize("value", ["text", np.zeros(MAX_ENTRIES + 1), {"y": 1.0}])
def test_what_is_large_or_no_numbers_is_left_out(value):
    found = smallest(EXERCISE, returned(value, X[1], X[2]))
    assert ("r0", {}) == (found.rung, found.returned)
    assert len(found.message["y"]) < 200


def test_a_student_with_everything_wrong_gets_so_much_and_no_more():
    one = smallest(EXERCISE, returned(X[0], X[1], X[2]))
    kept = within_budget([None, *([one] * 60)])
    assert sum(len(pack(k)) for k in kept if k is not None) <= BUDGET
    assert kept[1] is one and kept[-1] is None


# ------------------------------------------------------------------------------ in the sandbox


@pytest.fixture(scope="module")
def launcher():
    one = ZygoteLauncher()
    yield one
    one.close()


@pytest.fixture
def key(course):
    rungs = """    ladder=[
        Case("one", "One number", lambda rng: {"x": rng.normal(size=1)}),
        Case("three", "Three numbers", lambda rng: {"x": rng.normal(size=3)}),
    ],
    visible="""
    course.edit("cases.py", "    visible=", rungs)
    return course.key()


def graded(key, launcher, text):
    (grade,) = grade_submission(key, Submission("s", {"work.py": text.encode()}, "work.py", ""), launcher).exercises
    return grade


def test_a_hidden_failure_is_shown_on_a_rung(key, launcher):
    found = graded(key, launcher, "def double(x):\n    return abs(x) + 1\n").smallest
    rung = key.exercises[0].ladder[0]
    assert "one" == found.rung
    assert (abs(rung.inputs["x"]) + 1).tolist() == found.returned["y"].tolist()


def test_what_is_wrong_on_the_second_rung_alone_is_shown_there(key, launcher):
    assert "three" == graded(key, launcher, "def double(x):\n    return 2 * x + (x.size > 2)\n").smallest.rung


@pytest.mark.parametrize(
    "body",
    [
        "return 2 * x",
        "return 2 * x if all(x == x.round()) else x",
        "return 3 * x if x.size == 2 else 2 * x",
        "return 'text'",
        "return None",
    ],
)
def test_where_no_hidden_value_or_no_rung_is_wrong_there_is_none(key, launcher, body):
    assert None is graded(key, launcher, f"def double(x):\n    {body}\n").smallest


def test_the_rungs_worker_has_never_had_a_hidden_input(key, launcher):
    """What it returns is shown, so it must not be able to return what it was given before."""
    text = "SEEN = []\n\n\ndef double(x):\n    SEEN.append(x)\n    return SEEN[0] + 0.5\n"
    found = graded(key, launcher, text).smallest
    rungs = key.exercises[0].ladder
    assert (rungs[0].inputs["x"] + 0.5).tolist() == found.returned["y"].tolist()


def test_a_rung_that_hangs_costs_half_a_second_and_no_marks(key, launcher):
    text = (
        "def double(x):\n    while all(x == x.round()) and x[0] != 1:\n        pass\n    return 2 * x + (x[0] != 1)\n"
    )
    grade = graded(key, launcher, text)
    assert (None, 0.0) == (grade.smallest, grade.score)


def test_without_hidden_cases_no_rung_is_run(key, course, launcher):
    shown = course.key(None)
    assert None is graded(shown, launcher, "def double(x):\n    return x\n").smallest
