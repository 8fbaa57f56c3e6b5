def f(x):
    with open("@WRITTEN@/note", "w") as file:
        file.write("x")
    return x
