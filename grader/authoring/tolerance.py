"""How far a right answer may lie off: derived from the case's own conditioning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

DRAWS = 8
ULPS = 4
SCALE = 8


def derived_tolerances(
    answer: Callable[[dict[str, Any]], dict[str, Any]],
    inputs: Mapping[str, Any],
    expected: Mapping[str, Any],
    float32: bool,
) -> dict[str, float]:
    """A tolerance per named output.

    The inputs are moved by up to four units in the last place of the loosest dtype accepted, eight
    times; the largest movement of any entry of an output, times eight, is its tolerance. Never less
    than that many units of the output's own largest entry.

    Parameters
    ----------
    answer : inputs → named outputs.
    inputs, expected : of the case.
    float32 : whether answers computed in float32 are right.
    """
    unit = float(np.finfo(np.float32 if float32 else np.float64).eps)
    rng = np.random.default_rng(0)
    moved = dict.fromkeys(expected, 0.0)
    for _ in range(DRAWS):
        shifted = answer({k: _shifted(v, ULPS * unit, rng) for k, v in inputs.items()})
        for name in expected:
            for got, want in zip(leaves(shifted[name]), leaves(expected[name]), strict=True):
                moved[name] = max(moved[name], float(np.max(np.abs(got - want), initial=0.0)))
    floor = {name: ULPS * unit * (largest(value) or 1.0) for name, value in expected.items()}
    return {name: SCALE * max(moved[name], floor[name]) for name in expected}


def largest(value: Any) -> float:
    """The largest magnitude among an output's entries."""
    return max((float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves(value)), default=0.0)


def leaves(value: Any) -> list[np.ndarray[Any, Any]]:
    """The arrays of an output: itself, or those of a tuple or a dict."""
    if isinstance(value, dict):
        return [leaf for v in value.values() for leaf in leaves(v)]
    if isinstance(value, (list, tuple)):
        return [leaf for v in value for leaf in leaves(v)]
    return [np.asarray(value)]


def _shifted(value: Any, relative: float, rng: np.random.Generator) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value * (1 + relative * rng.uniform(-1, 1, value.shape))
    if isinstance(value, float):
        return value * (1 + relative * rng.uniform(-1, 1))
    if isinstance(value, (list, tuple)):
        return [_shifted(v, relative, rng) for v in value]
    if isinstance(value, dict):
        return {k: _shifted(v, relative, rng) for k, v in value.items()}
    return value
