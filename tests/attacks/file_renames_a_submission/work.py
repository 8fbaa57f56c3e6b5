import os


def f(x):
    os.rename("@CLASS@/ada", "@CLASS@/moved")
    return x
