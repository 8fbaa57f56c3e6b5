"""Returned values: split into named outputs, told in words, turned into numbers, held within a tolerance."""

import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from grader.model import Shape
from grader.values import CountError, as_numbers, describe, named_outputs, safe_name, variant_of, within
from grader.wire import Opaque

NAMES = ["dx", "dw", "db"]


def test_nothing_returned_is_nothing_in_every_output():
    for shape in Shape:
        assert {"dx": None, "dw": None, "db": None} == named_outputs(shape, NAMES, None)


def test_one_output_is_what_was_returned_even_if_it_is_a_list():
    assert {"y": [1, 2]} == named_outputs(Shape.ONE, ["y"], [1, 2])


def test_several_outputs_are_split_in_their_order():
    assert {"dx": 1, "dw": None, "db": 3} == named_outputs(Shape.TUPLE, NAMES, [1, None, 3])


def test_a_dicts_outputs_are_found_by_name_and_may_lack():
    assert {"dx": None, "dw": 2, "db": None} == named_outputs(Shape.DICT, NAMES, {"dw": 2, "more": 5})


@pytest.mark.parametrize(
    ("shape", "value", "said"),
    [
        (Shape.TUPLE, [1, 2], "expected 3 values (dx, dw, db), got 2"),
        (Shape.TUPLE, [], "expected 3 values (dx, dw, db), got 0"),
        (Shape.TUPLE, 1.0, "expected 3 values (dx, dw, db), got one number"),
        (Shape.TUPLE, np.ones((3, 2)), "expected 3 values (dx, dw, db), got an array of shape (3, 2), float64"),
        (Shape.TUPLE, {"dx": 1}, "expected 3 values (dx, dw, db), got a dict of 1"),
        (Shape.TUPLE, "abc", "expected 3 values (dx, dw, db), got a text"),
        (Shape.DICT, [1, 2, 3], "expected a dict with dx, dw, db, got a list of 3"),
        (Shape.DICT, Opaque("Net"), "expected a dict with dx, dw, db, got <Net>"),
    ],
)
def test_another_number_of_values_is_told(shape, value, said):
    with pytest.raises(CountError) as error:
        named_outputs(shape, NAMES, value)
    assert said == str(error.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"),
        (True, "a bool"),
        (3, "one number"),
        (2.5, "one number"),
        (np.array(2.5), "one number"),
        (np.zeros((2, 3), dtype=np.float32), "an array of shape (2, 3), float32"),
        ([1, 2], "a list of 2"),
        ((1, 2, 3), "a list of 3"),
        ({"a": 1}, "a dict of 1"),
        ("abc", "a text"),
        (Opaque("Tensor"), "<Tensor>"),
    ],
)
def test_a_value_in_a_few_words(value, said):
    assert said == describe(value)


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (3, np.array(3.0)),
        (2.5, np.array(2.5)),
        ([1, 2], np.array([1.0, 2.0])),
        ([[1, 2], [3, 4.5]], np.array([[1.0, 2.0], [3.0, 4.5]])),
        ([np.array(1), np.array(2)], np.array([1.0, 2.0])),
        (np.arange(3, dtype=np.uint8), np.array([0.0, 1.0, 2.0])),
        (np.float16(0.5), np.array(0.5)),
        (np.ones(2, dtype=">f4"), np.ones(2)),
        ([], np.zeros(0)),
        (np.zeros((3, 0)), np.zeros((3, 0))),
        (np.array([1 + 2j]), np.array([1 + 2j])),
        ([2**63, -1], np.array([2.0**63, -1.0])),
    ],
)
def test_numbers_arrays_and_lists_of_numbers_are_numbers(value, want):
    got = as_numbers(value)
    assert (want.dtype, want.shape) == (got.dtype, got.shape)
    np.testing.assert_array_equal(want, got)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"),
        (True, "a bool"),
        ("1.5", "a text"),
        ({"y": 1}, "a dict of 1"),
        (Opaque("Tensor"), "<Tensor>"),
        (np.array([True, False]), "an array of True and False"),
        ([True, False], "an array of True and False"),
        ([[1, 2], [3]], "a list with rows of different lengths"),
        ([1, None], "a list of 2"),
        ([1, "a"], "a list of 2"),
        (["1", "2"], "a list of 2"),
        ([Opaque("x")], "a list of 1"),
        ([{"a": 1}], "a list of 1"),
        ([b"abc"], "a list of 1"),
    ],
)
def test_what_is_no_numbers_is_told_in_words(value, said):
    assert said == as_numbers(value)


