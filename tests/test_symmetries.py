"""What is the same in every case of an exercise is told, and what one case breaks is not."""

import numpy as np
import pytest

from grader.model import KeyCase, KeyExercise, OneOf, Shape, Within
from grader.plan import Call, Input, Plan, Public, Read, Result
from grader.proof.symmetries import unbroken

A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
SQUARE = np.array([[1.0, 2.0], [3.0, 4.0]])
PLAN = Plan((Call("answer", "f", (Input("x"), Input("y"), Public("matrix_map", (Input("w"),)))),), Result("answer"))


def exercise(*cases, expected=None, plan=PLAN, variants=()):
    """An exercise whose cases have these inputs; what is expected is `expected` in every one."""
    check = Within(np.arange(3.0) if expected is None else expected, 1.0)
    made = [
        KeyCase(f"c{i}", "", True, "", inputs, plan, {"out": check}, variant=variants[i] if variants else None)
        for i, inputs in enumerate(cases)
    ]
    return KeyExercise("f", "", "", "", Shape.ONE, {"out": 1.0}, {"": 1.0}, made)


def names(*cases, **more):
    return set(unbroken(exercise(*cases, **more)))


def test_arrays_without_a_symmetry_are_not_told():
    assert set() == names({"x": A})


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (SQUARE, {"x square"}),
        (np.array([[1.0, 2.0], [2.0, 3.0]]), {"x square", "x symmetric", "x repeated"}),
        (np.ones((2, 3)), {"x constant"}),
        (np.zeros((2, 3)), {"x constant", "x zeros"}),
        (A[:1], {"x one_row"}),
        (A - 1, {"x zeros"}),
        (np.array([[1.0, 2.0, 1.0], [4.0, 5.0, 6.0]]), {"x repeated"}),
        (np.array([[[1.0, 2.0], [3.0, 4.0]]]), {"x square", "x one_row"}),
        (np.array([0, 2, 2]), set()),
        (np.array([5.0]), {"x constant"}),
    ],
)
def test_each_symmetry_of_an_input_is_told_and_one_case_without_it_breaks_it(array, expected):
    assert expected == names({"x": array})
    assert set() == names({"x": array}, {"x": A})


def test_numbers_that_never_change_are_told():
    assert {"x constant"} == names({"x": 2}, {"x": 2})
    assert set() == names({"x": 2}, {"x": 3})
    assert {"x zeros", "x constant"} == names({"x": 0.0}, {"x": 0.0})


def test_two_inputs_that_are_the_same_are_told():
    assert {"x and y alike"} == names({"x": 1, "y": 1}, {"x": 2, "y": 2})
    assert {"x and y alike"} == names({"x": A, "y": A})
    assert set() == names({"x": 1, "y": 1}, {"x": 2, "y": 3})


def test_members_of_dicts_and_lists_are_looked_at():
    assert {"x[w] constant"} == names({"x": {"w": np.ones((2, 3)), "v": A}})
    assert {"x[][0] constant"} == names({"x": [[np.ones((2, 3)), A], [np.ones((3, 4)), A]]})


def test_what_a_public_function_is_made_with_is_looked_at():
    assert {"w constant"} == names({"x": A, "w": np.ones((2, 3))})


def test_inputs_that_only_the_oracle_sees_are_not():
    assert set() == names({"x": A, "target": np.ones((2, 3))})


def test_all_inputs_count_where_an_answer_is_only_read():
    plan = Plan((Read("answer", "M"),), Result("answer"))
    assert {"W constant"} == names({"W": np.ones((2, 3))}, plan=plan)


def test_what_is_expected_is_looked_at():
    assert {"out square"} == names({"x": A}, expected=SQUARE)
    assert {"out constant"} == names({"x": A}, expected=np.full((2, 3), 7.0))
    assert set() == names({"x": A}, expected=np.array(7.0)), "one number in one case"


def test_one_of_several_right_values_is_looked_at():
    one = exercise({"x": A})
    case = one.cases[0]
    case = KeyCase(case.id, "", True, "", case.inputs, PLAN, {"out": OneOf([SQUARE, SQUARE + 1], 1.0)})
    assert {"out square"} == set(unbroken(KeyExercise("f", "", "", "", Shape.ONE, {"out": 1.0}, {"": 1.0}, [case])))


def test_every_variant_is_looked_at_alone():
    told = unbroken(exercise({"x": A}, {"x": np.ones((2, 3))}, variants=(0, 1)))
    assert {"x constant": "in every case of variant 1 all entries of x are equal"} == told
