"""Real workers: whatever a student's code does ends as one outcome, and the cases after it run."""

import contextlib
import os
import signal
import sys
import time

import numpy as np
import pytest

from grader.authoring import ANSWER, call, read, result, steps
from grader.errors import SandboxError
from grader.model import Limits, OutcomeKind
from grader.sandbox.launch import ForkLauncher, ReadyLauncher
from grader.sandbox.runner import MAX_HEARD, REPLIES, Runner
from grader.sandbox.spawn import SpawnLauncher
from grader.sandbox.tasks import VALUE, Task
from grader.sandbox.warm import ZygoteLauncher
from grader.wire import frame, pack

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are forked and limited as on Linux")

LIMITS = Limits(wall=5.0, load_wall=5.0, memory=2 << 30)
QUICK = Limits(wall=0.4, load_wall=5.0, memory=2 << 30)
QUICK_LOAD = Limits(wall=5.0, load_wall=0.4, memory=2 << 30)


@pytest.fixture(params=["fork", "spawn", "zygote"])
def launcher(request):
    """All ways to start a worker."""
    match request.param:
        case "fork":
            return ForkLauncher()
        case "spawn":
            return SpawnLauncher()
    return request.getfixturevalue("zygote")


def runner_of(launcher, source, limits=LIMITS, **others):
    files = {"work.py": source.encode()} | {f"{name}.py": text.encode() for name, text in others.items()}
    return Runner(launcher, files, "work.py", limits)


def task(plan, *, visible=True, **inputs):
    return Task("f/case", visible, plan if not isinstance(plan, str) else call(plan, *inputs), inputs)


def run(launcher, source, *plans, limits=LIMITS, visible=True):
    """The outcomes of one call each of functions without arguments."""
    return runner_of(launcher, source, limits).run([task(p, visible=visible) for p in plans])


def kinds(outcomes):
    return [o.kind.value for o in outcomes]


GOOD = "\ndef good():\n    return [1.0, 2.0]\n"


# ------------------------------------------------------------------------------- what came back


def test_what_a_function_returns_comes_back(launcher):
    source = "import numpy as np\ndef f(x, n):\n    return x * n, {'sum': np.sum(x)}, None\n"
    (outcome,) = runner_of(launcher, source).run([task("f", x=np.arange(3.0), n=2)])
    assert OutcomeKind.RETURNED is outcome.kind
    doubled, table, nothing = outcome.value
    np.testing.assert_array_equal([0.0, 2.0, 4.0], doubled)
    assert (3.0, None) == (float(table["sum"]), nothing)
    assert [] == outcome.changed


def test_cases_keep_their_order_and_share_a_worker(launcher):
    source = "import os\nseen = []\ndef f(x):\n    seen.append(x)\n    return [os.getpid(), *seen]\n"
    outcomes = runner_of(launcher, source).run([task("f", x=i) for i in range(3)])
    worker = outcomes[0].value[0]
    assert [[worker, 0], [worker, 0, 1], [worker, 0, 1, 2]] == [o.value for o in outcomes]


def test_a_worker_is_kept_for_more_and_ends_with_what_is_the_last(launcher):
    source = "import os\nseen = []\ndef f(x):\n    seen.append(x)\n    return [os.getpid(), *seen]\n"
    source += "def die():\n    os._exit(3)\n"
    runner = runner_of(launcher, source)
    first = runner.run([task("f", visible=False, x=i) for i in range(2)], more=True)
    worker = first[0].value[0]
    rest = runner.run([task("f", visible=False, x=i) for i in range(70, 72)] + [task("die", visible=False)], more=True)
    assert [[worker, 0], [worker, 0, 1], [worker, 0, 1, 70], [worker, 0, 1, 70, 71]] == [
        o.value for o in [*first, *rest[:2]]
    ]
    assert OutcomeKind.CRASHED is rest[2].kind
    (last,) = runner.run([task("f", visible=False, x=5)])
    assert worker != last.value[0] and 5 == last.value[1]
    with pytest.raises(ProcessLookupError):
        for _ in range(500):
            os.kill(int(last.value[0]), 0)
            time.sleep(0.01)


