"""Values cross the boundary, verdicts never do: expected values are in the parent and nowhere in a worker."""

import os
import signal
import struct
import sys
import threading
import time

import msgspec
import numpy as np
import pytest

from grader.model import AnswerKey, KeyCase, KeyExercise, Limits, OutcomeKind, Shape, Submission, Within
from grader.pipeline import grade_submission
from grader.plan import Call, Input, Plan, Result
from grader.reports import github
from grader.reports.data import grades_csv, grades_json, student_json
from grader.reports.formats import writers
from grader.reports.run import One, Run, visible_part
from grader.reports.text import check_report, class_table
from grader.sandbox.warm import ZygoteLauncher

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hidden grading and /proc are Linux's")

MASK = 0x5A
CANARY = struct.pack("<d", -7.318281828459045e77)
HIDDEN_NUMBER = 8675309.25
"""An input of the hidden case; a report in which its digits stand has leaked it."""

PATIENT = Limits(wall=5.0)
PLAN = Plan((Call("answer", "f", (Input("x"),)),), Result("answer"))


def make_key(expected: np.ndarray, limits: Limits = PATIENT) -> AnswerKey:
    def case(name: str, visible: bool, x: np.ndarray) -> KeyCase:
        return KeyCase(name, name, visible, "values", {"x": x}, PLAN, {"y": Within(expected, 1e-6)})

    cases = [case("shown", True, np.ones(3)), case("secret", False, np.full(3, HIDDEN_NUMBER))]
    exercise = KeyExercise("f", "f", "f(x)", "a test", Shape.ONE, {"y": 1.0}, {"values": 1.0}, cases)
    return AnswerKey(
        assignment="canary",
        title="",
        file="work.py",
        grader="",
        hidden=True,
        limits=limits,
        exercises=[exercise],
    )


def submit(source: str) -> Submission:
    return Submission("student", {"work.py": source.encode()}, "work.py", "0" * 64)


class TellingLauncher(ZygoteLauncher):
    """Tells the process ids of its zygote and of the worker that runs."""

    @property
    def zygote(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def worker(self) -> int:
        """0 while there is none."""
        if self._process is None:
            return 0
        with open(f"/proc/{self.zygote}/task/{self.zygote}/children", encoding="ascii") as file:
            return int((file.read().split() or ["0"])[0])


def memory_holds(pid: int, pattern: bytes) -> int:
    """How often the pattern stands in a process's readable memory, read as the kernel shows it."""
    found = 0
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            region, rights = line.split()[:2]
            if "r" not in rights or line.rstrip().endswith(("[vvar]", "[vsyscall]")):
                continue
            first, last = (int(part, 16) for part in region.split("-"))
            try:
                memory.seek(first)
                found += memory.read(last - first).count(pattern)
            except OSError:
                continue
    return found


SLEEPER = """
import time
def f(x):
    time.sleep(60)
    return x
"""


def test_canaries_are_in_the_parent_and_in_no_memory_of_worker_or_zygote():
    key = make_key(np.frombuffer(CANARY * 3, dtype=np.float64).copy(), Limits(wall=60, total_wall=120))
    launcher = TellingLauncher()
    grading = threading.Thread(target=grade_submission, args=(key, submit(SLEEPER), launcher))
    grading.start()
    try:
        deadline = time.monotonic() + 20
        while not launcher.worker and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)  # the worker is inside the student's function now
        worker = launcher.worker
        assert memory_holds(os.getpid(), CANARY) >= 3
        if os.geteuid() != 0:
            with pytest.raises(PermissionError):  # not even its own user may look: it is not dumpable
                memory_holds(worker, CANARY)
        else:
            assert memory_holds(worker, np.ones(3).tobytes()) >= 1, "the search finds what is there"
            assert memory_holds(worker, CANARY) == 0
            assert memory_holds(launcher.zygote, CANARY) == 0
    finally:
        while grading.is_alive():  # however busy the machine is, the sleeper is there until it is ended
            if launcher.worker:
                os.kill(launcher.worker, signal.SIGKILL)
            grading.join(0.2)
        launcher.close()


