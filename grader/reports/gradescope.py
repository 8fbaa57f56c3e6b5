"""Gradescope's results.json.

Points per exercise show after they are published, because hidden cases are in them; what visible
cases say shows at once, without points. Source: Gradescope's documentation of autograders.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.model import NO_TIMES, ExerciseGrade, Grade, Times, Verdict
from grader.reports.clean import clean
from grader.reports.run import Run
from grader.texts import say, speaking

LINES = 20


def write(run: Run) -> Iterator[str]:
    """The format `gradescope`, for one submission."""
    for grade, times in run.grades.timed():
        with speaking(run.key.language):
            text = results_json(grade, grade.score, times=times)
        yield text


def results_json(
    grade: Grade | None,
    mark: float | None,
    points: Mapping[str, float] | None = None,
    said: Sequence[str] = (),
    times: Times = NO_TIMES,
) -> str:
    """The results.json of one student, in the language that is spoken.

    Parameters
    ----------
    mark : the score; None where there is none through a fault of ours.
    points : exercise → its points, where they are others than the grade's.
    said : more lines for the student.
    """
    lines = [clean(text) for text in said]
    tests: list[dict[str, Any]] = []
    if mark is None:
        lines.insert(0, say("gradescope.fault"))
    elif grade is not None:
        lines = [clean(text) for text in (grade.message, *grade.remarks) if text] + lines
        for number, exercise in enumerate(grade.exercises, 1):
            score = exercise.score if points is None else points.get(exercise.id, exercise.score)
            tests += _tests(exercise, score, number)
    results = {"score": mark or 0.0, "output": "\n".join(lines), "output_format": "text", "tests": tests}
    if times.total:
        results["execution_time"] = times.total
    return json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _tests(exercise: ExerciseGrade, score: float, number: int) -> Iterator[dict[str, Any]]:
    """What the visible cases say, and the points."""
    visible = [v for v in exercise.verdicts if v.visible]
    if visible:
        yield {
            "name": say("gradescope.visible", exercise=exercise.id),
            "number": f"{number}.1",
            "status": "passed" if all(v.passed for v in visible) else "failed",
            "output": _lines(visible) or say("gradescope.passed"),
            "visibility": "visible",
        }
    yield {
        "name": exercise.id,
        "number": f"{number}.2",
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
                told.setdefault(f"{verdict.output}: {clean(text)}")
    return "\n".join(list(told)[:LINES])
