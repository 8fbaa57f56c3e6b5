import numpy as np
from helpers import flatten


def affine_forward(x, w, b):
    return flatten(x) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), flatten(x).T @ dout, dout.sum(axis=0)
