"""An outcome held against the key: the first finding that holds is told, and a hidden case tells only its kind."""

import warnings

import numpy as np
import pytest

from grader.judging.compare import compare, failure_message, follows, known_type, mismatch
from grader.model import (
    Effect,
    Finding,
    Follows,
    KeyCase,
    KeyExercise,
    OneOf,
    Outcome,
    OutcomeKind,
    Raised,
    Shape,
    Within,
)
from grader.plan import Plan, Result
from grader.texts import catalogue
from grader.wire import Opaque

PLAN = Plan((), Result("answer"))
WANT = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def make(checks, *, visible=True, returns=None, **more):
    """A case with these checks and its exercise."""
    case = KeyCase("one", "a case", visible, "values", {}, PLAN, checks)
    shape = returns or (Shape.ONE if len(checks) == 1 else Shape.TUPLE)
    points = dict.fromkeys(checks, 1.0)
    return case, KeyExercise("f", "F", "f()", "", shape, points, {"values": 1.0}, [case], **more)


def returned(value, **more):
    return Outcome(OutcomeKind.RETURNED, value, **more)


def judged(got, check=None, *, visible=True, **more):
    """The only verdict on one output, `y`."""
    case, exercise = make({"y": check or Within(WANT, 1e-6)}, visible=visible, **more)
    (verdict,) = compare(returned(got), case, exercise)
    return verdict


# ---------------------------------------------------------------------------- order of findings


@pytest.mark.parametrize(
    ("got", "finding", "message"),
    [
        (None, Finding.MISSING, "is None"),
        ("text", Finding.TYPE, "expected an array of numbers, got a text"),
        (Opaque("Tensor"), Finding.TYPE, "expected an array of numbers, got <Tensor>"),
        ([[1, 2], [3]], Finding.TYPE, "expected an array of numbers, got a list with rows of different lengths"),
        (WANT > 3, Finding.TYPE, "expected an array of numbers, got an array of True and False"),
        (WANT[0], Finding.SHAPE, "expected shape (2, 3), got (3,)"),
        (7.0, Finding.SHAPE, "expected shape (2, 3), got ()"),
        (np.full((2, 4), np.nan), Finding.SHAPE, "expected shape (2, 3), got (2, 4)"),
        (WANT * [1, np.nan, np.inf], Finding.NOT_FINITE, "holds 2 nan and 2 inf"),
        (np.full((2, 3), np.nan), Finding.NOT_FINITE, "holds 6 nan"),
        (np.full((2, 3), -np.inf), Finding.NOT_FINITE, "holds 6 inf"),
        (
            WANT + [0, 0, 0.5],
            Finding.VALUES,
            "2 of 6 entries differ; the farthest off is at [0, 2]: expected 3, got 3.5",
        ),
    ],
)
def test_the_first_finding_that_holds_is_told(got, finding, message):
    verdict = judged(got)
    assert (finding, message) == (verdict.finding, verdict.message)
    assert not verdict.passed
    assert 0.0 == verdict.credit


@pytest.mark.parametrize(
    "got", [WANT, WANT.tolist(), WANT.astype(np.float32), WANT + 1e-7, WANT.astype(int), WANT + 0j]
)
def test_what_is_near_enough_passes_in_any_form(got):
    verdict = judged(got)
    assert verdict.passed
    assert (1.0, None, None, None) == (verdict.credit, verdict.finding, verdict.message, verdict.remark)


def test_a_number_is_told_without_an_index():
    verdict = judged(2.5, Within(np.array(3.0), 1e-6))
    assert "expected 3, got 2.5" == verdict.message


def test_a_number_passes_as_an_array_without_dimensions_and_a_list_of_one_is_another_shape():
    assert judged(np.array(3.0), Within(np.array(3.0), 1e-6)).passed
    assert judged(3, Within(np.array(3.0), 1e-6)).passed
    assert Finding.SHAPE is judged([3.0], Within(np.array(3.0), 1e-6)).finding


def test_the_farthest_entry_is_told_even_beside_a_nan_that_was_expected():
    want = np.array([np.nan, 1.0, 2.0])
    verdict = judged(np.array([1.0, 1.0, 2.5]), Within(want, 1e-6))
    assert Finding.VALUES is verdict.finding
    assert "2 of 3 entries differ; the farthest off is at [0]: expected nan, got 1" == verdict.message


def test_an_expected_infinity_is_right_and_the_other_one_is_not():
    want = np.array([np.inf, 1.0])
    assert judged(np.array([np.inf, 1.0]), Within(want, 1e-6)).passed
    verdict = judged(np.array([-np.inf, 1.0]), Within(want, 1e-6))
    assert "1 of 2 entries differ; the farthest off is at [0]: expected inf, got -inf" == verdict.message


