def f(x):
    with open("@WRITTEN@/a.txt", "w") as file:
        file.write("")
    return x
