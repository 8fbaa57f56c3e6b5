"""One set of tests that walks every assignment of the course: a new exercise needs no new test.

That its cases tell right from wrong is proven in test_prove.py.
"""

import os
from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader.authoring.course import assignment_names, load_assignment
from grader.authoring.key import build_key
from grader.authoring.leaks import leaks, secrets_of
from grader.authoring.release import differences, released
from grader.judging.smallest import case_of
from grader.keyfile import dump_key
from grader.proof.symmetries import unbroken

ROOT = Path(__file__).resolve().parent.parent
NAMES = assignment_names(ROOT)
SEED = b"a seed of the tests"
LEAST_MISTAKES = 3
SOAK = bool(os.environ.get("GRADER_SOAK"))


@pytest.fixture(scope="module")
def authored():
    return {name: load_assignment(ROOT, name) for name in NAMES}


@pytest.fixture(scope="module")
def keys(authored):
    return {name: build_key(a, SEED) for name, a in authored.items()}


def test_the_course_has_its_five_assignments():
    assert NAMES == ["activations", "affine", "derivatives", "network", "two_by_two"]


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_mistakes(name, authored):
    one = authored[name]
    for exercise in one.assignment.exercises:
        if not exercise.variants:
            assert len(one.mistakes_of(exercise)) >= LEAST_MISTAKES, exercise.id


@pytest.mark.parametrize("name", NAMES)
def test_what_is_released_is_what_solutions_give(name, authored):
    assert differences(authored[name], ROOT) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_released_holds_a_line_of_the_solution_or_a_mistakes_code(name, authored):
    one = authored[name]
    secrets = secrets_of(one, ROOT)
    assert len(secrets.texts) > 30
    assert leaks(released(one, ROOT), secrets) == []


PLAIN = ("centre", "value", "fifth", "batches[][1] zeros")
"""What is plain on every rung: the polynomials of derivatives, and targets of 0 and 1."""


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_a_ladder_that_breaks_each_symmetry(name, authored, keys):
    reasons = {e.id: e.degenerate for e in authored[name].assignment.exercises}
    for exercise in keys[name].exercises if name != "two_by_two" else ():
        assert 3 <= len(exercise.ladder), exercise.id
        rungs = msgspec.structs.replace(exercise, cases=[case_of(exercise, r) for r in exercise.ladder])
        left = {s for s in unbroken(rungs) if s not in reasons[exercise.id] and not s.startswith(PLAIN)}
        assert set() == left, exercise.id


@pytest.mark.parametrize("name", NAMES)
def test_a_key_is_the_same_for_the_same_seed_and_its_hidden_cases_are_not_for_another(name, authored, keys):
    assert dump_key(build_key(authored[name], SEED)) == dump_key(keys[name])
    other = build_key(authored[name], b"another seed")
    drawn = [
        (a.id, c.id)
        for a, b in zip(keys[name].exercises, other.exercises, strict=True)
        for c, d in zip(a.cases, b.cases, strict=True)
        if (msgspec.structs.asdict(c)["visible"] and dump(c) != dump(d))
    ]
    assert drawn == [], "visible cases do not depend on the secret seed"
    if name != "two_by_two":
        assert dump_key(other) != dump_key(keys[name])


@pytest.mark.skipif(not SOAK, reason="ten minutes; make soak")
@pytest.mark.parametrize("name", NAMES)
def test_no_seed_draws_a_case_on_which_right_answers_lie_too_far_apart(name, authored):
    for number in range(100):
        build_key(authored[name], f"soak {number}".encode())


def test_a_saturated_network_has_an_output_at_either_end_whatever_the_seed(authored):
    exercise = next(e for e in authored["network"].assignment.exercises if e.id == "network_forward")
    case = next(c for c in exercise.hidden if c.id == "saturated")
    for number in range(300):
        drawn = case.inputs(np.random.default_rng(number))
        outputs = authored["network"].reference["network_forward"](drawn["x"], drawn["params"])[0]
        assert np.max(outputs) > 0.99 and np.min(outputs) < 0.01


def dump(case):
    from grader.wire import pack

    return pack(case.inputs)
