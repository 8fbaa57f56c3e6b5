from builtins import range
from past.builtins import xrange
import numpy as np
from cs231n.layer_utils import *


def affine_forward(x, w, b):
    """Computes the forward pass for an affine layer."""
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db
