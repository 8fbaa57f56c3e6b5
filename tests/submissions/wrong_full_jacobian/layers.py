import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    N, M = dout.shape
    D = w.shape[0]
    dw = np.zeros((N, M, D, M))
    for n in range(N):
        for m in range(M):
            dw[n, m, :, m] = rows[n]
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0)
