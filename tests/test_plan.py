"""A plan calls what it names, on what it names, in its order; what is missing or broken is told apart."""

import msgspec
import numpy as np
import pytest

from grader.authoring import ANSWER, call, public, read, result, steps, table
from grader.authoring.exercise import step
from grader.errors import AuthorError
from grader.plan import (
    BrokenChainError,
    Call,
    Input,
    Items,
    Literal,
    MissingTargetError,
    Plan,
    Public,
    Read,
    Result,
    Table,
    run_plan,
)


def remember(*args, **kwargs):
    return args, kwargs


MODULE = {"f": remember, "number": 3.5}
INPUTS = {"x": 10, "w": 20, "b": 30}


def test_a_call_hands_over_inputs_in_their_order():
    assert ((20, 10), {}) == run_plan(call("f", "w", "x"), MODULE, INPUTS)


def test_a_call_hands_over_inputs_themselves():
    x = np.zeros(2)
    assert run_plan(call("f", "x"), MODULE, {"x": x})[0][0] is x


def test_a_tuple_of_names_is_a_tuple_of_inputs():
    assert ((10, (20, (30,), 5)), {}) == run_plan(call("f", "x", ("w", ("b",), 5)), MODULE, INPUTS)


def test_numbers_none_and_bools_stand_for_themselves():
    assert ((1, 2.5, None, True), {}) == run_plan(call("f", 1, 2.5, None, True), MODULE, INPUTS)


def test_named_arguments_are_handed_over_by_name():
    assert ((10,), {"w": 20, "step": 0.5}) == run_plan(call("f", "x", w="w", step=0.5), MODULE, INPUTS)


def test_a_table_is_a_dict_of_inputs():
    assert (({"w1": 20, "more": (30,)},), {}) == run_plan(call("f", table(w1="w", more=("b",))), MODULE, INPUTS)


def test_a_public_function_is_made_and_handed_over():
    plan = call("apply", public("matrix_map", "w", "b"), "x")
    inputs = {"x": np.array([[1.0, 2.0]]), "w": np.array([[3.0], [4.0]]), "b": np.array([5.0])}
    np.testing.assert_array_equal([[16.0]], run_plan(plan, {"apply": lambda f, x: f(x)}, inputs))


def test_read_gives_what_stands_in_the_module():
    assert 3.5 == run_plan(read("number"), MODULE, {})


def test_a_later_step_takes_what_an_earlier_one_returned():
    plan = steps(("forward", "double", "x"), (ANSWER, "add", result("forward"), "w"))
    assert 40 == run_plan(plan, {"double": lambda x: 2 * x, "add": lambda a, b: a + b}, INPUTS)


def test_a_later_step_takes_a_part_of_what_an_earlier_one_returned():
    plan = steps(("forward", "forward", "x"), (ANSWER, "last", result("forward", 1, "deep", -1)))
    assert 9 == run_plan(plan, {"forward": lambda x: (x, {"deep": [7, 9]}), "last": lambda v: v}, INPUTS)


def test_the_answer_may_be_made_of_several_steps():
    calls = (Call("one", "double", (Input("x"),)), Call("two", "double", (Input("w"),)))
    plan = Plan(calls, Items((Result("one"), Result("two"), Literal(7))))
    assert (20, 40, 7) == run_plan(plan, {"double": lambda x: 2 * x}, INPUTS)


class Layer:
    def __init__(self, w, scale=1):
        self.w = w
        self.scale = scale
        self.seen = None

    def forward(self, x):
        self.seen = x
        return self.scale * x * self.w

    def backward(self, dout):
        return dout * self.w, dout * self.seen


CLASS_PLAN = steps(
    step("layer", "Layer", "w", scale=2),
    step("forward", "forward", "x", receiver=result("layer")),
    step(ANSWER, "backward", result("forward"), receiver=result("layer")),
)


def test_methods_of_a_students_class_are_called_on_one_instance():
    assert (400 * 20, 400 * 10) == run_plan(CLASS_PLAN, {"Layer": Layer}, INPUTS)


