"""One explanation that holds on every case names the mistake; two that explain as much, or none, name nothing."""

import msgspec
import numpy as np
import pytest

from grader.judging.compare import compare
from grader.judging.diagnose import diagnose
from grader.model import (
    KeyCase,
    KeyExercise,
    KeyMistake,
    OneOf,
    Outcome,
    OutcomeKind,
    Raise,
    Raised,
    Return,
    Shape,
    Within,
)
from grader.plan import Plan, Result

PLAN = Plan((), Result("answer"))
A = [np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]), np.array([[2.0, -1.0], [0.5, 3.0]])]
B = [np.array([1.0, 2.0]), np.array([3.0, -4.0])]


def made(cases):
    """An exercise with outputs a and b of two cases.

    `cases` : mistake → what it returns or raises in each case; a list of such for several forms.
    """
    mistakes = {
        name: [[form[i] for form in (forms if isinstance(forms[0], list) else [forms])] for i in range(2)]
        for name, forms in cases.items()
    }
    own = [
        KeyCase(
            f"case{i}",
            "",
            i == 0,
            "values",
            {},
            PLAN,
            {"a": Within(A[i], 1e-6), "b": Within(B[i], 1e-6)},
            {name: by_case[i] for name, by_case in mistakes.items()},
        )
        for i in range(2)
    ]
    known = [KeyMistake(name, f"{name} was done", "Think again.") for name in cases]
    return KeyExercise("f", "F", "f()", "", Shape.TUPLE, {"a": 1.0, "b": 1.0}, {"values": 1.0}, own, known)


def both(function_a, function_b):
    """What a mistake returns in each case, from what is right."""
    return [Return({"a": function_a(A[i]), "b": function_b(B[i])}) for i in range(2)]


def right(value):
    return value


def doubled(value):
    return 2 * value


def shifted(value):
    return value + 1


def named(exercise, *values):
    """Output → the mistake that is named, for a submission that returned `values` (or these outcomes)."""
    outcomes = [v if isinstance(v, Outcome) else Outcome(OutcomeKind.RETURNED, v) for v in values]
    verdicts = [compare(o, c, exercise) for o, c in zip(outcomes, exercise.cases, strict=True)]
    return {name: found.mistake for name, found in diagnose(exercise, outcomes, verdicts).items()}


def answers(function_a, function_b):
    return [[function_a(A[i]), function_b(B[i])] for i in range(2)]


def test_a_right_answer_has_no_mistake():
    exercise = made({"doubles": both(doubled, right)})
    assert {} == named(exercise, *answers(right, right))


def test_a_known_mistake_is_named_with_its_hint():
    exercise = made({"doubles": both(doubled, right), "shifts": both(shifted, right)})
    outcomes = [Outcome(OutcomeKind.RETURNED, v) for v in answers(doubled, right)]
    verdicts = [compare(o, c, exercise) for o, c in zip(outcomes, exercise.cases, strict=True)]
    (found,) = diagnose(exercise, outcomes, verdicts).values()
    assert ("doubles", "doubles was done. Think again.") == (found.mistake, found.hint)


def test_a_mistake_is_recognised_within_the_tolerance():
    exercise = made({"doubles": both(doubled, right)})
    assert {"a": "doubles"} == named(exercise, *answers(lambda a: 2 * a + 1e-8, right))


def test_a_mistake_that_explains_one_case_alone_is_not_named():
    exercise = made({"doubles": both(doubled, right)})
    once, _twice = answers(doubled, right)
    assert {} == named(exercise, once, [A[1] + 5, B[1]])
    assert {} == named(exercise, once, [A[1], B[1]])


def test_an_output_that_is_right_is_not_named():
    exercise = made({"both": both(doubled, shifted)})
    assert {"a": "both", "b": "both"} == named(exercise, *answers(doubled, shifted))
    assert {"a": "both"} == named(exercise, *answers(doubled, right))


