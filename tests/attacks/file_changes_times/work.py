import os


def f(x):
    os.utime("@OTHER@", (0, 0))
    return x
