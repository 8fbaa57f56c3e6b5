import os


def f(x):
    os.sched_setaffinity(@BYSTANDER@, {0})
    return x
