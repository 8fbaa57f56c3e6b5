"""Of several files the one that was worked on is graded, and the choice is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import notebook, on_disk

from grader.intake.folder import read_submission
from grader.intake.names import original, plain_name, tidy

FILE = "layers.py"
STUB = '''"""Two functions."""

import numpy as np


def forward(x, w):
    """x times w."""
    out, cache = None, None

    # your code here

    return out, cache


def backward(dout, cache):
    """The gradients."""
    x, w = cache
    dx, dw = None, None

    # your code here

    return dx, dw
'''
ONE = STUB.replace("# your code here\n\n    return out", "out, cache = x @ w, (x, w)\n    return out")
BOTH = ONE.replace("# your code here", "dx, dw = dout @ w.T, x.T @ dout")
OTHER = BOTH.replace("x @ w", "np.dot(x, w)")
RELEASED = {FILE: STUB.encode(), "layers.ipynb": notebook(STUB)}


def graded(tmp_path, tree, released=None):
    """The text that is graded, and the remarks."""
    one = read_submission(on_disk(tmp_path / "jdoe", tree), FILE, "jdoe", released=released)
    return one.problem or one.files[FILE].decode(), one.remarks


@pytest.mark.parametrize("released", [None, RELEASED])
@pytest.mark.parametrize(
    ("script", "book", "wins", "told"),
    [
        (STUB, BOTH, "book", "layers.ipynb is graded: layers.py beside it has nothing done in it"),
        (BOTH, STUB, "script", None),
        (BOTH, "print('notes')", "script", None),
        (STUB, STUB, "script", None),
        (BOTH, BOTH, "script", "layers.py is graded, and layers.ipynb beside it is not"),
        (BOTH, OTHER, "script", "layers.py is graded, and layers.ipynb beside it is not"),
        (ONE, BOTH, "book", "layers.ipynb is graded: layers.py beside it has 1 of its parts done, the notebook 2"),
        (BOTH, ONE, "script", "layers.py is graded, and layers.ipynb beside it is not"),
        ("def f(:", BOTH, "book", "layers.ipynb is graded: layers.py beside it is no Python"),
        ("def f(:", STUB, "script", None),
    ],
)
def test_the_file_that_was_worked_on_is_graded(tmp_path, released, script, book, wins, told):
    text, remarks = graded(tmp_path, {FILE: script, "layers.ipynb": notebook(book)}, released)
    assert (wins == "book") == text.startswith("# -*- coding")
    assert ([] if told is None else [told]) == remarks


def test_a_stub_with_scaffolding_is_known_by_what_was_handed_out(tmp_path):
    scaffold = STUB.replace("# your code here", "rows = np.zeros(3)")
    book = notebook(scaffold.replace("rows = np.zeros(3)", "rows = np.ones(3) * 2"))
    released = {FILE: scaffold.encode()}
    text, remarks = graded(tmp_path, {FILE: scaffold, "layers.ipynb": book}, released)
    assert "np.ones(3)" in text
    assert ["layers.ipynb is graded: layers.py beside it has nothing done in it"] == remarks


def test_answers_that_are_names_with_values_count_too(tmp_path):
    one = read_submission(
        on_disk(tmp_path, {"answers.py": "L = None\ndL = None\n", "answers.ipynb": notebook("L = 3", "dL = [[1, 2]]")}),
        "answers.py",
        "jdoe",
    )
    assert b"L = 3" in one.files["answers.py"]


def test_a_helper_beside_a_notebook_is_no_rival(tmp_path):
    tree = {"helpers.py": "def h(x):\n    return x\n", "layers.ipynb": notebook(BOTH)}
    text, remarks = graded(tmp_path, tree)
    assert ("x @ w" in text, []) == (True, remarks)


def test_a_renamed_notebook_beside_the_untouched_stub_is_graded(tmp_path):
    text, _remarks = graded(tmp_path, {FILE: STUB, "Homework final.ipynb": notebook(BOTH)})
    assert "x @ w" in text


def test_a_broken_notebook_beside_the_work_costs_nothing(tmp_path):
    text, remarks = graded(tmp_path, {FILE: BOTH, "layers.ipynb": b"no json"})
    assert BOTH == text
    assert [
        "layers.ipynb beside layers.py was not read: expected a notebook (JSON with cells); save it again in Jupyter"
    ] == remarks


@pytest.mark.parametrize(
    "name",
    [
        "layers (1).py",
        "layers-2.py",
        "Layers.py",
        "LAYERS.PY",
        "layers.py.txt",
        "layers.ipynb.txt",
        "layers.ipynb.json",
        "layers (3).ipynb",
    ],
)
def test_a_name_that_a_browser_changed_is_known(tmp_path, name):
    data = notebook(BOTH) if "ipynb" in name else BOTH
    text, _remarks = graded(tmp_path, {name: data, "other.py": "", "another.py": "", "x.ipynb": notebook("")})
    assert "x @ w" in text


@pytest.mark.parametrize(
    ("name", "first", "number"),
    [
        ("a-1.py", "a.py", 1),
        ("a (12).ipynb", "a.ipynb", 12),
        ("a(2).py", "a.py", 2),
        ("a.py", "a.py", 0),
        ("hw1.py", "hw1.py", 0),
        ("a-2024.py", "a-2024.py", 0),
        ("-1.py", "-1.py", 0),
        ("a-0a1b2c3d-0000-4000-8000-0123456789ab.py", "a.py", 999),
    ],
)
def test_a_numbered_name_tells_its_first(name, first, number):
    assert (first, number) == original(name)


@given(st.text(max_size=30))
def test_tidying_a_name_twice_changes_nothing_more(name):
    assert tidy(name) == tidy(tidy(name))
    assert tidy(name)


@given(st.text(max_size=30))
def test_a_plain_name_stays_one(name):
    assert plain_name(name) == plain_name(plain_name(name))
