"""Grades as JSON and CSV: grades.json, grades.csv, and what one student may see."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from grader.model import GRADES_SCHEMA, AnswerKey, ExerciseGrade, Grade, Verdict
from grader.reports.clean import clean
from grader.reports.entry import Entry
from grader.reports.run import Run
from grader.texts import speaking

if TYPE_CHECKING:
    from grader.reports.feedback import Feedback

ADDED = ("title", "source", "formula", "state", "lines", "shown", "smallest")
"""What feedback.json has of an exercise beside grades.json's: the texts and matrices of feedback.html."""


def write(run: Run) -> Iterator[str]:
    """The format `json`: what a student may see of their own check, or grades.json."""
    if run.own:
        yield from (student_json(grade, run.key) for grade in run.grades)
    else:
        yield from grades_json(run.key, run.key_hash, run.grades)


def grades_json(key: AnswerKey, key_hash: str, grades: Iterable[Grade]) -> Iterator[str]:
    """grades.json piece by piece; keys sorted, no times in it."""
    head = {"assignment": key.assignment, "key": key_hash, "schema": GRADES_SCHEMA}
    yield json.dumps(head, sort_keys=True, ensure_ascii=False)[:-1] + ', "submissions": ['
    for number, grade in enumerate(grades):
        yield ("," if number else "") + "\n" + _line(submission(grade))
    yield "\n]}\n"


def submission(grade: Grade) -> dict[str, Any]:
    """One entry of grades.json."""
    return {
        "id": grade.id,
        "files": [clean(f, 200, keep_lines=False) for f in grade.files],
        "sha256": grade.sha256,
        "status": grade.status,
        "message": grade.message and clean(grade.message),
        "remarks": [clean(r, 500, keep_lines=False) for r in grade.remarks],
        "score": grade.score,
        "max_score": grade.max_score,
        "exercises": [_exercise(e) for e in grade.exercises],
    }


def student_json(grade: Grade, key: AnswerKey | None = None, entry: Entry | None = None) -> str:
    """What one student may see: the entry of grades.json, with what the visible cases returned.

    Parameters
    ----------
    key : adds the exercises' titles and formulas, and the matrices of what is shown.
    entry : how the mark stands, as of `feedback`.
    """
    if key is None:
        return told_json(grade, None)
    from grader.reports.feedback import feedback  # where it is not wanted, it need not be there

    with speaking(key.language):
        return told_json(grade, feedback(key, grade, entry))


def told_json(grade: Grade, told_of: Feedback | None) -> str:
    """As `student_json`, of feedback that is there already."""
    shown_of = submission(grade)
    if told_of is not None:
        shown_of |= {"mark": told_of.mark, "marked": told_of.marked, "title": told_of.title}
        for shown, told in zip(shown_of["exercises"], told_of.exercises, strict=True):
            shown |= {name: msgspec.to_builtins(getattr(told, name)) for name in ADDED}
    for shown, exercise in zip(shown_of["exercises"], grade.exercises, strict=True):
        shown["trace"] = [clean(t, 300, keep_lines=False) for t in exercise.trace]
        shown["printed"] = clean(exercise.printed)
        for told, verdict in zip(shown["verdicts"], exercise.verdicts, strict=True):
            told["hints"] = verdict.hints
            if verdict.withheld:
                told["mistake"] = None  # its name is the last step
    return _indented(_line(shown_of)) + "\n"


def _indented(line: str) -> str:
    """One line of JSON as json.dumps writes it with indent=1, in a tenth of its time."""
    return msgspec.json.format(line.encode("utf-8", "surrogatepass"), indent=1).decode("utf-8", "surrogatepass")


def grades_csv(grades: Iterable[Grade], exercises: list[str]) -> Iterator[str]:
    """One line per student: id, status, score, max_score and the points of each exercise."""
    yield _row(["id", "status", "score", "max_score", *exercises])
    for grade in grades:
        points = {e.id: e.score for e in grade.exercises}
        score = "" if grade.score is None else grade.score
        yield _row(
            [_cell(grade.id), grade.status.value, score, grade.max_score, *(points.get(e, "") for e in exercises)]
        )


def _exercise(grade: ExerciseGrade) -> dict[str, Any]:
    return {
        "id": grade.id,
        "score": grade.score,
        "max_score": grade.max_score,
        "outcome": grade.outcome,
        "message": grade.message and clean(grade.message),
        "verdicts": [_verdict(v) for v in grade.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.structs.asdict(verdict)
    shown["message"] = verdict.message and clean(verdict.message)
    del shown["hints"], shown["withheld"]
    return shown


def _line(entry: dict[str, Any]) -> str:
    """One line; a student's id stays as it is in it, and no CI's log takes it for a command."""
    line = json.dumps(_plain(entry), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return line.replace("##", "\\u0023#")


def _plain(entry: dict[str, Any]) -> Any:
    return msgspec.to_builtins(entry)


FORMULA = re.compile("(?:^|;)\\s*(?=[-=+@\uff0d\uff1d\uff0b\uff20])")
"""Where a formula begins, in the width of Chinese characters too; some spreadsheets split at semicolons."""


def _cell(text: str) -> str:
    """A spreadsheet would take a cell that starts so for a formula."""
    shown = clean(text, 200, keep_lines=False)
    return FORMULA.sub(lambda found: f"{found[0]}'", shown)


def _row(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
