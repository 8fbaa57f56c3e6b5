import os


def f(x):
    os.kill(os.getppid(), 9)
    while True:
        pass