def test_two_outputs_may_have_two_mistakes():
    exercise = made({"doubles": both(doubled, right), "shifts": both(right, shifted)})
    assert {"a": "doubles", "b": "shifts"} == named(exercise, *answers(doubled, shifted))


def test_the_mistake_that_explains_all_outputs_comes_before_one_that_explains_one():
    exercise = made({"doubles": both(doubled, right), "both": both(doubled, shifted)})
    assert {"a": "both", "b": "both"} == named(exercise, *answers(doubled, shifted))


def test_of_two_that_explain_an_output_the_one_that_is_wrong_in_fewer_is_named():
    exercise = made({"both": both(doubled, shifted), "doubles": both(doubled, right)})
    assert {"a": "doubles"} == named(exercise, *answers(doubled, right))


def test_two_that_explain_equally_much_name_nothing():
    exercise = made({"doubles": both(doubled, right), "twice": both(lambda a: a + a, right)})
    assert {} == named(exercise, *answers(doubled, right))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_mistake_that_gives_no_finite_numbers_is_recognised(value):
    exercise = made({"divides": both(lambda a: np.full_like(a, value), right)})
    assert {"a": "divides"} == named(exercise, *answers(lambda a: np.full_like(a, value), right))


def test_a_mistake_of_another_shape_is_recognised():
    exercise = made({"sums": both(lambda a: a.sum(axis=0), right)})
    assert {"a": "sums"} == named(exercise, *answers(lambda a: a.sum(axis=0), right))


def test_a_mistake_that_forgets_an_output_is_recognised():
    exercise = made({"forgets": both(lambda _a: None, right)})
    assert {"a": "forgets"} == named(exercise, *answers(lambda _a: None, right))


def test_a_mistake_is_recognised_in_any_of_its_forms_but_not_in_a_mixture():
    forms = [both(doubled, right), both(shifted, right)]
    exercise = made({"constant": forms})
    assert {"a": "constant"} == named(exercise, *answers(doubled, right))
    assert {"a": "constant"} == named(exercise, *answers(shifted, right))
    assert {} == named(exercise, [2 * A[0], B[0]], [A[1] + 1, B[1]])


# -------------------------------------------------------------------------- mistakes that raise


SIZES = "matmul: size 3 is different from 2"
SAME_SIZES = "shapes (4,2) and (3,5) not aligned: 2 (dim 1) != 3 (dim 0)"


def raised(kind, message="text", line=3):
    return Outcome(OutcomeKind.RAISED, error=Raised(kind, "builtins", message, [(line, "f")]))


def test_a_mistake_that_raises_is_recognised_by_its_exception():
    exercise = made({"shapes": [Raise("ValueError", SIZES), Raise("ValueError", "text")]})
    assert {"a": "shapes", "b": "shapes"} == named(exercise, raised("ValueError", SIZES), raised("ValueError", line=8))


@pytest.mark.parametrize(
    "outcome",
    [
        raised("TypeError"),
        raised("ValueError", "another text"),
        Outcome(OutcomeKind.TIMED_OUT),
        Outcome(OutcomeKind.RAISED),
        Outcome(OutcomeKind.CRASHED),
    ],
)
def test_another_exception_or_end_is_not_that_mistake(outcome):
    exercise = made({"shapes": [Raise("ValueError", "text"), Raise("ValueError", "text")]})
    assert {} == named(exercise, raised("ValueError"), outcome)


def test_a_mistake_that_raises_on_some_cases_has_to_return_the_same_on_the_others():
    exercise = made({"shapes": [both(doubled, right)[0], Raise("ValueError", SIZES)]})
    got = named(exercise, answers(doubled, right)[0], raised("ValueError", SIZES))
    assert {"a": "shapes", "b": "shapes"} == got
    assert {} == named(exercise, answers(shifted, shifted)[0], raised("ValueError", SIZES))


