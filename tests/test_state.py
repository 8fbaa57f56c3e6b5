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
    for name in PURE:
        module = __import__(name, fromlist=["x"])
        found = {n for n in vars(module) if not n.startswith("_") and isinstance(getattr(module, n), changeable)}
        found -= {n for n in found if n == "abc" or getattr(getattr(module, n), "__name__", "") in PURE}
        assert found <= SUSPECTS, f"{name} holds {found - SUSPECTS}"


PLAIN = "import numpy as np\n"

HONEST = {
    "the reference's way": "def f(x, w, b):\n    y = x @ w + b\n    return y, (x, w, b)\n",
    "loops and local arrays": "def f(x):\n    y = np.zeros_like(x)\n    for i in range(2):\n        y[i] += x[i] * 2\n    return y\n",
    "a helper": "def g(x):\n    return x + 1\ndef f(x):\n    return g(x)\n",
    "a constant": "EPS = 1e-5\ndef f(x):\n    return x / EPS\n",
    "a default that is a number": "def f(x, eps=1e-5, shape=(1, 2)):\n    return x / eps\n",
    "an inner function": "def f(x):\n    def g(y):\n        return y + x\n    return g(x)\n",
    "a comprehension": "def f(x):\n    return np.array([v for v in x])\n",
    "its own demonstration": "def f(x):\n    return x\nif __name__ == '__main__':\n    print(f(3))\n",
    "a plot at the end": "def f(x):\n    return x\nprint(f(3))\n",
    "a private helper": "def _g(x):\n    return x + 1\ndef f(x):\n    return _g(x) * sum(v for v in x)\n",
    "in place on its own array": "def f(x):\n    y = x.copy()\n    y *= 2\n    return y\n",
}

ROUNDABOUT = {
    "global": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x + n\n",
    "a list beside it": "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)\n",
    "a dict beside it": "seen = {}\ndef f(x):\n    seen[0] = x\n    return x\n",
    "an array beside it": "memory = np.zeros(3)\ndef f(x):\n    memory[:] = x\n    return x\n",
    "a default that can change": "def f(x, seen=[]):\n    seen.append(x)\n    return len(seen)\n",
    "an attribute of itself": "def f(x):\n    f.calls = getattr(f, 'calls', 0) + 1\n    return f.calls\n",
    "an attribute of numpy": "def f(x):\n    np.seen = x\n    return x\n",
    "a class": "class Layer:\n    seen = []\n    def call(self, x):\n        Layer.seen += [x]\nlayer = Layer()\ndef f(x):\n    return layer.call(x)\n",
    "a closure": "def make():\n    n = 0\n    def g(x):\n        nonlocal n\n        n += 1\n        return n\n    return g\nf = make()\ndef h(x):\n    return f(x)\n",
    "a decorator": "from functools import lru_cache\n@lru_cache\ndef f(x):\n    return x\n",
    "globals()": "def f(x):\n    globals()['n'] = x\n    return x\n",
    "setattr": "def f(x):\n    setattr(np, 'n', x)\n    return x\n",
    "exec": "def f(x):\n    exec('n = 1', {})\n    return x\n",
    "an import inside": "def f(x):\n    import sys\n    sys.n = x\n    return x\n",
    "a module's dict": "def f(x):\n    np.__dict__['n'] = x\n    return x\n",
    "random numbers": "def f(x):\n    return x + np.random.rand()\n",
    "memory that nobody filled": "def f(x):\n    y = np.empty(3)\n    return y\n",
    "a generator beside it": "numbers = iter(range(9))\ndef f(x):\n    return next(numbers)\n",
    "the frame of a generator": "def f(x):\n    d = (v for v in x).gi_frame.f_globals\n    d['n'] = d.get('n', 0) + 1\n    return d['n']\n",
    "the globals by a text": "import operator\ndef f(x):\n    operator.attrgetter('__globals__')(f)['n'] = x\n    return x\n",
    "a method by a text": "import operator\ndef f(x):\n    operator.methodcaller('__setattr__', 'n', x)(f)\n    return x\n",
    "an attribute in a pattern": "def f(x):\n    match f:\n        case object(__globals__=d):\n            d['n'] = x\n    return x\n",
    "a private name of numpy's": "def f(x):\n    np.iinfo._min_vals['n'] = x\n    return x\n",
    "a private name imported": "from numpy import _globals as g\ndef f(x):\n    g.n.append(x)\n    return x\n",
    "an attribute by update_wrapper": "import functools\ndef g():\n    pass\ndef f(x):\n    functools.update_wrapper(g, x, ('size',), ())\n    return x\n",
    "a mark that typing sets": "import typing\ndef g():\n    pass\ndef f(x):\n    typing.final(g)\n    return x\n",
    "an annotation that runs": "import typing\ndef g(a: 'globals().setdefault(1, 2)'):\n    pass\ndef f(x):\n    return typing.get_type_hints(g)\n",
    "a module behind typing": "import typing\ndef f(x):\n    typing.warnings.filters.append(x)\n    return x\n",
    "a module taken from typing": "from typing import warnings\ndef f(x):\n    warnings.filters.append(x)\n    return x\n",
    "a function left in the middle": "def g():\n    with np.errstate(all='raise'):\n        yield 1\ndef f(x):\n    loop = [g()]\n    loop.append(loop)\n    for _ in loop[0]:\n        break\n    return x\n",
    "builtins": "import builtins\ndef f(x):\n    builtins.n = x\n    return x\n",
}


@pytest.mark.parametrize("name", HONEST)
def test_a_function_without_a_memory_is_run_once(name):
    assert not suspected(PLAIN + HONEST[name])


@pytest.mark.parametrize("name", ROUNDABOUT)
def test_whatever_could_remember_is_run_twice(name):
    assert suspected(PLAIN + ROUNDABOUT[name])
