"""Arrays as grids: wrong entries marked, large ones cropped around the first wrong one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.reports.grids import COLUMNS, ROWS, grid, number, pair
from grader.wire import Opaque


def texts(g):
    return [[e.text for e in row] for row in g.rows]


def marks(g):
    return [[e.mark for e in row] for row in g.rows]


def test_wrong_entries_are_marked_in_what_came_back_and_what_stands_there_in_what_was_expected():
    shown = pair("dx", np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([[1.0, 2.0], [3.0, 4.0]]), 1e-6)
    assert [["1", "2"], ["3", "4.5"]] == texts(shown.returned)
    assert [["", ""], ["", "wrong"]] == marks(shown.returned)
    assert [["", ""], ["", "right"]] == marks(shown.expected)
    assert ("(2, 2)", "1 of 4 entries differ") == (shown.returned.shape, shown.told)


def test_shapes_that_differ_are_told_and_nothing_is_marked():
    shown = pair("db", np.ones((1, 3)), np.ones(3), 1e-6)
    assert "shape (1, 3) came back, (3,) was expected" == shown.told
    assert [["", "", ""]] == marks(shown.returned)
    assert "shape (2,) came back, () was expected" == pair("L", np.ones(2), 3.0, 1e-6).told


def test_numbers_that_differ_never_read_the_same():
    shown = pair("y", np.array([1.000001, 2.0]), np.array([1.0, 2.0]), 1e-9)
    assert texts(shown.returned) != texts(shown.expected)


def test_a_large_matrix_is_cropped_around_the_first_wrong_entry():
    want = np.zeros((40, 30))
    got = want.copy()
    got[25, 20] = 1.0
    shown = pair("dx", got, want, 1e-6).returned
    assert "wrong" in {m for row in marks(shown) for m in row}
    assert "rows 26–33 of 40, columns 21–28 of 30" == shown.note
    assert len(shown.rows) <= ROWS + 2
    assert all(len(row) <= COLUMNS + 2 for row in shown.rows)


def test_more_axes_are_laid_out_sample_by_sample():
    shown = grid("x", np.arange(12.0).reshape(2, 1, 2, 3))
    assert ("(2, 1, 2, 3)", "each sample laid out as a row") == (shown.shape, shown.note)
    assert ["0", "1", "2", "3", "4", "5"] == texts(shown)[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None"),
        ("<b>\x1b", "the text “<b>”"),
        ([np.ones((2, 2)), np.ones(3)], "2 arrays: (2, 2), (3,)"),
        ({"a": 1}, "a dict of 1"),
        (Opaque("Tensor"), "<Tensor>"),
        (np.array([True]), "an array of shape (1,), bool"),
    ],
)
def test_what_is_no_array_is_told_in_words(value, words):
    assert words == grid("y", value).words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (-2.5, "−2.5"),
        (-0.0, "0"),
        (1e9, "1e+09"),
        (np.nan, "nan"),
        (-np.inf, "−inf"),
        (1 + 2j, "1+2j"),
        (0.1234567, "0.1235"),
    ],
)
def test_a_number_is_told_shortly(value, text):
    assert text == number(value)


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=12),
        elements=st.floats(-1e6, 1e6) | st.just(np.nan),
    ),
    st.booleans(),
)
def test_any_array_is_drawn_within_bounds_and_the_first_wrong_entry_is_seen(got, same):
    want = got.copy() if same else np.nan_to_num(got) + 1
    shown = pair("y", got, want, 1e-6)
    for g in (shown.returned, shown.expected):
        assert len(g.rows) <= ROWS + 2
        assert all(len(row) <= COLUMNS + 2 for row in g.rows)
    if not same and got.size:
        assert any(m == "wrong" for row in marks(shown.returned) for m in row)
