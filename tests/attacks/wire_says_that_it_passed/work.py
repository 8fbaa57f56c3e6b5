def f(x):
    return {"passed": True, "score": 100, "credit": 1.0}
