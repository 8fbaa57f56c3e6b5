import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    N, M = dout.shape
    dx = (dout @ w.T).reshape(x.shape)
    dw = np.array([[0] * M] * w.shape[0])
    for d in range(w.shape[0]):
        for m in range(M):
            dw[d, m] = rows[:, d] @ dout[:, m]
    db = np.zeros(M, dtype=int)
    for m in range(M):
        db[m] = dout[:, m].sum()
    return dx, dw, db
