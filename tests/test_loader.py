"""A student's file is read statement by statement: one that fails costs no function beside it."""

import math
import sys

import numpy as np
import pytest

from grader.model import Raised
from grader.sandbox import loader
from grader.sandbox.loader import MAX_BROKEN, load, raised, read_program


@pytest.fixture(autouse=True)
def clean_imports():
    """What a load leaves behind in this process, where a worker would end."""
    kept, finders = dict(sys.modules), list(sys.meta_path)
    yield
    sys.meta_path[:] = finders
    for name in sys.modules.keys() - kept.keys():
        del sys.modules[name]
    sys.modules.update(kept)


def read(text, *, definitions_only=False, **others):
    """What came of a file work.py, and its names."""
    files = {"work.py": text if isinstance(text, bytes) else text.encode()}
    files |= {f"{name}.py": source.encode() for name, source in others.items()}
    return load(read_program(files, "work.py", definitions_only), files)


def told(loaded):
    return [(b.type_name, b.frames[0][0] if b.frames else None) for b in loaded.broken]


# ----------------------------------------------------------------------- statement by statement


def test_a_file_gives_its_names():
    loaded, space = read("import numpy as np\nA = 3\ndef f(x):\n    return A * np.sum(x)\n")
    assert (None, [], False) == (loaded.unreadable, loaded.broken, loaded.definitions_only)
    assert 9.0 == space["f"]([1, 2])


def test_another_file_is_parsed_once(monkeypatch):
    parsed, parse = [], loader.parse
    monkeypatch.setattr(loader, "parse", lambda text, name: parsed.append(name) or parse(text, name))
    loaded, space = read("import other\nfrom other import g\n", other="import broken\ng = 7\n", broken="g = (\n")
    assert 7 == space["g"] == space["other"].g
    assert [] == loaded.broken
    assert ["work.py", "other.py", "broken.py", "broken.py"] == parsed, "what is no Python says so where it is imported"


def test_a_statement_that_raises_is_left_out_and_the_others_run():
    loaded, space = read("a = 1\nb = 1 / 0\nc = a + 1\nd = b + 1\ndef f():\n    return c\n")
    assert [("ZeroDivisionError", 2), ("NameError", 4)] == told(loaded)
    assert 2 == space["f"]()
    assert "b" not in space


@pytest.mark.parametrize(
    "statement",
    [
        "raise SystemExit(0)",
        "import sys; sys.exit('bye')",
        "exit_now = quit()",
        "raise KeyboardInterrupt",
        "raise BaseException",
    ],
)
def test_a_file_that_wants_to_end_does_not(statement):
    loaded, space = read(f"{statement}\ndef f():\n    return 1\n")
    assert 1 == len(loaded.broken)
    assert 1 == space["f"]()


def test_no_more_than_a_few_broken_statements_are_told():
    loaded, space = read("1 / 0\n" * 100 + "x = 1\n")
    assert MAX_BROKEN == len(loaded.broken)
    assert 1 == space["x"]


def test_the_main_guard_is_not_run():
    _loaded, space = read('ran = 0\nif __name__ == "__main__":\n    ran = 1\n')
    assert 0 == space["ran"]


def test_functions_see_each_other_and_classes_work():
    source = "class Net:\n    def go(self):\n        return helper(self)\n\ndef helper(net):\n    return type(net).__name__\n"
    _loaded, space = read(source)
    assert "Net" == space["Net"]().go()


def test_dataclasses_work_because_the_module_is_known():
    source = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 3\n"
    )
    loaded, space = read(source)
    assert [] == loaded.broken
    assert 3 == space["P"]().x


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, x):\n    return x\n",
        "def g():\n    return 1\n\nbreak\n",
        "def f():\n    nonlocal x\n",
        "return 3\n",
        "def f(x):\n    global x\n",
    ],
)
def test_what_python_refuses_only_when_it_compiles_is_told_with_its_line(source):
    loaded, _space = read(f"a = 1\n{source}")
    ((kind, line),) = told(loaded)
    assert "SyntaxError" == kind
    assert line is not None
    assert line >= 2


# ------------------------------------------------------------------------------- future imports


def test_a_future_import_counts_for_what_follows():
    source = '"""Doc."""\nfrom __future__ import annotations\ndef f(x: no_such_name) -> neither: return x\n'
    loaded, space = read(source)
    assert [] == loaded.broken
    assert {"x": "no_such_name", "return": "neither"} == space["f"].__annotations__


