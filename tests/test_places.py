"""Where in a student's file to look: the line that raised, else where the function begins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.judging.places import name_lines, place_of
from grader.model import (
    Cell,
    KeyCase,
    KeyExercise,
    Notebook,
    Outcome,
    OutcomeKind,
    Place,
    Raised,
    Shape,
)
from grader.plan import Call, Plan, Result

NOTEBOOK = Notebook("layers.ipynb", [Cell(1, 1, 2), Cell(4, 3, 5)])


def exercise(*visible):
    plan = Plan((Call("forward", "f_forward"), Call("f", "f_backward")), Result("f"))
    cases = [KeyCase(str(i), "", seen, "main", {}, plan, {}) for i, seen in enumerate(visible)]
    return KeyExercise("f_backward", "", "", "", Shape.ONE, {"y": 1}, {"main": 1}, cases)


def raised(line):
    return Outcome(OutcomeKind.RAISED, error=Raised("ValueError", "builtins", "", [(2, "f_backward"), (line, "inner")]))


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f(x):\n    def g(): ...\n\nclass K:\n    pass\n", {"f": 1, "K": 4}),
        ("L = 52\ndL_df: list = [1]\nL == 3\nx = y = 2\n", {"L": 3, "dL_df": 2, "x": 4}),
        ("async  def\tf (x): ...\n", {"f": 1}),
        ("def f(): ...\n\n\ndef f(): ...\n", {"f": 4}),
        ("'''\ndef f(x):\n'''\r\ndef g(x): ...\r\n", {"f": 2, "g": 4}),
        ("def f(:\n", {"f": 1}),
        ("", {}),
    ],
)
def test_names_are_found_where_they_begin(source, lines):
    assert lines == name_lines(source.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_through(source):
    assert all(1 <= line <= source.count(b"\n") + 1 for line in name_lines(source).values())


def test_a_long_name_or_file_costs_no_time():
    assert name_lines(b"x" * 1_000_000) == {}
    assert name_lines(b"def f(x):\n" * 20_000) == {"f": 20_000}


def test_the_line_that_raised_is_told_before_where_the_function_begins():
    lines = {"f_forward": 3, "f_backward": 7}
    fine = Outcome(OutcomeKind.RETURNED)
    assert Place("layers.py", 7) == place_of(exercise(True), [fine], lines, "layers.py", None)
    assert Place("layers.py", 9) == place_of(exercise(True, True), [fine, raised(9)], lines, "layers.py", None)
    assert Place("layers.py", 3) == place_of(exercise(True), [fine], {"f_forward": 3}, "layers.py", None)
    assert place_of(exercise(True), [fine], {}, "layers.py", None) is None


def test_the_line_that_raised_on_a_hidden_case_is_not_told():
    assert Place("layers.py", 7) == place_of(exercise(False), [raised(9)], {"f_backward": 7}, "layers.py", None)


def test_a_line_of_a_notebook_is_its_cells():
    fine = [Outcome(OutcomeKind.RETURNED)]
    assert Place("layers.ipynb", 3, 4) == place_of(exercise(True), fine, {"f_backward": 5}, "layers.py", NOTEBOOK)
    assert Place("layers.ipynb", 9) == place_of(exercise(True), fine, {"f_backward": 9}, "layers.py", NOTEBOOK)
