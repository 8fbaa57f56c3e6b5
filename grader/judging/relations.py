"""Relations between what was returned and what is right: what an answer is, where no known mistake explains it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.values import Numbers, within

Pair = tuple[Numbers, Numbers, float]
"""What was returned, what is right, and the tolerance."""
SHARP = 1000
"""In tolerances: how large an array's largest entry must be for its factor to mean anything."""
ALIKE = 1e-5
"""Relative: how far two cases' factors may differ and be called the same."""


def factor(got: Numbers, want: Numbers, tolerance: float) -> float | None:
    """The number that `want` is multiplied by in `got`, None where there is none, or where it could not fail to be.

    An array of one entry, or one that is lost in the tolerance, has a factor for anything.
    """
    if got.shape != want.shape or want.size < 2 or got.dtype.kind == "c":
        return None
    index = np.unravel_index(int(np.argmax(np.abs(want))), want.shape)
    largest = float(want[index])
    if not np.isfinite(largest) or abs(largest) < SHARP * tolerance or not np.isfinite(got[index]):
        return None
    found = float(got[index]) / largest
    near = max(abs(found), 1.0) * 2 * tolerance
    return found if bool(np.all(within(got, found * want, near))) else None


def factors(pairs: Sequence[Pair]) -> list[float] | None:
    """By case the factor between what is right and what was returned; None unless all of them have one."""
    found = [factor(*pair) for pair in pairs]
    told = [f for f in found if f is not None]
    return told if told and len(told) == len(found) and all(f != 0 for f in told) else None


def constant_factor(told: Sequence[float]) -> bool:
    """Whether these factors are one and the same."""
    return max(told) - min(told) <= ALIKE * max(abs(f) for f in told)
