"""Notebooks as students leave them: tests/notebooks/ holds one of each kind, graded whole.

The assignment is the small frozen one of tests/course. Each notebook whose name is not in PROBLEMS
has both functions right, whatever stands around them, and gets full marks.
"""

import json
import re
import sys
from pathlib import Path

import msgspec
import pytest
from trees import cell, notebook

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.intake.folder import read_submission
from grader.model import Limits, Status
from grader.pipeline import grade_submission

HERE = Path(__file__).parent
FOLDER = HERE / "notebooks"
NAMES = sorted(p.stem for p in FOLDER.glob("*.ipynb"))
NO_NOTEBOOK = "expected a notebook (JSON with cells); save it again in Jupyter"
PROBLEMS = {
    "cut_off": NO_NOTEBOOK,
    "no_cells": NO_NOTEBOOK,
    "not_json": NO_NOTEBOOK,
    "r_kernel": "expected a notebook in Python, and this one is in r",
}
LEFT_OUT = "this line outside any function raised and was left out"
REMARKS = {
    "broken_cell_between": [
        "code cell 3 is no Python and was left out: invalid syntax in its line 1",
        "code cell 5 is no Python and was left out: '(' was never closed in its line 1",
        "code cell 6 is no Python and was left out: expected ':' in its line 1",
    ],
    "exit_in_a_cell": [
        f"exit_in_a_cell.ipynb, code cell {number}, line {line}: {LEFT_OUT}"
        for number, line in ((2, 1), (4, 2), (6, 1), (6, 2))
    ],
    "plots_input_downloads_training": [
        "plots_input_downloads_training.ipynb as a whole did not end, so only its definitions, imports and constants "
        "were used",
        f"plots_input_downloads_training.ipynb, code cell 3, line 2: {LEFT_OUT}",
    ],
    "python2_kernel": [
        "the notebook is of Python 2; grading runs Python 3",
        "code cell 2 is no Python and was left out: Missing parentheses in call to 'print'. Did you mean print(...)? "
        "in its line 1 (this is Python 2; grading runs Python 3)",
    ],
    "several_definitions": [
        "affine_backward is defined in code cells 3 and 4 and 5; the one in cell 4 is graded",
        "rel_error is defined in code cells 6 and 7; the one in cell 7 is graded",
    ],
    "stored_errors_out_of_order": [
        f"stored_errors_out_of_order.ipynb, code cell {number}, line 1: {LEFT_OUT}" for number in (3, 4)
    ],
    "widgets": [f"widgets.ipynb, code cell 2, line 2: {LEFT_OUT}"],
}
linux = pytest.mark.skipif(sys.platform != "linux", reason="a zygote is Linux's")


@pytest.fixture(scope="module")
def key():
    whole = build_key(load_assignment(HERE / "course", "affine"), b"notebooks")
    return msgspec.structs.replace(whole, limits=Limits(wall=30.0, load_wall=1.0, total_wall=120.0))


def graded(key, zygote, path):
    return grade_submission(key, read_submission(path, key.file, "jdoe"), zygote, again=False)


@linux
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_graded_whatever_stands_around_the_functions(key, zygote, name):
    grade = graded(key, zygote, FOLDER / f"{name}.ipynb")
    if name in PROBLEMS:
        assert (Status.UNREADABLE, f"{name}.ipynb: {PROBLEMS[name]}") == (grade.status, grade.message)
    else:
        assert (Status.GRADED, grade.max_score) == (grade.status, grade.score)
        assert REMARKS.get(name, []) == grade.remarks


def of(tmp_path, data):
    (tmp_path / "layers.ipynb").write_bytes(data)
    return tmp_path / "layers.ipynb"


FORWARD = "def affine_forward(x, w, b):\n    return x.reshape(x.shape[0], -1) @ w + b, (x, w, b)\n"


@linux
@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import matplotlib.pyplot as plt\n", None),
        ("from past.builtins import xrange\n", None),
        ("from cs_helpers import *\nimport my_sibling\nfrom .utils import a\n", None),
    ],
)
def test_a_missing_import_costs_nothing_that_does_not_use_it(key, zygote, tmp_path, source, message):
    grade = graded(key, zygote, of(tmp_path, notebook(source, FORWARD)))
    assert (5.0, message, []) == (grade.score, grade.exercises[0].message, grade.remarks)


