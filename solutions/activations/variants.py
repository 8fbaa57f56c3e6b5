"""Right answers to activations.py that are written another way: each must get full marks.

A forward function and a backward function that share a cache of their own come together.
"""

import numpy as np

from grader.authoring import Correct


def relu_by_mask(x):
    """The mask is what the backward function will need."""
    mask = x > 0
    return x * mask, mask


def relu_back_by_mask(dout, cache):
    """Where nothing passed, nothing comes back."""
    dx = dout.copy()
    dx[~cache] = 0
    return dx


def relu_by_loops(x):
    """Entry by entry; the slope at 0 is 1 here."""
    out = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        if x[index] >= 0:
            out[index] = x[index]
    return out, {"x": x.tolist()}


def relu_back_by_where(dout, cache):
    """From a list; the slope at 0 is 1 here."""
    return np.where(np.array(cache["x"]) >= 0, dout, 0.0)


def relu_by_halves(x):
    """(x + |x|) / 2, in half the precision."""
    low = x.astype(np.float32)
    return (low + np.abs(low)) / 2, (low,)


def relu_back_by_heaviside(dout, cache):
    """The step function, in half the precision."""
    return dout.astype(np.float32) * np.heaviside(cache[0], 0).astype(np.float32)


def sigmoid_by_tanh(x):
    """The hyperbolic tangent does not overflow; x is the cache."""
    return 0.5 * (1 + np.tanh(x / 2)), x


def sigmoid_back_by_tanh(dout, cache):
    """From x alone."""
    return dout * (1 - np.tanh(cache / 2) ** 2) / 4


def sigmoid_by_branches(x):
    """Each sign has the formula that stays finite."""
    out = np.empty(x.shape)
    up = x >= 0
    out[up] = 1 / (1 + np.exp(-x[up]))
    small = np.exp(x[~up])
    out[~up] = small / (1 + small)
    return out, (x, out)


def sigmoid_back_expanded(dout, cache):
    """The product multiplied out."""
    _, out = cache
    return (out - out**2) * dout


def sigmoid_in_float32(x):
    """Half the precision; both branches are finite."""
    low = x.astype(np.float32)
    shrunk = np.exp(-np.abs(low))
    out = np.where(low >= 0, 1 / (1 + shrunk), shrunk / (1 + shrunk))
    return out, out


def sigmoid_back_in_float32(dout, cache):
    """Half the precision."""
    return dout.astype(np.float32) * cache * (1 - cache)


def square_by_product(x):
    """x times x; the cache is the slope."""
    return x * x, 2 * x


def square_back_by_slope(dout, cache):
    """The slope has been worked out already."""
    return cache * dout


def square_in_float32(x):
    """Half the precision."""
    low = x.astype(np.float32)
    return np.square(low), low


def square_back_in_float32(dout, cache):
    """Half the precision."""
    return np.add(cache, cache) * dout.astype(np.float32)


def softmax_by_rows(x):
    """One row at a time; x is the cache."""
    out = np.zeros(x.shape)
    for n, row in enumerate(x):
        powers = np.exp(row - row.max())
        out[n] = powers / powers.sum()
    return out, x


def softmax_back_by_jacobians(dout, cache):
    """One Jacobian for every row, as eq. 7 has it."""
    dx = np.zeros(dout.shape)
    for n, row in enumerate(cache):
        powers = np.exp(row - row.max())
        out = powers / powers.sum()
        dx[n] = (np.diag(out) - np.outer(out, out)) @ dout[n]
    return dx


def softmax_by_logarithms(x):
    """Through the logarithm of the sum."""
    top = x.max(axis=1, keepdims=True)
    out = np.exp(x - top - np.log(np.exp(x - top).sum(axis=1, keepdims=True)))
    return out, {"out": out}


def softmax_back_by_einsum(dout, cache):
    """Indices in place of axes."""
    out = cache["out"]
    return out * dout - out * np.einsum("nc,nc->n", out, dout)[:, np.newaxis]


def softmax_in_float32(x):
    """Half the precision."""
    low = x.astype(np.float32)
    powers = np.exp(low - np.max(low, axis=1, keepdims=True))
    out = powers / np.sum(powers, axis=1, keepdims=True)
    return out, out


def softmax_back_in_float32(dout, cache):
    """Half the precision."""
    low = dout.astype(np.float32)
    return cache * (low - np.sum(low * cache, axis=1, keepdims=True))


VARIANTS = [
    Correct("a mask as the cache", {"relu_forward": relu_by_mask, "relu_backward": relu_back_by_mask}),
    Correct("loops, slope 1 at 0", {"relu_forward": relu_by_loops, "relu_backward": relu_back_by_where}),
    Correct("float32 by the student", {"relu_forward": relu_by_halves, "relu_backward": relu_back_by_heaviside}),
    Correct("tanh", {"sigmoid_forward": sigmoid_by_tanh, "sigmoid_backward": sigmoid_back_by_tanh}),
    Correct("two branches", {"sigmoid_forward": sigmoid_by_branches, "sigmoid_backward": sigmoid_back_expanded}),
    Correct(
        "float32 by the student", {"sigmoid_forward": sigmoid_in_float32, "sigmoid_backward": sigmoid_back_in_float32}
    ),
    Correct("the slope as the cache", {"square_forward": square_by_product, "square_backward": square_back_by_slope}),
    Correct("float32 by the student", {"square_forward": square_in_float32, "square_backward": square_back_in_float32}),
    Correct(
        "row by row, Jacobians", {"softmax_forward": softmax_by_rows, "softmax_backward": softmax_back_by_jacobians}
    ),
    Correct("logarithms", {"softmax_forward": softmax_by_logarithms, "softmax_backward": softmax_back_by_einsum}),
    Correct(
        "float32 by the student", {"softmax_forward": softmax_in_float32, "softmax_backward": softmax_back_in_float32}
    ),
]
