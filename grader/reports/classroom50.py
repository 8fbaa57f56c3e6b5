"""Classroom 50's result.json, from the grade and from what its runner says in the environment.

Its points are whole numbers: where an exercise is worth a whole number its points are rounded, and
never up to full marks; where one is not, all are told in hundredths. The exact points stand beside them.
Source: the schema classroom50/result/v1.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from grader.model import ExerciseGrade
from grader.reports.clean import clean
from grader.reports.run import Run
from grader.reports.tests import Suite, suites_of

SCHEMA = "classroom50/result/v1"
WHEN = "%Y-%m-%dT%H:%M:%SZ"


def write(run: Run) -> Iterator[str]:
    """The format `classroom50`, for one submission."""
    for grade, times in run.grades.timed():
        said = {suite.exercise: suite for suite in suites_of(run, grade, times)}
        unit = 1 if all(float(e.max_score).is_integer() for e in grade.exercises) else 100
        tests = [_test(e, unit, [t.lines for t in said[e.id].tests if t.result != "passed"]) for e in grade.exercises]
        if "" in said:  # it has no exercises, because it could not be read or graded
            tests = [_nothing(said[""])]
        result = _identity(run) | {
            "score": sum(test["score"] for test in tests),
            "max-score": sum(test["max-score"] for test in tests),
            "tests": tests,
        }
        yield json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _identity(run: Run) -> dict[str, Any]:
    """Whose submission it is; where the runner does not say, what GitHub says, else a dash."""
    known = run.environ
    server, repository = known.get("GITHUB_SERVER_URL", "https://github.com"), known.get("GITHUB_REPOSITORY", "")
    commit = known.get("COMMIT_URL") or f"{server}/{repository}/commit/{known.get('GITHUB_SHA', '')}"
    tag = known.get("SUBMISSION_TAG", "")
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "classroom": known.get("CLASSROOM") or "-",
        "assignment": known.get("ASSIGNMENT") or run.key.assignment,
        "assignment_type": "group" if known.get("MODE") == "group" else "individual",
        "owner": known.get("USERNAME") or known.get("GITHUB_REPOSITORY_OWNER") or "-",
        "submission": tag if tag.startswith("submit/") else f"submit/{tag or 'none'}",
        "commit": commit,
        "release": known.get("RELEASE_URL") or commit,
        "review": known.get("REVIEW_URL") or commit,
        "datetime": _committed(known.get("GRADER_COMMITTED", ""), run.started),
        "graded_at": datetime.fromtimestamp(run.ended, UTC).strftime(WHEN),
    }
    return {name: clean(value, 500, keep_lines=False) for name, value in result.items()}


def _committed(text: str, started: float) -> str:
    """The commit's date as git tells it in ISO 8601, in UTC; without it, when the run began."""
    try:
        when = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        when = datetime.fromtimestamp(started, UTC)
    return when.strftime(WHEN)


def _nothing(suite: Suite) -> dict[str, Any]:
    test = suite.tests[0]
    told = {"points": 0.0, "output": "\n".join(test.lines)}
    return {"test-name": test.name, "passed": False, "score": 0, "max-score": math.ceil(suite.max_score)} | told


def _test(exercise: ExerciseGrade, unit: int, wrong: list[list[str]]) -> dict[str, Any]:
    full = round(exercise.max_score * unit)
    passed = exercise.score >= exercise.max_score
    score = full if passed else max(0, min(math.floor(exercise.score * unit + 0.5), full - 1))
    test = {"test-name": exercise.id, "passed": passed, "score": score, "max-score": full}
    lines = dict.fromkeys(line for lines in wrong for line in lines)
    return test | {"points": exercise.score, "output": "\n".join(list(lines)[:20])}
