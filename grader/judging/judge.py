"""Verdicts → points: partial credit by named output and by group of cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.judging.compare import compare
from grader.judging.diagnose import diagnose, returned_by
from grader.judging.hints import with_hints
from grader.model import (
    AnswerKey,
    Evidence,
    ExerciseGrade,
    Finding,
    Grade,
    KeyCase,
    KeyExercise,
    Loaded,
    Notebook,
    OneOf,
    Outcome,
    OutcomeKind,
    Shape,
    Status,
    Submission,
    Verdict,
)
from grader.texts import say
from grader.values import CountError, as_numbers, named_outputs, place

MAX_ENTRIES = 64
MAX_PRINTED = 1000
MAX_REMARKS = 5
DECIMALS = 4


def judge_exercise(
    exercise: KeyExercise,
    outcomes: Sequence[Outcome],
    file: str,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
    again: Sequence[Outcome | None] = (),
    notebook: Notebook | None = None,
    entries: int = MAX_ENTRIES,
) -> ExerciseGrade:
    """Points for one exercise from the outcomes of its cases, in their order.

    Parameters
    ----------
    file : the student's file, for the lines of a traceback.
    answers : case id → what earlier exercises of the same student returned on it.
    again : the outcomes of a second run in another order, None where it was the same.
    notebook : what the file was made of; lines are told as its cells'.
    entries : how large an array may be that is kept as evidence.
    """
    earlier = answers or {}
    outcomes = [_attempted(exercise, o, notebook) for o in outcomes]
    by_case = [
        compare(o, c, exercise, earlier.get(c.id), notebook) for c, o in zip(exercise.cases, outcomes, strict=True)
    ]
    if _untouched(exercise, by_case):
        nothing = exercise.returns is not Shape.ONE and all(o.value is None for o in outcomes)
        message = say("nothing_returned" if nothing else "hidden.not_attempted")
        by_case = [[_not_attempted(v, message) for v in of_case] for of_case in by_case]
    else:
        by_case = _explained(exercise, outcomes, by_case)
    if any(again):
        by_case = [
            of_case if second is None else _steady(of_case, compare(second, c, exercise, earlier.get(c.id)))
            for of_case, second, c in zip(by_case, again, exercise.cases, strict=True)
        ]
    verdicts = [v for of_case in by_case for v in of_case]
    return ExerciseGrade(
        id=exercise.id,
        score=_score(exercise, by_case),
        max_score=_max_score(exercise),
        outcome=_outcome_of(outcomes, verdicts),
        message=_first_message(verdicts),
        verdicts=verdicts,
        evidence=_evidence(exercise, outcomes, by_case, entries),
        printed=next((o.printed for o in outcomes if o.printed), "")[:MAX_PRINTED],
        trace=_trace(exercise.cases, outcomes, file, notebook),
    )


def judge_submission(
    key: AnswerKey, submission: Submission, loaded: Loaded | None, exercises: Sequence[ExerciseGrade]
) -> Grade:
    """The grade of a submission whose exercises have been judged."""
    return Grade(
        id=submission.id,
        files=_handed_in(submission),
        sha256=submission.sha256,
        status=Status.GRADED,
        score=round(sum(e.score for e in exercises), DECIMALS),
        max_score=max_score(key),
        remarks=[*submission.remarks, *_remarks(loaded, key.file, submission.notebooks.get(key.file))],
        exercises=list(exercises),
        origin=submission.origin,
        members=submission.members,
    )


def without_grade(key: AnswerKey, submission: Submission, status: Status, message: str) -> Grade:
    """The entry of a submission that could not be read (0 marks), or that we failed to grade (no mark)."""
    return Grade(
        id=submission.id,
        files=_handed_in(submission),
        sha256=submission.sha256,
        status=status,
        score=0.0 if status is Status.UNREADABLE else None,
        max_score=max_score(key),
        message=message,
        remarks=submission.remarks,
        origin=submission.origin,
        members=submission.members,
    )


def _handed_in(submission: Submission) -> list[str]:
    """The files' names as the student knows them: a notebook by its own."""
    made = submission.notebooks
    return sorted(made[name].name if name in made else name for name in submission.files)


def max_score(key: AnswerKey) -> float:
    """The points that full marks are worth."""
    return round(sum(_max_score(e) for e in key.exercises), DECIMALS)


def _max_score(exercise: KeyExercise) -> float:
    return round(sum(exercise.points.values()), DECIMALS)


def _score(exercise: KeyExercise, by_case: Sequence[Sequence[Verdict]]) -> float:
    """Σ over outputs of points · Σ over groups of weight · the least credit among the group's cases."""
    weights = sum(exercise.groups.values())
    total = 0.0
    for position, points in enumerate(exercise.points.values()):
        for group, weight in exercise.groups.items():
            credits = [
                verdicts[position].credit
                for case, verdicts in zip(exercise.cases, by_case, strict=True)
                if case.group == group
            ]
            total += points * weight / weights * min(credits)
    return round(total, DECIMALS)


def _attempted(exercise: KeyExercise, outcome: Outcome, notebook: Notebook | None) -> Outcome:
    """A name that was to be computed and never was is work not done, no crash."""
    error = outcome.error
    if (
        outcome.kind is not OutcomeKind.RAISED
        or error is None
        or error.type_name not in ("NameError", "UnboundLocalError")
    ):
        return outcome
    unset = [name for name in exercise.points if f"'{name}'" in error.message]
    if not unset:
        return outcome
    at = place(error.frames[-1][0], notebook) if error.frames else ""
    detail = say("unset_at" if at else "unset", name=unset[0], place=at)
    return Outcome(OutcomeKind.NOT_ATTEMPTED, detail=detail)


