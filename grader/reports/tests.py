"""Grades as tests, the way machines count: one test for each named output of each case.

A hidden case is one of them, without its name: it is told by its number in its exercise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from grader.model import ExerciseGrade, Finding, Grade, Place, Status, Times, Verdict
from grader.reports.clean import clean
from grader.reports.run import Run


class Result(StrEnum):
    """How a test ended: FAILED for a wrong answer, ERROR where there was none, SKIPPED where nothing was tried."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


SKIPPED = frozenset({Finding.NOT_ATTEMPTED, Finding.BLOCKED})
ERROR = frozenset(
    {
        Finding.RAISED,
        Finding.TIMED_OUT,
        Finding.OUT_OF_MEMORY,
        Finding.OUTPUT_LIMIT,
        Finding.CRASHED,
        Finding.MALFORMED,
        Finding.INTERNAL,
    }
)


AT = re.compile(r"(?P<file>[^\n:]+):(?P<line>\d{1,9}): ")


class Test(msgspec.Struct, frozen=True):
    """One test; `raw` is the finding, `lines` what is said of it, the hint that teaches first.

    `seconds` are the case's, told with its first output alone, so that they add up.
    """

    name: str
    result: Result
    visible: bool
    raw: str = ""
    lines: list[str] = []
    seconds: float = 0.0


class Suite(msgspec.Struct, frozen=True):
    """The tests of one exercise; or, with one test and no points, why a submission has no grade.

    `names` lead to it, outermost first: the assignment, the student where there are several, the exercise.
    """

    names: list[str]
    tests: list[Test]
    score: float = 0.0
    max_score: float = 0.0
    place: Place | None = None
    printed: str = ""
    trace: list[str] = []
    exercise: str = ""

    @property
    def untouched(self) -> bool:
        """Nothing of it was attempted, or nothing can be before an earlier exercise is right."""
        return self.count(Result.SKIPPED) > 0 == self.count(Result.FAILED) + self.count(Result.ERROR)

    def count(self, result: Result) -> int:
        """How many tests ended so."""
        return sum(test.result is result for test in self.tests)


def suites(run: Run) -> Iterator[Suite]:
    """Every exercise of every submission as tests, in their order."""
    for grade, times in run.grades.timed():
        yield from suites_of(run, grade, times)


def suites_of(run: Run, grade: Grade, times: Times) -> Iterator[Suite]:
    """Every exercise of one submission as tests."""
    names = [run.key.assignment, *([] if run.own else [clean(grade.id, 200, keep_lines=False) or "?"])]
    if grade.status is not Status.GRADED:
        told = [clean(line, 500) for line in (grade.message or grade.status).splitlines()]
        failed = Test("the submission can be graded", Result.ERROR, True, grade.status, told, times.total)
        yield Suite(names, [failed], max_score=grade.max_score, place=_unreadable(grade))
        return
    for exercise in grade.exercises:
        yield Suite(
            [*names, exercise.id],
            _tests(exercise, times.cases.get(exercise.id, [])),
            exercise.score,
            exercise.max_score,
            exercise.place,
            clean(exercise.printed),
            [clean(line, 300, keep_lines=False) for line in exercise.trace],
            exercise.id,
        )


def _unreadable(grade: Grade) -> Place | None:
    """The line at which a file is no Python any more, as the message tells it."""
    found = AT.match(grade.message or "")
    return Place(found["file"], int(found["line"])) if found and found["file"] in grade.files else None


def results(run: Run) -> tuple[dict[Result, int], float]:
    """How many tests of a run end how, and the seconds of all of them; no text is looked at for it."""
    counts = dict.fromkeys(Result, 0)
    seconds = 0.0
    for grade, times in run.grades.timed():
        if grade.status is not Status.GRADED:
            counts[Result.ERROR] += 1
            seconds += times.total
            continue
        for exercise in grade.exercises:
            took = times.cases.get(exercise.id, [])
            cases = len(dict.fromkeys(verdict.case for verdict in exercise.verdicts))
            seconds += sum(took[:cases])
            for verdict in exercise.verdicts:
                counts[_result(verdict)] += 1
    return counts, seconds


def _tests(exercise: ExerciseGrade, seconds: list[float]) -> list[Test]:
    numbers: dict[str, int] = {}
    hidden: dict[str, int] = {}
    tests = []
    for verdict in exercise.verdicts:
        first = verdict.case not in numbers
        number = numbers.setdefault(verdict.case, len(numbers))
        case = verdict.case if verdict.visible else f"hidden case {hidden.setdefault(verdict.case, len(hidden) + 1)}"
        took = seconds[number] if first and number < len(seconds) else 0.0
        tests.append(_test(verdict, f"{verdict.output}: {case}", took))
    return tests


def _test(verdict: Verdict, name: str, seconds: float) -> Test:
    result = _result(verdict)
    if result is Result.PASSED:
        remarks = [clean(verdict.remark, 500)] if verdict.remark else []
        return Test(name, result, verdict.visible, "", remarks, seconds)
    finding = verdict.finding or Finding.VALUES
    told = [text for text in (verdict.hint, verdict.message) if text] or [finding.value]
    return Test(name, result, verdict.visible, finding.value, [clean(text, 1000) for text in told], seconds)


def _result(verdict: Verdict) -> Result:
    if verdict.passed:
        return Result.PASSED
    finding = verdict.finding
    return Result.SKIPPED if finding in SKIPPED else Result.ERROR if finding in ERROR else Result.FAILED


def path_of(run: Run, place: Place | None) -> str:
    """A student's file seen from the repository's top, with forward slashes; empty where it is not known."""
    if place is None:
        return ""
    path = f"{run.folder}/{place.file}" if run.folder not in ("", ".") else place.file
    return clean(path, 500, keep_lines=False).strip()