def test_a_future_import_in_the_middle_as_notebooks_have_it_is_taken():
    loaded, space = read("a = 1\nfrom __future__ import annotations\ndef f(x: nowhere): return x\n")
    assert [] == loaded.broken
    assert 5 == space["f"](5)


def test_our_own_future_imports_do_not_count_for_students():
    _loaded, space = read("def f(x: 1 + 1): return x\n")
    assert {"x": 2} == space["f"].__annotations__


def test_a_future_that_never_comes_is_one_broken_statement():
    loaded, space = read("from __future__ import braces_at_last\nx = 1\n")
    assert 1 == len(loaded.broken)
    assert 1 == space["x"]


# ------------------------------------------------------------------------------ missing imports


@pytest.mark.parametrize(
    ("statement", "use", "module"),
    [
        ("import torch", "torch.ones(3)", "torch"),
        ("import torch as t", "t.ones(3)", "torch"),
        ("import torch.nn", "torch.nn.Linear(3, 4)", "torch"),
        ("import torch.nn.functional as F", "F.relu(3)", "torch"),
        ("from torch import ones", "ones(3)", "torch"),
        ("from torch.nn import Linear as L", "L(3)", "torch"),
        ("import scipy.special, math", "scipy.special.expit(3)", "scipy"),
        ("import matplotlib.pyplot as plt", "plt.figure()", "matplotlib"),
    ],
)
def test_an_import_that_is_not_there_fails_where_it_is_used(statement, use, module):
    loaded, space = read(f"{statement}\ndef f():\n    return 7\ndef g():\n    return {use}\n")
    assert [] == loaded.broken
    assert 7 == space["f"]()
    with pytest.raises(ModuleNotFoundError, match=rf"^{module} is not available in grading$"):
        space["g"]()


@pytest.mark.parametrize("use", ["m.x", "m()", "m[0]", "m.x.y(3)", "list(m)", "setattr(m, 'a', 1)"])
def test_every_use_of_a_missing_module_names_it(use):
    loaded, _space = read(f"import missing as m\nvalue = {use}\n")
    (broken,) = loaded.broken
    assert ("ModuleNotFoundError", "missing is not available in grading") == (broken.type_name, broken.message)


def test_a_missing_module_beside_a_with_statement_is_one_broken_statement():
    loaded, space = read("import torch\nwith torch:\n    pass\ny = 2\n")
    assert [("ModuleNotFoundError", 2)] == told(loaded)
    assert 2 == space["y"]


def test_a_student_may_ask_for_a_module_and_go_without():
    source = "try:\n    import torch\nexcept ImportError:\n    torch = None\n"
    loaded, space = read(source)
    assert ([], None) == (loaded.broken, space["torch"])


def test_everything_of_a_missing_module_costs_nothing_else():
    loaded, space = read("from torch import *\nx = 1\n")
    assert (["torch is not available in grading"], 1) == ([b.message for b in loaded.broken], space["x"])


def test_python_and_numpy_are_there():
    loaded, space = read(
        "import math\nfrom numpy.linalg import norm\nimport numpy.random as r\nx = norm([3, 4]) + math.pi\n"
    )
    assert [] == loaded.broken
    assert math.isclose(5 + math.pi, space["x"])


# ---------------------------------------------------------------------------- several own files


def test_a_students_other_file_can_be_imported():
    loaded, space = read("from layers import twice\nx = twice(4)\n", layers="def twice(x):\n    return 2 * x\n")
    assert ([], 8) == (loaded.broken, space["x"])


@pytest.mark.filterwarnings("ignore:can't resolve package:ImportWarning")
@pytest.mark.parametrize(
    ("statement", "use"),
    [
        ("from .layers import twice", "twice"),
        ("from .layers import *", "twice"),
        ("from . import layers", "layers.twice"),
    ],
)
def test_an_import_relative_to_a_package_finds_the_students_other_file(statement, use):
    loaded, space = read(f"{statement}\nx = {use}(4)\n", layers="def twice(x):\n    return 2 * x\n")
    assert ([], 8) == (loaded.broken, space["x"])


@pytest.mark.filterwarnings("ignore:can't resolve package:ImportWarning")
def test_a_file_that_was_not_handed_in_is_named():
    _loaded, space = read("from . import helpers\ndef f():\n    return helpers.g()\n")
    with pytest.raises(ModuleNotFoundError, match=r"^helpers is not available in grading$"):
        space["f"]()


