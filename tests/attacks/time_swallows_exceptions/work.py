import time


def f(x):
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            continue
        finally:
            continue