@linux
@pytest.mark.parametrize(
    ("source", "use", "module"),
    [
        ("import matplotlib.pyplot as plt", "plt.figure()", "matplotlib"),
        ("from past.builtins import xrange", "list(xrange(3))", "past"),
        ("import my_sibling", "my_sibling.f(x)", "my_sibling"),
    ],
)
def test_the_use_of_a_missing_import_is_told_with_the_modules_name(key, zygote, tmp_path, source, use, module):
    forward = FORWARD.replace("    return", f"    {use}\n    return")
    message = graded(key, zygote, of(tmp_path, notebook(source, forward))).exercises[0].message
    assert f"raised ModuleNotFoundError in code cell 2, line 2: {module} is not available in grading" in message


@linux
def test_an_exception_is_told_by_cell_and_line(key, zygote, tmp_path):
    source = [
        "# text",
        "import numpy as np\n",
        "\n\ndef helper(x):\n    return x.nope\n",
        FORWARD.replace("x.re", "helper(x).re"),
    ]
    exercise = graded(key, zygote, of(tmp_path, notebook(*source))).exercises[0]
    assert "raised AttributeError in code cell 3, line 4" in exercise.message
    assert [
        "layers.ipynb, code cell 4, line 2 in affine_forward",
        "layers.ipynb, code cell 3, line 4 in helper",
    ] == exercise.trace


@linux
def test_a_name_without_a_value_is_told_by_cell_and_line(key, zygote, tmp_path):
    backward = "def affine_backward(dout, cache):\n    x, w, b = cache\n    return dx, dout, b\n"
    exercise = graded(key, zygote, of(tmp_path, notebook(FORWARD, backward))).exercises[1]
    assert "not finished yet: dx has no value in code cell 2, line 3" == exercise.message


@linux
def test_outputs_of_megabytes_cost_nothing(key, zygote, tmp_path):
    image = {"output_type": "display_data", "data": {"image/png": "A" * (18 << 20)}, "metadata": {}}
    data = notebook(cell("import numpy as np", outputs=[image, {"value": float("nan")}]), FORWARD)
    assert 5.0 == graded(key, zygote, of(tmp_path, data)).score


def test_a_notebook_that_is_too_large_is_told(tmp_path):
    assert read_submission(of(tmp_path, notebook(cell("x", outputs=["A" * (40 << 20)]))), "layers.py", "jdoe").main
    path = of(tmp_path, notebook(cell("x", outputs=["A" * (48 << 20)])))
    assert (
        "layers.ipynb is larger than 48 MiB; clear its outputs, save it, and hand it in again"
        == read_submission(path, "layers.py", "jdoe").problem
    )


def test_too_much_code_is_told(tmp_path):
    path = of(tmp_path, notebook("x = 1\n" * 100_000))
    problem = read_submission(path, "layers.py", "jdoe").problem
    assert "layers.ipynb: expected a notebook, and its code cells hold more than 512 KiB of text" == problem


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b'{"cells": [' + b"[" * 500_000,
        b'{"cells": [], "metadata": ' + b'{"a":' * 500_000,
        b'{"cells": 1e999999}',
        b'{"cells": ' + b"9" * 100_000 + b"}",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf",
        b"null",
    ],
    ids=range(9),
)
def test_absurd_json_is_told(tmp_path, data):
    path = of(tmp_path, data)
    assert f"layers.ipynb: {NO_NOTEBOOK}" == read_submission(path, "layers.py", "jdoe").problem


@pytest.mark.parametrize("name", [n for n in NAMES if re.match(r"nbformat_4_|colab|vscode|magics", n)])
def test_the_fixtures_are_true_notebooks(name):
    import nbformat

    nbformat.validate(json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8")))


@linux
def test_the_imports_of_a_cell_that_is_no_python_are_kept_for_the_others(key, zygote, tmp_path):
    """The first cell of a notebook of Python 2 has the imports, and a print statement."""
    first = "from __future__ import print_function, division\nimport numpy as np\nprint 'numpy', np.__version__\nx = 1"
    forward = FORWARD.replace("x.reshape(x.shape[0], -1)", "np.reshape(x, (len(x), -1))")
    grade = graded(key, zygote, of(tmp_path, notebook(first, forward)))
    assert 5.0 == grade.score
    (remark,) = grade.remarks
    assert remark.startswith(
        "code cell 1 is no Python, and all of it but its imports was left out: Missing parentheses"
    )
