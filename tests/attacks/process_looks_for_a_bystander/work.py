import os


def f(x):
    os.sched_getaffinity(@BYSTANDER@)
    return [20260417.5] * 3
