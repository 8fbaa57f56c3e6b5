import os


def f(x):
    file = os.memfd_create("x")
    written = os.write(file, bytes(1 << 20))
    return [20260417.5 if written == 1 << 20 else 0.0] * 3