def test_an_exception_comes_back_with_the_students_lines(launcher):
    source = "def f():\n    return g()\ndef g():\n    raise ValueError('no')\n" + GOOD
    first, second = run(launcher, source, "f", "good")
    assert ("raised", "ValueError", "builtins", "no") == (
        first.kind.value,
        first.error.type_name,
        first.error.module,
        first.error.message,
    )
    assert [(2, "f"), (4, "g")] == first.error.frames
    assert [1.0, 2.0] == second.value


@pytest.mark.parametrize(
    "statement",
    [
        "raise SystemExit(3)",
        "import sys; sys.exit()",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "raise BaseException('x')",
        "return f()",
        "raise type('E', (BaseException,), {'__str__': lambda self: 1 / 0})()",
        "assert False",
    ],
)
def test_every_exception_is_one(launcher, statement):
    first, second = run(launcher, f"def f():\n    {statement}\n{GOOD}", "f", "good")
    assert ["raised", "returned"] == kinds([first, second])
    assert first.error.frames[-1][0] == 2


def test_an_exception_keeps_its_type_whatever_its_text(launcher):
    (outcome,) = run(launcher, "def f():\n    raise ValueError('half \\ud800 a character')\n", "f")
    assert "ValueError" == outcome.error.type_name


def test_a_function_that_is_not_there_is_not_attempted(launcher):
    first, second = run(launcher, GOOD, "absent", "good")
    assert (OutcomeKind.NOT_ATTEMPTED, "the file has no absent") == (first.kind, first.detail)
    assert OutcomeKind.RETURNED is second.kind


def test_work_marked_as_not_done_is_not_attempted(launcher):
    (outcome,) = run(launcher, "def f():\n    raise NotImplementedError\n", "f")
    assert OutcomeKind.NOT_ATTEMPTED is outcome.kind


def test_a_number_in_the_file_is_read(launcher):
    (outcome,) = runner_of(launcher, "L = 31.5\n").run([task(read("L"))])
    assert 31.5 == outcome.value


def test_a_chain_of_calls_is_told_where_it_breaks(launcher):
    source = "def forward(x):\n    return None\ndef backward(cache):\n    return cache\n"
    plan = steps(("forward", "forward", "x"), (ANSWER, "backward", result("forward", 1)))
    (outcome,) = runner_of(launcher, source).run([task(plan, x=1.0)])
    assert (OutcomeKind.RAISED, "an earlier step did not return what this one needs") == (outcome.kind, outcome.detail)


def test_another_file_of_the_student_is_asked_for_its_function(launcher):
    runner = runner_of(launcher, "import layers\ndef f():\n    return 1\n", layers="def f():\n    return 2\n")
    outcomes = runner.run([Task("f/a", True, call("f"), {}), Task("f/b", True, call("f"), {}, "layers.py")])
    assert [1, 2] == [o.value for o in outcomes]


def test_another_file_that_is_not_there_is_not_attempted(launcher):
    (outcome,) = runner_of(launcher, GOOD).run([Task("f/b", True, call("f"), {}, "layers.py")])
    assert (OutcomeKind.NOT_ATTEMPTED, "layers.py has no f") == (outcome.kind, outcome.detail)


def test_an_input_that_was_changed_is_told_and_the_parents_stays(launcher):
    source = "def f(x, w, p):\n    x += 1\n    p['a'][0] = 9\n    return x\n"
    inputs = {"x": np.zeros(2), "w": np.zeros(2), "p": {"a": np.zeros(2)}}
    (outcome,) = runner_of(launcher, source).run([task("f", **inputs)])
    assert ["x", "p"] == outcome.changed
    np.testing.assert_array_equal([0.0, 0.0], inputs["x"])


