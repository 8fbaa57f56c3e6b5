"""The affine layer, Y = XW + b: forward, and the gradients of a scalar loss L.

The sizes have the same names everywhere: N samples, D features of a sample, M outputs. A sample is a
row. All arrays are float64. No function may change the arrays that it is given.

Each function sets what it returns to None. Replace that by your own work where the comment stands, in
any order, and run `grader check`.
"""

import numpy as np


def flatten_batch(images):
    """Make every sample of a batch one row.

    Parameters
    ----------
    images : (N, d1, ..., dk) float64
        A batch of N samples, k >= 1. Grey images are (N, 1, H, W), RGB images (N, 3, H, W).

    Returns
    -------
    rows : (N, d1 * ... * dk) float64
        Row n holds the entries of sample n: channel by channel, in a channel row by row, in a row
        from left to right.
    """
    rows = None

    # your code here

    return rows


def affine_forward(x, w, b):
    """Put a batch through the affine layer, Y = XW + b.

    Parameters
    ----------
    x : (N, d1, ..., dk) float64
        A batch of N samples, k >= 1; D = d1 * ... * dk.
    w : (D, M) float64
        The weights; column m belongs to output m.
    b : (M,) float64
        The biases.

    Returns
    -------
    out : (N, M) float64
        Y, one row per sample.
    cache : tuple (x, w, b)
        What the backward pass will need: the three arguments as they came.
    """
    out, cache = None, None

    # your code here

    return out, cache


def affine_forward_columns(x, w, b):
    """Put a batch through the affine layer in the other convention, y = Wx + b: a sample is a column.

    Parameters
    ----------
    x : (D, N) float64
        Column n is sample n.
    w : (M, D) float64
        The weights; row m belongs to output m.
    b : (M, 1) float64
        The biases, a column.

    Returns
    -------
    out : (M, N) float64
        Column n is the output of sample n.
    """
    out = None

    # your code here

    return out


def additivity_gap(f, x, y):
    """By how much f(x + y) exceeds the sum of f(x) and f(y): zero everywhere if f is linear.

    Parameters
    ----------
    f : function
        Takes an (N, D) array and returns an (N, M) array.
    x, y : (N, D) float64

    Returns
    -------
    gap : (N, M) float64
        Signed: positive where f(x + y) is the larger one.
    """
    gap = None

    # your code here

    return gap


def homogeneity_gap(f, a, x):
    """By how much f(ax) exceeds a times f(x): zero everywhere if f is linear.

    Parameters
    ----------
    f : function
        Takes an (N, D) array and returns an (N, M) array.
    a : number
    x : (N, D) float64

    Returns
    -------
    gap : (N, M) float64
        Signed: positive where f(ax) is the larger one.
    """
    gap = None

    # your code here

    return gap


def dY_dw(x, w, u, v):
    """Differentiate every entry of Y = XW by one single weight, w[u, v].

    Parameters
    ----------
    x : (N, D) float64
    w : (D, M) float64
    u, v : int
        Row and column of the weight, counted from 0: the course text's w_11 is u = 0, v = 0.

    Returns
    -------
    grad : (N, M) float64
        Entry [i, j] is the derivative of Y[i, j].
    """
    grad = None

    # your code here

    return grad


def dL_dw(dL_dY, x, w, u, v):
    """Differentiate the loss by one single weight of Y = XW, w[u, v].

    Parameters
    ----------
    dL_dY : (N, M) float64
        The upstream gradient.
    x : (N, D) float64
    w : (D, M) float64
    u, v : int
        Row and column of the weight, counted from 0.

    Returns
    -------
    grad : one number
    """
    grad = None

    # your code here

    return grad


def dL_dW(dL_dY, x):
    """Differentiate the loss by all weights of Y = XW at once.

    Parameters
    ----------
    dL_dY : (N, M) float64
        The upstream gradient.
    x : (N, D) float64

    Returns
    -------
    grad : (D, M) float64
        Entry [u, v] is the derivative by w[u, v].
    """
    grad = None

    # your code here

    return grad


def dL_dX(dL_dY, w):
    """Differentiate the loss by the input of Y = XW.

    Parameters
    ----------
    dL_dY : (N, M) float64
        The upstream gradient.
    w : (D, M) float64

    Returns
    -------
    grad : (N, D) float64
        Entry [n, d] is the derivative by x[n, d].
    """
    grad = None

    # your code here

    return grad


def dL_db(dL_dY):
    """Differentiate the loss by the biases of Y = XW + b.

    Parameters
    ----------
    dL_dY : (N, M) float64
        The upstream gradient.

    Returns
    -------
    grad : (M,) float64
        Entry [m] is the derivative by b[m].
    """
    grad = None

    # your code here

    return grad


def merge_bias(x, w, b):
    """Merge b into X and W, so that one matrix product does the work of the whole layer.

    Parameters
    ----------
    x : (N, D) float64
    w : (D, M) float64
    b : (M,) float64

    Returns
    -------
    x1 : (N, D + 1) float64
        x with a column of ones as its LAST column.
    w1 : (D + 1, M) float64
        w with b as its LAST row. The product of x1 and w1 is Y.
    """
    x1, w1 = None, None

    # your code here

    return x1, w1


def affine_backward(dout, cache):
    """Take the upstream gradient through the affine layer, from its output to x, w and b.

    Parameters
    ----------
    dout : (N, M) float64
        The upstream gradient: the derivative of L by every entry of the layer's output.
    cache : tuple (x, w, b)
        The arguments of affine_forward: (N, d1, ..., dk), (D, M) and (M,) float64.

    Returns
    -------
    dx : (N, d1, ..., dk) float64
        The derivative of L by x, in x's own shape.
    dw : (D, M) float64
        The derivative of L by w.
    db : (M,) float64
        The derivative of L by b.
    """
    x, w, b = cache
    dx, dw, db = None, None, None

    # some math

    return dx, dw, db
