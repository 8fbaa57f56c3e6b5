"""The smallest public input on which a submission is wrong, from what came back on the rungs of a ladder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from grader.judging.compare import compare
from grader.model import (
    ExerciseGrade,
    Finding,
    KeyCase,
    KeyExercise,
    OneOf,
    Outcome,
    OutcomeKind,
    Rung,
    Smallest,
)
from grader.values import CountError, as_numbers, named_outputs
from grader.wire import pack

MAX_ENTRIES = 24
"""A returned array with more entries than this is left out: what is shown is small."""
MAX_MESSAGE = 300
BUDGET = 4000
SHOWN = frozenset({Finding.VALUES, Finding.SHAPE, Finding.NOT_FINITE, Finding.RAISED})
"""Findings that a small input can show."""


def wants_ladder(exercise: KeyExercise, grade: ExerciseGrade) -> bool:
    """Whether a hidden case failed by what was returned or raised, and there are rungs to show it on."""
    return bool(exercise.ladder) and any(not v.visible and v.finding in SHOWN for v in grade.verdicts)


def case_of(exercise: KeyExercise, rung: Rung) -> KeyCase:
    """A rung as a visible case: everything of it may be seen."""
    return KeyCase(rung.id, rung.title, True, "", rung.inputs, exercise.cases[0].plan, rung.checks)


def smallest(exercise: KeyExercise, outcomes: Sequence[Outcome]) -> Smallest | None:
    """The first rung on which one of the outcomes is wrong, in full; None where all are right.

    Parameters
    ----------
    outcomes : of the exercise's rungs, in their order.
    """
    for rung, outcome in zip(exercise.ladder, outcomes, strict=True):
        if outcome.kind not in (OutcomeKind.RETURNED, OutcomeKind.RAISED):
            return None
        wrong = [v for v in compare(outcome, case_of(exercise, rung), exercise) if not v.passed]
        if wrong:
            checks = {v.output: rung.checks[v.output] for v in wrong}
            return Smallest(
                rung=rung.id,
                title=rung.title,
                inputs=rung.inputs,
                expected={n: c.values[0] if isinstance(c, OneOf) else c.value for n, c in checks.items()},
                tolerance={n: c.tolerance for n, c in checks.items()},
                returned=_returned(exercise, outcome, checks),
                message={v.output: (v.message or "")[:MAX_MESSAGE] for v in wrong},
            )
    return None


def within_budget(found: Sequence[Smallest | None]) -> list[Smallest | None]:
    """The first of them that take BUDGET bytes together: a student with everything wrong has enough to look at."""
    kept: list[Smallest | None] = []
    left = BUDGET
    for one in found:
        left -= len(pack(one)) if one is not None else 0
        kept.append(one if left >= 0 else None)
    return kept


def _returned(exercise: KeyExercise, outcome: Outcome, wrong: Collection[str]) -> dict[str, Any]:
    """What came back by named output, of what is wrong, small and numbers."""
    try:
        values = named_outputs(exercise.returns, list(exercise.points), outcome.value)
    except CountError:
        return {}
    arrays = {name: as_numbers(values[name]) for name in wrong}
    return {name: a for name, a in arrays.items() if not isinstance(a, str) and a.size <= MAX_ENTRIES}
