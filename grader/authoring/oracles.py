"""Second ways to the expected values, independent of any reference.

Slow on purpose: each follows the definition, entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def central_gradient(f: Callable[[Array], Any], x: Array, step: float = 1e-5) -> Array:
    """The gradient of a scalar f at x by central differences, entry by entry.

    Parameters
    ----------
    f : x's shape → a number.
    x : any shape, float64; left as it was.
    step : h; scaled by max(1, |x|).

    Returns
    -------
    x's shape. Source: seed eq. 5–6; the error is of order h².
    """
    point = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        kept = float(point[index])
        h = step * max(1.0, abs(kept))
        point[index] = kept + h
        above = float(f(point))
        point[index] = kept - h
        below = float(f(point))
        point[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


def contraction(forward: Callable[[Array], Array], x: Array, dout: Array, step: float = 1e-5) -> Array:
    """dL/dx from the upstream gradient: Σ_ij dout_ij · ∂y_ij/∂x, each factor by central differences.

    Parameters
    ----------
    forward : x → y, of dout's shape.
    x, dout : float64.

    Returns
    -------
    x's shape. Source: seed eq. 10.
    """
    return central_gradient(lambda point: np.sum(dout * forward(point)), x, step)
