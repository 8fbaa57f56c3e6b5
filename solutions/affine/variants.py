"""Right answers to layers.py that are written another way: each must get full marks."""

import numpy as np

from grader.authoring import Correct


def rows_by_loops(images):
    """Entry by entry, the last index moving fastest."""
    rows = np.zeros((len(images), images[0].size))
    for n in range(len(images)):
        for d, entry in enumerate(images[n].flat):
            rows[n, d] = entry
    return rows


def rows_by_concatenation(images):
    """One raveled image after the other."""
    return np.stack([image.ravel() for image in images])


def rows_in_float32(images):
    """Half the memory."""
    return images.astype(np.float32).reshape(len(images), -1)


def forward_by_loops(x, w, b):
    """One entry of the output at a time, added up from the last feature to the first."""
    rows = x.reshape(len(x), -1)
    out = np.zeros((len(x), len(b)))
    for n in range(len(x)):
        for m in range(len(b)):
            total = 0.0
            for d in reversed(range(len(w))):
                total += rows[n, d] * w[d, m]
            out[n, m] = total + b[m]
    return out, (x, w, b)


def forward_by_einsum(x, w, b):
    """Indices in place of transposes; the cache is a list."""
    return np.einsum("nd,dm->nm", x.reshape(len(x), -1), w) + b[np.newaxis, :], [x, w, b]


def forward_with_merged_bias(x, w, b):
    """One product, with a column of ones."""
    rows = np.hstack([x.reshape(len(x), -1), np.ones((len(x), 1))])
    return rows @ np.vstack([w, b]), (x, w, b)


def forward_in_float32(x, w, b):
    """All of it in half the precision."""
    rows = x.reshape(len(x), -1).astype(np.float32)
    return rows @ w.astype(np.float32) + b.astype(np.float32), (x, w, b)


def columns_by_einsum(x, w, b):
    """Indices in place of transposes."""
    return np.einsum("md,dn->mn", w, x) + b


def columns_by_rows(x, w, b):
    """The row form, transposed twice."""
    return (x.T @ w.T + b.T).T


def columns_by_loops(x, w, b):
    """One sample at a time."""
    out = np.zeros((len(w), x.shape[1]))
    for n in range(x.shape[1]):
        for m in range(len(w)):
            out[m, n] = sum(w[m, d] * x[d, n] for d in range(len(x))) + b[m, 0]
    return out


def sums_in_another_order(f, x, y):
    """Term by term."""
    return -f(y) + f(x + y) - f(x)


def sums_in_float32(f, x, y):
    """Inputs and outputs in half the precision."""
    both = f((x + y).astype(np.float32)).astype(np.float32)
    return both - (f(x.astype(np.float32)) + f(y.astype(np.float32))).astype(np.float32)


def multiples_in_another_order(f, a, x):
    """The other side first, the sign turned at the end."""
    return -(a * f(x) - f(x * a))


def multiples_in_float32(f, a, x):
    """Inputs and outputs in half the precision."""
    low = x.astype(np.float32)
    return f(a * low).astype(np.float32) - a * f(low).astype(np.float32)


def one_weight_by_einsum(x, w, u, v):
    """The whole derivative by a matrix, one of its entries taken."""
    return np.einsum("nd,mk->ndmk", x, np.eye(w.shape[1]))[:, u, v, :]


def one_weight_by_an_outer_product(x, w, u, v):
    """The column of x beside a row that is 1 in one place."""
    return np.outer(x[:, u], np.arange(w.shape[1]) == v)


def one_weight_by_loops(x, w, u, v):
    """Entry by entry."""
    grad = np.zeros((len(x), w.shape[1]))
    for i in range(len(x)):
        for j in range(w.shape[1]):
            if j == v:
                grad[i, j] = x[i, u]
    return grad


