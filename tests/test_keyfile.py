"""A key is the same after every round trip, and a file that is none is told with its name."""

import json
import re

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.errors import UsageError
from grader.keyfile import dump_examples, dump_key, key_hash, load_examples, load_key
from grader.model import (
    AnswerKey,
    Effect,
    Follows,
    KeyCase,
    KeyExercise,
    KeyMistake,
    Limits,
    OneOf,
    Raise,
    Return,
    Shape,
    Within,
)
from grader.plan import Call, Input, Items, Literal, Plan, Public, Read, Result, Table

EVERYTHING = Plan(
    (
        Call("one", "f", (Input("x"), Items((Input("w"), Literal(None), Literal(2.5)))), {"h": Literal(3)}),
        Call("two", "m", (Table({"w": Input("w")}), Public("matrix_map", (Input("w"),))), {}, Result("one", (1, "a"))),
        Read("three", "L"),
    ),
    Result("two"),
)


def make_key(value=None, title="a title", inputs=None):
    """A key with something of everything; `value` is what the first output should be."""
    value = np.array([[1.0, 2.0], [3.0, 4.0]]) if value is None else value
    case = KeyCase(
        "one",
        title,
        True,
        "values",
        {"x": np.arange(3.0), "w": [1.0, {"deep": np.ones(2)}]} if inputs is None else inputs,
        EVERYTHING,
        {
            "dx": Within(value, 1e-9),
            "dw": OneOf([np.zeros(2), np.ones(2)], 0.5),
            "db": Follows(np.array(3.0), 1e-6, "times_transposed", ["earlier", np.ones((2, 2))], 0.5),
        },
        {"wrong": [Return({"dx": value, "dw": None, "db": "text"}), Raise("ValueError")]},
        variant=3,
    )
    exercise = KeyExercise(
        "f",
        "F",
        "f(x)",
        "eq. 1",
        Shape.TUPLE,
        {"dx": 4.0, "dw": 1.5, "db": 0.0},
        {"values": 2.0},
        [case],
        [KeyMistake("wrong", "it is wrong", "think “again”", Effect.REMARK)],
        shape_credit=0.5,
        requires=["earlier"],
    )
    return AnswerKey(
        assignment="a",
        title="A",
        file="f.py",
        grader="0.1",
        hidden=True,
        limits=Limits(wall=1.5),
        exercises=[exercise],
        required=[exercise],
        variants=4,
    )


REAL = arrays.arrays(
    st.one_of(
        st.just(np.dtype(bool)),
        arrays.integer_dtypes(),
        arrays.unsigned_integer_dtypes(),
        arrays.floating_dtypes(sizes=(16, 32, 64)),
    ),
    arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3),
)


def test_a_key_is_the_same_after_a_round_trip_as_bytes():
    data = dump_key(make_key())
    assert data == dump_key(load_key(data, "key"))


def test_a_key_is_the_same_after_a_round_trip_as_json():
    key = make_key()
    again = load_examples(dump_examples(key).encode(), "examples.json")
    assert dump_key(key) == dump_key(again)


@given(REAL)
def test_every_array_is_the_same_after_both_round_trips(array):
    key = make_key(array)
    for again in (load_key(dump_key(key), "key"), load_examples(dump_examples(key).encode(), "examples.json")):
        value = again.exercises[0].cases[0].checks["dx"].value
        assert (array.dtype, array.shape) == (value.dtype, value.shape)
        np.testing.assert_array_equal(array, value)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 5e-324, 0.1 + 0.2, -0.0, 1.7976931348623157e308])
def test_every_number_is_the_same_after_both_round_trips(number):
    key = make_key(np.array([number]))
    assert dump_key(key) == dump_key(load_examples(dump_examples(key).encode(), "examples.json"))


def test_complex_answers_can_be_released():
    key = make_key(np.array([1 + 2j]))
    assert dump_key(key) == dump_key(load_examples(dump_examples(key).encode(), "examples.json"))


@pytest.mark.parametrize(
    "title", ["the matrix [ 1, 2 ] of the text", "[\n 1 ]", 'a "quoted" [ 3 ]', "Σ ∂y/∂x", "[ ]", "  [  a  ]  "]
)
def test_every_text_is_the_same_after_a_round_trip_as_json(title):
    again = load_examples(dump_examples(make_key(title=title)).encode(), "examples.json")
    assert title == again.exercises[0].cases[0].title


def test_json_shows_a_row_of_a_matrix_on_a_line():
    text = dump_examples(make_key())
    assert "[1.0, 2.0]" in text
    assert '"shape": [2, 2]' in text
    assert "∂" in dump_examples(make_key(title="∂"))
    assert text.endswith("}\n")
    json.loads(text)


def test_the_hash_is_of_the_content_alone():
    assert key_hash(make_key()) == key_hash(load_key(dump_key(make_key()), "key"))
    assert key_hash(make_key()) != key_hash(make_key(title="another title"))
    assert re.fullmatch("[0-9a-f]{64}", key_hash(make_key()))


