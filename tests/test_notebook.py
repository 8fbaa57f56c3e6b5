"""`grader.check` in a notebook, a console and a file: the cells that were run, the table, and where there are no processes."""

import ast
import html.parser
import shutil
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import grader
from grader.keyfile import load_examples
from grader.student import notebook
from grader.student.notebook import answers, check, definitions, from_cells, literal
from grader.texts import say

LIMITS_OFF = say("notebook.limits_off")
ROOT = Path(__file__).resolve().parent.parent


class Shell:
    """An IPython as far as a check sees it: cells are run in order and remembered, and magics are registered."""

    def __init__(self):
        self.user_ns = {"__name__": "__main__"}
        self.history_manager = types.SimpleNamespace(input_hist_raw=[""])
        self.magics = {}

    def run_cell(self, text):
        self.last = None
        tree = ast.parse(text)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        try:
            exec(compile(tree, "cell", "exec"), self.user_ns)
            if last is not None:
                self.last = eval(compile(ast.Expression(last.value), "cell", "eval"), self.user_ns)
        except Exception:
            return types.SimpleNamespace(success=False)
        return types.SimpleNamespace(success=True)

    def cell(self, text):
        """Run a cell as a user does; what it shows."""
        self.history_manager.input_hist_raw.append(text)
        if text.startswith("%"):
            first, _newline, rest = text.partition("\n")
            words = first.lstrip("%").split(" ", 1)
            line = words[1] if len(words) > 1 else ""
            return self.magics[words[0]](line, rest) if text.startswith("%%") else self.magics[words[0]](line)
        self.run_cell(text)
        return self.last

    def register_magic_function(self, function, kind, name):
        assert kind == "line_cell"
        self.magics[name] = function


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "assignments" / "affine", tmp_path / "affine")
    monkeypatch.chdir(tmp_path / "affine")
    monkeypatch.setenv("GRADER_SPAWN", "1")  # as beside a kernel's threads
    return tmp_path / "affine"


@pytest.fixture
def shell(monkeypatch):
    shell = Shell()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    shell.cell("import numpy as np\nimport grader")
    return shell


WRONG = "def dL_dX(dL_dY, w):\n    grad = dL_dY @ w\n    return grad"
RIGHT = "def dL_dX(dL_dY, w):\n    return dL_dY @ w.T"


def test_the_cells_that_were_run_are_checked_in_a_process_of_their_own(folder, shell):
    shell.cell("from pathlib import Path\nprint('never run again')\nPath('mark.txt').write_text('once')")
    (folder / "mark.txt").unlink()
    shell.cell(WRONG)
    shown = shell.cell("x = 1\ngrader.check('dL_dX')")
    assert not shown.passed
    text = repr(shown)
    assert text.startswith(
        "affine  ✗  0 of 1 done\n\n✗ dL_dX  The gradient of the input\n\n  grad: w is not transposed.\n"
    )
    assert 'A hint: grader.check("dL_dX", hint=True)' in text
    assert (
        "  your own lines, the last one raised:\n    this notebook, code cell 3, line 2 in dL_dX\n        grad = dL_dY @ w"
        in text
    )
    assert LIMITS_OFF not in text
    assert not (folder / "mark.txt").exists()
    shell.cell(RIGHT)
    assert shell.cell("grader.check('dL_dX')").passed
    assert not shell.cell("grader.check()").passed


def test_magics_check_and_run_their_cell_first(folder, shell):
    grader.load_ipython_extension(shell)
    assert shell.cell(f"%%check dL_dX\n{RIGHT}").passed
    shell.cell(WRONG)
    assert "hint 1 of" in repr(shell.cell("%check dL_dX --hint"))
    assert shell.cell("%%check dL_dX\n1 / 0") is None, "the cell's own error is enough"


