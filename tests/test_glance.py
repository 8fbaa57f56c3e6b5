"""What is right at one glance is what `compare` calls right, and full marks; the glance sees what nearly everybody returns."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.judging.compare import compare
from grader.judging.glance import Glance
from grader.judging.judge import judge_exercise
from grader.judging.precedents import Precedents
from grader.model import Outcome, OutcomeKind, Shape, Within
from grader.wire import Opaque, pack

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["activations", "affine"]


@pytest.fixture(scope="module")
def exercises():
    return [e for name in NAMES for e in build_key(load_assignment(ROOT, name), b"glance").exercises]


def answer(exercise, case):
    """What a right solution returns, as it comes over the wire."""
    values = {}
    for name in exercise.points:
        check = case.checks[name]
        want = check.value if hasattr(check, "value") else check.values[0]
        several = isinstance(want, list)
        values[name] = [np.array(w, dtype=float) for w in want] if several else np.array(want, dtype=float)
    if exercise.returns is Shape.DICT:
        return values
    return next(iter(values.values())) if exercise.returns is Shape.ONE else list(values.values())


def right(exercise):
    return [Outcome(OutcomeKind.RETURNED, answer(exercise, case)) for case in exercise.cases]


def test_most_exercises_are_seen_at_one_glance(exercises):
    seen = [e for e in exercises if Glance(e).right(right(e))]
    plain = [e for e in exercises if all(type(c) is Within for case in e.cases for c in case.checks.values())]
    finite = [
        e for e in plain if all(np.isfinite(v).all() for case in e.cases for c in case.checks.values() for v in flat(c))
    ]
    assert {e.id for e in finite} <= {e.id for e in seen} <= {e.id for e in plain}
    assert len(seen) > len(exercises) / 2


def flat(check):
    return check.value if isinstance(check.value, list) else [check.value]


ODD = st.sampled_from([None, 1, 2.5, True, "text", [], [1.0], {"dx": 1.0}, Opaque("Matrix"), np.zeros(3), np.zeros(())])


@st.composite
def changes(draw):
    """One array of one case, changed: by little or by much, in shape, dtype or kind."""
    kind = draw(st.sampled_from(["none", "off", "nan", "shape", "dtype", "odd", "longer", "list"]))
    return kind, draw(st.integers(0, 200)), draw(st.sampled_from([1e-16, 0.5, 0.999, 1.001, 2.0, 1e9])), draw(ODD)


def changed(value, exercise, case, name, change):
    kind, where, much, odd = change
    array = value if isinstance(value, np.ndarray) else None
    if kind == "odd":
        return odd
    if array is None or kind == "none":
        return value
    if kind in ("off", "nan") and array.size:
        array.flat[where % array.size] += much * case.checks[name].tolerance if kind == "off" else np.nan
    if kind == "shape":
        return array[None] if where % 2 else array.T
    if kind == "dtype":
        return array.astype([np.float32, np.int64, np.complex128, np.dtype(">f8")][where % 4])
    return array.tolist() if kind == "list" else array


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_glance_agrees_with_compare(exercises, data):
    exercise = data.draw(st.sampled_from(exercises))
    outcomes = right(exercise)
    where = data.draw(st.integers(0, len(outcomes) - 1))
    change = data.draw(changes())
    case, value = exercise.cases[where], outcomes[where].value
    name = data.draw(st.sampled_from(list(exercise.points)))
    if not isinstance(getattr(case.checks[name], "tolerance", None), float):
        return
    if exercise.returns is Shape.ONE:
        value = changed(value, exercise, case, name, change)
    elif change[0] == "longer":
        value = {} if exercise.returns is Shape.DICT else [*value, np.zeros(2)]
    else:
        at = name if exercise.returns is Shape.DICT else list(exercise.points).index(name)
        value[at] = changed(value[at], exercise, case, name, change)
    outcomes[where] = Outcome(OutcomeKind.RETURNED, value)
    if Glance(exercise).right(outcomes):
        grade = judge_exercise(exercise, outcomes, "x.py")
        assert all(
            v.passed and v.remark is None
            for c, o in zip(exercise.cases, outcomes, strict=True)
            for v in compare(o, c, exercise)
        )
        assert pack(grade) == pack(judge_exercise(exercise, right(exercise), "x.py"))


@pytest.mark.parametrize(
    "more", [{"changed": ["x"]}, {"overflowed": True}, {"printed": "hello"}, {"kind": OutcomeKind.RAISED}]
)
def test_what_has_more_to_be_told_is_not_seen_at_one_glance(exercises, more):
    exercise = next(e for e in exercises if e.id == "affine_backward")
    glance, outcomes = Glance(exercise), right(exercise)
    assert glance.right(outcomes)
    outcomes[-1] = msgspec.structs.replace(outcomes[-1], **more)
    assert not glance.right(outcomes)


def test_the_grade_of_what_is_right_is_made_once_whatever_its_last_bits(exercises):
    exercise = next(e for e in exercises if e.id == "affine_backward")
    known = Precedents(64)

    def judged(outcomes):
        replies = [pack(o) for o in outcomes]
        return known.judge(exercise, outcomes, replies, "layers.py", {}, [None] * len(outcomes), None)

    first, second = right(exercise), right(exercise)
    for outcome in second:
        for array in outcome.value:
            array += 1e-15
    assert judged(first) is judged(second)
    assert judged(first).score == judged(first).max_score
    second[0].value[0][...] = 7.0
    assert judged(second).score < judged(second).max_score
