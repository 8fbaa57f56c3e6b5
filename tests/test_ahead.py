"""Two zygotes, a lean one and a rich one: which one a submission gets shows in its time and in nothing else."""

import sys
import time

import pytest

from grader.authoring import call
from grader.model import Limits, OutcomeKind
from grader.sandbox.ahead import LEAN, RICH, wants_rich
from grader.sandbox.runner import Runner
from grader.sandbox.tasks import Task
from grader.sandbox.warm import ZygoteLauncher

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the zygote is Linux's")

LIMITS = Limits(wall=5.0)


class CountingLauncher(ZygoteLauncher):
    """Counts the workers of each kind that it was asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def start(self, limits, first=b"", *, rich=False):
        self.asked.append("rich" if rich else "lean")
        return super().start(limits, first, rich=rich)


@pytest.fixture(scope="module")
def launcher():
    launcher = CountingLauncher()
    yield launcher
    launcher.close()


def run(launcher, source, visible=True):
    launcher.asked.clear()
    runner = Runner(launcher, {"work.py": source.encode()}, "work.py", LIMITS)
    return runner.run([Task(f"f/{n}", visible, call("f"), {}) for n in range(2)])


def test_a_submission_that_asks_for_no_more_runs_in_the_lean_one(launcher):
    outcomes = run(launcher, "import numpy as np\ndef f():\n    return np.ones(2).sum()\n")
    assert ([2.0, 2.0], ["lean"]) == ([float(o.value) for o in outcomes], launcher.asked)


@pytest.mark.parametrize("module", [m for m in RICH if not m.startswith("encodings")])
def test_a_text_that_names_a_module_of_the_rich_one_is_run_there_at_once(module):
    assert wants_rich({"work.py": f"import {module}\n".encode()})
    assert not wants_rich({"work.py": "".join(f"import {m}\n" for m in LEAN if m != "grader.sandbox.worker").encode()})


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("return getattr(np, 'ran' + 'dom').RandomState(1).rand() > 0", True),
        ("return __import__('sta' + 'tistics').mean([1, 3])", 2),
        ("return type(getattr(np, 'm' + 'a')).__name__", "module"),
        ("return eval('len(' + repr(chr(228) + chr(246)) + ')')", 2),
    ],
)
def test_a_module_that_no_text_names_is_found_all_the_same(launcher, body, value):
    outcomes = run(launcher, f"import numpy as np\ndef f():\n    {body}\n")
    assert [OutcomeKind.RETURNED] * 2 == [o.kind for o in outcomes], outcomes[0]
    assert [value, value] == [o.value if not hasattr(o.value, "item") else o.value.item() for o in outcomes]
    assert launcher.asked[-1] in ("lean", "rich")


def test_what_is_in_neither_is_not_available_in_both(launcher):
    first, _second = run(launcher, "def f():\n    import torch\n")
    assert ("ModuleNotFoundError", "torch is not available in grading") == (first.error.type_name, first.error.message)
    first, _second = run(launcher, "def f():\n    import tkinter\n")
    assert OutcomeKind.RAISED is first.kind
    assert ["lean", "rich"] == launcher.asked


def test_an_ending_that_asks_for_the_rich_one_is_heard_once(launcher):
    first, second = run(launcher, "import os\ndef f():\n    os._exit(122)\n")
    assert {OutcomeKind.CRASHED} == {first.kind, second.kind}
    assert "the function ended the whole program (exit code 122)" == first.detail
    assert ["lean", "rich", "rich"] == launcher.asked


def test_a_worker_is_gone_before_one_of_the_other_kind_starts(launcher):
    lean, _ = run(launcher, "import os\ndef f():\n    return os.getpid()\n")
    rich, _ = run(
        launcher, "import os, random\ndef f():\n    try: os.kill(0, 0)\n    except OSError: return os.getpid()\n"
    )
    assert lean.value != rich.value
    assert not alive(lean.value)
    run(launcher, "def f():\n    return 1\n")
    assert not alive(rich.value)


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_long_text_is_looked_at_from_its_beginning_only():
    started = time.process_time()
    assert not wants_rich({"work.py": bytes(40 << 20)})
    assert time.process_time() - started < 1
    assert wants_rich({"work.py": b"import json\n" + bytes(1 << 20), "other.py": b""})
    assert [False, True, True] == [
        wants_rich({"w.py": text})
        for text in (b"import math, matrix_maker", b"from numpy import ma", b"np.ma.array(x)")
    ]
