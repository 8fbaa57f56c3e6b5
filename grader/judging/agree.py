"""A backward function held against the student's own forward function, before any expected value is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.model import Agreement, KeyExercise, Outcome, OutcomeKind
from grader.plan import Derivative
from grader.texts import say
from grader.values import CountError, as_numbers, named_outputs

RELATIVE = 1e-3
"""A derivative that differs by less is rounding's; a mistake's differs by far more."""

CERTAIN = 0.05
"""An entry whose doubt is a larger part of the largest derivative is not known."""


def agreement(exercise: KeyExercise, outcomes: Sequence[Outcome], slopes: Sequence[Outcome]) -> Agreement | None:
    """Whether what came back is the derivative of the student's own forward function; None where that is unknown.

    Parameters
    ----------
    outcomes : of the exercise's visible cases.
    slopes : of the same cases, output → [derivative, doubt] as the worker found them.
    """
    derivative = exercise.derivative
    assert derivative is not None
    all_known = True
    for outcome, found in zip(outcomes, slopes, strict=True):
        returned = _returned(exercise, outcome)
        pairs = found.value if isinstance(found.value, dict) else {}
        for output in derivative.by:
            pair: Any = pairs.get(output)
            told = None
            if returned is not None and _is_pair(pair):
                told = _held_against(derivative, output, as_numbers(returned[output]), *pair)
            if told:
                return Agreement(derivative.forward, False, told)
            all_known = all_known and told is not None
    return Agreement(derivative.forward, True) if all_known and outcomes else None


def _returned(exercise: KeyExercise, outcome: Outcome) -> dict[str, Any] | None:
    if outcome.kind is not OutcomeKind.RETURNED:
        return None
    try:
        return named_outputs(exercise.returns, list(exercise.points), outcome.value)
    except CountError:
        return None


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(p, np.ndarray) for p in pair)


def _held_against(derivative: Derivative, output: str, got: Any, slope: Any, doubt: Any) -> str | None:
    """A sentence on the entry that is farthest off; "" where none is, None where nothing can be said."""
    if isinstance(got, str) or got.size != slope.size or got.dtype.kind == "c" or slope.shape != doubt.shape:
        return None
    got = got.reshape(slope.shape)
    known = np.isfinite(slope) & np.isfinite(doubt)
    largest = float(np.max(np.abs(slope[known]), initial=0.0))
    known &= doubt <= CERTAIN * max(largest, 1e-9)
    if not known.any():
        return None
    with np.errstate(all="ignore"):
        allowed = RELATIVE * np.maximum(np.abs(slope), np.abs(got)) + 1e-6 * max(1.0, largest) + doubt
        off = np.where(known & np.isfinite(got), np.abs(got - slope) - allowed, -np.inf)
    if not bool(np.any(off > 0)):
        return ""
    index = np.unravel_index(int(np.argmax(off)), slope.shape)
    at = f"[{', '.join(str(int(i)) for i in index)}]" if index else ""
    name = derivative.by[output][-1]
    what = say("weighted_output", weight=derivative.weight) if derivative.weight else say("own_value")
    return say(
        "not_derivative",
        output=output,
        forward=derivative.forward,
        name=f"{name}{at}",
        what=what,
        slope=_number(slope[index]),
        entry=f"{output}{at}",
        got=_number(got[index]),
    )


def _number(value: Any) -> str:
    return f"{float(value):.4g}"
