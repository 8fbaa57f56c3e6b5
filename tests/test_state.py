"""What could keep something between calls is seen before it runs; what plainly cannot is left in peace."""

import ast

import pytest

from grader.sandbox.loader import read_program

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
    "in place on its own array": "def f(x):\n    y = x.copy()\n    y *= 2\n    return y\n",
}

KEEPING = {
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
    "builtins": "import builtins\ndef f(x):\n    builtins.n = x\n    return x\n",
}


def keeps(source):
    return read_program({"work.py": (PLAIN + source).encode()}, "work.py", False).keeps_state


@pytest.mark.parametrize("name", HONEST)
def test_a_function_without_a_memory_is_run_once(name):
    assert not keeps(HONEST[name])


@pytest.mark.parametrize("name", KEEPING)
def test_whatever_could_remember_is_run_twice(name):
    ast.parse(KEEPING[name])
    assert keeps(KEEPING[name])


def test_a_memory_in_another_file_of_the_students_counts():
    files = {
        "work.py": b"from other import g\ndef f(x):\n    return g(x)\n",
        "other.py": KEEPING["a list beside it"].encode(),
    }
    assert read_program(files, "work.py", False).keeps_state
