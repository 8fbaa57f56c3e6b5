import os
import time


def f(x):
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)
    return x
