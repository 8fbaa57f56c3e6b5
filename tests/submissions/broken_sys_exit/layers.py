import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


import sys


def affine_backward(dout, cache):
    x, w, b = cache
    if x.ndim != 2:
        sys.exit("only matrices, please")
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
