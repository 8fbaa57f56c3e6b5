import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = 1 / N * np.dot(x.reshape(N, -1).T, dout)
    db = 1 / N * np.sum(dout, axis=0)
    return dx, dw, db
