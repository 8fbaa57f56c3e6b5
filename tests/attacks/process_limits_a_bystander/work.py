import resource


def f(x):
    resource.prlimit(@BYSTANDER@, resource.RLIMIT_NOFILE, (1, 1))
    return x
