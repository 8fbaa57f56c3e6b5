"""What several test modules share: a small course on disk, and a zygote that workers are forked from."""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: a process that forks has one thread
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of a thousand processes would compile the grader anew

import msgspec
import pytest
from hypothesis import configuration, settings

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key
from grader.gradebook.book import FILE, Gradebook
from grader.gradebook.records import Attempt
from grader.keyfile import key_hash
from grader.model import (
    AnswerKey,
    ExerciseGrade,
    Grade,
    KeyCase,
    KeyExercise,
    Limits,
    OutcomeKind,
    Shape,
    Status,
    Verdict,
    Within,
)
from grader.plan import Plan, Result

sys.dont_write_bytecode = False
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell has its jobs in the background ignore it,
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and so would every process that tests interrupt
configuration.set_hypothesis_home_dir(str(Path(__file__).parent.parent / "build" / "hypothesis"))
settings.register_profile("tests", derandomize=True, deadline=None, database=None)
settings.load_profile("tests")

REFERENCE = '''"""Twice a number."""


def double(x):
    """Twice x.

    Parameters
    ----------
    x : (N,)
    """
    y = None

    # BEGIN SOLUTION
    y = 2 * x
    # END SOLUTION

    return y
'''

CASES = '''"""One exercise."""

from grader.authoring import Assignment, Case, Exercise, call

DOUBLE = Exercise(
    "double",
    title="Twice",
    source="the tests",
    plan=call("double", "x"),
    points={"y": 2},
    oracle=lambda x: x + x,
    visible=[Case("ones", "ones only", {"x": [1, 1]}, expect={"y": [2, 2]})],
    hidden=[Case("drawn", "any numbers", lambda rng: {"x": rng.normal(size=3)})],
)

ASSIGNMENT = Assignment("Small", "work.py", [DOUBLE])
'''

MISTAKES = '''"""Known mistakes."""

from grader.authoring import Mistake


def squared(x):
    """x is squared."""
    return x**2 + x


def halved(x):
    """x is halved."""
    return x / 2


MISTAKES = [
    Mistake("double", squared, name="x is squared", hint="Is twice x a square?"),
    Mistake("double", halved, name="x is halved", hint="More or less than x?"),
]
'''

HANDOUT = "# Small\n\nWrite `double`.\n"


