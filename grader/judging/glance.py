"""Right answers are seen at one glance: all arrays of all cases of an exercise are compared at once.

Most of a class's answers are float64 arrays of the right shapes, close to what is expected. Everything
else is for `compare`, which says what is wrong; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.model import KeyExercise, Outcome, OutcomeKind, Within
from grader.values import CountError, named_outputs

ALONE = -1
"""In place of the number of arrays in a tuple: the output is an array itself."""


class Glance:
    """What an exercise expects in all of its cases, laid end to end."""

    def __init__(self, exercise: KeyExercise) -> None:
        self._returns, self._names = exercise.returns, list(exercise.points)
        self._lengths: list[int] = []
        self._shapes: list[tuple[int, ...]] = []
        checks = [case.checks[name] for case in exercise.cases for name in self._names]
        self._sees = all(type(check) is Within for check in checks)
        wanted: list[NDArray[Any]] = []
        tolerances: list[float] = []
        for check in checks if self._sees else ():
            assert isinstance(check, Within)
            several = isinstance(check.value, list)
            parts = [np.asarray(v) for v in (check.value if several else [check.value])]
            self._lengths.append(len(parts) if several else ALONE)
            self._shapes += [part.shape for part in parts]
            wanted += parts
            tolerances += [check.tolerance for part in parts for _ in range(part.size)]
        self._want = np.concatenate(wanted, axis=None) if wanted else np.empty(0)
        self._tolerances = np.asarray(tolerances)

    def right(self, outcomes: Sequence[Outcome]) -> bool:
        """Whether all that came back is plainly right, and nothing else is to be told; False where that is not sure.

        Parameters
        ----------
        outcomes : of the exercise's cases, in their order.
        """
        if not self._sees or not all(_plain(outcome) for outcome in outcomes):
            return False
        try:
            outputs = [v for o in outcomes for v in named_outputs(self._returns, self._names, o.value).values()]
        except CountError:
            return False
        arrays: list[NDArray[Any]] = []
        for output, length in zip(outputs, self._lengths, strict=True):
            if length == ALONE:
                arrays.append(output)
            elif type(output) is list and len(output) == length:
                arrays += output
            else:
                return False
        if not all(type(a) is np.ndarray and a.dtype == np.float64 for a in arrays):
            return False
        if [a.shape for a in arrays] != self._shapes:
            return False
        with np.errstate(all="ignore"):
            far = np.abs(np.concatenate(arrays, axis=None) - self._want)
        return bool((far <= self._tolerances).all())


def _plain(outcome: Outcome) -> bool:
    """Whether a function returned, and did nothing else."""
    return outcome.kind is OutcomeKind.RETURNED and not (outcome.changed or outcome.overflowed or outcome.printed)
