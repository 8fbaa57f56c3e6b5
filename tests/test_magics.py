"""What only IPython understands becomes a comment, and every line stays where it was."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.magics import CellError, to_python, written_file


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass  # %matplotlib inline\nx = 1"),
        ("!ls -l", "pass  # !ls -l"),
        ("files = !ls", "pass  # files = !ls"),
        ("t = %timeit -o f()", "pass  # t = %timeit -o f()"),
        ("a, b = !ls", "pass  # a, b = !ls"),
        ("?np.sum", "pass  # ?np.sum"),
        ("np.sum??", "pass  # np.sum??"),
        ("pip install numpy", "pass  # pip install numpy"),
        ("cd ..\nls", "pass  # cd ..\nls"),
        ("if x:\n    !ls\nelse:\n\t%cd ..", "if x:\n    pass  # !ls\nelse:\n\tpass  # %cd .."),
        ("!pip install \\\n  numpy \\\n  scipy\nx = 1", "pass  # !pip install \\\n# numpy \\\n# scipy\nx = 1"),
        ("!ls \\", "pass  # !ls"),
        ("%time x = f(1)", "x = f(1)"),
        ("%time", "pass  # %time"),
        ("%timeit x = f(1)", "pass  # %timeit x = f(1)"),
        ("%run helpers.py", "from helpers import *  # %run helpers.py"),
        ("%run other.ipynb", "pass  # %run other.ipynb"),
        ("\n%%time\nx = 1\n", "\n# %%time\nx = 1\n"),
        ("%%capture out\n%matplotlib inline\nx = 1", "# %%capture out\npass  # %matplotlib inline\nx = 1"),
        ("%%bash\nls 'x\n", "# %%bash\n# ls 'x\n# "),
        ("%%writefile a.py\nx = 1", "# %%writefile a.py\n# x = 1"),
        ("s = '''\n%no magic\n!nor this\n'''\n%cd", "s = '''\n%no magic\n!nor this\n'''\npass  # %cd"),
        ("x = 7 \\\n% 3", "x = 7 \\\n% 3"),
        ("get_ipython().system('ls')", "get_ipython().system('ls')"),
        ("a = 1\n\x0cb = 2", "a = 1\n\x0cb = 2"),
        ("", ""),
    ],
)
def test_magics_are_neutralised_line_for_line(cell, python):
    assert python == to_python(cell)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("def f(:", "invalid syntax in its line 1"),
        ("x = 1\n%cd\ny = (", "'(' was never closed in its line 3"),
        ("a = '\x00'", "it holds null bytes"),
        (
            "print 'a'",
            "Missing parentheses in call to 'print'. Did you mean print(...)? in its line 1 (this is Python 2; grading runs Python 3)",
        ),
        ("((" * 300, "too many nested parentheses in its line 1"),
        ("-" * 100_000 + "1", "it cannot be read"),
    ],
)
def test_a_cell_that_is_no_python_is_told_with_its_line(cell, told):
    with pytest.raises(CellError) as error:
        to_python(cell)
    assert told == str(error.value)


LINES = [
    "%matplotlib inline",
    "!ls",
    "x = 1",
    "    y = 2",
    "def f():",
    "'''",
    "x?",
    "%%time",
    "a = !b",
    "# %c",
    "f(",
    ")",
    "\\",
    "%time z = 3",
    "",
]


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_any_cell_becomes_python_of_as_many_lines_or_is_told(lines):
    cell = "\n".join(lines)
    try:
        python = to_python(cell)
    except CellError:
        return
    ast.parse(python)
    assert cell.count("\n") == python.count("\n")


@given(st.text(max_size=200))
def test_any_text_is_python_or_told(text):
    try:
        ast.parse(to_python(text))
    except CellError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("%%writefile a.py\nx = 1", ("a.py", "x = 1")),
        ('\n%%file -a "./a.py"\nx', ("a.py", "x")),
        ("%%writefile ../a.py\nx", None),
        ("%%writefile /etc/a.py\nx", None),
        ("%%writefile a.txt\nx", None),
        ("x = 1", None),
    ],
)
def test_a_cell_may_write_a_module(cell, written):
    assert written == written_file(cell)
