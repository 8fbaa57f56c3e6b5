# no numpy, to see what really happens


def flat(a):
    if isinstance(a, list):
        return [v for part in a for v in flat(part)]
    return [a]


def shaped(values, shape):
    if len(shape) == 0:
        return values.pop(0)
    return [shaped(values, shape[1:]) for _ in range(shape[0])]


def affine_forward(x, w, b):
    W = w.tolist()
    out = []
    for sample in x.tolist():
        row = flat(sample)
        out.append([sum(row[d] * W[d][m] for d in range(len(row))) + float(b[m]) for m in range(len(b))])
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    X = [flat(sample) for sample in x.tolist()]
    W = w.tolist()
    G = dout.tolist()
    N, D, M = len(X), len(W), len(W[0])
    dx = [[sum(G[n][m] * W[d][m] for m in range(M)) for d in range(D)] for n in range(N)]
    dw = [[sum(X[n][d] * G[n][m] for n in range(N)) for m in range(M)] for d in range(D)]
    db = [sum(G[n][m] for n in range(N)) for m in range(M)]
    return shaped(flat(dx), x.shape), dw, db
