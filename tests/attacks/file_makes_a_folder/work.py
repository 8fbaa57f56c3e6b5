import os


def f(x):
    for make in (
        lambda: os.mkdir("@WRITTEN@/folder"),
        lambda: os.symlink("/etc/passwd", "@WRITTEN@/link"),
        lambda: os.mkfifo("@WRITTEN@/pipe"),
    ):
        try:
            make()
        except OSError:
            pass
    return x
