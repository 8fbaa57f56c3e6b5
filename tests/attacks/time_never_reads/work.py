import time


def f(x):
    if x[0] != 1:
        time.sleep(3600)
    return x
