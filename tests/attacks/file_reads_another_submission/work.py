import os


def f(x):
    (name,) = os.listdir("@CLASS@")
    with open("@CLASS@/" + name + "/work.py") as file:
        return [float(file.read()[1:])] * 3