def test_an_overflow_is_noted(launcher):
    source = "import numpy as np\ndef f():\n    return 1 / (1 + np.exp(np.array([1000.0])))\n"
    (outcome,) = run(launcher, source, "f")
    assert outcome.overflowed
    assert not run(launcher, GOOD, "good")[0].overflowed


def test_what_a_visible_case_printed_is_told_and_what_a_hidden_one_printed_is_not(launcher):
    source = "import sys\ndef f(x):\n    print('x is', x)\n    print('err', file=sys.stderr)\n    return x\n"
    runner = runner_of(launcher, source)
    shown, hidden = runner.run([task("f", x=1), task("f", x=2, visible=False)])
    assert "x is 1\nerr\n" == shown.printed
    assert "" == hidden.printed


class Counting:
    """Counts the workers that a launcher starts."""

    def __init__(self, launcher):
        self.started = 0
        self.launcher = launcher

    def start(self, *given, **named):
        self.started += 1
        return self.launcher.start(*given, **named)

    def __getattr__(self, name):
        return getattr(self.launcher, name)


PRINTS = "def f(x):\n    if x == 'b':\n        print('this is b')\n    return x\n"


@pytest.mark.parametrize("seen, workers", [("aca", 1), ("abca", 2), ("bbbb", 2), ("aab", (1, 2))])
def test_visible_cases_go_together_and_what_one_printed_is_told_of_it_alone(zygote, seen, workers):
    counting = Counting(zygote)
    runner = Runner(counting, {"work.py": PRINTS.encode()}, "work.py", LIMITS)
    outcomes = runner.run([*(task("f", x=x) for x in seen), task("f", x="b", visible=False)])
    assert [*("this is b\n" if x == "b" else "" for x in seen), ""] == [o.printed for o in outcomes]
    assert [*seen, "b"] == [o.value for o in outcomes]
    assert counting.started in (workers if isinstance(workers, tuple) else (workers,))


def test_too_much_output_is_told_of_the_case_that_printed_it_though_others_went_with_it(launcher):
    source = "def f(x):\n    if x == 'b':\n        print('x' * 100_000)\n    return x\n"
    outcomes = runner_of(launcher, source, Limits(wall=5.0, output=50_000)).run([task("f", x=x) for x in "abcb"])
    assert ["returned", "output_limit", "returned", "output_limit"] == kinds(outcomes)


def test_what_prints_and_counts_its_calls_gets_the_same_answers_as_one_that_prints_nothing(zygote):
    source = "n = 0\ndef f(x):\n    global n\n    n += 1\n    {}\n    return n\n"
    tasks = [*(task("f", x=x) for x in "abcd"), task("f", x="e", visible=False)]
    quiet = runner_of(zygote, source.format("pass")).run(tasks)
    loud = runner_of(zygote, source.format("print(x)")).run(tasks)
    assert [1, 2, 3, 4, 5] == [o.value for o in quiet] == [o.value for o in loud]
    assert ["a\n", "b\n", "c\n", "d\n", ""] == [o.printed for o in loud]


def test_a_case_that_ends_the_worker_costs_itself_alone_though_others_went_with_it(launcher):
    source = "import os\ndef f(x):\n    if x == 'b':\n        os._exit(3)\n    return x\n"
    outcomes = runner_of(launcher, source).run([task("f", x=x) for x in "abcb"])
    assert ["returned", "crashed", "returned", "crashed"] == kinds(outcomes)


def test_a_case_that_takes_too_long_costs_itself_alone_though_others_went_with_it(launcher):
    source = "import time\ndef f(x):\n    if x == 'b':\n        time.sleep(60)\n    return x\n"
    outcomes = runner_of(launcher, source, QUICK).run([task("f", x=x) for x in "abc"])
    assert ["returned", "timed_out", "returned"] == kinds(outcomes)