def test_a_list_of_texts_takes_no_more_memory_than_it_has():
    value = ["a"] * 20_000 + ["b" * 4000]  # as an array of texts it would be 320 MB
    tracemalloc.start()
    try:
        assert isinstance(as_numbers(value), str)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_a_number_beyond_float64_becomes_infinite_without_a_warning():
    if np.finfo(np.longdouble).max == np.finfo(np.float64).max:
        pytest.skip("long double is double here")
    huge = np.array([np.finfo(np.longdouble).max])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(as_numbers(huge)).all()


NUMBERS = arrays.arrays(np.float64, arrays.array_shapes(max_dims=2, max_side=4), elements=st.floats())


@given(NUMBERS)
def test_finite_numbers_and_infinities_are_within_any_tolerance_of_themselves_and_nan_is_not(numbers):
    np.testing.assert_array_equal(~np.isnan(numbers), within(numbers, numbers, 0.0))


@given(NUMBERS, st.floats(0, 1e3))
def test_within_asks_for_a_distance_of_at_most_the_tolerance(numbers, tolerance):
    assert not within(numbers, np.full_like(numbers, np.nan), tolerance).any()
    assert not within(np.full_like(numbers, np.nan), numbers, tolerance).any()


def test_the_tolerance_itself_is_within():
    assert within(np.array([1.5]), np.array([1.0]), 0.5).all()
    assert not within(np.array([1.5000001]), np.array([1.0]), 0.5).any()


def test_an_infinity_is_only_within_its_own_sign():
    got = np.array([np.inf, -np.inf, np.inf, 1.0])
    want = np.array([np.inf, np.inf, 1.0, np.inf])
    np.testing.assert_array_equal([True, False, False, False], within(got, want, 1e300))


# ----------------------------------------------------------------------------------- students' ids


@given(st.text(), st.integers(1, 50))
def test_a_variant_is_picked_by_the_id_alone(student, variants):
    assert variant_of(student, variants) == variant_of(student, variants)
    assert 0 <= variant_of(student, variants) < variants


def test_variants_are_the_same_on_every_machine():
    assert [1, 5, 0] == [variant_of(s, 7) for s in ("jdoe", "erika", "")]
    assert 0 == variant_of("jdoe", 0)


def test_half_a_character_in_an_id_picks_a_variant_too():
    assert 0 <= variant_of("\udc80", 7) < 7


@pytest.mark.parametrize("student", ["jdoe", "Jörg Müller", "a+b@c.org", "s_01-x", "李雷"])
def test_an_ordinary_id_is_its_folders_name(student):
    assert student == safe_name(student)


@pytest.mark.parametrize("student", ["", ".", "..", "a/b", "../../x", "a\\b", "a\nb", "x:y", " x", "x.", "n" * 300])
def test_any_other_id_becomes_a_safe_name_with_a_checksum(student):
    name = safe_name(student)
    assert name
    assert name != student
    assert name.strip(".")
    assert not set(name) & set("/\\:\n\0")


@given(st.text())
def test_every_id_has_a_folders_name_that_a_disk_takes(student):
    name = safe_name(student)
    assert 0 < len(name.encode("utf-8")) <= 255
    assert name not in (".", "..")


@given(st.lists(st.text(max_size=6), unique=True, max_size=8))
def test_no_two_ids_share_a_folder(students):
    assert len(students) == len({safe_name(s) for s in students})


def test_a_long_name_of_long_characters_is_one_that_a_disk_takes():
    assert 255 >= len(safe_name("李" * 84 + "/").encode("utf-8"))
