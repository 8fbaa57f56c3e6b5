import os


def f(x):
    os.kill(@BYSTANDER@, 9)
    return x