def test_complex_numbers_are_held_against_real_ones_and_told_as_they_are():
    verdict = judged(np.array([1 + 2j, 3]), Within(np.array([1.0, 3.0]), 1e-6))
    assert "1 of 2 entries differ; the farthest off is at [0]: expected 1, got 1+2j" == verdict.message


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (np.array([1e308 + 1e308j, 1.0]), np.array([1.0, 1.0])),
        (np.array([-1.7e308, 1.0]), np.array([1.7e308, 1.0])),
        (np.array([np.inf, 0.0]), np.array([np.inf, 1.0])),
        (np.array([np.nan, 0.0]), np.array([np.inf, 1.0])),
        (np.full((2, 2), 1e308), np.ones((1, 4))),
    ],
)
def test_no_number_makes_the_judge_warn(got, want):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not judged(got, Within(want, 1e-6)).passed


# --------------------------------------------------------------------------------------- shapes


def test_right_values_in_another_shape_are_told_and_keep_the_shapes_credit():
    verdict = judged(WANT.reshape(1, 6), shape_credit=0.5)
    assert (Finding.SHAPE, 0.5, False) == (verdict.finding, verdict.credit, verdict.passed)
    assert "expected shape (2, 3), got (1, 6); the values are right, only the shape is not" == verdict.message


def test_no_shape_credit_for_wrong_values_in_another_shape():
    verdict = judged(WANT.reshape(1, 6) + 1, shape_credit=0.5)
    assert (Finding.SHAPE, 0.0) == (verdict.finding, verdict.credit)
    assert "expected shape (2, 3), got (1, 6)" == verdict.message


def test_the_transpose_is_told_and_earns_no_shape_credit():
    verdict = judged(WANT.T, shape_credit=0.5)
    assert "expected shape (2, 3), got (3, 2): it is the transpose" == verdict.message
    assert 0.0 == verdict.credit


def test_a_transposed_shape_with_other_values_is_told_apart():
    assert "expected shape (2, 3), got (3, 2): as if it were transposed" == judged(WANT.T + 1).message


def test_a_right_shape_with_transposed_values_is_wrong_values():
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert Finding.VALUES is judged(square.T, Within(square, 1e-6)).finding


def test_an_answer_without_entries_is_told_by_its_shape():
    assert "expected shape (2, 3), got (0,)" == judged([]).message
    assert judged(np.zeros((0, 3)), Within(np.zeros((0, 3)), 1e-6)).passed


# --------------------------------------------------------------------------- one of, tuples


ONE_OF = OneOf([np.array([0.0, 0.0, 5.0]), np.array([0.0, 1.0, 5.0]), np.array([0.0, 0.5, 5.0])], 1e-6)


@pytest.mark.parametrize("got", [[0, 0, 5], [0, 1, 5], [0, 0.5, 5]])
def test_any_of_several_right_values_passes(got):
    assert judged(got, ONE_OF).passed


def test_each_entry_may_follow_another_of_the_right_values():
    check = OneOf([np.zeros(3), np.ones(3)], 1e-6)
    assert judged([0, 1, 0], check).passed


def test_a_value_that_is_none_of_them_is_told_against_the_first():
    verdict = judged([0, 0.25, 5], ONE_OF)
    assert "1 of 3 entries differ; the farthest off is at [1]: expected 0, got 0.25" == verdict.message


@pytest.mark.parametrize(
    ("got", "finding"), [(None, "missing"), ("x", "type"), ([0, 0], "shape"), ([0, np.nan, 5], "not_finite")]
)
def test_one_of_has_the_same_order_of_findings(got, finding):
    assert finding == judged(got, ONE_OF).finding


TUPLE = Within([np.ones(2), np.zeros((2, 2))], 1e-6)


def test_a_tuple_is_compared_part_by_part():
    assert judged([np.ones(2), np.zeros((2, 2))], TUPLE).passed
    assert judged([[1, 1], [[0, 0], [0, 0]]], TUPLE).passed


@pytest.mark.parametrize(
    ("got", "finding", "message"),
    [
        (None, Finding.MISSING, "is None"),
        (np.ones(2), Finding.TYPE, "expected a tuple of 2, got an array of shape (2,), float64"),
        ([np.ones(2)], Finding.TYPE, "expected a tuple of 2, got a list of 1"),
        ([np.ones(2), None], Finding.MISSING, "is None"),
        ([np.ones(3), np.ones((2, 2))], Finding.SHAPE, "expected shape (2,), got (3,)"),
        (
            [np.ones(2), np.ones((2, 2))],
            Finding.VALUES,
            "4 of 4 entries differ; the farthest off is at [0, 0]: expected 0, got 1",
        ),
    ],
)
def test_the_first_wrong_part_of_a_tuple_is_told(got, finding, message):
    verdict = judged(got, TUPLE)
    assert (finding, message) == (verdict.finding, verdict.message)


