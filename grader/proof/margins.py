"""How far an answer lies from what is expected, in tolerances: at most 0.1 if it is right, 100 and more if not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.judging.compare import mismatch
from grader.model import Check, Finding, KeyCase, KeyExercise, OneOf, Outcome, OutcomeKind
from grader.values import CountError, as_numbers, named_outputs


def tolerances_off(outcome: Outcome, case: KeyCase, exercise: KeyExercise) -> dict[str, float]:
    """Named output → distance of its worst entry in tolerances; infinite where it is no array of that shape."""
    names = list(exercise.points)
    if outcome.kind is not OutcomeKind.RETURNED:
        return dict.fromkeys(names, np.inf)
    try:
        returned = named_outputs(exercise.returns, names, outcome.value)
    except CountError:
        return dict.fromkeys(names, np.inf)
    with np.errstate(all="ignore"):
        return {name: _off(returned[name], case.checks[name]) for name in names}


def _off(got: Any, check: Check) -> float:
    wrong = mismatch(got, check)
    if wrong is not None and wrong.finding is not Finding.VALUES:
        return np.inf
    if isinstance(check, OneOf):
        near = np.min([_distance(got, v) for v in check.values], axis=0)
        return float(np.max(near, initial=0.0)) / check.tolerance
    parts = zip(got, check.value, strict=True) if isinstance(check.value, list) else [(got, check.value)]
    return max(float(np.max(_distance(g, w), initial=0.0)) for g, w in parts) / check.tolerance


def _distance(got: Any, want: Any) -> np.ndarray[Any, Any]:
    """|got − want|, element by element; 0 where both are the same infinity, infinite where one is nan."""
    numbers, expected = as_numbers(got), np.asarray(want)
    assert isinstance(numbers, np.ndarray)
    return np.where(numbers == expected, 0.0, np.nan_to_num(np.abs(numbers - expected), nan=np.inf, posinf=np.inf))


def farthest(exercise: KeyExercise, outcomes: Sequence[Outcome]) -> float:
    """The worst distance over all cases and outputs of an exercise."""
    pairs = zip(exercise.cases, outcomes, strict=True)
    return max((off for case, o in pairs for off in tolerances_off(o, case, exercise).values()), default=0.0)
