import os


def f(x):
    return [20260417.5 if os.path.exists("@WRITTEN@/note") else 0.0] * 3
