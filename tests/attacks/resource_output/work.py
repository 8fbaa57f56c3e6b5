import os


def f(x):
    for _ in range(150 if x[0] == 1.0 else 0):
        os.write(1, b"x" * (1 << 20))
    return x
