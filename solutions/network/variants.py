"""Right answers to network.py that are written another way: each must get full marks."""

import numpy as np

from grader.authoring import Correct


def sum_by_loops(y):
    """Entry by entry."""
    loss, dy = 0.0, np.zeros(y.shape)
    for index in np.ndindex(y.shape):
        loss += y[index]
        dy[index] = 1
    return loss, dy


def sum_in_float32(y):
    """Half the precision."""
    return y.astype(np.float32).sum(), np.ones(y.shape, np.float32)


def squares_by_sample(y, target):
    """One sample's loss after the other."""
    losses = [np.dot(a - b, a - b) for a, b in zip(y, target, strict=True)]
    return np.mean(losses), (y - target) * 2 / y.shape[0]


def squares_by_norm(y, target):
    """The Frobenius norm, squared."""
    n = y.shape[0]
    return np.linalg.norm(y - target) ** 2 / n, 2 / n * (y - target)


def squares_in_float32(y, target):
    """Half the precision."""
    difference = y.astype(np.float32) - target.astype(np.float32)
    return np.sum(difference**2) / len(y), 2 * difference / len(y)


def entropy_by_sample(scores, labels):
    """One sample at a time."""
    loss, dscores = 0.0, np.zeros(scores.shape)
    for n, row in enumerate(scores):
        powers = np.exp(row - row.max())
        shares = powers / powers.sum()
        loss += np.log(powers.sum()) - (row[labels[n]] - row.max())
        dscores[n] = shares
        dscores[n, labels[n]] -= 1
    return loss / len(scores), dscores / len(scores)


def entropy_by_one_hot(scores, labels):
    """A matrix of ones and zeros picks the right classes."""
    n, c = scores.shape
    targets = np.eye(c)[labels]
    shifted = scores - scores.max(axis=1)[:, None]
    total = np.exp(shifted).sum(axis=1)
    loss = np.mean(np.log(total) - np.sum(targets * shifted, axis=1))
    return loss, (np.exp(shifted) / total[:, None] - targets) / n


def entropy_by_logaddexp(scores, labels):
    """NumPy's own stable sum of exponentials."""
    log_total = np.logaddexp.reduce(scores, axis=1)
    picked = np.take_along_axis(scores, labels[:, np.newaxis], axis=1)[:, 0]
    dscores = np.exp(scores - log_total[:, np.newaxis])
    np.subtract.at(dscores, (np.arange(len(labels)), labels), 1)
    return (log_total - picked).mean(), dscores / labels.size


def entropy_in_float32(scores, labels):
    """Half the precision."""
    low = scores.astype(np.float32)
    shifted = low - low.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    samples = np.arange(len(low))
    dscores = np.exp(log_softmax)
    dscores[samples, labels] -= 1
    return -log_softmax[samples, labels].mean(), dscores / np.float32(len(low))


def forward_without_layers(x, params):
    """The whole network written out; the cache is a dict."""
    rows = x.reshape(len(x), -1)
    before = np.einsum("nd,dh->nh", rows, params["w1"]) + params["b1"]
    hidden = before * (before > 0)
    y = 0.5 * (1 + np.tanh((hidden @ params["w2"] + params["b2"]) / 2))
    return y, {"x": x, "rows": rows, "before": before, "hidden": hidden, "y": y, "params": params}


def backward_without_layers(dy, caches):
    """All gradients written out."""
    w1, w2, y = caches["params"]["w1"], caches["params"]["w2"], caches["y"]
    last = dy * (y - y**2)
    first = (last @ w2.T) * (caches["before"] > 0)
    return {
        "x": np.einsum("nh,dh->nd", first, w1).reshape(caches["x"].shape),
        "b2": last.sum(axis=0),
        "w2": caches["hidden"].T @ last,
        "b1": np.ones(len(first)) @ first,
        "w1": caches["rows"].T @ first,
    }


def train_with_loops(params, batches, step_size):
    """A copy of the params, stepped in place."""
    trained = {name: value.copy() for name, value in params.items()}
    for batch in batches:
        y, caches = network_forward(batch[0], trained)  # noqa: F821
        gradients = network_backward(2 * (y - batch[1]) / len(y), caches)  # noqa: F821
        for name in ("w1", "b1", "w2", "b2"):
            trained[name] -= step_size * gradients[name]
    return trained


def train_by_recursion(params, batches, step_size):
    """The first batch, then all others from there."""
    if len(batches) == 0:
        return params
    (x, target), rest = batches[0], batches[1:]
    y, caches = network_forward(x, params)  # noqa: F821
    gradients = network_backward(squared_loss(y, target)[1], caches)  # noqa: F821
    after = {name: params[name] - step_size * gradients[name] for name in params}
    return train(after, rest, step_size)  # noqa: F821


VARIANTS = [
    Correct("loops", {"sum_loss": sum_by_loops}),
    Correct("float32 by the student", {"sum_loss": sum_in_float32}),
    Correct("sample by sample", {"squared_loss": squares_by_sample}),
    Correct("a norm", {"squared_loss": squares_by_norm}),
    Correct("float32 by the student", {"squared_loss": squares_in_float32}),
    Correct("sample by sample", {"cross_entropy_loss": entropy_by_sample}),
    Correct("one-hot targets", {"cross_entropy_loss": entropy_by_one_hot}),
    Correct("logaddexp", {"cross_entropy_loss": entropy_by_logaddexp}),
    Correct("float32 by the student", {"cross_entropy_loss": entropy_in_float32}),
    Correct(
        "without the layers", {"network_forward": forward_without_layers, "network_backward": backward_without_layers}
    ),
    Correct("params stepped in place, of a copy", {"train": train_with_loops}),
    Correct("recursion", {"train": train_by_recursion}),
]
