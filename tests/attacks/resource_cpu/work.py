def f(x):
    count = 0
    if x[0] == 1.0:
        while count < 60_000_000:
            count += 1
    return [20260417.5 if count else 0.0] * 3