def _untouched(exercise: KeyExercise, by_case: Sequence[Sequence[Verdict]]) -> bool:
    """Every output that is worth anything is None in every case: the stub as it was handed out."""
    worth = {name for name, points in exercise.points.items() if points > 0}
    return all(v.finding is Finding.MISSING for verdicts in by_case for v in verdicts if v.output in worth)


def _not_attempted(verdict: Verdict, message: str) -> Verdict:
    if verdict.passed:  # an output that is worth nothing, right by itself
        return verdict
    return msgspec.structs.replace(verdict, finding=Finding.NOT_ATTEMPTED, message=message)


def _steady(first: Sequence[Verdict], second: Sequence[Verdict]) -> list[Verdict]:
    """The first run's verdicts; what was right in it and wrong in the second is no answer to the call alone."""
    return [
        v
        if not v.passed or w.passed
        else msgspec.structs.replace(v, passed=False, credit=0.0, finding=Finding.UNSTEADY, message=say("unsteady"))
        for v, w in zip(first, second, strict=True)
    ]


def _explained(exercise: KeyExercise, outcomes: Sequence[Outcome], by_case: list[list[Verdict]]) -> list[list[Verdict]]:
    """The verdicts with the mistakes behind them and hints that lead there."""
    if all(v.passed for of_case in by_case for v in of_case):
        return by_case
    with np.errstate(all="ignore"):
        names = diagnose(exercise, outcomes, by_case)
        return with_hints(exercise, by_case, [returned_by(exercise, o) for o in outcomes], names)


def _outcome_of(outcomes: Sequence[Outcome], verdicts: Sequence[Verdict]) -> OutcomeKind:
    """One word for the exercise: the first outcome that is not RETURNED, NOT_ATTEMPTED only if all are."""
    if all(v.passed or v.finding is Finding.NOT_ATTEMPTED for v in verdicts) and not all(v.passed for v in verdicts):
        return OutcomeKind.NOT_ATTEMPTED
    kinds = [o.kind for o in outcomes if o.kind is not OutcomeKind.RETURNED]
    return kinds[0] if kinds else OutcomeKind.RETURNED


def _first_message(verdicts: Sequence[Verdict]) -> str | None:
    """The sentence that a student reads first: of the first output that failed."""
    for verdict in verdicts:
        if not verdict.passed:
            own = verdict.message or ""
            return own if own.startswith(verdict.output) or verdict.finding in _WHOLE else f"{verdict.output}: {own}"
    return None


_WHOLE = frozenset(
    {
        Finding.NOT_ATTEMPTED,
        Finding.COUNT,
        Finding.RAISED,
        Finding.TIMED_OUT,
        Finding.OUT_OF_MEMORY,
        Finding.OUTPUT_LIMIT,
        Finding.CRASHED,
        Finding.MALFORMED,
        Finding.CHANGED_INPUTS,
        Finding.BLOCKED,
        Finding.INTERNAL,
    }
)


def _remarks(loaded: Loaded | None, file: str, notebook: Notebook | None) -> list[str]:
    """What a student should know of the file as a whole, in our own words: it is shown everywhere."""
    if loaded is None:
        return []
    told = []
    file = notebook.name if notebook is not None else file
    if loaded.definitions_only:
        told.append(say("definitions_only", file=file, ended=loaded.ended))
    for error in loaded.broken[:MAX_REMARKS]:
        if error.type_name != "ModuleNotFoundError" and error.frames:
            told.append(say("line_left_out", where=_where(file, error.frames[0][0], notebook)))
    return told


# -------------------------------------------------------------------------------------- evidence


def _evidence(
    exercise: KeyExercise, outcomes: Sequence[Outcome], by_case: Sequence[Sequence[Verdict]], entries: int
) -> list[Evidence]:
    """Of visible cases that failed: what came back and what was expected, when both are small."""
    shown = []
    for case, outcome, verdicts in zip(exercise.cases, outcomes, by_case, strict=True):
        if not case.visible or outcome.kind is not OutcomeKind.RETURNED:
            continue
        try:
            returned = named_outputs(exercise.returns, list(exercise.points), outcome.value)
        except CountError:
            continue
        for verdict in verdicts:
            got, check = returned[verdict.output], case.checks[verdict.output]
            want = check.values[0] if isinstance(check, OneOf) else check.value
            if not verdict.passed and _small(got, entries) and _small(want, entries):
                shown.append(Evidence(case.id, verdict.output, got, want, check.tolerance))
    return shown


def _small(value: Any, entries: int) -> bool:
    numbers = as_numbers(value)
    return not isinstance(numbers, str) and 0 < numbers.size <= entries


def _where(file: str, line: int, notebook: Notebook | None) -> str:
    """A place in a student's file: "layers.py:30", or "layers.ipynb, code cell 7, line 3"."""
    return f"{file}:{line}" if notebook is None else f"{notebook.name}, {place(line, notebook)}"


def _trace(cases: Sequence[KeyCase], outcomes: Sequence[Outcome], file: str, notebook: Notebook | None) -> list[str]:
    """The student's own frames of the first visible case that raised."""
    for case, outcome in zip(cases, outcomes, strict=True):
        if case.visible and outcome.error is not None and outcome.error.frames:
            frames = outcome.error.frames[-5:]
            return [f"{_where(file, line, notebook)} in {function}" for line, function in frames]
    return []
