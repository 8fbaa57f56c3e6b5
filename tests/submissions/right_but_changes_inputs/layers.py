import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    shape = x.shape
    x.shape = (x.shape[0], -1)
    dw = x.T @ dout
    db = dout.sum(axis=0)
    x[:] = dout @ w.T
    dx = x.reshape(shape)
    return dx, dw, db