def test_what_was_printed_before_is_not_told_again(launcher):
    runner = runner_of(launcher, "print('loading')\ndef f(x):\n    print(x)\n")
    assert ["a\n", "b\n"] == [o.printed for o in runner.run([task("f", x="a"), task("f", x="b")])]


def test_random_numbers_are_the_same_in_every_case_and_every_run(launcher):
    source = "import random\nimport numpy as np\ndef f():\n    return [random.random(), np.random.rand(), np.random.normal()]\n"
    first, again = run(launcher, source, "f", "f")
    (other,) = run(launcher, source, "f")
    assert first.value == again.value == other.value


def test_random_numbers_at_load_are_the_same_in_every_run(launcher):
    source = "import random\nimport numpy as np\nA = [random.random(), np.random.rand()]\ndef f():\n    return A\n"
    assert run(launcher, source, "f")[0].value == run(launcher, source, "f")[0].value


def test_the_order_of_a_set_of_texts_is_the_same_in_every_zygote():
    from grader.sandbox.warm import ZygoteLauncher

    source = "def f():\n    return [hash('x'), hash('y')]\n"
    seen = set()
    for _ in range(2):
        launcher = ZygoteLauncher()
        try:
            seen.add(repr(run(launcher, source, "f")[0].value))
        finally:
            launcher.close()
    assert 1 == len(seen)


# -------------------------------------------------------------------------------- bad endings

