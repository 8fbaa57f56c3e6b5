"""Wrong answers that are no known mistake, made from what is right and from what mistakes return."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np

from grader.model import KeyCase, KeyExercise, OneOf, Outcome, OutcomeKind, Return, Shape

Array = np.ndarray[Any, Any]
Wrong = Callable[[Array, int], Array]
"""What is right in a case, and the case's number → something wrong."""


def _noisy(want: Array, number: int) -> Array:
    rng = np.random.default_rng([number, want.size])
    return want + rng.normal(size=want.shape) * max(1.0, float(np.max(np.abs(want), initial=0.0)))


def _rolled(want: Array, _number: int) -> Array:
    return np.roll(want.reshape(-1), 1).reshape(want.shape)


def _one_entry_off(want: Array, _number: int) -> Array:
    got = want.copy().reshape(-1)
    got[:1] = 2 * got[:1] + 1
    return got.reshape(want.shape)


PLAIN: dict[str, Wrong] = {
    "noise is added": _noisy,
    "every entry is squared": lambda want, _: want * np.abs(want) + 1,
    "every entry is in its neighbour's place": _rolled,
    "the first entry is off": _one_entry_off,
    "the sign is lost": lambda want, _: np.abs(want),
    "every entry is the mean": lambda want, _: np.full(want.shape, np.mean(want)),
    "every entry is zero": lambda want, _: np.zeros(want.shape),
    "every second case is doubled": lambda want, number: want * (1 + number % 2),
    "every case has a factor of its own": lambda want, number: want * (2.5 + number),
    "every second case is negative": lambda want, number: want * (1 - 2 * (number % 2)),
    "one is added": lambda want, _: want + 1,
}


@dataclass(frozen=True)
class MadeUp:
    """A wrong answer: its title, the known mistakes that it is made from, and what it returns in a case."""

    title: str
    mistakes: Sequence[str]
    of: Callable[[KeyCase, int], dict[str, Any] | None]

    def outcomes(self, exercise: KeyExercise) -> list[Outcome]:
        """What comes back from it, case by case."""
        return [_outcome(exercise, self.of(case, number)) for number, case in enumerate(exercise.cases)]


def made_up(exercise: KeyExercise) -> Iterator[MadeUp]:
    """Answers made from what is right, then mixtures of known mistakes and what nearly is one."""
    for title, wrong in PLAIN.items():
        yield MadeUp(title, (), partial(_changed, wrong))
    ids = [m.id for m in exercise.mistakes]
    for a, b in pairwise([*ids, *ids[:1]] if len(ids) > 1 else []):
        yield MadeUp(f"{a} in some cases, {b} in the others", (a, b), partial(_in_turn, a, b))
    for a in ids:
        yield MadeUp(f"{a}, right in the last case", (a,), partial(_mostly, a, exercise.cases[-1].id))
        yield MadeUp(f"{a}, off in one entry", (a,), partial(_nearly, a))


def _right(case: KeyCase) -> dict[str, Any]:
    return {n: c.values[0] if isinstance(c, OneOf) else c.value for n, c in case.checks.items()}


def _did(case: KeyCase, mistake: str) -> dict[str, Any] | None:
    did = case.mistakes[mistake][0]
    return did.outputs if isinstance(did, Return) else None


def _changed(wrong: Wrong, case: KeyCase, number: int) -> dict[str, Any]:
    return {n: v if isinstance(v, list) else wrong(np.asarray(v), number) for n, v in _right(case).items()}


def _in_turn(a: str, b: str, case: KeyCase, _number: int) -> dict[str, Any] | None:
    return _did(case, b if crc32(case.id.encode()) % 2 else a)


def _mostly(mistake: str, last: str, case: KeyCase, _number: int) -> dict[str, Any] | None:
    return _right(case) if case.id == last else _did(case, mistake)


def _nearly(mistake: str, case: KeyCase, number: int) -> dict[str, Any] | None:
    """What the mistake returns, in the first case with one entry of each output far off."""
    outputs = _did(case, mistake)
    if outputs is None or number:
        return outputs
    changed = {}
    for name, value in outputs.items():
        array = np.array(value, dtype=np.float64) if isinstance(value, (int, float, np.ndarray)) else np.zeros(0)
        if array.size:
            array.reshape(-1)[-1] += 1 + 100 * case.checks[name].tolerance
        changed[name] = array if array.size else value
    return changed


def _outcome(exercise: KeyExercise, outputs: dict[str, Any] | None) -> Outcome:
    if outputs is None:
        return Outcome(OutcomeKind.CRASHED)
    values = list(outputs.values())
    return Outcome(
        OutcomeKind.RETURNED, {Shape.ONE: values[0], Shape.TUPLE: values, Shape.DICT: outputs}[exercise.returns]
    )