def test_the_two_ways_of_saying_that_sizes_do_not_fit_are_one_beside_a_wrong_value():
    exercise = made({"shapes": [both(doubled, right)[0], Raise("ValueError", SIZES)]})
    assert "shapes" == named(exercise, answers(doubled, right)[0], raised("ValueError", SAME_SIZES))["a"]


def test_sizes_that_do_not_fit_say_too_little_alone():
    exercise = made({"shapes": [Raise("ValueError", SIZES), Raise("ValueError", SIZES)]})
    assert {} == named(exercise, raised("ValueError", SAME_SIZES), raised("ValueError", SAME_SIZES))


def test_a_mistake_with_another_count_of_outputs_is_recognised():
    exercise = made({"counts": [Raise("count"), Raise("count")]})
    assert {"a": "counts", "b": "counts"} == named(exercise, [1.0], [1.0, 2.0, 3.0])
    assert {} == named(exercise, [1.0], raised("count"))


# ----------------------------------------------------------------------------------- relations


@pytest.mark.parametrize(
    ("relation", "function"),
    [
        ("sign", lambda a: -a),
        ("transpose", lambda a: a.T),
        ("shape", lambda a: a.reshape(1, -1)),
    ],
)
def test_a_relation_that_holds_on_every_case_is_named(relation, function):
    assert {"a": f"relation:{relation}"} == named(made({}), *answers(function, right))


def test_a_relation_that_holds_on_one_case_alone_is_not_named():
    assert {} == named(made({}), [-A[0], B[0]], [A[1] + 3, B[1]])


def test_a_known_mistake_comes_before_a_relation():
    exercise = made({"negates": both(lambda a: -a, right)})
    assert {"a": "negates"} == named(exercise, *answers(lambda a: -a, right))


def test_no_relation_is_named_where_a_case_returned_nothing():
    assert {} == named(made({}), [-A[0], B[0]], raised("ValueError"))
    assert {} == named(made({}), [-A[0], B[0]], [None, B[1]])


def test_one_number_alone_is_not_told_to_have_the_wrong_sign():
    exercise = made({})
    cases = [msgspec.structs.replace(c, checks={"y": Within(np.array(2.0), 1e-6)}, mistakes={}) for c in exercise.cases]
    exercise = msgspec.structs.replace(exercise, cases=cases, points={"y": 1.0}, returns=Shape.ONE)
    assert {} == named(exercise, -2.0, -2.0)


def test_relations_are_held_against_the_first_of_several_right_values():
    exercise = made({})
    cases = [
        msgspec.structs.replace(c, checks={**c.checks, "b": OneOf([B[i], B[i] + 9], 1e-6)})
        for i, c in enumerate(exercise.cases)
    ]
    exercise = msgspec.structs.replace(exercise, cases=cases)
    assert {"b": "relation:sign"} == named(exercise, *answers(right, lambda b: -b))


def test_a_hint_names_the_output():
    exercise = made({})
    outcomes = [Outcome(OutcomeKind.RETURNED, v) for v in answers(lambda a: -a, right)]
    verdicts = [compare(o, c, exercise) for o, c in zip(outcomes, exercise.cases, strict=True)]
    hint = diagnose(exercise, outcomes, verdicts)["a"].hint
    assert "a has the right size and the wrong sign everywhere: which way does the loss move?" == hint


# ------------------------------------------------------------------------------ further relations

X = [np.array([[2.0, 3.0, 5.0], [-1.0, 4.0, 6.0]]), np.array([[3.0, -2.0], [7.0, 4.0], [1.0, 5.0]])]
"""An input of two rows and one of three."""


def related(*outputs, wants=None, inputs=None):
    """What is named where `a` (or a and b) came back so, by case, and nothing is known."""
    exercise = made({})
    wants = wants or [{"a": A[i], "b": B[i]} for i in range(2)]
    cases = [
        msgspec.structs.replace(
            c, checks={n: Within(v, 1e-6) for n, v in wants[i].items()}, inputs=(inputs or [{}, {}])[i]
        )
        for i, c in enumerate(exercise.cases)
    ]
    return named(msgspec.structs.replace(exercise, cases=cases), *outputs)


