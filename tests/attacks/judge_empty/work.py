import numpy as np


def f(x):
    return np.zeros((0, *x.shape))
