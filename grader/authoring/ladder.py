"""The ladder of an exercise: a few small public inputs, so that a wrong answer can be shown in full on one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.authoring.tolerance import leaves
from grader.errors import AuthorError
from grader.model import KeyCase, Rung

MAX_RUNGS = 5
MAX_NUMBERS = 48
"""What a rung's inputs may hold together: all of it is shown, to every student whom it helps."""


class WholeNumbers(np.random.Generator):
    """An rng for the rungs of a ladder: what is normal or uniform elsewhere is a small whole number here.

    None is 0 or 1, no two entries of an array are alike but for their signs, and each array begins
    with another number than the one before.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(np.random.PCG64(seed))
        self._drawn = 0

    def standard_normal(self, size: Any = None, *_more: Any) -> Any:  # type: ignore[override]  # NumPy overloads it
        """Whole numbers of both signs."""
        return self._whole(size) * self._signs(size)

    def normal(self, loc: float = 0.0, scale: float = 1.0, size: Any = None) -> Any:  # type: ignore[override]
        """Whole numbers of both signs."""
        return self.standard_normal(size)

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Any = None) -> Any:  # type: ignore[override]
        """Whole numbers, all positive where `low` is not negative."""
        return self.standard_normal(size) if low < 0 else self._whole(size)

    def _whole(self, size: Any) -> Any:
        first = 2 + self._drawn
        self._drawn += 1
        if size is None:
            return float(first)
        return (first + self.permutation(math.prod(np.atleast_1d(size)))).astype(np.float64).reshape(size)

    def _signs(self, size: Any) -> Any:
        return self.choice([-1.0, 1.0], size)


def check_ladder(exercise: str, rungs: Sequence[tuple[str, Rung]]) -> None:
    """Hold an exercise's rungs, each with its `file:line`, against what a ladder is to be.

    Raises
    ------
    AuthorError : too many rungs, a large one, one smaller than the one before, or numbers that are not whole.
    """
    if len(rungs) > MAX_RUNGS:
        raise AuthorError(f"{rungs[MAX_RUNGS][0]}: {exercise} has {len(rungs)} rungs; expected {MAX_RUNGS} at most")
    before = 0
    for where, rung in rungs:
        numbers = np.concatenate([leaf.reshape(-1) for leaf in leaves(rung.inputs)])
        what = f"{where}: rung {rung.id!r} of {exercise}"
        if numbers.size > MAX_NUMBERS:
            raise AuthorError(f"{what} has {numbers.size} numbers in its inputs; expected {MAX_NUMBERS} at most")
        if numbers.size < before:
            raise AuthorError(f"{what} is smaller than the one before; put the smallest first")
        if not np.array_equal(numbers, np.rint(numbers)):
            raise AuthorError(f"{what} has inputs that are no whole numbers; a student is to check it by hand")
        before = numbers.size


def rung_of(case: KeyCase) -> Rung:
    """What of a case makes a rung."""
    return Rung(case.id, case.title, case.inputs, case.checks)
