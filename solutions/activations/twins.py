"""The same mistakes once more, in another hand: what a proof holds the naming of mistakes against.

Each function is named as its mistake in mistakes.py and written without it. Caches are the reference's.
"""

import numpy as np

# ----------------------------------------------------------------------------------- relu_forward


def relu_without_cache(x):
    return x * (x > 0)


def largest_of_each_column(x):
    return np.amax(x, axis=0), x


def leaky(x):
    return np.maximum(x, 0.01 * x), x


def absolute_value(x):
    return np.sqrt(x * x), x


def mask_for_output(x):
    out = np.zeros(x.shape)
    out[x > 0] = 1
    return out, x


def clipped_at_one(x):
    return np.minimum(np.maximum(x, 0), 1), x


# ---------------------------------------------------------------------------------- relu_backward


def nothing_masked(dout, cache):
    return 1.0 * dout


def relu_without_dout(dout, cache):
    return np.where(cache > 0, 1.0, 0.0)


def mask_on_dout(dout, cache):
    return np.maximum(dout, 0)


def relu_of_matrices_only(dout, cache):
    n, m = cache.shape
    return np.array([[dout[i, j] if cache[i, j] > 0 else 0.0 for j in range(m)] for i in range(n)])


def mask_upside_down(dout, cache):
    return dout * (cache < 0)


def times_output(dout, cache):
    out = cache * (cache > 0)
    return np.multiply(out, dout)


def leaky_slope(dout, cache):
    slope = np.full(cache.shape, 0.01)
    slope[cache > 0] = 1
    return slope * dout


def half_at_zero(dout, cache):
    return dout * np.heaviside(cache, 0.5)


def relu_matrix_product(dout, cache):
    mask = np.where(cache > 0, 1, 0)
    return np.dot(dout, mask)


# -------------------------------------------------------------------------------- sigmoid_forward


def sigmoid_without_cache(x):
    return (1 + np.tanh(x / 2)) / 2


def sign_of_exponent(x):
    return (1 - np.tanh(x / 2)) / 2, None


def overflowing_fraction(x):
    power = np.exp(x)
    out = power / (power + 1)
    return out, out


def one_over_one_plus(x):
    out = 1.0 + np.exp(-x)
    return out, out


def hyperbolic_tangent(x):
    out = 2 * ((1 + np.tanh(x)) / 2) - 1
    return out, out


def logistic_clipped(x):
    near = np.minimum(np.maximum(x, -1), 1)
    out = np.exp(near) / (np.exp(near) + 1)
    return out, out


# ------------------------------------------------------------------------------- sigmoid_backward


def sigmoid_without_dout(dout, cache):
    return cache - cache**2


def sigmoid_of_the_output(dout, cache):
    twice = (1 + np.tanh(cache / 2)) / 2
    return dout * (twice - twice * twice)


def slope_at_dout(dout, cache):
    power = np.exp(-np.abs(dout))
    return power / (1 + power) ** 2


def times_sigmoid(dout, cache):
    return np.multiply(cache, dout)


def times_rest(dout, cache):
    return dout - dout * cache


def slope_of_tanh(dout, cache):
    return (1 + cache) * (1 - cache) * dout


def sigmoid_matrix_product(dout, cache):
    slope = cache - cache * cache
    return dout @ slope


# --------------------------------------------------------------------------------- square_forward


def square_without_cache(x):
    return x * x


def doubled(x):
    return x + x, x


def matrix_squared(x):
    out = x.dot(x)
    return out, x


def squares_added(x):
    flat = x.ravel()
    return flat @ flat, x


# -------------------------------------------------------------------------------- square_backward


def square_without_dout(dout, cache):
    return cache + cache


def two_forgotten(dout, cache):
    return np.multiply(cache, dout)


def power_not_lowered(dout, cache):
    return 2 * (cache * cache) * dout


def times_square(dout, cache):
    return cache * cache * dout


def derivative_at_dout(dout, cache):
    return dout + dout


def square_matrix_product(dout, cache):
    slope = cache + cache
    return np.dot(dout, slope)


# -------------------------------------------------------------------------------- softmax_forward


def softmax_without_cache(x):
    rows = []
    for row in x:
        powers = np.exp(row - max(row))
        rows.append(powers / sum(powers))
    return np.array(rows)


def not_shifted(x):
    out = np.array([np.exp(row) / sum(np.exp(row)) for row in x])
    return out, out


def shifted_by_largest_of_all(x):
    powers = np.exp(x - x.max())
    out = np.array([row / sum(row) for row in powers])
    return out, out


def shares_of_columns(x):
    columns = [np.exp(column - max(column)) for column in x.T]
    out = np.array([column / sum(column) for column in columns]).T
    return out, out


def shares_of_everything(x):
    powers = np.exp(x - x.max())
    out = powers / sum(powers.ravel())
    return out, out


def axis_not_kept(x):
    shifted = np.array([row - max(row) for row in x])
    totals = np.exp(shifted).sum(1)
    out = np.exp(shifted) / totals
    return out, out


def not_normalised(x):
    out = np.array([np.exp(row - max(row)) for row in x])
    return out, out


def shares_of_raw_scores(x):
    out = np.array([row / sum(row) for row in x])
    return out, out


def logarithm_of_softmax(x):
    rows = []
    for row in x:
        largest = max(row)
        rows.append(row - largest - np.log(sum(np.exp(row - largest))))
    return np.array(rows), None


# ------------------------------------------------------------------------------- softmax_backward


def diagonal_only(dout, cache):
    return (cache - cache**2) * dout


def softmax_without_dout(dout, cache):
    return cache - cache * cache


def weights_forgotten(dout, cache):
    return np.array([s * (d - sum(d)) for d, s in zip(dout, cache)])


def outer_factor_forgotten(dout, cache):
    return np.array([d - d @ s for d, s in zip(dout, cache)])


def first_term_only(dout, cache):
    return np.array([np.diag(s) @ d for d, s in zip(dout, cache)])


def second_term_only(dout, cache):
    return np.array([-np.outer(s, s) @ d for d, s in zip(dout, cache)])


def summed_over_samples(dout, cache):
    totals = np.einsum("nc,nc->c", dout, cache)
    return cache * dout - cache * totals


def summed_over_everything(dout, cache):
    total = np.vdot(dout, cache)
    return cache * dout - cache * total


def cross_entropy_shortcut(dout, cache):
    return np.subtract(cache, dout)


def softmax_of_the_output(dout, cache):
    rows = []
    for d, s in zip(dout, cache):
        t = np.exp(s - max(s))
        t = t / sum(t)
        rows.append(t * d - t * (t @ d))
    return np.array(rows)
