def f(x):
    with open("@KEY@") as file:
        return [float(file.read())] * 3
