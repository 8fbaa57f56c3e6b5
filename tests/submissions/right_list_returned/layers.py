import numpy as np


def affine_forward(x, w, b):
    out = np.matmul(x.reshape(x.shape[0], -1), w) + b
    cache = [x, w, b]
    return [out, cache]


def affine_backward(dout, cache):
    x, w, b = cache
    grads = []
    grads.append((dout @ w.T).reshape(*x.shape))
    grads.append(x.reshape(x.shape[0], -1).T @ dout)
    grads.append(dout.sum(0))
    return grads
