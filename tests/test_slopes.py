"""A student's backward function beside the student's own forward function: true alarms, and never a false one."""

import copy
import warnings
from pathlib import Path

import numpy as np
import pytest

from grader.authoring.course import load_assignment, namespace
from grader.authoring.splice import with_functions
from grader.judging.agree import agreement
from grader.keyfile import load_examples
from grader.model import Outcome, OutcomeKind
from grader.plan import Call, Derivative, Input, Plan, Result, run_plan
from grader.sandbox.slopes import FINE, MAX_ENTRIES, slopes
from grader.wire import portable

ROOT = Path(__file__).resolve().parent.parent
NAMES = ["activations", "affine", "network"]
"""The assignments that have backward functions."""


@pytest.fixture(scope="module")
def course():
    """Name → the assignment, and its visible cases."""
    return {
        name: (
            load_assignment(ROOT, name),
            load_examples((ROOT / "assignments" / name / "examples.json").read_bytes(), name),
        )
        for name in NAMES
    }


def outcome_of(run):
    try:
        return Outcome(OutcomeKind.RETURNED, portable(run()))
    except Exception:
        return Outcome(OutcomeKind.RAISED)


def held(exercise, module):
    """The agreement of a module's own two functions on the visible cases; as `check` finds it, without a worker."""
    returned, found = [], []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for case in exercise.cases:
            returned.append(outcome_of(lambda case=case: run_plan(case.plan, module, copy.deepcopy(case.inputs))))
            found.append(outcome_of(lambda case=case: slopes(exercise.derivative, module, copy.deepcopy(case.inputs))))
    return agreement(exercise, returned, found)


def paired(key):
    return [e for e in key.exercises if e.derivative is not None]


def test_every_backward_function_and_every_loss_is_paired_with_a_forward_function(course):
    pairs = {e.id: e.derivative.forward for _authored, key in course.values() for e in paired(key)}
    assert pairs == {
        "affine_backward": "affine_forward",
        "relu_backward": "relu_forward",
        "sigmoid_backward": "sigmoid_forward",
        "square_backward": "square_forward",
        "softmax_backward": "softmax_forward",
        "network_backward": "network_forward",
        "sum_loss": "sum_loss",
        "squared_loss": "squared_loss",
        "cross_entropy_loss": "cross_entropy_loss",
    }
    for _authored, key in course.values():
        for exercise in paired(key):
            assert set(exercise.derivative.by) <= set(exercise.points)


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_agree_with_themselves(name, course):
    authored, key = course[name]
    modules = {"the reference": authored.reference}
    for correct in authored.variants:
        if all(callable(f) for f in correct.functions.values()) and paired(key):
            text = with_functions(authored.source, correct.functions, authored.variants_source)
            modules[correct.title] = namespace(authored, text)
    for title, module in modules.items():
        for exercise in paired(key):
            told = held(exercise, module)
            if "float32" in title:
                assert told is None or told.agrees, (title, exercise.id, told)
            else:
                assert told is not None and told.agrees, (title, exercise.id, told)


UNSEEN = {
    "relu_of_matrices_only", "half_at_zero", "dout_changed_in_place", "relu_matrix_product", "cache_of_four",
    "db_keeps_two_axes", "db_one_number", "db_not_summed", "dx_not_reshaped", "dx_without_transpose", "dw_full_jacobian",
    "db_summed_in_dout", "hidden_for_x", "gradient_of_flat_images",
}  # fmt: skip
"""Mistakes that need not be seen so: another shape, an exception, a kink, an array changed in place."""


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_backward_function_does_not_agree_with_a_right_forward_function(name, course):
    authored, key = course[name]
    for exercise in paired(key):
        if not exercise.id.endswith("_backward"):
            continue
        for mistake in authored.mistakes_of(next(e for e in authored.assignment.exercises if e.id == exercise.id)):
            told = held(exercise, {**authored.reference, exercise.id: mistake.wrong})
            seen = told is not None and not told.agrees
            assert seen or mistake.id in UNSEEN, (exercise.id, mistake.id, told)