class Course:
    """A course of one assignment, small, that a test changes and loads."""

    name = "small"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "solutions" / self.name
        self.folder.mkdir(parents=True)
        for file, text in {
            "work.py": REFERENCE,
            "cases.py": CASES,
            "mistakes.py": MISTAKES,
            "handout.md": HANDOUT,
        }.items():
            (self.folder / file).write_text(text, "utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that stands in the file once."""
        text = (self.folder / file).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (self.folder / file).write_text(text.replace(old, new), "utf-8")

    def line(self, file: str, text: str) -> int:
        """The number of the first line that holds `text`."""
        lines = (self.folder / file).read_text("utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    def load(self):
        """The assignment, as `load_assignment` gives it."""
        return load_assignment(self.root, self.name)

    def key(self, seed: bytes | None = b"secret"):
        """The answer key."""
        return build_key(self.load(), seed)


@pytest.fixture(scope="session")
def course_in():
    """Makes a small course in a folder."""
    return Course


@pytest.fixture
def course(tmp_path):
    """A small course that loads, proves right and grades."""
    return Course(tmp_path / "course")


class Class:
    """A gradebook of an assignment of two exercises, `f` of 6 points and `g` of 4, with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.points = {"f": 6.0, "g": 4.0}
        self.path = folder / FILE
        self.time = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def clock(self) -> datetime:
        """A second later each time."""
        self.time += timedelta(seconds=1)
        return self.time

    def open(self, **more) -> Gradebook:
        """The gradebook, made where there is none."""
        return Gradebook.open(self.path, "small", clock=self.clock, **more)

    def key(self, value: float = 1.0, points: dict | None = None, **changes) -> AnswerKey:
        """A key that expects `value` in the second case of each exercise."""
        exercises = [
            KeyExercise(
                name, name, f"{name}()", "", Shape.ONE, {"y": worth}, {"all": 1.0},
                [
                    KeyCase(case, case, case == "shown", "all", {}, Plan((), Result("y")), {"y": Within(expected, 0.1)})
                    for case, expected in (("shown", 1.0), ("drawn", value))
                ],
            )
            for name, worth in (points or self.points).items()
        ]  # fmt: skip
        given = dict(assignment="small", title="Small", file="work.py", grader="0", hidden=True, limits=Limits())
        return AnswerKey(**given | {"exercises": exercises} | changes)

    def basis(self, book: Gradebook, value: float = 1.0, grader: str = "0.1", **more):
        """The basis of such a key."""
        key = self.key(value, **more)
        return book.basis(key, key_hash(key), grader)

    def grade(self, student: str, f: float = 6.0, g: float = 4.0, sha256: str = "a" * 64, **changes) -> Grade:
        """A grade with these points."""
        exercises = [
            ExerciseGrade(
                id=name, score=got, max_score=worth, outcome=OutcomeKind.RETURNED,
                verdicts=[
                    Verdict(case=case, visible=case == "shown", output="y", passed=got == worth, credit=got / worth)
                    for case in ("shown", "drawn")
                ],
            )
            for name, got, worth in (("f", f, 6.0), ("g", g, 4.0))
        ]  # fmt: skip
        whole = Grade(
            id=student, files=["work.py"], sha256=sha256, status=Status.GRADED, score=f + g, max_score=10.0,
            exercises=exercises,
        )  # fmt: skip
        return msgspec.structs.replace(whole, **changes)

    def attempt(self, student: str, sha256: str = "a" * 64, **more) -> Attempt:
        """An attempt of one file."""
        return Attempt(student=student, sha256=sha256, files={"work.py": "f" * 64}, **more)

    def hand_in(self, book: Gradebook, student: str, f: float = 6.0, g: float = 4.0, basis=None, **more) -> None:
        """Record an attempt with these points."""
        sha256 = f"{student}{f}{g}{more.get('handed_in')}".ljust(64, "0")
        book.record(self.attempt(student, sha256, **more), self.grade(student, f, g, sha256), basis or self.basis(book))

    def mark(self, book: Gradebook, student: str) -> float | None:
        """The current mark of one student."""
        return next(s.mark for s in book.standing() if s.student == student)


@pytest.fixture(scope="session")
def class_in():
    """Makes a small class in a folder."""
    return Class


@pytest.fixture
def small_class(tmp_path):
    """A gradebook in a folder of its own."""
    return Class(tmp_path)


@pytest.fixture(scope="session")
def zygote():
    """A launcher of confined workers."""
    if sys.platform != "linux":
        pytest.skip("the zygote is Linux's")
    from grader.sandbox.warm import ZygoteLauncher

    launcher = ZygoteLauncher()
    yield launcher
    launcher.close()


LATE = [
    "test_cluster",
    "test_prove",
    "test_reliability",
    "test_attacks::test_no_attack_succeeds",
    "test_attacks",
    "test_readme",
    "test_assignments",
    "test_tutorial",
    "test_runner",
    "test_fuzz",
    "test_slurm",
    "test_recall",
    "test_tiers",
    "test_integrations",
    "test_pytest_plugin",
    "test_reader",
    "test_keeping",
    "test_shards",
    "test_package",
    "test_words",
    "test_autograder",
    "test_pipeline",
    "test_cli",
    "test_submissions",
    "test_boundary",
]
"""What starts processes by the hundred, proves whole suites or builds archives: after all others, the longest first."""
APART = {
    "test_prove::test_the_suite_of_an_assignment_is_proven",
    *("test_attacks", "test_readme", "test_tiers", "test_integrations", "test_pytest_plugin", "test_reader"),
    *("test_keeping", "test_words", "test_autograder", "test_pipeline", "test_cli", "test_submissions", "test_runner"),
}
"""Whose tests share nothing that is dear to make: each may run beside the others. Those of any other module run together."""


def names_of(nodeid):
    """module::function and module of a test."""
    file, _colons, function = nodeid.partition("::")
    module = Path(file).stem
    return f"{module}::{function.partition('[')[0]}", module


def place(item):
    """How late a test runs."""
    return next((LATE.index(name) for name in names_of(item.nodeid) if name in LATE), -1)


def pytest_collection_modifyitems(items):
    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each process a module, or one test of those that run apart, in the order above."""
    from xdist.scheduler import LoadScopeScheduling

    class Units(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            names = names_of(nodeid)
            return nodeid if APART & {*names} else names[-1]

    config.option.loadscopereorder = False
    return Units(config, log)