def test_the_hash_sees_one_bit_of_an_array():
    value = np.array([[1.0, 2.0], [3.0, 4.0]])
    moved = value.copy()
    moved[1, 1] = np.nextafter(4.0, 5.0)
    assert key_hash(make_key(value)) != key_hash(make_key(moved))


# -------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize("data", [b"", b"\x00", b"not a key", b"\x91" * 10_000, b"{}", b"\x80"])
def test_bytes_that_are_no_key_are_told(data):
    with pytest.raises(UsageError) as error:
        load_key(data, "affine.key")
    text = str(error.value)
    assert text.startswith("affine.key: expected an answer key (")
    assert text.endswith("); make one with 'grader key'")


def test_a_key_cut_short_is_told():
    with pytest.raises(UsageError) as error:
        load_key(dump_key(make_key())[:-1], "affine.key")
    assert "affine.key: expected an answer key (Input data was truncated); make one with 'grader key'" == str(
        error.value
    )


def test_a_key_of_another_schema_is_told():
    key = msgspec.structs.replace(make_key(), schema="grader/key/v2")
    said = "expected schema grader/key/v1, got 'grader/key/v2'; update grader or the file"
    with pytest.raises(UsageError) as error:
        load_key(dump_key(key), "affine.key")
    assert f"affine.key: {said}" == str(error.value)
    with pytest.raises(UsageError) as error:
        load_examples(dump_examples(key).encode(), "examples.json")
    assert f"examples.json: {said}" == str(error.value)


def test_a_wrong_type_in_the_examples_is_told_with_its_path():
    table = json.loads(dump_examples(make_key()))
    table["exercises"][0]["cases"][0]["visible"] = "yes"
    with pytest.raises(UsageError) as error:
        load_examples(json.dumps(table).encode(), "examples.json")
    assert (
        "examples.json: expected the examples that came with the assignment, but "
        "Expected `bool`, got `str` - at `$.exercises[0].cases[0].visible`; fetch the file again"
    ) == str(error.value)


ARRAYS_THAT_ARE_NONE = {
    "another shape": {"dtype": "float64", "shape": [3], "array": [1, 2]},
    "a shape of exabytes": {"dtype": "float64", "shape": [2**62, 2**62], "array": []},
    "a shape that is a text": {"dtype": "float64", "shape": "2", "array": [1, 2]},
    "rows of two lengths": {"dtype": "float64", "shape": [2], "array": [[1], [1, 2]]},
    "texts": {"dtype": "float64", "shape": [1], "array": ["a"]},
    "an int beyond its type": {"dtype": "int64", "shape": [1], "array": [10**30]},
    "objects": {"dtype": "object", "shape": [1], "array": [1]},
    "records": {"dtype": "f8,f8", "shape": [1], "array": [[1, 2]]},
    "no dtype": {"dtype": "nonsense", "shape": [1], "array": [1]},
    "a dtype that is a list": {"dtype": [1], "shape": [1], "array": [1]},
    "a dtype that is a table": {"dtype": {"a": 1}, "shape": [1], "array": [1]},
    "a dtype that is half Python": {"dtype": "(2,f8", "shape": [1], "array": [1]},
}


@pytest.mark.parametrize("what", ARRAYS_THAT_ARE_NONE)
def test_an_array_that_is_none_is_told(what):
    table = json.loads(dump_examples(make_key()))
    table["exercises"][0]["cases"][0]["inputs"]["x"] = ARRAYS_THAT_ARE_NONE[what]
    with pytest.raises(UsageError, match=r"^examples\.json: expected the examples that came with the assignment, but "):
        load_examples(json.dumps(table).encode(), "examples.json")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"schema": 1}'])
def test_a_text_that_is_no_examples_is_told(text):
    with pytest.raises(UsageError, match=r"^examples\.json: expected the examples .*; fetch the file again$"):
        load_examples(text, "examples.json")


def test_what_several_mistakes_do_alike_is_written_once(course):
    """A form that does the same as another in every case is dropped, an array that stands twice is listed at the end."""
    course.edit("cases.py", '{"x": [1, 1]}, expect={"y": [2, 2]}', '{"x": np.arange(60.0)}')
    course.edit("cases.py", "from grader", "import numpy as np\n\nfrom grader")
    course.edit(
        "mistakes.py",
        'hint="More or less than x?"',
        'hint="More or less than x?", also=[lambda x: 0.5 * x, lambda x: 1 * x, squared]',
    )
    key = course.key(None)
    text = dump_examples(key)
    again = load_examples(text.encode(), "examples.json")
    before, after = key.exercises[0].cases[0].mistakes, again.exercises[0].cases[0].mistakes
    assert [1, 4] == [len(before[name]) for name in ("squared", "halved")]
    assert [1, 3] == [len(after[name]) for name in ("squared", "halved")]
    assert np.array_equal(before["halved"][2].outputs["y"], after["halved"][1].outputs["y"])
    assert after["halved"][2].outputs["y"] is after["squared"][0].outputs["y"]
    table = json.loads(text)
    assert [list(range(60))] == [a["array"] for a in table["arrays"]], "x and what a mistake returns"
    assert {"at": 0} == table["exercises"][0]["cases"][0]["inputs"]["x"]
    assert text.count("3540") == 1, "59² + 59 stands in it once"
