"""The affine layer: forward and backward.

N samples of D features each go in, M features come out. Samples are rows.
"""

import numpy as np


def affine_forward(x, w, b):
    """The affine layer: every sample times w, plus b.

    Parameters
    ----------
    x : (N, d1, …, dk), with d1·…·dk = D.
    w : (D, M)
    b : (M,)

    Returns
    -------
    out : (N, M)
    cache : (x, w, b), what the backward pass needs.
    """
    out, cache = None, None

    # your code here

    return out, cache


def affine_backward(dout, cache):
    """The gradients of the loss with respect to x, w and b.

    Parameters
    ----------
    dout : (N, M), the gradient of the loss with respect to the layer's output.
    cache : (x, w, b), as affine_forward returned it.

    Returns
    -------
    dx, dw, db : with the shapes of x, w and b.
    """
    x, w, b = cache
    dx, dw, db = None, None, None

    # some math

    return dx, dw, db
