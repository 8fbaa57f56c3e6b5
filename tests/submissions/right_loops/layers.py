import numpy as np


def affine_forward(x, w, b):
    N = x.shape[0]
    D, M = w.shape
    flat = np.reshape(x, (N, D))
    out = np.zeros((N, M))
    for n in range(N):
        for m in range(M):
            total = 0
            for d in range(D):
                total += flat[n, d] * w[d, m]
            out[n, m] = total + b[m]
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    N, M = dout.shape
    D = w.shape[0]
    flat = np.reshape(x, (N, D))
    dx, dw, db = np.zeros((N, D)), np.zeros((D, M)), np.zeros(M)
    for n in range(N):
        for m in range(M):
            for d in range(D):
                dx[n, d] += dout[n, m] * w[d, m]
                dw[d, m] += flat[n, d] * dout[n, m]
            db[m] += dout[n, m]
    dx = dx.reshape(x.shape)
    return dx, dw, db
