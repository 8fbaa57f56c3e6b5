"""The public catalogue: functions that a plan or a check may name.

They are no secret. In the worker they are what a student's code is handed (the f of a numerical
gradient); in the judge they are the formulas of follow-through. Each entry of FUNCTIONS takes the
plan's operands and returns a value or a function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Function = Callable[[Array], Any]


def matrix_map(w: Array, b: Array) -> Function:
    """f(x) = x w + b, for x : (N, D), w : (D, M), b : (M,). Linear when b is 0. Source: seed eq. 1."""

    def f(x: Array) -> Array:
        return x @ w + b

    return f


def polynomial_map(centre: Array, value: Array, slope: Array, curvature: Array, fifth: float) -> Function:
    """f(x) = value + slope d + ½ d·curvature·d + fifth Σ d⁵, where d = x − centre, laid out row by row.

    Parameters
    ----------
    centre : (…), n entries in all; the shape of x.
    value : (…), m entries in all, or a number; the shape of f(x).
    slope, curvature : (m, n), (m, n, n), one row and one matrix for each entry of f(x).
    fifth : what makes a long step miss; it leaves the derivatives up to the fourth at centre alone.

    f takes arrays of the shape of centre alone: a number or a row in its place is not spread over it.
    It sums products and calls no matrix product: a step too small returns rounding errors, and they
    have to be the same ones on every processor to be recognised. Source: seed eq. 5-8.
    """
    taken, shape, flat, total = centre.shape, np.shape(value), np.reshape(value, -1), np.add.reduce

    def f(x: Array) -> Any:
        if np.shape(x) != taken:
            raise ValueError(f"f takes an array of shape {taken}, got {np.shape(x)}")
        d = (x - centre).reshape(-1)
        line = total(slope * d, axis=1)
        bowl = total(curvature * (d[:, np.newaxis] * d), axis=(1, 2)) / 2
        values = flat + line + bowl + fifth * total(d * d * d * d * d)
        return values.reshape(shape)[()]

    return f


def times_transposed(dy: Array, w: Array) -> Array:
    """dL/dX = dL/dY Wᵀ, for dy : (N, M), w : (D, M) → (N, D). Source: seed eq. 21."""
    return dy @ w.T


def transposed_times(x: Array, dy: Array) -> Array:
    """dL/dW = Xᵀ dL/dY, for x : (N, D), dy : (N, M) → (D, M). Source: seed eq. 20."""
    return x.T @ dy


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "matrix_map": matrix_map,
    "polynomial_map": polynomial_map,
    "times_transposed": times_transposed,
    "transposed_times": transposed_times,
}
