import os


def f(x):
    os.remove("@OTHER@")
    return x
