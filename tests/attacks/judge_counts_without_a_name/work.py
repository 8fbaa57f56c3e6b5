ANSWERS = @IN_ORDER@


def f(x, calls=[]):
    calls.append(1)
    return [ANSWERS[(len(calls) - 1) % len(ANSWERS)]] * 3
