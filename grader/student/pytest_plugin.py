"""pytest in a released folder: every visible case is a test of the student's file, with the exercise's own messages.

Nothing is imported here that pytest has not imported already: pytest loads this module in every
project on the machine. Files that have no examples.json of ours beside them are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.model import AnswerKey, ExerciseGrade, Grade
    from grader.reports.run import Run

EXAMPLES = "examples.json"
OURS = re.compile(rb'^\{\s*"schema": "grader/key/.*?"file": "(?P<file>[^"]+)"', re.DOTALL)
HEAD = 1000


@lru_cache(64)
def stub_of(folder: Path) -> str:
    """The stub's name where `folder` is a released one, "" where it is not; the head of examples.json tells."""
    try:
        with (folder / EXAMPLES).open("rb") as file:
            found = OURS.match(file.read(HEAD))
    except OSError:
        return ""
    return found["file"].decode("utf-8", "replace") if found is not None else ""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Work | None:
    """The student's file, stub or notebook, with a test for each visible case."""
    if file_path.suffix not in (".py", ".ipynb"):
        return None
    stub = stub_of(file_path.parent)
    if stub and file_path.stem == Path(stub).stem:
        return Work.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    """A student's file that is named on the command line is not imported as a module of tests."""
    if module_path.name == stub_of(module_path.parent):
        return Nothing.from_parent(parent, path=module_path)
    return None


class Nothing(pytest.Module):
    """A module without tests, that is never imported."""

    def collect(self) -> Iterator[pytest.Item]:
        """No test."""
        return iter(())


class Work(pytest.File):
    """A student's file: one test for each visible case, all of them run at once when the first one is."""

    def collect(self) -> Iterator[CaseItem]:
        """The visible cases; none where the student works in the other one of stub and notebook."""
        from grader.errors import GraderError, SubmissionError
        from grader.student.home import read_examples, read_work

        folder = self.path.parent
        try:
            key = read_examples(folder)
        except GraderError as error:
            raise self.CollectError(str(error)) from None
        try:
            made = read_work(folder, key).notebooks
            own = next(iter(made.values())).name if made else key.file
        except SubmissionError:
            own = key.file
        if own != self.path.name:
            return
        lines = self._lines()
        for exercise in key.exercises:
            for case in exercise.cases:
                name = f"{exercise.id}[{case.id}]"
                item: CaseItem = CaseItem.from_parent(self, name=name, exercise=exercise.id, case=case.id)
                item.line = lines.get(exercise.id, 1)
                yield item

    def _lines(self) -> dict[str, int]:
        """Name → the line of the file that defines it; a notebook has none."""
        from grader.judging.places import name_lines

        try:
            return name_lines(self.path.read_bytes()) if self.path.suffix == ".py" else {}
        except OSError:
            return {}

    def run(self) -> Run:
        """The check of the whole file; made once."""
        from grader.student.check import check

        if not hasattr(self, "_run"):
            self._run = check(self.path)
        return self._run


class CaseItem(pytest.Item):
    """One visible case of one exercise."""

    line = 1

    def __init__(self, *, exercise: str, case: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.exercise = exercise
        self.case = case

    def runtest(self) -> None:
        """Fail where an output of the case is wrong."""
        from grader.errors import GraderError

        assert isinstance(self.parent, Work)
        try:
            run = self.parent.run()
        except GraderError as error:
            raise WrongError(str(error)) from None
        grade: Grade = next(iter(run.grades))
        exercise = next(e for e in grade.exercises if e.id == self.exercise)
        if any(v.case == self.case and not v.passed for v in exercise.verdicts):
            raise WrongError(told(run.key, grade, exercise, self.case, run))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The exercise's own message, and no line of ours."""
        if isinstance(excinfo.value, WrongError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where an editor goes when the test is chosen: the function's own line."""
        return self.path, self.line - 1, self.name


class WrongError(Exception):
    """A case did not pass; the text is what a student reads."""


def told(key: AnswerKey, grade: Grade, exercise: ExerciseGrade, case: str, run: Run) -> str:
    """What `grader check` tells of an exercise, of one case alone."""
    import msgspec

    from grader.reports.run import Telling
    from grader.reports.terminal import Look, fitted
    from grader.reports.text import exercise_report, solved
    from grader.texts import speaking

    verdicts = [v for v in exercise.verdicts if v.case == case]
    evidence = [e for e in exercise.evidence if e.case == case]
    own = msgspec.structs.replace(exercise, verdicts=verdicts, evidence=evidence)
    known = next(e for e in key.exercises if e.id == exercise.id)
    standing = {e.id: solved(e) for e in grade.exercises}
    with speaking(key.language):
        lines = list(exercise_report(own, known, run.telling or Telling(), standing))
    return "".join(fitted(["\n".join(lines)], Look()))