SEARCHER = f"""
import gc, os, sys
PATTERN = bytes(b ^ {MASK} for b in {list(b ^ MASK for b in CANARY)})

def holds(thing):
    try:
        return PATTERN in bytes(memoryview(thing).cast("B"))
    except Exception:
        return PATTERN in repr(thing).encode("utf-8", "replace") or repr(float_of(PATTERN)) in repr(thing)[:100000]

def float_of(data):
    import struct
    return struct.unpack("<d", data)[0]

def f(x):
    found = 0
    frame = sys._getframe()
    while frame is not None:
        found += sum(holds(v) for v in list(frame.f_locals.values()) + list(frame.f_globals.values())
                     if v is not PATTERN)
        frame = frame.f_back
    gc.unfreeze()  # what the zygote froze before it forked
    objects = gc.get_objects()
    found += sum(holds(o) for o in objects if type(o).__name__ in ("ndarray", "bytes", "bytearray", "memoryview"))
    found += sum(holds(v) for v in os.environ.values()) + sum(holds(a) for a in sys.argv)
    for name in range(3, 64):
        try:
            os.lseek(name, 0, 0)
            found += PATTERN in os.read(name, 1 << 20)
        except OSError:
            pass
    for path in ("/proc/self/environ", "/proc/self/cmdline", "/proc/self/mem"):
        try:
            with open(path, "rb") as file:
                found += PATTERN in file.read(1 << 20)
        except OSError:
            pass
    return [float(found), float(len(objects)), 0.0]
"""


def test_a_submission_that_searches_its_own_process_finds_no_expected_value():
    key = make_key(np.frombuffer(CANARY * 3, dtype=np.float64).copy(), Limits(wall=20.0))
    launcher = ZygoteLauncher()
    try:
        grade = grade_submission(key, submit(SEARCHER), launcher)
    finally:
        launcher.close()
    (exercise,) = grade.exercises
    assert exercise.outcome is OutcomeKind.RETURNED, exercise.message
    found, searched, _zero = exercise.evidence[0].returned
    assert searched > 1000, "the search looked at the process's objects"
    assert found == 0


def test_the_search_would_find_a_canary_that_were_there():
    space: dict = {}
    exec(SEARCHER, space)
    planted = np.frombuffer(CANARY * 3, dtype=np.float64).copy()
    assert space["holds"](planted)
    assert space["holds"](CANARY + b"x")
    assert not space["holds"](np.ones(3))


def leaker(how: str) -> str:
    """A submission that keeps every input and says what it kept in one way, on every later occasion."""
    return f"""
import sys, os, atexit, warnings
import numpy as np
KEPT = []
def f(x):
    KEPT.extend(float(v) for v in x)
    said = " ".join(repr(v) for v in KEPT)
    {how}
    return x
atexit.register(lambda: print(KEPT))
"""


LEAKS = {
    "an exception's text": "raise ValueError(said)",
    "an exception's class": "raise type('E' + said.replace('.', '_').replace(' ', '_'), (Exception,), {})()",
    "a class that says it is Python's": "raise type(said, (Exception,), {'__module__': 'builtins'})()",
    "standard output": "print(said); sys.stdout.flush()",
    "standard error": "print(said, file=sys.stderr)",
    "file descriptors": "os.write(1, said.encode()); os.write(2, said.encode())",
    "a returned text": "return said",
    "a returned value": "return np.array(KEPT)",
    "a returned shape": "return np.zeros((int(KEPT[-1]) % 100000, 0))",
    "a returned dict": "return {said: said}",
    "a returned object's type": "return type(said, (), {})()",
    "an input's replacement": "x[:] = KEPT[-1]; return said",
    "a warning": "warnings.warn(said, RuntimeWarning)",
    "a line number": "exec(compile('\\n' * int(KEPT[-1] // 100) + 'raise ValueError', 'work.py', 'exec'))",
    "a function's name": "exec(compile('def g' + said.replace('.', '_').replace(' ', '_').replace('-', '_') + "
    "'():\\n raise ValueError\\ng' + said.replace('.', '_').replace(' ', '_') + '()', 'work.py', 'exec'))",
    "an exit code": "os._exit(int(KEPT[-1]) % 256)",
}


@pytest.fixture(scope="module")
def launcher():
    launcher = ZygoteLauncher()
    yield launcher
    launcher.close()


@pytest.mark.parametrize("how", LEAKS)
def test_no_hidden_input_gets_into_anything_that_a_student_is_shown(how, launcher):
    key = make_key(np.zeros(3))
    grade = grade_submission(key, submit(leaker(LEAKS[how])), launcher)
    shown = [
        student_json(grade),
        check_report(grade, key),
        *class_table([grade]),
        *grades_csv([grade], ["f"]),
        *grades_json(key, "0", [grade]),
        *(piece for write in writers(Run(visible_part(key), One(grade))).values() for piece in write()),
        *github.summary(Run(visible_part(key), One(grade))),
        repr(msgspec.to_builtins(grade, enc_hook=lambda a: a.tolist() if hasattr(a, "tolist") else repr(a))),
    ]
    for text in shown:
        for trace in ("8675309", "86753", "75309"):
            assert trace not in text, how


def test_what_a_visible_case_said_is_shown(launcher):
    grade = grade_submission(make_key(np.zeros(3)), submit(leaker(LEAKS["an exception's text"])), launcher)
    assert "1.0 1.0 1.0" in student_json(grade)
