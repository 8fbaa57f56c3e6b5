"""The table of an answer beside what was expected: cropped around the entry that is farthest off, at any width."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.model import Evidence
from grader.reports.matrix import difference


def table(got, want, width=72, tolerance=1e-6):
    return list(difference(Evidence("case", "dx", got, want, tolerance), width))


def test_a_small_matrix_stands_beside_the_expected_one():
    assert table(np.array([[1.0, 2], [3, 5]]), np.array([[1.0, 2], [3, 4]])) == [
        "yours        expected",
        "  1 ✓  2 ✓     1  2",
        "  3 ✓  5 ✗     3  4",
    ]


def test_a_narrow_table_is_stacked():
    wide = np.array([[1234567.0, 2, 3, 4]])
    assert table(wide + 1, wide, 34) == [
        "yours [0:1, 0:2]",
        "  1.235e+06 ✗          3 ✗",
        "expected [0:1, 0:2]",
        "  1.235e+06          2",
    ]


def test_a_large_array_is_cropped_around_the_worst_entry_which_says_where_it_is():
    want = np.zeros((40, 50))
    got = want.copy()
    got[30, 45] = 7
    lines = table(got, want)
    assert lines[0].startswith("yours [27:33, ")
    assert any("7 ✗" in line for line in lines)
    assert len(lines) <= 14


def test_of_more_axes_than_two_the_part_is_shown_that_holds_the_worst_entry():
    want = np.zeros((3, 2, 2, 2))
    got = want.copy()
    got[2, 1, 0, 1] = -1
    assert table(got, want) == [
        "yours [2, 1, 0:2, 0:2]   expected [2, 1, 0:2, 0:2]",
        "   0 ✓  -1 ✗               0  0",
        "   0 ✓   0 ✓               0  0",
    ]


def test_other_shapes_are_shown_without_marks():
    assert table(np.array([[3.0, 4]]), np.array([3.0, 4])) == ["yours    expected", "  3  4     3  4"]


def test_a_number_and_what_is_no_array_have_no_table():
    assert table(np.float64(2), np.float64(3)) == []
    assert table("text", np.ones(2)) == []
    assert table([np.ones(2), np.ones(3)], [np.ones(2), np.ones(3)]) == []
    assert table(np.zeros((0, 2)), np.ones((2, 2))) == []


def test_nan_is_wrong_and_shown():
    assert table(np.array([np.nan, 1]), np.array([0.0, 1]))[1] == "  nan ✗    1 ✓     0  1"


@pytest.mark.parametrize("width", [34, 54, 74])
@settings(max_examples=40)
@given(data=st.data())
def test_no_line_is_wider_than_the_terminal(width, data):
    shape = data.draw(array_shapes(max_dims=4, max_side=12))
    numbers = st.floats(-1e9, 1e9, width=32)
    want = data.draw(arrays(np.float64, shape, elements=numbers))
    got = data.draw(
        arrays(np.float64, data.draw(st.just(shape) | array_shapes(max_dims=3, max_side=9)), elements=numbers)
    )
    lines = table(got, want, width)
    assert lines
    assert all(len(line) <= width for line in lines)
    if got.shape == want.shape and not np.allclose(got, want, atol=1e-6, rtol=0):
        assert any("✗" in line for line in lines)