class Tags(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.data = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.data += data


def test_the_table_has_no_script_no_address_and_no_colour_of_its_own(folder, shell):
    shell.cell(WRONG.replace("return grad", "print('<script>alert(1)</script>')\n    return grad.T @ grad"))
    shown = shell.cell("grader.check('dL_dX')")
    text = shown._repr_html_()
    found = Tags(text)
    assert set(found.tags) == {"div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "pre"}
    assert {name for name, _value in found.attributes} <= {"class", "scope", "title"}
    assert "http" not in text and "url(" not in text and "#" not in text.split("</style>")[0]
    style = text.split("<style>")[1].split("</style>")[0]
    assert all(line.startswith(".nabla-check") for line in style.strip().splitlines())
    assert "✗" in found.data and "dL_dX" in found.data and "two_by_two" in found.data
    shell.cell(RIGHT)
    passed = shell.cell("grader.check('dL_dX')")._repr_html_()
    assert "✓ passed" in Tags(passed).data and "Visible cases passed." in passed


def test_a_message_stands_in_place_of_a_table(folder, shell):
    shown = shell.cell("grader.check('nope')")
    assert not shown.passed and repr(shown).startswith(
        "nope: expected one of this assignment's exercises (flatten_batch"
    )
    assert shown._repr_html_().startswith("<p>nope: ")
    (folder / "examples.json").unlink()
    assert repr(shell.cell("grader.check()")).startswith("examples.json: expected the examples that came with")


@pytest.mark.parametrize("variable", [True, False])
def test_without_processes_the_functions_are_called_here_and_that_is_said(folder, shell, monkeypatch, variable):
    if variable:
        monkeypatch.setenv("GRADER_INSIDE", "1")
    else:
        monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(subprocess, "Popen", None)
    shell.cell("calls = []")
    shell.cell(
        "def dL_dX(dL_dY, w):\n    calls.append(1)\n    dL_dY[:] = 7\n    print('hello')\n    return dL_dY @ w.T"
    )
    shown = shell.cell("grader.check('dL_dX')")
    text = repr(shown)
    assert not shown.passed and LIMITS_OFF in " ".join(text.split()) and LIMITS_OFF in shown._repr_html_()
    assert "you modified dL_dY in place" in text and "it printed:\n    hello" in text
    assert len(shell.user_ns["calls"]) == 3
    shell.cell(RIGHT)
    assert shell.cell("grader.check('dL_dX')").passed


def test_inside_a_wrong_backward_function_is_held_against_its_forward_function(folder, shell, monkeypatch):
    monkeypatch.setenv("GRADER_INSIDE", "1")
    shell.cell("def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w, b)")
    shell.cell(
        "def affine_backward(dout, cache):\n    x, w, b = cache\n    return (dout @ w.T).reshape(x.shape), "
        "1.7 * x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)"
    )
    assert "dw is not the derivative of your own affine_forward" in repr(shell.cell("grader.check('affine_backward')"))


def test_random_numbers_of_the_session_are_its_own_again(folder, shell, monkeypatch):
    monkeypatch.setenv("GRADER_INSIDE", "1")
    np.random.seed(7)
    wanted = np.random.random(2)
    np.random.seed(7)
    first = np.random.random()
    shell.cell(RIGHT)
    shell.cell("grader.check('dL_dX')")
    assert [first, np.random.random()] == list(wanted)


def test_answers_that_are_numbers_are_those_of_the_session(tmp_path, monkeypatch, shell):
    shutil.copytree(ROOT / "assignments" / "two_by_two", tmp_path / "two_by_two")
    monkeypatch.chdir(tmp_path / "two_by_two")
    shell.cell("X = np.array([[0, 1], [2, 3]])\nW = np.ones((2, 2))\nY = X @ W\nL = float(sum((Y**2).flat))")
    shell.cell("dL_df = [[1, 1], [1, 1]]")
    text = repr(shell.cell("grader.check()"))
    assert text.startswith("two_by_two  ✓✓···  2 of 5 done\n")


def test_a_file_that_asks_for_a_check_of_itself_is_checked_once(folder):
    text = (folder / "layers.py").read_text("utf-8")
    begin = text.index("    # your code here", text.index("def dL_dX("))
    text = text[:begin] + "    grad = dL_dY @ w.T" + text[begin + len("    # your code here") :]
    text = f"import grader\n{text}\nshown = grader.check('dL_dX')\nprint(shown)\n"
    (folder / "layers.py").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "layers.py"], capture_output=True, text=True, encoding="utf-8", check=True, timeout=60,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.stdout.startswith("affine  ✓  1 of 1 done\n") and done.stdout.count("1 of 1 done") == 1


def test_a_console_has_no_file_and_is_checked_here(folder):
    def dL_dX(dL_dY, w):
        return dL_dY @ w.T

    shown = check(["dL_dX"], {"dL_dX": dL_dX})
    assert shown.passed and shown.note == LIMITS_OFF


def test_a_stub_that_a_notebook_imports_is_checked_as_a_file(folder, shell):
    function = types.FunctionType((lambda dL_dY, w: None).__code__, {}, "dL_dX")
    function.__module__ = "layers"
    shell.user_ns["dL_dX"] = function
    assert repr(check(["dL_dX"], shell.user_ns)).startswith("affine  ·  0 of 1 done\n")


def test_definitions_keep_their_lines():
    source = b"import numpy as np\nprint(1)\n@np.vectorize\ndef f(x):\n    return x\n\nfor i in range(9):\n    f(i)\nn = 3\nm = f(2)\n"
    assert definitions(source).split(b"\n") == [
        b"import numpy as np", b"", b"@np.vectorize", b"def f(x):", b"    return x", b"", b"", b"", b"n = 3", b"", b"",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"), (2.5, "2.5"), (np.float64(1), "1.0"), (np.eye(2), "[[1.0, 0.0], [0.0, 1.0]]"), ([[1, 2]], "[[1, 2]]"),
        (None, None), (True, None), ("text", None), (np.nan, None), ([1, [2]], None), ({}, None), (np.zeros(9999), None),
    ],
)  # fmt: skip
def test_an_answer_as_python(value, text):
    assert literal(value) == text


def test_what_is_no_answer_is_not_written():
    key = load_examples((ROOT / "assignments" / "affine" / "examples.json").read_bytes(), "examples")
    assert answers(key, {"dL_dX": 3}) == b"\n"
    work = from_cells(Path("."), key, ["x = 1", "", "def dL_dX(:", "import os; os._exit(0)"], {})
    assert work.notebooks["layers.py"].name == "this notebook"


def test_the_package_itself_imports_nothing_heavy():
    code = (
        "import sys, grader; print(sorted(m for m in sys.modules if m.split('.')[0] in ('numpy', 'msgspec', 'click')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
    assert notebook.no_processes() is False
