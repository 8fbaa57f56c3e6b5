import numpy as np


def affine_forward(x, w, b):
    x32, w32, b32 = (a.astype(np.float32) for a in (x, w, b))
    return x32.reshape(len(x32), -1).dot(w32) + b32, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = [np.asarray(a, dtype='float32') for a in cache]
    g = dout.astype('float32')
    dx = g.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(g)
    db = g.sum(axis=0)
    return dx, dw, db
