import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


calls = []


def affine_backward(dout, cache):
    x, w, b = cache
    calls.append(x)
    x = calls[0]
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(cache[0].shape), rows.T @ dout, dout.sum(axis=0)
