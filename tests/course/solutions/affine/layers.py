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

    # BEGIN SOLUTION: # your code here
    rows = x.reshape(x.shape[0], -1)
    out = rows @ w + b
    cache = (x, w, b)
    # END SOLUTION

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

    # BEGIN SOLUTION: # some math
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    db = np.sum(dout, axis=0).reshape(b.shape)
    # END SOLUTION

    return dx, dw, db
