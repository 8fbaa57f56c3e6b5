"""What could keep something between calls is told from the text alone; what students write every day is not suspected."""

import collections
import types
from pathlib import Path

import numpy as np
import pytest

from grader.sandbox.loader import read_program
from grader.sandbox.state import PURE, SUSPECTS

ROOT = Path(__file__).resolve().parent.parent


def suspected(source, **others):
    files = {"work.py": source.encode()} | {f"{name}.py": text.encode() for name, text in others.items()}
    return read_program(files, "work.py", False).keeps_state


KEEPING = {
    "a global": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return n\n",
    "a list at top level": "seen = []\ndef f(x):\n    seen.append(x)\n",
    "another name of it": "seen = []\nother = seen\ndef f(x):\n    other.append(x)\n",
    "a list of a comprehension": "seen = [0 for _ in range(3)]\ndef f(x):\n    seen[0] = x\n",
    "a default": "def f(x, seen=[]):\n    seen.append(x)\n",
    "a function's attribute": "def f(x):\n    f.seen.append(x)\nf.seen = []\n",
    "a function's attribute, set by name": "def f(x):\n    f.seen.append(x)\nsetattr(f, 's' + 'een', [])\n",
    "a class's attribute": "class C:\n    seen = []\n    def f(self):\n        self.seen.append(1)\n",
    "a decorator": "import functools\n@functools.lru_cache\ndef f(x):\n    return x\n",
    "a name of NumPy's": "import numpy as np\nnp.seen = []\ndef f(x):\n    np.seen.append(x)\n",
    "a name of NumPy's, set otherwise": "import numpy as np\nvars(np)['seen'] = []\ndef f(x):\n    np.seen.append(x)\n",
    "NumPy's own dict": "import numpy as np\ndef f(x):\n    np.typecodes['seen'] = x\n",
    "NumPy's own dict by another name": "from numpy import typecodes as t\ndef f(x):\n    t['seen'] = x\n",
    "a module that registers": "import logging\ndef f(x):\n    logging.addLevelName(7, 'seen')\n",
    "a module's own dict": "import copyreg\ndef f(x):\n    copyreg.dispatch_table['seen'] = x\n",
    "all of a module": "from logging import *\ndef f(x):\n    addLevelName(7, 'seen')\n",
    "a name given in a with": "import numpy as np\nwith np.errstate():\n    seen = []\ndef f(x):\n    seen.append(x)\n",
    "memory that was never filled": "import numpy as np\ndef f(x):\n    return np.empty(3)\n",
}


@pytest.mark.parametrize("how", KEEPING)
def test_what_can_keep_something_is_suspected(how):
    assert suspected(KEEPING[how])


@pytest.mark.parametrize(
    "source",
    [
        "import layers\ndef f(x):\n    layers.seen.append(x)\n",
        "from layers import seen\ndef f(x):\n    seen.append(x)\n",
        "from layers import seen as s\ndef f(x):\n    s.append(x)\n",
        "from .layers import seen\ndef f(x):\n    seen.append(x)\n",
    ],
)
def test_what_another_file_of_the_student_keeps_counts_too(source):
    assert suspected(source, layers="seen = []\n")


DAILY = {
    "imports, functions and numbers": "import numpy as np\nfrom typing import Tuple\nSTEP = 1e-5\ndef f(x: Tuple) -> float:\n    y = np.zeros(3)\n    y[0] = np.sum(x) * STEP\n    return y\n",
    "a function that calls another": "import numpy as np\ndef g(x):\n    return np.maximum(x, 0)\ndef f(x):\n    return [g(v) for v in x]\n",
    "a try-out below": "import numpy as np\ndef f(x):\n    return np.dot(x, x)\nprint(f(np.ones(3)))\nif __name__ == '__main__':\n    a = 3\n    print(f(a))\n",
    "pure modules": "import math\nfrom itertools import product\nimport numpy.linalg as la\ndef f(x):\n    return la.norm(x) + math.pi + len(list(product(x, x)))\n",
}


@pytest.mark.parametrize("what", DAILY)
def test_what_students_write_every_day_is_not_suspected(what):
    assert not suspected(DAILY[what])


@pytest.mark.parametrize("name", ["affine/layers.py", "activations/activations.py", "derivatives/derivatives.py"])
def test_references_are_not_suspected(name):
    assert not suspected((ROOT / "solutions" / name).read_text("utf-8"))


def test_a_function_of_another_file_is_not_suspected():
    assert not suspected("import layers\ndef f(x):\n    return layers.g(x)\n", layers="def g(x):\n    return x\n")


def test_all_that_can_be_changed_in_a_pure_module_is_suspected():
    changeable = (dict, list, set, bytearray, collections.deque, np.ndarray, types.ModuleType)
    for name in PURE - {"typing", "__future__"}:
        module = __import__(name, fromlist=["x"])
        found = {n for n in vars(module) if not n.startswith("_") and isinstance(getattr(module, n), changeable)}
        found -= {n for n in found if f"{name}.{n}" in PURE or n == "abc"}
        assert found <= SUSPECTS, f"{name} holds {found - SUSPECTS}"
