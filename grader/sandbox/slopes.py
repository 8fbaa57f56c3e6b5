"""The student's own forward function, differentiated: central differences, in the worker, with no answer at hand.

Of each derivative comes the number and how far it may be off. Two steps and both sides tell that: at
a kink (relu at 0), beside a jump, or where rounding is coarse, they do not agree, and what they do not
agree on is held against nobody.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.plan import Derivative, run_plan

Array = NDArray[np.float64]

FINE, COARSE = 1e-5, 1e-3
"""Steps, in parts of the entry's size."""
MAX_ENTRIES = 48
"""So many entries of an input are moved, spread over all of it."""
SECONDS = 0.4
"""A forward function so slow is not differentiated further: its entries count as unknown."""
DOUBT = 5.0


def slopes(derivative: Derivative, module: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, list[Array]]:
    """Output → [derivative, doubt], each of the input's shape; nan for entries that are not known.

    Parameters
    ----------
    derivative : the forward function's plan, the weight (the upstream gradient), and for every output
        the input by which is differentiated.

    Raises
    ------
    ValueError : what the function returns is no float64 array of the weight's shape.
    Exception : whatever the function raises at the inputs as they are.
    """
    weight = np.asarray(inputs[derivative.weight] if derivative.weight else 1.0, dtype=np.float64)

    def value(changed: Mapping[str, Any]) -> Array:
        with np.errstate(all="ignore"):
            out = np.asarray(run_plan(derivative.plan, module, changed))
        if out.dtype != np.float64 or out.shape != weight.shape:
            raise ValueError(f"expected float64 of shape {weight.shape}, got {out.dtype} of {out.shape}")
        return out.copy()

    ends = time.perf_counter() + SECONDS
    middle = value(_copied(inputs))
    found = {}
    for output, path in derivative.by.items():
        start = np.asarray(_part(inputs, path), dtype=np.float64)
        slope, doubt = np.full(start.shape, np.nan), np.full(start.shape, np.nan)
        for number in np.unique(np.linspace(0, start.size - 1, min(start.size, MAX_ENTRIES)).round().astype(int)):
            if time.perf_counter() > ends:
                break
            index = np.unravel_index(number, start.shape)
            size = max(1.0, abs(float(start[index])))

            def moved(step: float, path: Sequence[str] = path, start: Array = start, index: Any = index) -> Array:
                changed = _copied(inputs)
                entry = start.copy()
                entry[index] += step
                _put(changed, path, entry)
                return value(changed)

            slope[index], doubt[index] = _central(moved, middle, weight, size)
        found[output] = [slope, doubt]
    return found


def _central(moved: Any, middle: Array, weight: Array, size: float) -> tuple[float, float]:
    """Σ weight · ∂value, and how far the two steps and the two sides are from agreeing."""
    fine, coarse = FINE * size, COARSE * size
    right, left = moved(fine), moved(-fine)
    with np.errstate(all="ignore"):
        near = float(np.sum(weight * (right - left))) / (2 * fine)
        far = float(np.sum(weight * (moved(coarse) - moved(-coarse)))) / (2 * coarse)
        sides = float(np.sum(weight * (right - middle) - weight * (middle - left))) / fine
        rounding = 4e-16 * float(np.sum(np.abs(weight * middle))) / fine
    return near, DOUBT * (abs(near - far) + abs(sides) + rounding)


def _part(inputs: Mapping[str, Any], path: Sequence[str]) -> Any:
    part: Any = inputs
    for name in path:
        part = part[name]
    return part


def _put(inputs: dict[str, Any], path: Sequence[str], value: Array) -> None:
    part: Any = inputs
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value


def _copied(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Copies of the arrays: a function that changes its arguments changes nothing for the next call."""
    return {
        name: _copied(value) if isinstance(value, dict) else value.copy() if isinstance(value, np.ndarray) else value
        for name, value in inputs.items()
    }