# ------------------------------------------------------------------------------- follow-through


W = np.array([[1.0, 2.0], [3.0, 4.0]])
FOLLOWS = Follows(np.ones((2, 2)) @ W.T, 1e-6, "times_transposed", ["dL_dY", W], 0.75)


def followed(got, answers):
    case, exercise = make({"y": FOLLOWS})
    (verdict,) = compare(returned(got), case, exercise, answers)
    return verdict


def test_a_right_answer_earns_all_whatever_the_earlier_answer_was():
    verdict = followed(np.ones((2, 2)) @ W.T, {"dL_dY": np.zeros((2, 2))})
    assert (True, 1.0, None) == (verdict.passed, verdict.credit, verdict.remark)


def test_right_given_a_wrong_earlier_answer_earns_the_credit_and_is_told():
    own = np.array([[5.0, 6.0], [7.0, 8.0]])
    verdict = followed((own @ W.T).tolist(), {"dL_dY": own.tolist()})
    assert (False, 0.75, Finding.VALUES) == (verdict.passed, verdict.credit, verdict.finding)
    assert "right given your own earlier answer, which is not" == verdict.remark


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"dL_dY": None},
        {"dL_dY": "text"},
        {"dL_dY": [[1], [1, 2]]},
        {"dL_dY": np.ones(5)},
        {"dL_dY": np.ones((2, 2, 2))},
        {"dL_dY": np.full((2, 2), np.nan)},
        {"dL_dY": np.full((2, 2), np.inf)},
        {"dL_dY": np.full((2, 2), 1.7e308)},
        {"dL_dY": np.zeros((2, 2))},
        {"another": np.ones((2, 2))},
    ],
)
def test_an_earlier_answer_that_leads_elsewhere_earns_nothing(answers):
    assert 0.0 == followed(np.full((2, 2), 9.0), answers).credit


def test_nothing_follows_from_nothing():
    verdict = followed(None, {"dL_dY": np.ones((2, 2))})
    assert (Finding.MISSING, 0.0) == (verdict.finding, verdict.credit)
    assert not follows("text", FOLLOWS, {"dL_dY": np.ones((2, 2))})


# ------------------------------------------------------------------------- outputs and changes


THREE = {"dx": Within(np.ones(2), 1e-6), "dw": Within(np.array(1.0), 1e-6), "db": Within(np.zeros(1), 1e-6)}


def test_each_output_has_a_verdict_of_its_own_in_the_exercises_order():
    case, exercise = make(THREE)
    verdicts = compare(returned([np.ones(2), 5.0, None]), case, exercise)
    assert [("dx", None), ("dw", "values"), ("db", "missing")] == [(v.output, v.finding) for v in verdicts]


def test_another_count_of_outputs_is_told_in_each():
    case, exercise = make(THREE)
    verdicts = compare(returned([1, 2]), case, exercise)
    assert [("dx", "count"), ("dw", "count"), ("db", "count")] == [(v.output, v.finding) for v in verdicts]
    assert {"expected 3 values (dx, dw, db), got 2"} == {v.message for v in verdicts}


def test_a_dicts_outputs_are_judged_by_name():
    case, exercise = make(THREE, returns=Shape.DICT)
    verdicts = compare(returned({"dw": 1.0, "dx": np.ones(2)}), case, exercise)
    assert [None, None, "missing"] == [v.finding for v in verdicts]


def test_nothing_returned_is_missing_in_every_output():
    for returns in (Shape.TUPLE, Shape.DICT):
        case, exercise = make(THREE, returns=returns)
        assert ["missing"] * 3 == [v.finding for v in compare(returned(None), case, exercise)]


def test_a_changed_input_is_remarked_and_the_answer_passes():
    case, exercise = make({"y": Within(WANT, 1e-6)})
    (verdict,) = compare(returned(WANT, changed=["x", "w"]), case, exercise)
    assert (True, 1.0) == (verdict.passed, verdict.credit)
    assert "you modified x and w in place: the caller's own array has changed" == verdict.remark


def test_a_changed_input_fails_where_the_author_says_so():
    case, exercise = make({"y": Within(WANT, 1e-6)}, changes_inputs=Effect.LOSES_MARKS)
    (verdict,) = compare(returned(WANT, changed=["x"]), case, exercise)
    assert (False, 0.0, Finding.CHANGED_INPUTS) == (verdict.passed, verdict.credit, verdict.finding)
    assert "you modified x in place: the caller's own array has changed" == verdict.message


def test_an_overflow_is_remarked_and_costs_nothing():
    case, exercise = make({"y": Within(WANT, 1e-6)}, changes_inputs=Effect.LOSES_MARKS)
    (verdict,) = compare(returned(WANT, overflowed=True), case, exercise)
    assert (True, "NumPy warned of an overflow: which way of writing it stays finite?") == (
        verdict.passed,
        verdict.remark,
    )


