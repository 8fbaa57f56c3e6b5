import os
import signal

signal.signal(signal.SIGPROF, lambda *_what: os._exit(0))


def f(x):
    signal.setitimer(signal.ITIMER_PROF, 1e-6)
    while True:
        pass
