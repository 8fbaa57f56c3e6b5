"""The same mistakes once more, in another hand: what a proof holds the naming of mistakes against.

Each function is named as its mistake in mistakes.py and written without it, entry by entry.
"""

import numpy as np

# -------------------------------------------------------------------------------------- (a) L


def L_sums_Y(X, W):
    return sum(x @ w for x in X for w in W.T)


def L_by_matrix_square(X, W):
    Y = X.dot(W)
    return sum(a @ b for a in Y for b in Y.T)


def L_squares_the_sum(X, W):
    total = sum(x @ w for x in X for w in W.T)
    return total * total


def L_averaged(X, W):
    return sum((x @ w) ** 2 for x in X for w in W.T) / 4


def L_doubles_Y(X, W):
    return sum(x @ w + x @ w for x in X for w in W.T)


def L_squares_X(X, W):
    return sum((a * b) ** 2 for a, b in zip(X.ravel(), W.ravel()))


def L_not_summed(X, W):
    return np.array([[(x @ w) ** 2 for w in W.T] for x in X])


def L_summed_by_row(X, W):
    return np.array([sum((x @ w) ** 2 for w in W.T) for x in X])


# ---------------------------------------------------------------------------------- (b) dL/df


def dL_df_is_f(X, W):
    return np.array([[(x @ w) * (x @ w) for w in W.T] for x in X])


def dL_df_is_Y(X, W):
    return np.einsum("ik,kj->ij", X, W)


def dL_df_goes_on_to_Y(X, W):
    Y = X.dot(W)
    return Y + Y


def dL_df_one_number(X, W):
    return np.float64(1)


def dL_df_averaged(X, W):
    return np.array([[0.25, 0.25], [0.25, 0.25]])


def dL_df_identity(X, W):
    return np.array([[1.0, 0.0], [0.0, 1.0]])


def dL_df_zeros(X, W):
    return np.array([[0.0, 0.0], [0.0, 0.0]])


# ---------------------------------------------------------------------------------- (c) dL/dY


def dL_dY_without_factor(X, W):
    return np.array([[x @ w for w in W.T] for x in X])


def dL_dY_is_f(X, W):
    Y = np.dot(X, W)
    return Y * Y


def dL_dY_factor_only(X, W):
    return np.array([[2.0, 2.0], [2.0, 2.0]])


def dL_dY_doubles_f(X, W):
    Y = np.dot(X, W)
    return Y * Y + Y * Y


def dL_dY_by_matrix_product(X, W):
    slope = 2 * np.dot(X, W)
    totals = slope.sum(axis=0)
    return np.array([totals, totals])


def dL_dY_at_X(X, W):
    return X + X


def dL_dY_skips_activation(X, W):
    return np.array([[1.0, 1.0], [1.0, 1.0]])


def dL_dY_transposed(X, W):
    return 2 * np.dot(W.T, X.T)


# ---------------------------------------------------------------------------------- (d) dL/dX


def dL_dX_halved(X, W):
    dY = 2 * np.dot(X, W)
    return np.multiply(W, dY)


def dL_dX_transposed(X, W):
    dY = 2 * np.dot(X, W)
    return np.dot(dY, W.T).T


def dL_dX_factors_exchanged(X, W):
    dY = 2 * np.dot(X, W)
    return np.einsum("ki,kj->ij", W, dY)


def dL_dX_skips_activation(X, W):
    totals = W.sum(axis=1)
    return np.array([totals, totals])


def dL_dX_sends_f_back(X, W):
    f = np.dot(X, W) * np.dot(X, W)
    return np.einsum("ij,kj->ik", f, W)


def dL_dX_local_only(X, W):
    return np.array([list(column) for column in zip(*W)])


# ---------------------------------------------------------------------------------- (e) dL/dW


def dL_dW_without_transpose(X, W):
    dY = 2 * np.dot(X, W)
    return np.einsum("ik,kj->ij", X, dY)


def dL_dW_elementwise(X, W):
    dY = 2 * np.dot(X, W)
    return np.multiply(dY, X)


def dL_dW_transposed(X, W):
    dY = 2 * np.dot(X, W)
    return np.einsum("ni,nj->ij", dY, X)


def dL_dW_factors_exchanged(X, W):
    dY = 2 * np.dot(X, W)
    return np.einsum("ik,jk->ij", dY, X)


def dL_dW_factors_exchanged_without_transpose(X, W):
    dY = 2 * np.dot(X, W)
    return np.einsum("ik,kj->ij", dY, X)


def dL_dW_skips_activation(X, W):
    totals = X.sum(axis=0)
    return np.array([totals, totals]).T


def dL_dW_halved(X, W):
    Y = np.dot(X, W)
    return np.einsum("ni,nj->ij", X, Y)


def dL_dW_local_only(X, W):
    return np.array([list(column) for column in zip(*X)])
