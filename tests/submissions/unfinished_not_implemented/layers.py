import numpy as np


def affine_forward(x, w, b):
    raise NotImplementedError


def affine_backward(dout, cache):
    raise NotImplementedError("TODO: after the lecture on the chain rule")