def loss_by_one_weight_as_a_double_sum(dL_dY, x, w, u, v):
    """Eq. 10 to the letter."""
    total = 0
    for i in range(dL_dY.shape[0]):
        for j in range(dL_dY.shape[1]):
            total += dL_dY[i, j] * (x[i, u] if j == v else 0)
    return total


def loss_by_one_weight_of_all(dL_dY, x, w, u, v):
    """The gradient by all weights, one of its entries taken."""
    return (x.T @ dL_dY)[u, v]


def loss_by_one_weight_as_vdot(dL_dY, x, w, u, v):
    """The text's dot product, of matrices."""
    grad = np.zeros_like(dL_dY)
    grad[:, v] = x[:, u]
    return np.vdot(grad, dL_dY)


def loss_by_weights_transposed_twice(dL_dY, x):
    """The other factor is transposed, and the result."""
    return (dL_dY.T @ x).T


def loss_by_weights_sample_by_sample(dL_dY, x):
    """A sum of outer products."""
    return sum(np.outer(x[n], dL_dY[n]) for n in range(len(x)))


def loss_by_weights_by_einsum(dL_dY, x):
    """Indices in place of transposes."""
    return np.einsum("nd,nm->dm", x, dL_dY)


def loss_by_weights_in_float32(dL_dY, x):
    """Half the precision."""
    return x.T.astype(np.float32) @ dL_dY.astype(np.float32)


def loss_by_input_by_einsum(dL_dY, w):
    """Indices in place of transposes."""
    return np.einsum("nm,dm->nd", dL_dY, w)


def loss_by_input_transposed_twice(dL_dY, w):
    """The other way round, and turned."""
    return (w @ dL_dY.T).T


def loss_by_input_row_by_row(dL_dY, w):
    """One sample at a time."""
    return np.array([w.dot(row) for row in dL_dY])


def loss_by_input_in_float32(dL_dY, w):
    """Half the precision."""
    return dL_dY.astype(np.float32) @ w.T.astype(np.float32)


def loss_by_bias_as_a_product(dL_dY):
    """A row of ones times dL_dY, as the text writes it."""
    return np.ones(len(dL_dY)) @ dL_dY


def loss_by_bias_by_loops(dL_dY):
    """Sample after sample."""
    grad = np.zeros(dL_dY.shape[1])
    for row in dL_dY:
        grad += row
    return grad


def loss_by_bias_in_float32(dL_dY):
    """Half the precision."""
    return dL_dY.astype(np.float32).sum(0)


def merged_by_assignment(x, w, b):
    """Ones first, then the rest is written over them."""
    x1 = np.ones((x.shape[0], x.shape[1] + 1))
    x1[:, :-1] = x
    w1 = np.empty((w.shape[0] + 1, w.shape[1]))
    w1[:-1], w1[-1] = w, b
    return x1, w1


def merged_with_np_c(x, w, b):
    """The short notation; a list in place of a tuple."""
    return [np.c_[x, np.ones(len(x))], np.r_[w, b[np.newaxis]]]


def backward_by_einsum(dout, cache):
    """Indices in place of transposes."""
    x, w, b = cache
    rows = x.reshape(len(x), -1)
    dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
    return dx, np.einsum("nd,nm->dm", rows, dout), np.einsum("nm->m", dout)


def backward_by_loops(dout, cache):
    """Eq. 10, weight by weight and entry by entry."""
    x, w, b = cache
    rows = x.reshape(len(x), -1)
    dx, dw, db = np.zeros(rows.shape), np.zeros(w.shape), np.zeros(b.shape)
    for n in range(len(rows)):
        for m in range(len(b)):
            db[m] += dout[n, m]
            for d in range(len(w)):
                dx[n, d] += dout[n, m] * w[d, m]
                dw[d, m] += dout[n, m] * rows[n, d]
    return dx.reshape(x.shape), dw, db


def backward_with_merged_bias(dout, cache):
    """db is the last row of dw."""
    x, w, b = cache
    rows = np.hstack([x.reshape(len(x), -1), np.ones((len(x), 1))])
    both = rows.T @ dout
    return (dout @ w.T).reshape(x.shape), both[:-1], both[-1]


