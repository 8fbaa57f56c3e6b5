import atexit
import sys
import time

atexit.register(time.sleep, 3600)


def f(x):
    sys.exit(0) if x[0] > 0 else time.sleep(3600)
