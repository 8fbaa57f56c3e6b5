"""What several test modules share: a small course on disk, and a zygote that workers are forked from."""

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: a process that forks has one thread
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import configuration, settings

from grader.authoring.course import load_assignment
from grader.authoring.key import build_key

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


@pytest.fixture
def course(tmp_path):
    """A small course that loads, proves right and grades."""
    return Course(tmp_path / "course")


@pytest.fixture(scope="session")
def zygote():
    """A launcher of confined workers."""
    if sys.platform != "linux":
        pytest.skip("the zygote is Linux's")
    from grader.sandbox.warm import ZygoteLauncher

    launcher = ZygoteLauncher()
    yield launcher
    launcher.close()


SLOW = [
    "test_pipeline",
    "test_submissions",
    "test_runner",
    "test_boundary",
    "test_readme",
    "test_package",
    "test_assignments",
    "test_prove",
]
"""Modules that start workers by the hundred or build archives: they run last, in this order."""


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: SLOW.index(item.path.stem) if item.path.stem in SLOW else -1)
