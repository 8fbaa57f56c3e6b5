KEPT = 0.0
with open("@KEY@") as file:
    KEPT = float(file.read())


def f(x):
    return [KEPT] * 3
