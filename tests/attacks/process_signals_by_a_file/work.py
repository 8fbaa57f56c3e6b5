import fcntl
import os
import signal


def f(x):
    read, write = os.pipe()
    fcntl.fcntl(read, fcntl.F_SETOWN, @BYSTANDER@)
    fcntl.fcntl(read, 10, signal.SIGKILL)
    fcntl.fcntl(read, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    os.write(write, b"x")
    return x
