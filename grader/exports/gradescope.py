"""Gradescope: one results.json per student.

Points per exercise show after they are published, because hidden cases are in them; what visible
cases say shows at once, without points. Source: Gradescope's documentation of autograders.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from grader.exports.row import Row, shown
from grader.model import ExerciseGrade, Grade, Verdict

FAULT = "The grader could not run. Your teacher has been told."
LINES = 20


def results_json(row: Row, grade: Grade | None) -> str:
    """The results.json of one student; its score is the mark, with penalties and marks by hand."""
    said = [shown(comment) for comment in row.comments]
    tests: list[dict[str, Any]] = []
    if row.mark is None:
        said.insert(0, FAULT)
    elif grade is not None:
        said = [shown(text) for text in (grade.message, *grade.remarks) if text] + said
        tests = [test for exercise in grade.exercises for test in _tests(exercise, row)]
        if row.late:
            said.append(f"Handed in late, by {row.late} begun {row.unit}{'s' if row.late > 1 else ''}.")
    results = {"score": row.mark or 0.0, "output": "\n".join(said), "output_format": "text", "tests": tests}
    return json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _tests(exercise: ExerciseGrade, row: Row) -> Iterator[dict[str, Any]]:
    """What the visible cases say, and the points."""
    visible = [v for v in exercise.verdicts if v.visible]
    if visible:
        yield {
            "name": f"{exercise.id}: visible cases",
            "status": "passed" if all(v.passed for v in visible) else "failed",
            "output": _lines(visible) or "Visible cases passed.",
            "visibility": "visible",
        }
    score = row.points.get(exercise.id, exercise.score)
    yield {
        "name": exercise.id,
        "score": score,
        "max_score": exercise.max_score,
        "status": "passed" if score >= exercise.max_score else "failed",
        "output": _lines(exercise.verdicts),
        "visibility": "after_published",
    }


def _lines(verdicts: Sequence[Verdict]) -> str:
    """What is wrong, each sentence once, the hint that teaches before the message."""
    told: dict[str, None] = {}
    for verdict in verdicts:
        for text in (verdict.hint, verdict.message if not verdict.passed else verdict.remark):
            if text:
                told.setdefault(f"{verdict.output}: {shown(text)}")
    return "\n".join(list(told)[:LINES])
