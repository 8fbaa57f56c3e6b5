def f(x):
    raise ValueError("\u202e001 :erocs")
