import os


def f(x):
    os.truncate("@OTHER@", 0)
    return x
