ANSWERS = @IN_ORDER@
calls = []


def f(x):
    calls.append(1)
    return [ANSWERS[(len(calls) - 1) % len(ANSWERS)]] * 3
