import os
import time


def f(x):
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)
        os._exit(0)
    os.waitpid(child, 0)
    return x
