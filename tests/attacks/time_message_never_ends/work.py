import time


class Endless(Exception):
    def __str__(self):
        time.sleep(3600)


def f(x):
    raise Endless