def backward_by_tensordot(dout, cache):
    """The axes of a sample are kept all the way."""
    x, w, b = cache
    kept = w.reshape(*x.shape[1:], len(b))
    dx = np.tensordot(dout, np.moveaxis(kept, -1, 0), 1)
    dw = np.tensordot(x, dout, axes=(0, 0)).reshape(w.shape)
    return dx, dw, np.add.reduce(dout)


def backward_in_float32(dout, cache):
    """All of it in half the precision."""
    x, w, b = cache
    low = dout.astype(np.float32)
    rows = x.reshape(len(x), -1).astype(np.float32)
    return (low @ w.T.astype(np.float32)).reshape(x.shape), rows.T @ low, low.sum(axis=0)


VARIANTS = [
    Correct("loops", {"flatten_batch": rows_by_loops}),
    Correct("concatenation", {"flatten_batch": rows_by_concatenation}),
    Correct("float32 by the student", {"flatten_batch": rows_in_float32}),
    Correct("loops", {"affine_forward": forward_by_loops}),
    Correct("einsum", {"affine_forward": forward_by_einsum}),
    Correct("the bias merged", {"affine_forward": forward_with_merged_bias}),
    Correct("float32 by the student", {"affine_forward": forward_in_float32}),
    Correct("einsum", {"affine_forward_columns": columns_by_einsum}),
    Correct("rows, transposed", {"affine_forward_columns": columns_by_rows}),
    Correct("loops", {"affine_forward_columns": columns_by_loops}),
    Correct("another order", {"additivity_gap": sums_in_another_order}),
    Correct("float32 by the student", {"additivity_gap": sums_in_float32}),
    Correct("another order", {"homogeneity_gap": multiples_in_another_order}),
    Correct("float32 by the student", {"homogeneity_gap": multiples_in_float32}),
    Correct("einsum", {"dY_dw": one_weight_by_einsum}),
    Correct("an outer product", {"dY_dw": one_weight_by_an_outer_product}),
    Correct("loops", {"dY_dw": one_weight_by_loops}),
    Correct("a double sum", {"dL_dw": loss_by_one_weight_as_a_double_sum}),
    Correct("one entry of all", {"dL_dw": loss_by_one_weight_of_all}),
    Correct("vdot", {"dL_dw": loss_by_one_weight_as_vdot}),
    Correct("transposed twice", {"dL_dW": loss_by_weights_transposed_twice}),
    Correct("sample by sample", {"dL_dW": loss_by_weights_sample_by_sample}),
    Correct("einsum", {"dL_dW": loss_by_weights_by_einsum}),
    Correct("float32 by the student", {"dL_dW": loss_by_weights_in_float32}),
    Correct("einsum", {"dL_dX": loss_by_input_by_einsum}),
    Correct("transposed twice", {"dL_dX": loss_by_input_transposed_twice}),
    Correct("row by row", {"dL_dX": loss_by_input_row_by_row}),
    Correct("float32 by the student", {"dL_dX": loss_by_input_in_float32}),
    Correct("ones times dL_dY", {"dL_db": loss_by_bias_as_a_product}),
    Correct("loops", {"dL_db": loss_by_bias_by_loops}),
    Correct("float32 by the student", {"dL_db": loss_by_bias_in_float32}),
    Correct("assignment", {"merge_bias": merged_by_assignment}),
    Correct("np.c_ and np.r_", {"merge_bias": merged_with_np_c}),
    Correct("einsum", {"affine_backward": backward_by_einsum}),
    Correct("loops", {"affine_backward": backward_by_loops}),
    Correct("the bias merged", {"affine_backward": backward_with_merged_bias}),
    Correct("tensordot", {"affine_backward": backward_by_tensordot}),
    Correct("float32 by the student", {"affine_backward": backward_in_float32}),
]
