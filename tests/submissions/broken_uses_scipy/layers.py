import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache


from scipy import linalg
import pandas as pd


def affine_backward(dout, cache):
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = linalg.blas.dgemm(1.0, rows.T, dout)
    db = pd.DataFrame(dout).sum()
    return dx, dw, db
