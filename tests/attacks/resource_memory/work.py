import numpy as np


def f(x):
    np.empty(2 << 30, dtype=np.uint8)
    return [20260417.5] * 3