# ------------------------------------------------------------------------------- no answer came


@pytest.mark.parametrize("kind", [k for k in OutcomeKind if k is not OutcomeKind.RETURNED])
def test_every_outcome_without_an_answer_has_its_finding(kind):
    case, exercise = make(THREE)
    verdicts = compare(Outcome(kind, detail="what happened"), case, exercise)
    assert [(kind.value, "what happened", 0.0)] * 3 == [(v.finding.value, v.message, v.credit) for v in verdicts]


RAISED = Raised("ValueError", "builtins", "shapes (2,3) and (2,3) not aligned", [(3, "f"), (7, "inner")])


def test_a_visible_exception_is_told_with_its_text_and_the_students_line():
    outcome = Outcome(OutcomeKind.RAISED, error=RAISED)
    assert "raised ValueError in line 7: shapes (2,3) and (2,3) not aligned" == failure_message(outcome, True)


def test_a_hidden_exception_is_told_by_its_type_and_the_students_line():
    outcome = Outcome(OutcomeKind.RAISED, error=RAISED)
    assert "raised ValueError in line 7" == failure_message(outcome, False)


def test_an_exception_without_text_or_line_is_told_by_its_type():
    outcome = Outcome(OutcomeKind.RAISED, error=Raised("KeyError", "builtins", ""))
    assert "raised KeyError" == failure_message(outcome, True)
    assert "raised KeyError" == failure_message(outcome, False)


@pytest.mark.parametrize(
    ("kind", "module", "said"),
    [
        ("ValueError", "builtins", "ValueError"),
        ("RecursionError", "builtins", "RecursionError"),
        ("KeyboardInterrupt", "builtins", "KeyboardInterrupt"),
        ("LinAlgError", "numpy.linalg", "LinAlgError"),
        ("AxisError", "numpy.exceptions", "AxisError"),
        ("ValueError", "layers", "an exception of your own"),
        ("X_8675309", "layers", "an exception of your own"),
        ("X_8675309", "builtins", "an exception of your own"),
        ("print", "builtins", "an exception of your own"),
        ("object", "builtins", "an exception of your own"),
        ("__doc__", "builtins", "an exception of your own"),
        ("X_8675309", "numpy", "an exception of your own"),
        ("LinAlgError", "numpyx", "an exception of your own"),
        ("", "", "an exception of your own"),
    ],
)
def test_only_pythons_and_numpys_own_types_are_named_in_hidden_cases(kind, module, said):
    assert said == known_type(Raised(kind, module, ""))


# ---------------------------------------------------------------------------------- hidden cases


SECRET = "8675309"
NUMBER = 8675309.0


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (None, "y is None"),
        (SECRET, "y is no array of numbers"),
        (Opaque(SECRET), "y is no array of numbers"),
        ({SECRET: SECRET}, "y is no array of numbers"),
        (np.zeros(8675309 % 1000), "y has the wrong shape"),
        (WANT.T * NUMBER, "y has the wrong shape"),
        (WANT.reshape(6), "y has the wrong shape"),
        (np.full((2, 3), np.nan), "y holds nan or inf"),
        (WANT + NUMBER, "y has wrong values"),
    ],
)
def test_a_hidden_verdict_tells_the_kind_alone(got, message):
    verdict = judged(got, visible=False)
    assert message == verdict.message
    assert SECRET not in repr(verdict)


def test_a_hidden_count_tells_what_was_expected_and_not_what_came():
    case, exercise = make(THREE, visible=False)
    verdicts = compare(returned([0] * 867), case, exercise)
    assert {"expected 3 values (dx, dw, db)"} == {v.message for v in verdicts}
    case, exercise = make(THREE, visible=False, returns=Shape.DICT)
    verdicts = compare(returned([SECRET]), case, exercise)
    assert {"expected a dict with dx, dw, db"} == {v.message for v in verdicts}


@pytest.mark.parametrize("kind", [OutcomeKind.RAISED, OutcomeKind.OUT_OF_MEMORY, OutcomeKind.NOT_ATTEMPTED])
def test_a_hidden_exception_tells_nothing_that_the_worker_put_there(kind):
    case, exercise = make(THREE, visible=False)
    error = Raised(f"E{SECRET}", f"m{SECRET}", SECRET, [(3, f"f{SECRET}")])
    for verdict in compare(Outcome(kind, error=error, printed=SECRET), case, exercise):
        assert SECRET not in repr(verdict)


def test_every_finding_that_a_value_can_have_has_its_words_for_hidden_cases():
    found = {mismatch(got, Within(WANT, 1e-6)).finding for got in (None, "x", 1.0, WANT * np.nan, WANT + 1)}
    assert {f"hidden.{finding}" for finding in found} <= catalogue("en").keys()
