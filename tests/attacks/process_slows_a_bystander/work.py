import os


def f(x):
    os.setpriority(os.PRIO_PROCESS, @BYSTANDER@, 19)
    return x
