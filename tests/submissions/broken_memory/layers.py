import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    # the Jacobian of every entry with respect to every other
    jacobian = np.zeros((200000, 200000))
    return jacobian, jacobian, jacobian