def test_one_factor_everywhere_is_told():
    assert {"a": "relation:factor"} == related([A[0] / 2, B[0]], [A[1] / 2, B[1]])


def test_a_factor_that_is_another_one_in_another_case_is_not():
    assert {} == related([A[0] / 2, B[0]], [A[1] / 3, B[1]])


@pytest.mark.parametrize(("relation", "power"), [("divided_by_rows", -1), ("multiplied_by_rows", 1)])
def test_a_factor_that_goes_with_the_rows_of_an_input_is_told_as_such(relation, power):
    inputs = [{"x": X[0]}, {"x": X[1]}]
    answers = [[A[i] * len(X[i]) ** power, B[i]] for i in range(2)]
    assert {"a": f"relation:{relation}"} == related(*answers, inputs=inputs)


def test_a_factor_says_nothing_of_arrays_of_one_magnitude():
    wants = [{"a": np.ones((2, 2)), "b": B[i]} for i in range(2)]
    assert {} == related([np.full((2, 2), 7.0), B[0]], [np.full((2, 2), 7.0), B[1]], wants=wants)


def test_one_case_alone_says_too_little_of_a_factor():
    wants = [{"a": A[0], "b": B[0]}, {"a": np.ones((2, 2)), "b": B[1]}]
    assert {} == related([3 * A[0], B[0]], [3 * np.ones((2, 2)), B[1]], wants=wants)


def test_two_outputs_in_each_others_place_are_told():
    found = related([B[0], A[0]], [B[1], A[1]])
    assert {"a": "relation:exchanged", "b": "relation:exchanged"} == found


def test_one_output_returned_for_both_is_not_an_exchange():
    assert {} == related([B[0], B[0]], [B[1], B[1]])


def test_a_factor_that_each_entry_lacks_is_told():
    wants = [{"a": X[i] * (X[i] + 1), "b": B[i]} for i in range(2)]
    inputs = [{"x": X[i]} for i in range(2)]
    assert {"a": "relation:lacks_factor"} == related(*([X[i] + 1, B[i]] for i in range(2)), wants=wants, inputs=inputs)


def test_arrays_of_other_shapes_have_no_relation():
    inputs = [{"x": X[i]} for i in range(2)]
    assert {} == related([A[0][0], B[0]], [np.array(3.0), B[1]], inputs=inputs)


@pytest.mark.parametrize(
    ("known", "own"),
    [
        (
            "operands could not be broadcast together with shapes (2,4) (3,4) ",
            "operands could not be broadcast together with shapes (3,4) (2,4) ",
        ),
        (
            "operands could not be broadcast together with shapes (3,2) (1,3) ",
            "operands could not be broadcast together with shapes (3,2) (3,) ",
        ),
        ("index 2 is out of bounds for axis 1 with size 2", "index 2 is out of bounds for axis 0 with size 2"),
        ("cannot reshape array of size 15 into shape (2,newaxis)", "cannot reshape array of size 15 into shape (2,7)"),
    ],
)
def test_what_did_not_fit_counts_and_not_how_numpy_words_it(known, own):
    exercise = made({"shapes": [both(doubled, right)[0], Raise("ValueError", known)]})
    assert "shapes" == named(exercise, answers(doubled, right)[0], raised("ValueError", own))["a"]


def test_words_alone_count_only_for_what_explains_every_output():
    """Another mistake in b raises the same: that says nothing of a, which is right where it came back."""
    exercise = made({"shapes": [both(right, doubled)[0], Raise("ValueError", SIZES)]})
    assert {} == named(exercise, answers(right, shifted)[0], raised("ValueError", SIZES))
