"""What stays of a function when its names, comments and order change; and what is not worth telling of."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox.loader import read_structure
from grader.structure import MAX_HASHES, hashes_of, structure, without

ROOT = Path(__file__).resolve().parent.parent
ONE = '''
def affine_backward(dout, cache):
    """Gradients."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = np.dot(rows.T, dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db
'''
RENAMED = """
import os  # not needed


def second(a, b):
    return a


def affine_backward(upstream, kept):
    # my own work
    first, weights, biases = kept
    flat = first.reshape(first.shape[0], -1)
    one = np.dot(upstream, weights.T).reshape(first.shape)
    two = np.dot(flat.T, upstream)
    three = np.sum(upstream, axis=0)
    return one, two, three
"""
OTHER = """
def affine_backward(dout, cache):
    dw = 0
    for i in range(len(dout)):
        for j in range(3):
            dw += np.outer(cache[0][i], dout[i])
    return [g / 2 for g in (dout @ cache[1].T, dw, dout.sum(0))]
"""


def of(text):
    return structure(ast.parse(text))


def shared(one, other):
    return len(np.intersect1d(hashes_of(one), hashes_of(other)))


def test_names_comments_docstrings_and_the_order_of_functions_make_no_difference():
    assert len(hashes_of(of(ONE))) >= 10
    assert of(ONE) == of(RENAMED)


def test_another_way_of_writing_it_shares_next_to_nothing():
    assert shared(of(ONE), of(OTHER)) <= 2


def test_one_changed_line_leaves_the_rest():
    changed = of(ONE.replace("np.sum(dout, axis=0)", "np.array([sum(c) for c in dout.T])"))
    assert shared(of(ONE), changed) >= len(hashes_of(of(ONE))) / 2
    assert changed != of(ONE)


def test_what_numbers_and_functions_of_a_module_are_used_counts():
    assert of(ONE) != of(ONE.replace("axis=0", "axis=1"))
    assert of(ONE) != of(ONE.replace("np.sum", "np.mean"))


def test_the_stub_is_left_out():
    stub = of("def f(dout, cache):\n    x, w, b = cache\n    dx, dw, db = None, None, None\n    return dx, dw, db\n")
    own = of(ONE)
    assert shared(without(own, stub), stub) == 0
    assert shared(own, without(own, stub)) == len(hashes_of(own)) - shared(own, stub)
    assert without(stub, stub) == b""


@given(st.integers(1, 400))
def test_it_is_bounded_however_long_the_file(count):
    lines = "".join(f"    a{i} = a{i} + {i} * b[{i}:]\n" for i in range(count))
    found = hashes_of(of(f"def f(b):\n{lines}"))
    assert 0 < len(found) <= MAX_HASHES
    assert sorted(set(found)) == list(found)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"x = 3",
        b"def f(:",
        b"\x00",
        b"def f():\n    pass\n",
        b"def f():\n return " + b"-" * 3000 + b"1",
        b"x = " + b"(" * 300,
    ],
)
def test_what_has_no_structure_gives_none(text):
    assert isinstance(read_structure(text, "layers.py"), bytes)


def test_a_number_beyond_any_text_is_no_obstacle():
    assert read_structure(b"def f():\n    return 0x" + b"f" * 20000, "layers.py") == b""


def test_a_confined_worker_has_all_that_it_takes():
    """Once a worker is confined nothing can be imported; NumPy imports some of its modules when they are used."""
    code = (
        "import ast, importlib, sys\n"
        "from grader.sandbox.ahead import LEAN\n"
        "for name in LEAN:\n    importlib.import_module(name)\n"
        "before = set(sys.modules)\n"
        "from grader.sandbox.loader import read_structure\n"
        f"assert len(read_structure({ONE.encode()!r}, 'layers.py')) > 40\n"
        "assert set(sys.modules) == before, set(sys.modules) - before\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
