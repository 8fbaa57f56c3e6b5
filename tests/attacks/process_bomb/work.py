import os
import time


def f(x):
    for _ in range(30):
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)
            os._exit(0)
    return x
