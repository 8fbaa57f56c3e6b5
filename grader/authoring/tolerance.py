"""How far a right answer may lie off: derived from the case's own conditioning, and from right answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.authoring.exercise import NearestOf

DRAWS = 8
ULPS = 4
LEAST_SCALE, MOST_SCALE = 8, 1 << 12
RIGHT = 0.1
"""No right answer may lie farther off than this part of the tolerance."""

Named = Mapping[str, Any]
Answer = Callable[[dict[str, Any]], Named]


class TooFarError(Exception):
    """A right answer lies so far off that no tolerance can tell it from a wrong one; the text says how far."""


def derived_tolerances(
    answer: Answer, inputs: Mapping[str, Any], expected: Named, rounded: Answer | None, others: Sequence[Answer]
) -> dict[str, float]:
    """A tolerance per named output.

    The inputs are moved by up to four units in the last place of the loosest dtype accepted, eight
    times. What rounding may do to an output is the largest movement of any of its entries, there and
    from float64 to float32 where that is accepted; but no less than as many units of its largest
    entry. That times 8 is the tolerance; or times 16, 32, … until every right answer at hand stays at
    or below a tenth of it.

    Parameters
    ----------
    answer : inputs → named outputs.
    inputs, expected : of the case.
    rounded : the same as `answer`, computed in float32; None where answers in float32 are wrong.
    others : right answers written another way.

    Raises
    ------
    TooFarError : even 4096 times is too little.
    """
    unit = _unit(rounded is not None)
    rng = np.random.default_rng(0)
    moved = {name: least_tolerance(value, rounded is not None) / LEAST_SCALE for name, value in expected.items()}
    off = dict.fromkeys(expected, 0.0)
    for _ in range(DRAWS):
        inputs_there = {k: _shifted(v, ULPS * unit, rng) for k, v in inputs.items()}
        there = answer(inputs_there)
        rough = {} if rounded is None else rounded(inputs_there)
        for name in expected:
            off[name] = max(off[name], distance(rough.get(name, there[name]), there[name]))
            moved[name] = max(moved[name], off[name], distance(_first(there[name]), _first(expected[name])))
    for other in others:
        got = other(dict(inputs))
        off = {name: max(off[name], distance(got[name], expected[name])) for name in expected}
    return {name: _scale(moved[name], off[name], name) * moved[name] for name in expected}


def least_tolerance(value: Any, float32: bool) -> float:
    """The tolerance of an output that rounding does nothing to."""
    return LEAST_SCALE * ULPS * _unit(float32) * (largest(value) or 1.0)


def _unit(float32: bool) -> float:
    return float(np.finfo(np.float32 if float32 else np.float64).eps)


def _scale(moved: float, off: float, name: str) -> int:
    scale = LEAST_SCALE
    while not off <= RIGHT * scale * moved:
        scale *= 2
        if scale > MOST_SCALE:
            raise TooFarError(f"{name} lies {off:.3g} off, where rounding explains {moved:.3g}")
    return scale


def rounded_to_float32(value: Any) -> Any:
    """Every array of floating-point numbers in it as float32."""
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "f":
        return value.astype(np.float32)
    if isinstance(value, dict):
        return {k: rounded_to_float32(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(rounded_to_float32(v) for v in value)
    return value


def distance(got: Any, want: Any) -> float:
    """The largest |got − want| among an output's entries; infinite where a shape is another or one is nan."""
    if isinstance(got, NearestOf):
        got = got.values[0]
    if isinstance(want, NearestOf):
        near = [_apart(got, value) for value in want.values]
        return float(np.max(np.min(near, axis=0), initial=0.0)) if len({n.shape for n in near}) == 1 else np.inf
    ours, theirs = leaves(got), leaves(want)
    if len(ours) != len(theirs):
        return np.inf
    return max((_farthest(g, w) for g, w in zip(ours, theirs, strict=True)), default=0.0)


def _farthest(got: np.ndarray[Any, Any], want: np.ndarray[Any, Any]) -> float:
    """The largest difference; the quick way where all of them are finite, which is nearly always."""
    if got.shape == want.shape and got.dtype.kind == want.dtype.kind == "f":
        with np.errstate(all="ignore"):
            most = float(np.abs(got - want).max(initial=0.0))
        if most < np.inf:
            return most
    return float(np.max(_apart(got, want), initial=0.0))


def _apart(got: Any, want: Any) -> np.ndarray[Any, Any]:
    left, right = np.asarray(got), np.asarray(want)
    if left.shape != right.shape or left.dtype.kind not in "biuf":
        return np.array(np.inf)
    with np.errstate(all="ignore"):
        return np.where(left == right, 0.0, np.nan_to_num(np.abs(left - right), nan=np.inf, posinf=np.inf))


def _first(value: Any) -> Any:
    return value.values[0] if isinstance(value, NearestOf) else value


def largest(value: Any) -> float:
    """The largest magnitude among an output's entries."""
    return max((float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves(_first(value))), default=0.0)


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
