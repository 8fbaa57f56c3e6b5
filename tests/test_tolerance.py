"""Tolerances: from the case's own conditioning, and wide enough for every right answer at hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.exercise import NearestOf
from grader.authoring.tolerance import TooFarError, derived_tolerances, distance, least_tolerance, rounded_to_float32

EPS32, EPS64 = float(np.finfo(np.float32).eps), float(np.finfo(np.float64).eps)


def tolerance(function, x, *others, float32=True):
    """The tolerance of one output y = function(x)."""

    def answer(inputs):
        return {"y": function(inputs["x"])}

    def rounded(inputs):
        return {"y": rounded_to_float32(function(rounded_to_float32(inputs["x"])))}

    wrapped = [lambda inputs, other=other: {"y": other(inputs["x"])} for other in others]
    inputs = {"x": np.array(x, dtype=float)}
    return derived_tolerances(answer, inputs, answer(inputs), rounded if float32 else None, wrapped)["y"]


def test_a_sum_that_cancels_has_the_tolerance_of_its_terms():
    calm, cancelling = tolerance(np.sum, [1.0, 2.0, 3.0]), tolerance(np.sum, [1e4, -1e4 + 1, 5.0])
    assert calm < 1e-3
    assert cancelling > 100 * calm


def test_float32_allows_more_than_float64():
    ratio = tolerance(np.exp, [1.0, 2.0]) / tolerance(np.exp, [1.0, 2.0], float32=False)
    assert 0.1 * EPS32 / EPS64 < ratio < 10 * EPS32 / EPS64


def test_it_is_never_less_than_some_units_of_the_largest_entry():
    assert 32 * EPS32 * 5 == pytest.approx(least_tolerance(np.array([2.0, -5.0]), float32=True))
    assert 32 * EPS32 == pytest.approx(tolerance(lambda x: 0 * x, [1.0, 2.0])), "of zeros, those of 1"


def test_rounding_inside_counts_where_the_value_does_not_move_with_the_inputs():
    def gap(x):
        return (x * 3.3 + 0.7) - 3.3 * x - 0.7

    allowed = tolerance(gap, [1e3, 2e3])
    low = np.array([1e3, 2e3], dtype=np.float32)
    assert np.max(np.abs((low * np.float32(3.3) + np.float32(0.7)) - np.float32(3.3) * low - np.float32(0.7))) < allowed


def test_it_grows_until_every_right_answer_lies_at_a_tenth_at_most():
    x = [1.0, 2.0, 4.0]
    least = tolerance(np.exp, x)
    near = least / 3
    assert least == tolerance(np.exp, x, np.exp)
    grown = tolerance(np.exp, x, lambda x: np.exp(x) + near)
    assert near <= 0.1 * grown < 2 * near
    assert 1 == pytest.approx(np.log2(grown / least) % 1 + 1), "by doubling"


def test_a_right_answer_that_is_wrong_is_refused():
    with pytest.raises(TooFarError, match=r"^y lies 1 off, where rounding explains "):
        tolerance(np.exp, [1.0, 2.0], lambda x: np.exp(x) + 1)
    with pytest.raises(TooFarError):
        tolerance(np.exp, [1.0, 2.0], lambda x: np.exp(x)[:1])
    with pytest.raises(TooFarError):
        tolerance(np.exp, [1.0, 2.0], lambda x: np.exp(x) * np.nan)


@pytest.mark.parametrize(
    ("got", "want", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.5),
        ([1.0, 2.0], [1.0], np.inf),
        ((np.array(1.0), np.array([2.0, 3.0])), [np.array(1.0), np.array([2.0, 5.0])], 2.0),
        ((np.array(1.0),), (np.array(1.0), np.array(1.0)), np.inf),
        (np.array([0.0, 1.0]), NearestOf((np.array([0.0, 0.0]), np.array([5.0, 1.5]))), 0.5),
        (np.array([0.0]), NearestOf((np.array([0.0, 0.0]), np.array([5.0, 1.5]))), np.inf),
        (np.nan, 1.0, np.inf),
        (np.inf, np.inf, 0.0),
        (None, 1.0, np.inf),
        ("text", 1.0, np.inf),
    ],
)
def test_distances(got, want, expected):
    if isinstance(got, list):
        got, want = np.array(got), np.array(want)
    assert expected == distance(got, want)


@given(st.lists(st.tuples(st.floats(width=64), st.floats(width=64)), max_size=6))
def test_a_distance_is_the_farthest_entrys_whatever_is_not_finite(pairs):
    def apart(got, want):
        return 0.0 if got == want else np.inf if np.isnan(got - want) else abs(got - want)

    got, want = np.array([g for g, _ in pairs]), np.array([w for _, w in pairs])
    with np.errstate(all="ignore"):
        assert max((apart(g, w) for g, w in zip(got, want, strict=True)), default=0.0) == distance(got, want)