FDS = "range(3, 64)"
VALID = frame(pack({"value": 5.0}))
BAD = {
    "an endless loop": ("while True: pass", "timed_out", "the function took more than 0.4 s"),
    "sleep": ("import time; time.sleep(60)", "timed_out", "the function took more than 0.4 s"),
    "sleep again and again": (
        "import time\n    while True:\n        try: time.sleep(60)\n        except BaseException: pass",
        "timed_out",
        "the function took more than 0.4 s",
    ),
    "an exception's text that never ends": (
        "class E(Exception):\n        def __str__(self):\n            while True: pass\n    raise E",
        "timed_out",
        "the function took more than 0.4 s",
    ),
    "a huge array": (
        "import numpy as np; return np.ones(10**11)",
        "out_of_memory",
        "the function needed too much memory",
    ),
    "a huge list": ("return [0] * 10**11", "out_of_memory", "the function needed too much memory"),
    "endless output": (
        "while True: print('x' * 1000)",
        "output_limit",
        "the function printed more than 1,048,576 bytes",
    ),
    "endless output past sys.stdout": (
        "import os\n    while True: os.write(1, b'x' * 1000)",
        "output_limit",
        "the function printed more than 1,048,576 bytes",
    ),
    "a crash": ("import ctypes; ctypes.string_at(0)", "crashed", "the function crashed Python (SIGSEGV)"),
    "os._exit(0)": ("import os; os._exit(0)", "crashed", "the function ended the whole program (exit code 0)"),
    "os._exit(3)": ("import os; os._exit(3)", "crashed", "the function ended the whole program (exit code 3)"),
    "closing the wire and going on": (
        "import os, time\n    os.closerange(3, 64)\n    time.sleep(60)",
        "crashed",
        "the function closed the connection to the grader",
    ),
    "a reply that is too large": (
        "import numpy as np; return np.zeros(1 << 21)",
        "malformed",
        "the function returned more than 8,388,608 bytes",
    ),
    "a frame of garbage": (
        f"import os\n    for fd in {FDS}:\n        try: os.write(fd, b'\\0\\0\\0\\5hello')\n        except OSError: pass",
        "malformed",
        "what came back cannot be read",
    ),
    "a frame of nothing": (
        f"import os\n    for fd in {FDS}:\n        try: os.write(fd, bytes(4))\n        except OSError: pass",
        "malformed",
        "what came back cannot be read",
    ),
    "a frame of 4 GB": (
        f"import os\n    for fd in {FDS}:\n        try: os.write(fd, b'\\xff\\xff\\xff\\xff')\n        except OSError: pass",
        "malformed",
        "the function returned more than 8,388,608 bytes",
    ),
    "half a frame": (
        f"import os, time\n    for fd in {FDS}:\n        try: os.write(fd, b'\\0\\0\\0\\xffhello')\n        except OSError: pass\n"
        "    time.sleep(60)",
        "timed_out",
        "the function took more than 0.4 s",
    ),
    "an array that lies": (
        f"import os\n    for fd in {FDS}:\n"
        f"        try: os.write(fd, {frame(bytes.fromhex('81a576616c7565c70e01030100000000000000ff3c6638'))!r})\n"
        "        except OSError: pass",
        "malformed",
        "what came back cannot be read",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_case_has_its_outcome_and_the_cases_after_it_run(launcher, what):
    body, kind, detail = BAD[what]
    outcomes = run(launcher, f"def bad():\n    {body}\n{GOOD}", "good", "bad", "good", limits=QUICK)
    assert ["returned", kind, "returned"] == kinds(outcomes)
    assert detail == outcomes[1].detail
    assert [1.0, 2.0] == outcomes[2].value


def test_closing_every_descriptor_ends_the_same_way_every_time(launcher):
    source = "import os\ndef f():\n    os.closerange(0, 64)\n    return 1\n"
    times = 5 if isinstance(launcher, SpawnLauncher) else 20  # each of its workers is Python started anew
    outcomes = [run(launcher, source, "f")[0] for _ in range(times)]
    assert {OutcomeKind.CRASHED} == {o.kind for o in outcomes}
    assert 1 == len({o.detail for o in outcomes})


def test_however_many_files_its_parent_has_open_a_worker_has_its_own_alone(launcher):
    source = """import errno, os
def is_open(number):
    try: os.lseek(number, 0, os.SEEK_CUR)
    except OSError as error: return error.errno != errno.EBADF
    return True
def f():
    return [number for number in range(2000) if is_open(number)]
"""
    with contextlib.ExitStack() as open_files:
        for _ in range(200):
            open_files.enter_context(open(os.devnull, encoding="utf-8"))
        (outcome,) = run(launcher, source, "f")
    wire = 2 if isinstance(launcher, SpawnLauncher) else 1  # one for each direction, or one for both
    assert list(range(3 + wire)) == outcome.value


def test_however_many_files_are_open_when_a_zygote_starts_a_worker_has_its_own_alone():
    source = """import os
def f():
    for number in range(4, 2000):
        try: os.lseek(number, 0, os.SEEK_CUR)
        except OSError as error:
            if error.errno == 9: continue
        return number
"""
    with contextlib.ExitStack() as opened:
        for _ in range(100):
            opened.enter_context(open(os.devnull, encoding="utf-8"))
        launcher = ZygoteLauncher()
        opened.callback(launcher.close)
        (outcome,) = run(launcher, source, "f")
    assert (OutcomeKind.RETURNED, None) == (outcome.kind, outcome.value)


FORGED = """import os, struct, sys
def forge(number, body):
    sys.modules["grader.sandbox.worker"]._write = lambda *_: None
    data = struct.pack(">I", number) + body
    data = struct.pack(">I", len(data)) + data
    while data: data = data[os.write(3, data):]
def f():
    forge.number = getattr(forge, "number", 0) + 1
    count = 20_000
    forge(forge.number, b"\\x81\\xa5value\\xdd" + struct.pack(">I", count) + b"\\x80" * count)
def g():
    forge.number += 1
    forge(forge.number, b"\\x81\\xa5value\\x07")
"""


def test_all_replies_together_take_no_more_memory_than_a_few_of_the_largest(zygote):
    limits = Limits(wall=5.0, reply=1 << 20)
    outcomes = run(zygote, FORGED, *["f"] * 4, "g", limits=limits)
    assert VALUE * 20_000 * 2 < REPLIES << 20 < VALUE * 20_000 * 3
    assert ["returned", "returned", "malformed", "malformed", "returned"] == kinds(outcomes)
    assert "all that the functions returned takes more than 4,194,304 bytes of memory" == outcomes[2].detail


def test_a_short_reply_of_many_values_is_not_kept_for_the_others(zygote):
    one = task("f")
    (outcome,) = runner_of(zygote, FORGED).run([one])
    assert 20_000 == len(outcome.value) < MAX_HEARD
    assert {} == one.heard


def test_what_begins_anew_has_the_time_that_is_left(zygote):
    source = "import time\ndef f():\n    time.sleep(0.6)\n    return 1\ndef g():\n    import json\n    return f()\n"
    outcomes = run(zygote, source.replace("json", "colorsys"), "f", "f", "g", limits=Limits(wall=5.0, total_wall=1.5))
    assert "timed_out" == kinds(outcomes)[-1]


@pytest.mark.parametrize("close", ["sys.stdout.close()", "sys.stderr = sys.stdout = None", "os.close(1); os.close(2)"])
def test_standard_output_closed_costs_nothing(launcher, close):
    first, second = run(launcher, f"import os, sys\ndef f():\n    {close}\n    return 4\n{GOOD}", "f", "good")
    assert (["returned", "returned"], 4) == (kinds([first, second]), first.value)


def test_a_second_reply_is_never_taken_for_the_next_cases(launcher):
    forge = f"import os\ndef bad():\n    for fd in {FDS}:\n        try: os.write(fd, {VALID!r})\n        except OSError: pass\n    return 6.0\n"
    outcomes = run(launcher, forge + GOOD, "bad", "good", "good")
    assert [1.0, 2.0] == outcomes[1].value
    assert [1.0, 2.0] == outcomes[2].value


def test_cpu_time_is_limited_beside_wall_time(zygote):
    source = f"def bad():\n    while True: pass\n{GOOD}"
    first, second = run(zygote, source, "bad", "good", limits=Limits(wall=20.0, cpu=1))
    assert (OutcomeKind.TIMED_OUT, "the function used more than 1 s of CPU") == (first.kind, first.detail)
    assert OutcomeKind.RETURNED is second.kind


def test_all_cases_together_have_a_limit(launcher):
    limits = Limits(wall=0.3, total_wall=0.5)
    outcomes = run(launcher, f"def bad():\n    while True: pass\n{GOOD}", "bad", "bad", "good", limits=limits)
    assert ["timed_out"] * 3 == kinds(outcomes)
    assert "all cases together took more than 0.5 s" == outcomes[2].detail


def test_lines_that_the_file_has_not_are_not_told(launcher):
    source = "def f():\n    exec(compile('\\n' * 500 + '1 / 0', 'work.py', 'exec'))\n"
    (outcome,) = run(launcher, source, "f")
    assert ("ZeroDivisionError", []) == (outcome.error.type_name, outcome.error.frames)


# -------------------------------------------------------------------------------------- loading


def test_a_file_that_is_no_python_is_told_for_every_case(launcher):
    runner = runner_of(launcher, "def f(:\n    pass\n")
    outcomes = runner.run([task("f"), task("f")])
    assert ["malformed", "malformed"] == kinds(outcomes)
    assert runner.loaded.unreadable.startswith("work.py:1: invalid syntax")
    assert {runner.loaded.unreadable} == {o.detail for o in outcomes}


@pytest.mark.parametrize(
    ("statement", "ended"),
    [
        ("while True: pass", "did not end"),
        ("import os; os._exit(0)", "ended the program"),
        ("while True: print('x' * 1000)", "printed without end"),
        ("import ctypes; ctypes.string_at(0)", "ended the program"),
    ],
)
def test_a_file_that_does_not_end_well_is_read_for_its_definitions(launcher, statement, ended):
    runner = runner_of(launcher, f"A = 5\ndef f():\n    return A\n{statement}\n", QUICK_LOAD)
    (outcome,) = runner.run([task("f")])
    assert (OutcomeKind.RETURNED, 5) == (outcome.kind, outcome.value)
    assert (True, ended) == (runner.loaded.definitions_only, runner.loaded.ended)


def test_definitions_that_do_not_end_are_told_for_every_case(launcher):
    outcomes = run(launcher, f"class Endless:\n    while True: pass\n{GOOD}", "good", "good", limits=QUICK_LOAD)
    assert ["timed_out"] * 2 == kinds(outcomes)
    assert {"reading work.py took more than 0.4 s"} == {o.detail for o in outcomes}


def test_a_crash_later_loads_the_file_anew(launcher):
    source = "count = 0\ndef f():\n    global count\n    count += 1\n    return count\ndef bad():\n    import os; os._exit(1)\n"
    outcomes = run(launcher, source, "f", "f", "bad", "f")
    assert [1, 2, None, 1] == [o.value for o in outcomes]


def test_no_cases_start_no_worker(launcher):
    runner = runner_of(launcher, "1 / 0\n")
    assert [] == runner.run([])
    assert None is runner.loaded


# ------------------------------------------------------------------------------- what is left over


def alive(pid):
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def ends(pid):
    """Whether a process is gone within a while."""
    deadline = time.monotonic() + 3
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


FORKS = "import os, time\ndef f():\n    pid = os.fork()\n    if pid == 0:\n        {before}time.sleep(100)\n        os._exit(0)\n    time.sleep(0.1)\n    return pid\n"


@pytest.mark.parametrize("before", ["", "os.setsid(); ", "os.closerange(0, 64); "], ids=["plain", "session", "closed"])
def test_what_a_student_forks_does_not_outlive_the_submission(launcher, before):
    (outcome,) = run(launcher, FORKS.format(before=before), "f")
    if outcome.kind is OutcomeKind.RAISED:
        assert "PermissionError" == outcome.error.type_name
        return
    pid = outcome.value
    try:
        assert ends(pid)
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_a_worker_is_gone_when_its_cases_are_done(launcher):
    (outcome,) = run(launcher, "import os\ndef f():\n    return os.getpid()\n", "f")
    run(launcher, GOOD, "good")  # a worker is gone before the next one starts
    assert not alive(outcome.value)


def test_a_run_leaves_no_descriptor_behind(launcher):
    run(launcher, GOOD, "good")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        run(launcher, f"import os\ndef bad():\n    os._exit(0)\n{GOOD}", "bad", "good")
    assert before == len(os.listdir("/proc/self/fd"))


# -------------------------------------------------------------------------------------- our faults


def children():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return file.read().split()


def test_a_worker_that_cannot_be_confined_is_our_fault_and_leaves_nothing(launcher):
    run(launcher, GOOD, "good")
    before, descriptors = children(), len(os.listdir("/proc/self/fd"))
    with pytest.raises(SandboxError, match=r"^a worker could not be confined: "):
        run(launcher, GOOD, "good", limits=Limits(memory=1 << 63))
    assert "returned" == run(launcher, GOOD, "good")[0].kind
    assert len(before) == len(children())
    assert descriptors == len(os.listdir("/proc/self/fd"))


def test_a_worker_that_ended_before_its_first_message_is_our_fault():
    ready = ReadyLauncher(ForkLauncher(), Limits(memory=1 << 63))  # it cannot be confined
    os.waitid(os.P_PID, ready._ahead.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(SandboxError, match=r"^a worker could not be confined: "):
        run(ready, GOOD, "good")
    ready.close()


def test_a_zygote_that_died_is_our_fault_and_the_next_submission_has_another():
    from grader.sandbox.warm import ZygoteLauncher

    launcher = ZygoteLauncher()
    try:
        worker = launcher.start(LIMITS)
        launcher.end(worker)
        launcher._process.kill()
        launcher._process.wait()
        with pytest.raises(SandboxError, match="zygote"):
            run(launcher, GOOD, "good")
        assert "returned" == run(launcher, GOOD, "good")[0].kind
    finally:
        launcher.close()


def test_a_worker_started_ahead_is_used_once_and_ended_if_never():
    ready = ReadyLauncher(ForkLauncher(), LIMITS)
    outcomes = run(ready, f"import os\ndef bad():\n    os._exit(0)\n{GOOD}", "good", "bad", "good")
    assert ["returned", "crashed", "returned"] == kinds(outcomes)
    unused = ReadyLauncher(ForkLauncher(), LIMITS)
    pid = unused._ahead.pid
    unused.close()
    assert not alive(pid)


# ----------------------------------------------------------------------- timeouts, and hidden cases ahead

SLOW_LATER = "import time\ncalls = []\ndef f():\n    calls.append(1)\n    time.sleep(5 * (len(calls) > 1))\n    return len(calls)\n"


def test_a_case_that_takes_too_long_is_run_again_alone_before_it_costs_marks(launcher):
    first, second, third = run(launcher, SLOW_LATER + GOOD, "f", "f", "good", limits=QUICK)
    assert ["returned", "returned", "returned"] == kinds([first, second, third])
    assert (1, 1) == (first.value, second.value)


def test_alone_a_case_has_twice_its_time_and_no_more(launcher):
    sleeps = "import time\ndef f():\n    time.sleep({seconds})\n    return 1\n"
    (patient,) = run(launcher, sleeps.format(seconds=0.6), "f", limits=QUICK)
    (hopeless,) = run(launcher, sleeps.format(seconds=30), "f", limits=QUICK)
    assert (OutcomeKind.RETURNED, OutcomeKind.TIMED_OUT) == (patient.kind, hopeless.kind)
    assert "the function took more than 0.4 s" == hopeless.detail


def test_a_function_that_never_ends_leaves_the_others_their_time(zygote):
    """Two of its cases are given their time twice, two more once: that each of many is would take what all have."""
    limits = Limits(wall=0.2, total_wall=4.0)
    endless, other = [task("bad")] * 40, Task("other/case", True, call("good"), {})
    outcomes = runner_of(zygote, f"def bad():\n    while True: pass\n{GOOD}", limits).run([*endless, other])
    assert [*["timed_out"] * 40, "returned"] == kinds(outcomes)
    assert ["the function took more than 0.2 s"] * 4 == [o.detail for o in outcomes[:4]]
    assert {"was not run: 4 cases before it took too long"} == {o.detail for o in outcomes[4:40]}


def test_endless_functions_of_other_files_take_nothing_from_one_of_the_same_name(zygote):
    """A proof runs forty texts of one exercise in one worker: the late ones say nothing of the others."""
    endless = {f"text_{n}": "def f():\n    while True: pass\n" for n in range(5)}
    ran = runner_of(zygote, GOOD, Limits(wall=0.2, total_wall=30.0), **endless, right="def f():\n    return 1.0\n")
    tasks = [Task("f/case", False, call("f"), {}, f"{name}.py") for name in (*endless, "right")]
    assert [*["timed_out"] * 5, "returned"] == kinds(ran.run(tasks))


def test_hidden_cases_that_were_sent_ahead_are_run_after_one_that_ends_the_worker(launcher):
    source = "import os\ndef f(x):\n    if x == 3:\n        os._exit(1)\n    return x\n"
    outcomes = runner_of(launcher, source).run([task("f", visible=False, x=i) for i in range(8)])
    assert [0, 1, 2, None, 4, 5, 6, 7] == [o.value for o in outcomes]
    assert "crashed" == outcomes[3].kind


def test_more_hidden_cases_than_a_socket_holds_come_back_in_order(launcher):
    source = "def f(x):\n    return x\n"
    inputs = [np.full((60, 60), float(i)) for i in range(150)]
    outcomes = runner_of(launcher, source).run([task("f", visible=False, x=x) for x in inputs])
    assert [float(i) for i in range(150)] == [float(o.value[0, 0]) for o in outcomes]
