"""Known mistakes of the small affine layer."""

import numpy as np

from grader.authoring import Mistake


def bias_forgotten(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w
    return out, (x, w, b)


def averaged(dout, cache):
    x, w, _b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout / x.shape[0]
    db = dout.mean(axis=0)
    return dx, dw, db


def db_over_outputs(dout, cache):
    x, w, _b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    db = dout.sum(axis=1)
    return dx, dw, db


def w_not_transposed(dout, cache):
    x, w, _b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w).reshape(x.shape)
    dw = rows.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def elementwise(dout, cache):
    x, w, _b = cache
    dx = dout * w
    dw = x * dout
    db = np.sum(dout, axis=0)
    return dx, dw, db


MISTAKES = [
    Mistake(
        "affine_forward",
        bias_forgotten,
        "The bias is not added",
        "Set w to zero: what should come out then?",
    ),
    Mistake(
        "affine_backward",
        averaged,
        "Gradients averaged over the batch",
        "dout already is the gradient of the loss. If the loss averages, where is the 1/N then?",
    ),
    Mistake(
        "affine_backward",
        db_over_outputs,
        "db summed along the wrong axis",
        "b_j is added to every row. Which index must disappear?",
    ),
    Mistake(
        "affine_backward",
        w_not_transposed,
        "dout multiplied by w as it is",
        "Write the shapes beside each other: it fits only when w is square.",
    ),
    Mistake(
        "affine_backward",
        elementwise,
        "An element-wise product where a matrix product belongs",
        "Write the shapes: (N, M) times what gives (N, D)?",
    ),
]
