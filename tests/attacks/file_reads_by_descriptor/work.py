import os


def f(x):
    folder = os.open("@CLASS@", os.O_RDONLY | os.O_DIRECTORY)
    file = os.open("ada/work.py", os.O_RDONLY, dir_fd=folder)
    return [float(os.read(file, 100)[1:])] * 3