def test_two_files_that_import_each_other_end():
    loaded, space = read(
        "import other\ndef f():\n    return other.g()\n", other="import work\ndef g():\n    return 5\n"
    )
    assert ([], 5) == (loaded.broken, space["f"]())


def test_a_broken_statement_of_another_file_costs_that_statement():
    loaded, space = read("import other\nx = other.b\n", other="a = 1 / 0\nb = 2\n")
    assert ([], 2) == (loaded.broken, space["x"])


def test_another_file_that_is_no_python_is_one_broken_import():
    loaded, space = read("import other\nx = 1\n", other="def f(:\n")
    assert ["SyntaxError"] == [b.type_name for b in loaded.broken]
    assert 1 == space["x"]


def test_frames_of_all_own_files_are_told():
    _loaded, space = read("import other\ndef f():\n    return other.g()\n", other="def g():\n    return 1 / 0\n")
    with pytest.raises(ZeroDivisionError) as error:
        space["f"]()
    assert [(3, "f"), (2, "g")] == raised(error.value, {"work.py", "other.py"}).frames
    assert [(3, "f")] == raised(error.value, {"work.py"}).frames


# ----------------------------------------------------------------------------- definitions only


def test_definitions_imports_and_constants_are_kept_and_nothing_else_runs():
    source = """
import math
import numpy as np
from math import pi
A = 3
B: int = [1, 2]
C = np.zeros(2)
D = compute()
E = np.array(loop())
print("never")
while True:
    pass
for i in range(10**12):
    pass
class K:
    pass
def f():
    return A + B[0]
async def g():
    pass
f()
"""
    loaded, space = read(source, definitions_only=True)
    assert (True, []) == (loaded.definitions_only, loaded.broken)
    assert 4 == space["f"]()
    assert {"math", "np", "pi", "A", "B", "C", "K", "f", "g"} <= space.keys()
    assert not {"D", "E", "i"} & space.keys()


# --------------------------------------------------------------------------------- no Python


def unreadable(source):
    loaded, space = read(source)
    assert {} == space
    return loaded.unreadable


def test_a_syntax_error_is_told_with_its_line_and_a_caret():
    text = unreadable("import numpy as np\n\ndef f(x):\n    y = (x +\n    return y\n")
    assert "work.py:4: '(' was never closed\n    y = (x +\n        ^" == text


def test_the_caret_stands_under_the_character_even_behind_other_letters():
    text = unreadable("def f(x):\n        größe_ä = x $ 2\n")
    first, line, caret = text.splitlines()
    assert "work.py:2: invalid syntax" == first
    assert "$" == line[caret.index("^")]


def test_tabs_before_the_error_do_not_move_the_caret():
    text = unreadable("def f(x):\n\t\treturn x $ 2\n")
    _first, line, caret = text.splitlines()
    assert "$" == line[caret.index("^")]


def test_windows_line_ends_leave_nothing_behind():
    text = unreadable("def f(x):\r\n    return x $ 2\r\n")
    assert "\r" not in text
    assert "work.py:2: invalid syntax" == text.splitlines()[0]


def test_an_indentation_error_is_told():
    assert unreadable("def f(x):\nreturn x\n").startswith(
        "work.py:2: expected an indented block after function definition on line 1\n    return x\n"
    )


def test_a_print_of_python_2_is_told():
    text = unreadable("print 'hello'\n")
    first = text.splitlines()[0]
    assert (
        "work.py:1: Missing parentheses in call to 'print'. Did you mean print(...)? "
        "This is Python 2; grading runs Python 3."
    ) == first


def test_null_bytes_are_told():
    told = "work.py: holds null bytes, so it is no text in UTF-8; save it again as UTF-8"
    assert told == unreadable(b"x = 1\x00\n")
    assert told == unreadable("x = 1\n".encode("utf-16-le"))


def test_another_encoding_is_told():
    assert unreadable("x = 'größe'\n".encode("latin-1")).startswith("work.py:1: (unicode error) 'utf-8' codec")
    assert unreadable(b"# -*- coding: klingon -*-\n").startswith("work.py:")


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfx = 1\n",
        "# -*- coding: latin-1 -*-\nx = len('ö')\n".encode("latin-1"),
        b"x = 1\r\n",
        b"x = 1",
        "größe = 1; x = größe\n".encode(),
    ],
)
def test_what_editors_write_is_read(source):
    loaded, space = read(source)
    assert (None, 1) == (loaded.unreadable, space["x"])


