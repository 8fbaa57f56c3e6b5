import numpy as np


def f(x):
    return np.zeros(6_000_000) if x[0] == 1.0 else x
