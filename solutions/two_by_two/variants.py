"""Right answers to answers.py that are worked out another way: each must get full marks."""

import numpy as np

from grader.authoring import Correct


def loss_by_columns(X, W):
    """The squared length of every column of Y."""
    return sum(np.dot(column, column) for column in (X @ W).T)


def through_f_by_nature(X, W):
    """A slope of 1 for each entry."""
    return np.full((len(X), W.shape[1]), 1.0)


def through_square_as_a_sum(X, W):
    """Y + Y in place of 2Y."""
    Y = np.einsum("nd,dm->nm", X, W)
    return Y + Y


def to_input_by_einsum(X, W):
    """Indices in place of a transpose."""
    return 2 * np.einsum("nd,dm,km->nk", X, W, W)


def to_weights_by_einsum(X, W):
    """Indices in place of a transpose."""
    return 2 * np.einsum("nk,nd,dm->km", X, X, W)


WAYS = {
    "L": loss_by_columns,
    "dL_df": through_f_by_nature,
    "dL_dY": through_square_as_a_sum,
    "dL_dX": to_input_by_einsum,
    "dL_dW": to_weights_by_einsum,
}

VARIANTS = [
    Correct("another formula", {f"{name}{ending}": function for name, function in WAYS.items()})
    for ending in ("", "_variant")
]