def test_an_empty_file_is_python():
    loaded, _space = read(b"")
    assert None is loaded.unreadable


@pytest.mark.parametrize("source", ["(" * 5000, "-" * 100_000 + "1", "a." * 20_000 + "b"])
def test_a_file_too_deep_for_python_is_told_or_left_out(source):
    loaded, _space = read(source)
    assert loaded.unreadable or loaded.broken


def test_a_long_line_is_cut():
    text = unreadable("x = '" + "a" * 100_000 + "\n")
    assert 600 > len(text)


# ---------------------------------------------------------------------------------- exceptions


def caught(function):
    with pytest.raises(BaseException) as error:
        function()
    return error.value


def test_an_exception_keeps_the_students_frames_alone():
    _loaded, space = read(
        "import numpy as np\ndef f():\n    return g()\ndef g():\n    return np.ones(2) @ np.ones(3)\n"
    )
    told = raised(caught(space["f"]), {"work.py"})
    assert ("ValueError", "builtins", [(3, "f"), (5, "g")]) == (told.type_name, told.module, told.frames)
    assert "mismatch" in told.message


def test_frames_are_few_however_deep_it_went():
    _loaded, space = read("def f():\n    return f()\n")
    assert 50 == len(raised(caught(space["f"]), {"work.py"}).frames)


class Hostile(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def test_an_exception_without_a_text_has_none():
    assert Raised("Hostile", __name__, "") == raised(Hostile(), set())


def test_an_exception_says_no_more_than_a_bounded_text():
    assert Raised("E" * 60, "m" * 60, "x" * 1000) == raised(
        type("E" * 100, (Exception,), {"__module__": "m" * 100})("x" * 5000), set()
    )


class Meta(type):
    def __getattribute__(cls, name):
        if name in ("__name__", "__module__"):
            raise RuntimeError("no name")
        return super().__getattribute__(name)


def test_an_exception_whose_class_refuses_its_name_is_told_all_the_same():
    assert isinstance(raised(Meta("E", (Exception,), {})("text"), set()).type_name, str)


def test_arrays_as_arguments_of_an_exception_are_text():
    assert "[1. 2.]" == raised(ValueError(np.array([1.0, 2.0])), set()).message


@pytest.mark.parametrize(
    "use",
    [
        "m.f()", "m()", "m[0]", "list(m)", "next(m)", "len(m)", "m + 1", "1 + m", "m * 2.0", "2 * m", "m @ m", "m / 2",
        "1 - m", "m - 1", "m ** 2", "2 ** m", "-m", "m < 1", "1 in m", "float(m)", "int(m)", "[0][m]", "np.exp(m)",
        "np.zeros(2) + m", "np.zeros(2) @ m", "if m: pass", "with m: pass", "m.x = 1", "m[0] = 1", "for _ in m: pass",
        "class A(m): pass", "class A(m.B): pass",
    ],
)  # fmt: skip
def test_any_use_of_a_module_that_is_not_there_says_its_name(use):
    _loaded, space = read(f"import numpy as np\nimport missing as m\ndef f():\n    {use}\ndef g():\n    return 1\n")
    assert 1 == space["g"]()
    with pytest.raises(ModuleNotFoundError, match=r"^missing is not available in grading$"):
        space["f"]()


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef f(x: torch.Tensor) -> torch.Tensor:\n    return x\n",
        "from jaxtyping import Float\nclass A:\n    def f(self, x: Float['n d']):\n        return x\nf = A().f\n",
        "import torch\nasync def g(x: torch.Tensor):\n    pass\ndef f(x: 'torch.Tensor'):\n    return x\n",
    ],
)
def test_an_annotation_is_no_use(source):
    loaded, space = read(source)
    assert [] == loaded.broken
    assert 3 == space["f"](3)


def test_a_default_value_or_a_decorator_is_a_use():
    loaded, space = read("import numba\n@numba.jit\ndef f(x):\n    return x\ndef g(x=numba.one):\n    return x\n")
    assert ["numba is not available in grading"] * 2 == [b.message for b in loaded.broken]
    assert {"f", "g"}.isdisjoint(space)


def test_an_import_of_everything_that_is_not_there_is_told():
    loaded, space = read("from helpers import *\ndef f():\n    return 1\n")
    assert [("ModuleNotFoundError", 1)] == told(loaded)
    assert 1 == space["f"]()