def test_each_run_makes_an_instance_of_its_own():
    made = []

    class Counted(Layer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            made.append(self)

    run_plan(CLASS_PLAN, {"Layer": Counted}, INPUTS)
    run_plan(CLASS_PLAN, {"Layer": Counted}, INPUTS)
    assert 2 == len(set(map(id, made)))


def test_targets_are_the_modules_names_without_methods():
    assert ("Layer",) == CLASS_PLAN.targets()
    assert ("f",) == call("f", "x").targets()
    assert ("number",) == read("number").targets()
    assert ("a", "b") == steps(("one", "a"), ("two", "b"), (ANSWER, "a")).targets()


# --------------------------------------------------------------------------- what is not there


@pytest.mark.parametrize("plan", [call("g", "x"), read("g"), steps(("one", "f", "x"), (ANSWER, "g", result("one")))])
def test_a_name_that_the_module_lacks_is_named(plan):
    with pytest.raises(MissingTargetError) as error:
        run_plan(plan, MODULE, INPUTS)
    assert "g" == error.value.target


def test_a_method_that_the_class_lacks_is_named():
    with pytest.raises(MissingTargetError) as error:
        run_plan(CLASS_PLAN, {"Layer": type("Layer", (), {"__init__": lambda *_a, **_k: None})}, INPUTS)
    assert "forward" == error.value.target


def test_what_cannot_be_called_is_missing():
    with pytest.raises(MissingTargetError, match=r"^number$"):
        run_plan(call("number", "x"), MODULE, INPUTS)


def test_a_method_that_raises_AttributeError_itself_is_not_missing():
    class Broken:
        def forward(self, x):
            return x.no_such_attribute

    plan = steps(step("made", "Broken"), step(ANSWER, "forward", "x", receiver=result("made")))
    with pytest.raises(AttributeError, match="no_such_attribute"):
        run_plan(plan, {"Broken": Broken}, INPUTS)


def test_what_a_function_raises_comes_through():
    def refuse(_x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run_plan(call("f", "x"), {"f": refuse}, INPUTS)


@pytest.mark.parametrize(
    ("returned", "path", "said"),
    [
        (None, (1,), "forward returned nothing at [1]"),
        (3.5, (1,), "forward returned nothing at [1]"),
        ((1,), (1,), "forward returned nothing at [1]"),
        ((1, None), (1, "w"), "forward returned nothing at ['w']"),
        ({"y": 1}, ("x",), "forward returned nothing at ['x']"),
    ],
)
def test_a_chain_that_breaks_says_at_which_step(returned, path, said):
    plan = steps(("forward", "forward"), (ANSWER, "f", result("forward", *path)))
    with pytest.raises(BrokenChainError) as error:
        run_plan(plan, {**MODULE, "forward": lambda: returned}, INPUTS)
    assert said == str(error.value)


# -------------------------------------------------------------------------------- plans are data


@pytest.mark.parametrize(
    "plan",
    [
        call("f", "x", ("w", "b"), 3, None, table(w1="w"), public("matrix_map", "w", "b"), step=0.1),
        read("number"),
        CLASS_PLAN,
        steps(("forward", "f", "x"), (ANSWER, "f", result("forward", 1, "w"))),
    ],
)
def test_a_plan_crosses_the_wire_and_json_and_is_the_same(plan):
    assert plan == msgspec.msgpack.decode(msgspec.msgpack.encode(plan), type=Plan)
    assert plan == msgspec.json.decode(msgspec.json.encode(plan), type=Plan)


def test_steps_end_in_the_answer():
    assert Result(ANSWER) == steps(("one", "f"), (ANSWER, "f")).answer
    assert Plan((Read(ANSWER, "L"),), Result(ANSWER)) == read("L")
    assert Call("s", "f", (Table({"a": Input("x")}), Public("matrix_map"))) == step(
        "s", "f", table(a="x"), public("matrix_map")
    )


def test_an_argument_that_is_none_of_these_is_told_with_its_line():
    with pytest.raises(AuthorError) as error:
        call("f", {"w": 1})
    where, _colon, said = str(error.value).partition(": ")
    assert "expected an input's name, a number, a tuple or result(…) as an argument, got {'w': 1}" == said
    assert __file__ == where.rpartition(":")[0]
