"""What was judged before gets the same grade again, and nothing else does."""

from pathlib import Path

import numpy as np
import pytest

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.judging import precedents as room
from grader.judging.judge import judge_exercise
from grader.judging.precedents import Precedents
from grader.model import Outcome, OutcomeKind, Submission
from grader.pipeline import Grading
from grader.sandbox import runner
from grader.schedule import only
from grader.wire import pack

ROOT = Path(__file__).resolve().parent.parent
STEM = "import numpy as np\ndef affine_backward(dout, cache):\n    x, w, b = cache\n    dx = {dx}\n"
STEM += "    dw = x.T @ dout\n    db = np.sum(dout, axis=0)\n    return dx, dw, db\n"
RIGHT = STEM.format(dx="(dout @ w.T).reshape(x.shape)")
EINSUM = STEM.format(dx="np.einsum('ik,jk->ij', dout, w)")
WRONG = STEM.format(dx="(dout @ w).reshape(x.shape)")
TALKS = RIGHT.replace("    return", "    print('hello')\n    return")
RAISES = STEM.format(dx="1 / 0")


@pytest.fixture(scope="module")
def affine_key():
    return only(build_key(load_assignment(ROOT, "affine"), b"precedents"), ["affine_backward"])


@pytest.fixture(scope="module")
def exercise(affine_key):
    return next(e for e in affine_key.exercises if e.id == "affine_backward")


@pytest.fixture
def calls(monkeypatch):
    seen = []

    def counted(*given):
        seen.append(given)
        return judge_exercise(*given)

    monkeypatch.setattr(room, "judge_exercise", counted)
    return seen


def returned(exercise, *, off=0.0, **more):
    outcomes = []
    for case in exercise.cases:
        value = [np.asarray(case.checks[name].value) + off for name in exercise.points]
        outcomes.append(Outcome(OutcomeKind.RETURNED, value, **more))
    return outcomes


def judge(known, exercise, outcomes, replies=None, again=()):
    replies = [pack(o) for o in outcomes] if replies is None else replies
    return known.judge(exercise, outcomes, replies, "layers.py", {}, again, None)


def test_equal_replies_are_judged_once_and_other_ones_by_themselves(exercise, calls):
    known = Precedents(64)
    first = judge(known, exercise, returned(exercise))
    assert first.score == first.max_score
    assert first is judge(known, exercise, returned(exercise))
    assert 0 == judge(known, exercise, returned(exercise, off=1.0)).score
    assert 2 == len(calls)


@pytest.mark.parametrize(
    "more",
    [{"printed": "hello"}, {"kind": OutcomeKind.TIMED_OUT}, {"kind": OutcomeKind.RAISED}],
    ids=["printed", "timed out", "raised"],
)
def test_what_is_more_than_its_reply_is_judged_each_time(exercise, calls, more):
    known = Precedents(64)
    outcomes = returned(exercise)
    odd = [Outcome(**{"kind": OutcomeKind.RETURNED, "value": outcomes[0].value} | more), *outcomes[1:]]
    replies = [pack(o) for o in outcomes]
    judge(known, exercise, odd, replies)
    judge(known, exercise, odd, replies)
    assert 2 == len(calls)


def test_work_that_is_not_there_is_judged_once(exercise, calls):
    known = Precedents(64)
    nothing = [Outcome(OutcomeKind.NOT_ATTEMPTED, detail="lacks it") for _ in exercise.cases]
    assert judge(known, exercise, nothing) is judge(known, exercise, nothing)
    assert 1 == len(calls)


def test_a_case_without_a_reply_and_one_that_differed_the_second_time_are_judged_each_time(exercise, calls):
    known = Precedents(64)
    outcomes = returned(exercise)
    replies = [pack(o) for o in outcomes]
    for _ in range(2):
        judge(known, exercise, returned(exercise, off=1.0), [b"", *replies[1:]])
        judge(known, exercise, outcomes, replies, [returned(exercise, off=1.0)[0], *[None] * (len(outcomes) - 1)])
    assert 4 == len(calls)


def test_what_printed_is_not_told_with_the_grade_of_one_that_did_not(exercise):
    known = Precedents(64)
    quiet = judge(known, exercise, returned(exercise))
    loud = judge(known, exercise, returned(exercise, printed="hello"), [pack(o) for o in returned(exercise)])
    assert ("", "hello") == (quiet.printed, loud.printed)


def test_no_more_than_so_many_are_kept(exercise, monkeypatch):
    monkeypatch.setattr(room, "MAX_KNOWN", 3)
    known = Precedents(64)
    sizes = []
    for number in range(8):
        judge(known, exercise, returned(exercise, off=float(number)))
        sizes.append(len(known._own[id(exercise)].known))
    assert [1, 2, 3, 1, 2, 3, 1, 2] == sizes


def test_long_replies_are_not_kept(exercise, monkeypatch):
    monkeypatch.setattr(room, "MAX_BYTES", 100)
    known = Precedents(64)
    judge(known, exercise, returned(exercise))
    assert not known._own[id(exercise)].known


def test_a_class_gets_the_grades_that_each_would_get_alone(affine_key, zygote):
    """Right, wrong, loud and broken ones in turn, each twice, by one Grading: nothing of one reaches another."""
    sources = [RIGHT, WRONG, TALKS, EINSUM, RAISES, RIGHT, WRONG, EINSUM, TALKS, RAISES]
    together = Grading(affine_key, zygote)
    for number, source in enumerate(sources):
        one = Submission(str(number), {"layers.py": source.encode()}, "layers.py", f"{number:064x}")
        assert pack(Grading(affine_key, zygote).grade(one)) == pack(together.grade(one)), source


def test_replies_that_are_kept_are_few(affine_key, zygote, monkeypatch):
    grading = Grading(affine_key, zygote)
    for number in range(6):
        source = RIGHT.replace("return dx", f"return dx + {number}")
        grading.grade(Submission(str(number), {"layers.py": source.encode()}, "layers.py", f"{number:064x}"))
        if number == 2:
            assert all(3 == len(t.heard) for t in grading._schedules[0].tasks)
            monkeypatch.setattr(runner, "MAX_HEARD", 6000)
    assert all(sum(map(len, t.heard)) <= 6000 for t in grading._schedules[0].tasks)
    assert any(len(t.heard) > 1 for t in grading._schedules[0].tasks)
