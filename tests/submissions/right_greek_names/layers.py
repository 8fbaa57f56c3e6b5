import numpy as np


def affine_forward(x, w, b):
    größe = x.shape[0]
    return x.reshape(größe, -1) @ w + b, (x, w, b)


def affine_backward(dout, cache):
    """∂L/∂X = ∂L/∂Y Wᵀ"""
    x, w, b = cache
    δ = dout
    dx = (δ @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ δ
    db = δ.sum(axis=0)
    return dx, dw, db
