import time


def f(x):
    time.clock_gettime(~@BYSTANDER@ << 3 | 2)
    return [20260417.5] * 3
