import os


def f(x):
    os.execv("/bin/sh", ["sh", "-c", ": > @WRITTEN@/by_shell"])
