import os


def f(x):
    os.chmod("@OTHER@", 0)
    return x
