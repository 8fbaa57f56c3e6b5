"""What a terminal shows: a student's check, and a class as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from grader.model import AnswerKey, Evidence, ExerciseGrade, Grade, OutcomeKind, Status, Verdict
from grader.reports.clean import clean
from grader.reports.run import Run
from grader.values import as_numbers, within

CROP = 6
NOTE = 100
MARKS = {True: "✓", False: "✗"}


def write(run: Run) -> Iterator[str]:
    """The format `text`: a check's report, or a class as a table."""
    if run.own:
        yield from (check_report(grade, run.key) for grade in run.grades)
    else:
        yield from (f"{line}\n" for line in class_table(run.grades))


def check_report(grade: Grade, key: AnswerKey) -> str:
    """A student's own check: a line per exercise, then what is wrong with the first unfinished one."""
    if grade.status is not Status.GRADED:
        return f"✗ {clean(grade.message or grade.status)}\n"
    titles = {e.id: e.title for e in key.exercises}
    width = max(len(e.id) for e in grade.exercises)
    lines = [f"{_mark(e)} {e.id:<{width}}  {_standing(e, titles[e.id])}" for e in grade.exercises]
    lines += [f"• {clean(remark, 500, keep_lines=False)}" for remark in grade.remarks]
    first = next((e for e in grade.exercises if not _solved(e)), None)
    if first is None:
        lines += ["", "Visible cases passed. Hidden cases are run when your work is graded."]
    else:
        lines += ["", *exercise_report(first)]
    return "\n".join(lines) + "\n"


def exercise_report(exercise: ExerciseGrade) -> Iterator[str]:
    """What is wrong with one exercise: the sentence that teaches, then the numbers."""
    yield exercise.id
    if exercise.outcome is OutcomeKind.NOT_ATTEMPTED:
        yield f"  {clean(exercise.message or 'not attempted yet')}"
        return
    told: set[str] = set()
    for verdict in exercise.verdicts:
        if verdict.passed:
            text = verdict.remark and f"  {verdict.output}: {verdict.remark}"
        else:
            text = "\n".join(_told(verdict))
        if text and text not in told:
            told.add(text)
            yield text
            yield from _matrices(exercise.evidence, verdict)
    if exercise.trace:
        yield "  your own lines, the last one raised:"
        yield from (f"    {clean(line, 200, keep_lines=False)}" for line in exercise.trace)
    if exercise.printed:
        yield "  it printed:"
        yield from (f"    {line}" for line in clean(exercise.printed).splitlines()[:10])


def class_table(grades: Iterable[Grade]) -> Iterator[str]:
    """One line per submission, then how many ended how."""
    yield f"{'student':<34} {'score':>13}  what to know"
    counts: dict[str, int] = {}
    total = 0
    for grade in grades:
        total += 1
        counts[grade.status] = counts.get(grade.status, 0) + 1
        score = "–" if grade.score is None else f"{grade.score:g} / {grade.max_score:g}"
        yield f"{_brief(grade.id):<34} {score:>13}  {_note(grade)}".rstrip()
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    yield f"{total} submission{'s' if total != 1 else ''}: {told or 'none'}"


def _note(grade: Grade) -> str:
    """The first thing that went wrong, in half a line; a known mistake by its name alone."""
    if grade.message:
        return _brief(grade.message.splitlines()[0])
    unsolved = [e for e in grade.exercises if e.score < e.max_score]
    if unsolved and all(e.outcome is OutcomeKind.NOT_ATTEMPTED for e in unsolved):
        return f"{len(unsolved)} not attempted"
    for exercise in unsolved:
        for verdict in exercise.verdicts:
            if not verdict.passed:
                return _brief(f"{exercise.id}: {(verdict.hint or exercise.message or '').partition('. ')[0]}")
    return _brief(next((v.remark for e in grade.exercises for v in e.verdicts if v.remark), None) or "")


def _brief(text: str) -> str:
    shown = clean(text, 1000, keep_lines=False)
    return shown if len(shown) <= NOTE else shown[: NOTE - 1] + "…"


def _solved(exercise: ExerciseGrade) -> bool:
    return exercise.score == exercise.max_score


def _mark(exercise: ExerciseGrade) -> str:
    return "·" if exercise.outcome is OutcomeKind.NOT_ATTEMPTED else MARKS[_solved(exercise)]


def _standing(exercise: ExerciseGrade, title: str) -> str:
    if exercise.outcome is OutcomeKind.NOT_ATTEMPTED:
        return f"{title} – not attempted yet"
    if _solved(exercise):
        return f"{title} – visible cases passed"
    failed = sorted({v.output for v in exercise.verdicts if not v.passed})
    return f"{title} – wrong: {', '.join(failed)}"


def _told(verdict: Verdict) -> Iterator[str]:
    if verdict.hint:
        yield f"  {verdict.output}: {verdict.hint}"
    message = clean(verdict.message or "", 500)
    yield f"  {verdict.output} in case {verdict.case}: {message}"


def _matrices(evidence: Sequence[Evidence], verdict: Verdict) -> Iterator[str]:
    """Returned beside expected, wrong entries marked."""
    for shown in evidence:
        if (shown.case, shown.output) != (verdict.case, verdict.output):
            continue
        got, want = as_numbers(shown.returned), np.asarray(shown.expected)
        if isinstance(got, str) or want.ndim not in (1, 2) or got.ndim > 2:
            continue
        close = within(got, want, shown.tolerance) if got.shape == want.shape else None
        left, right = _rows(got, close), _rows(want, None)
        width = max(len(row) for row in [*left, "returned"])
        yield f"    {'returned':<{width}}   expected"
        for ours, theirs in zip_longest(left, right, fillvalue=""):
            yield f"    {ours:<{width}}   {theirs}".rstrip()


def _rows(matrix: np.ndarray[Any, Any], close: np.ndarray[Any, Any] | None) -> list[str]:
    table = np.atleast_2d(matrix)
    marks = None if close is None else np.atleast_2d(close)
    rows = []
    for i, row in enumerate(table[:CROP]):
        cells = [
            f"{float(np.real(value)):>9.4g}{'' if marks is None else MARKS[bool(marks[i, j])]}"
            for j, value in enumerate(row[:CROP])
        ]
        rows.append(" ".join(cells) + (" …" if len(row) > CROP else ""))
    return rows + (["        …"] if len(table) > CROP else [])
