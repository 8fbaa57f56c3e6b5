import os
import time


def f(x):
    if os.fork() == 0:
        os.setsid()
        os.closerange(0, 64)
        time.sleep(30)
        os._exit(0)
    return x