def test_a_backward_function_that_fits_a_wrong_forward_function_agrees_with_it(course):
    _authored, key = course["activations"]
    exercise = next(e for e in key.exercises if e.id == "square_backward")
    cubes = {"square_forward": lambda x: (x**3, x), "square_backward": lambda dout, x: 3 * x**2 * dout}
    assert held(exercise, cubes).agrees
    assert not held(exercise, cubes | {"square_backward": lambda dout, x: 2 * x * dout}).agrees


def test_the_sentence_names_the_entry_that_is_farthest_off(course):
    authored, key = course["affine"]
    exercise = next(e for e in key.exercises if e.id == "affine_backward")

    def backward(dout, cache):
        dx, dw, db = authored.reference["affine_backward"](dout, cache)
        dw[1, 0] += 5
        return dx, dw, db

    told = held(exercise, {**authored.reference, "affine_backward": backward})
    assert not told.agrees
    assert told.message == (
        "dw is not the derivative of your own affine_forward: where w[1, 0] grows by a little, the sum of dout times "
        "its output grows 32 times as much, and dw[1, 0] is 37"
    )


def test_nothing_is_said_where_there_is_nothing_to_differentiate(course):
    authored, key = course["affine"]
    exercise = next(e for e in key.exercises if e.id == "affine_backward")
    wrong = {**authored.reference, "affine_backward": lambda dout, cache: tuple(2 * c for c in cache)}
    for forward in (
        lambda x, w, b: (None, None),
        lambda x, w, b: None,
        lambda x, w, b: ("text", None),
        lambda x, w, b: (np.zeros((2, 7)), None),
        lambda x, w, b: (np.zeros((2, 3), np.float32), None),
        lambda x, w, b: 1 / 0,
    ):
        assert held(exercise, wrong | {"affine_forward": forward}) is None


SCALED = Derivative(
    Plan((Call("forward", "f", (Input("x"), Input("table"))),), Result("forward", (0,))),
    {"dx": ("x",), "da": ("table", "a")},
    "dout",
)


def inputs(**changed):
    return {"x": np.array([1.0, -2.0]), "table": {"a": np.array([3.0, 4.0]), "n": 7}, "dout": np.ones(2), **changed}


def test_an_input_in_a_dict_is_differentiated_and_no_call_sees_what_another_changed():
    def f(x, table):
        out = x * table["a"]
        x[:] = 99
        table["a"][:] = 99
        table.clear()
        return out, None

    given = inputs()
    found = slopes(SCALED, {"f": f}, given)
    assert np.allclose(found["dx"][0], [3, 4]) and np.allclose(found["da"][0], [1, -2])
    assert all(np.all(doubt < 1e-6) for _slope, doubt in found.values())
    assert given["x"].tolist() == [1, -2] and given["table"]["a"].tolist() == [3, 4]


def test_a_kink_a_jump_and_coarse_rounding_are_doubted():
    at = inputs(x=np.array([0.0, FINE / 2]))
    for f in (np.abs, lambda x: (x > 0) * 1.0, lambda x: np.float64(np.float16(x + 1))):
        found = slopes(SCALED, {"f": lambda x, table, f=f: (f(x), None)}, at)
        assert np.all(found["dx"][1] > 0.5)


def test_a_large_input_is_sampled_and_a_slow_function_is_left_alone():
    large = inputs(x=np.ones(1000), dout=np.ones(1000), table={"a": np.ones(1)})
    found = slopes(SCALED, {"f": lambda x, table: (2 * x, None)}, large)
    known = np.isfinite(found["dx"][0])
    assert known.sum() == MAX_ENTRIES and known[0] and known[-1]

    def slow(x, table):
        import time

        time.sleep(0.05)
        return 2 * x, None

    found = slopes(SCALED, {"f": slow}, large)
    assert 0 < np.isfinite(found["dx"][0]).sum() < MAX_ENTRIES
