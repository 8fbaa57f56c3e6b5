"""The same mistakes once more, in another hand: what a proof holds the naming of mistakes against.

Each function is named as its mistake in mistakes.py and written without it: by loops, by einsum, in other steps.
"""

import numpy as np

# ----------------------------------------------------------------------------- flatten_batch


def flattened_in_fortran_order(images):
    rows = [image.flatten("F") for image in images]
    return np.array(rows)


def flattened_channels_last(images):
    n = len(images)
    turned = images.transpose(0, *range(2, images.ndim), 1) if images.ndim > 2 else images
    return turned.reshape((n, -1))


def flattened_with_the_batch(images):
    return np.concatenate([image.ravel() for image in images])


def flattened_to_columns(images):
    return np.stack([image.ravel() for image in images], axis=1)


def flattened_across_samples(images):
    n = images.shape[0]
    values = list(images.ravel())
    return np.array([values[i::n] for i in range(n)])


def flattened_for_a_batch_of_two(images):
    out = np.reshape(images, (2, images.size // 2))
    return out if images.size % 2 == 0 else np.reshape(images, (2, -1))


def flattened_for_four_axes_only(images):
    (a, b, c, d) = images.shape
    return np.reshape(images, [a, b * c * d])


def flattened_first_channel_only(images):
    return np.array([np.ravel(image[0]) for image in images])


# ---------------------------------------------------------------------------- affine_forward


def forward_without_bias(x, w, b):
    n = len(x)
    y = np.dot(x.reshape(n, len(w)), w)
    return y, (x, w, b)


def forward_without_flattening(x, w, b):
    product = np.matmul(x, w)
    return np.add(product, b), (x, w, b)


def forward_bias_for_first_sample_only(x, w, b):
    y = np.einsum("nd,dm->nm", x.reshape(len(x), -1), w)
    y[0, :] += b
    return y, (x, w, b)


def forward_bias_as_column(x, w, b):
    y = np.dot(np.reshape(x, (len(x), -1)), w)
    return y + np.array([[entry] for entry in b]), (x, w, b)


def forward_bias_added_as_one_number(x, w, b):
    total = 0.0
    for entry in b:
        total = total + entry
    return total + np.reshape(x, (len(x), -1)).dot(w), (x, w, b)


def forward_weights_transposed(x, w, b):
    flat = np.reshape(x, (len(x), -1))
    return np.dot(flat, np.transpose(w)) + b, (x, w, b)


def cache_of_flat_input(x, w, b):
    flat = np.array([sample.ravel() for sample in x])
    cache = (flat, w, b)
    return flat.dot(w) + b, cache


def cache_with_output(x, w, b):
    y = np.reshape(x, (len(x), -1)).dot(w) + b[None, :]
    return y, [x, w, b, y]


def cache_without_bias(x, w, b):
    cache = (x, w)
    return np.dot(np.reshape(x, (len(x), -1)), w) + b, cache


def cache_not_returned(x, w, b):
    y = np.einsum("nd,dm->nm", np.reshape(x, (len(x), -1)), w)
    y += b
    return y


# -------------------------------------------------------------------- affine_forward_columns


def columns_without_bias(x, w, b):
    return np.einsum("md,dn->mn", w, x)


def columns_by_the_row_formula(x, w, b):
    y = np.dot(x, w)
    y = y + b
    return y


def columns_returned_as_rows(x, w, b):
    return np.dot(x.T, w.T) + b.ravel()


def columns_bias_lying_down(x, w, b):
    y = np.dot(w, x)
    return y + b[:, 0]


def columns_weights_transposed(x, w, b):
    return np.add(np.dot(np.transpose(w), x), b)


# ------------------------------------------------------------- additivity_gap, homogeneity_gap


def sum_gap_sign(f, x, y):
    together = f(x + y)
    apart = f(x)
    apart = apart + f(y)
    return apart - together


def sum_gap_without_brackets(f, x, y):
    left, right = f(x + y), f(x)
    return (left - right) + f(y)


def sum_gap_absolute(f, x, y):
    gap = f(x + y) - (f(x) + f(y))
    return np.where(gap < 0, -gap, gap)


def sum_gap_one_side(f, x, y):
    return np.subtract(f(np.add(x, y)), f(x))


def sum_gap_yes_or_no(f, x, y):
    return bool(np.max(np.abs(f(x + y) - f(x) - f(y))) < 1e-8)


def sum_gap_taken_for_zero(f, x, y):
    linear = f(x)
    return linear - linear


def multiple_gap_sign(f, a, x):
    inside, outside = f(a * x), a * f(x)
    return -(inside - outside)


def multiple_gap_factor_only_inside(f, a, x):
    scaled = a * x
    return np.subtract(f(scaled), f(x))


def multiple_gap_absolute(f, a, x):
    gap = f(a * x) - a * f(x)
    return np.sqrt(gap**2)


def multiple_gap_yes_or_no(f, a, x):
    return bool(np.all(np.abs(f(a * x) - a * f(x)) < 1e-8))


def multiple_gap_taken_for_zero(f, a, x):
    return 0 * f(x)


# -------------------------------------------------------------------------------------- dY_dw


def weight_indices_exchanged(x, w, u, v):
    u, v = v, u
    n, m = x.shape[0], w.shape[1]
    return np.array([[x[i, u] if j == v else 0.0 for j in range(m)] for i in range(n)])


def weight_indices_from_one(x, w, u, v):
    u -= 1
    v -= 1
    dY = np.zeros((len(x), len(w[0])))
    for i in range(len(x)):
        dY[i, v] = x[i, u]
    return dY


def weight_touches_every_column(x, w, u, v):
    return np.outer(x[:, u], np.ones(w.shape[1]))


def weight_column_alone(x, w, u, v):
    column = []
    for sample in x:
        column.append(sample[u])
    return np.array(column)


def weight_gives_ones(x, w, u, v):
    column = np.eye(w.shape[1])[v]
    return np.tile(column, (len(x), 1))


def weight_gives_itself(x, w, u, v):
    column = np.eye(w.shape[1])[v] * w[u, v]
    return np.tile(column, (len(x), 1))


def weight_reaches_first_sample_only(x, w, u, v):
    dY = 0 * x.dot(w)
    dY[0][v] = x[0][u]
    return dY


def weight_place_marked(x, w, u, v):
    return np.outer(np.eye(len(w))[u], np.eye(len(w[0]))[v])


# -------------------------------------------------------------------------------------- dL_dw


def entry_without_upstream(dL_dY, x, w, u, v):
    return sum(sample[u] for sample in x)


def entry_without_input(dL_dY, x, w, u, v):
    return sum(row[v] for row in dL_dY)


def entry_averaged(dL_dY, x, w, u, v):
    return dL_dY[:, v].dot(x[:, u]) / len(x)


def entry_not_summed(dL_dY, x, w, u, v):
    local = np.outer(x[:, u], np.eye(w.shape[1])[v])
    return np.multiply(local, dL_dY)


def entry_by_matrix_product(dL_dY, x, w, u, v):
    dY_dw = np.outer(x[:, u], np.eye(w.shape[1])[v])
    return np.einsum("ni,nj->ij", dL_dY, dY_dw)


def entry_by_np_dot(dL_dY, x, w, u, v):
    dY_dw = np.outer(x[:, u], np.eye(w.shape[1])[v])
    return dL_dY @ dY_dw


def entry_indices_exchanged(dL_dY, x, w, u, v):
    total = 0.0
    for upstream, sample in zip(dL_dY, x):
        total += upstream[u] * sample[v]
    return total


def entry_indices_from_one(dL_dY, x, w, u, v):
    upstream, inputs = dL_dY.T[v - 1], x.T[u - 1]
    return upstream @ inputs


def entry_of_first_sample(dL_dY, x, w, u, v):
    (upstream, *_), (sample, *_) = dL_dY, x
    return upstream[v] * sample[u]


def entry_summed_over_rows_only(dL_dY, x, w, u, v):
    dY_dw = np.outer(x[:, u], np.eye(w.shape[1])[v])
    return np.einsum("ij,ij->j", dL_dY, dY_dw)


# -------------------------------------------------------------------------------------- dL_dW


def weights_averaged(dL_dY, x):
    return np.einsum("nd,nm->dm", x, dL_dY) * (1 / len(dL_dY))


def weights_without_transpose(dL_dY, x):
    return np.dot(x, dL_dY)


def weights_gradient_transposed(dL_dY, x):
    return np.einsum("nd,nm->md", x, dL_dY)


def weights_in_the_order_of_the_input(dL_dY, x):
    return np.dot(dL_dY, np.transpose(x))


def weights_elementwise(dL_dY, x):
    return np.multiply(dL_dY, x)


def weights_local_only(dL_dY, x):
    local = np.array([[sample[k] for sample in x] for k in range(x.shape[1])])
    return local


def weights_of_first_sample(dL_dY, x):
    first, upstream = x[:1], dL_dY[:1]
    return first.T @ upstream


# -------------------------------------------------------------------------------------- dL_dX


def input_without_transpose(dL_dY, w):
    return np.dot(dL_dY, w)


def input_gradient_as_columns(dL_dY, w):
    return np.einsum("nm,dm->dn", dL_dY, w)


def input_factors_exchanged(dL_dY, w):
    return np.dot(np.transpose(w), dL_dY)


def input_elementwise(dL_dY, w):
    return np.multiply(w, dL_dY)


def input_local_only(dL_dY, w):
    return np.array(list(zip(*w)))


def input_summed_over_batch(dL_dY, w):
    total = np.zeros(len(w))
    for upstream in dL_dY:
        total = total + w @ upstream
    return total


def input_divided_by_batch(dL_dY, w):
    return np.array([w @ upstream / len(dL_dY) for upstream in dL_dY])


# -------------------------------------------------------------------------------------- dL_db


def bias_averaged(dL_dY):
    return sum(dL_dY) / len(dL_dY)


def bias_summed_over_outputs(dL_dY):
    return np.array([sum(row) for row in dL_dY])


def bias_one_number(dL_dY):
    return sum(entry for row in dL_dY for entry in row)


def bias_not_summed(dL_dY):
    return 1.0 * dL_dY


def bias_keeps_two_axes(dL_dY):
    return np.ones((1, len(dL_dY))) @ dL_dY


def bias_local_only(dL_dY):
    return np.array([1.0 for _ in dL_dY[0]])


def bias_of_first_sample(dL_dY):
    first, *_ = dL_dY
    return first * 1


# ---------------------------------------------------------------------------------- merge_bias


def merged_in_front(x, w, b):
    x1 = np.insert(x, 0, 1.0, axis=1)
    w1 = np.insert(w, 0, b, axis=0)
    return x1, w1


def merged_at_opposite_ends(x, w, b):
    return np.insert(x, 0, 1.0, axis=1), np.concatenate([w, b[np.newaxis]])


def merged_with_zeros(x, w, b):
    x1 = np.zeros((len(x), x.shape[1] + 1))
    x1[:, :-1] = x
    return x1, np.concatenate([w, b[np.newaxis]])


def merged_ones_as_row(x, w, b):
    x1 = np.ones((len(x) + 1, x.shape[1]))
    x1[:-1] = x
    return x1, np.concatenate([w, b[np.newaxis]])


def merged_bias_as_column(x, w, b):
    x1 = np.ones((len(x), x.shape[1] + 1))
    x1[:, :-1] = x
    return x1, np.concatenate([w, b[:, np.newaxis]], axis=1)


def merged_into_weights_only(x, w, b):
    w1 = np.zeros((len(w) + 1, w.shape[1]))
    w1[:-1], w1[-1] = w, b
    return x + 0, w1


def merged_bias_into_input(x, w, b):
    x1 = np.concatenate([x, b[:, np.newaxis]], axis=1)
    w1 = np.ones((len(w) + 1, w.shape[1]))
    w1[:-1] = w
    return x1, w1


# ----------------------------------------------------------------------------- affine_backward


def dw_and_db_averaged_over_batch(dout, cache):
    x, w, _ = cache
    mean = dout / len(dout)
    dw = np.einsum("nd,nm->dm", x.reshape(len(x), -1), mean)
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, mean.sum(0)


def dw_averaged_over_batch(dout, cache):
    x, w, _ = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout)) / len(x)
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, sum(dout)


def db_averaged_over_batch(dout, cache):
    x, w, _ = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, sum(dout) / len(dout)


def db_keeps_two_axes(dout, cache):
    x, w, _ = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, np.ones((1, len(dout))).dot(dout)


def db_summed_over_outputs(dout, cache):
    x, w, _ = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, dout @ np.ones(dout.shape[1])


def db_one_number(dout, cache):
    x, w, _ = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, sum(dout.ravel())


def db_one_number_in_every_place(dout, cache):
    x, w, b = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, np.full(b.shape, dout.sum())


def db_not_summed(dout, cache):
    x, w, _ = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, dout * 1


def db_local_only(dout, cache):
    x, w, b = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), dw, b * 0 + 1


def dx_not_reshaped(dout, cache):
    x, w, _ = cache
    dw = sum(np.outer(sample, upstream) for sample, upstream in zip(x, dout))
    return np.array([w @ upstream for upstream in dout]), dw, sum(dout)


def x_not_flattened(dout, cache):
    x, w, b = cache
    dx = np.dot(dout, w.T)
    dw = np.dot(x.T, dout)
    db = dout.sum(axis=0)
    return np.reshape(dx, x.shape), dw, db


def dx_without_transpose(dout, cache):
    x, w, b = cache
    dx = np.dot(dout, w)
    flat = np.reshape(x, (len(x), -1))
    return np.reshape(dx, x.shape), flat.T.dot(dout), dout.sum(0)


def dx_by_column_formula(dout, cache):
    x, w, b = cache
    columns = np.dot(w, dout.T)
    dx = np.reshape(columns, x.shape)
    return dx, np.dot(x.reshape(len(x), -1).T, dout), dout.sum(0)


def dx_elementwise(dout, cache):
    x, w, b = cache
    dx = np.multiply(w, dout)
    return np.reshape(dx, x.shape), np.dot(x.reshape(len(x), -1).T, dout), dout.sum(0)


def dw_without_transpose(dout, cache):
    x, w, b = cache
    flat = np.reshape(x, (len(x), -1))
    dw = np.dot(flat, dout)
    return np.dot(dout, w.T).reshape(x.shape), dw, dout.sum(0)


def dw_transposed(dout, cache):
    x, w, b = cache
    dw = sum(np.outer(upstream, sample) for sample, upstream in zip(x, dout))
    return np.dot(dout, w.T).reshape(x.shape), dw, dout.sum(0)


def dw_elementwise(dout, cache):
    x, w, b = cache
    flat = np.reshape(x, (len(x), -1))
    dw = np.multiply(flat, dout)
    return np.dot(dout, w.T).reshape(x.shape), dw, dout.sum(0)


def dw_full_jacobian(dout, cache):
    x, w, b = cache
    flat = np.reshape(x, (len(x), -1))
    n, d = flat.shape
    m = w.shape[1]
    jacobian = np.zeros((n, m, d, m))
    for j in range(m):
        jacobian[:, j, :, j] = flat
    return np.dot(dout, w.T).reshape(x.shape), jacobian, dout.sum(0)


def local_gradients_only(dout, cache):
    x, w, b = cache
    return w + 0, x + 0, 0 * b + 1


def dx_and_dw_exchanged(dout, cache):
    x, w, b = cache
    dx = np.reshape(np.dot(dout, w.T), x.shape)
    dw = np.dot(np.reshape(x, (len(x), -1)).T, dout)
    return (dw, dx, sum(dout))


def cache_of_four(dout, cache):
    (x, w, b, flat) = cache
    dx = np.dot(dout, w.T)
    return dx.reshape(x.shape), flat.T.dot(dout), sum(dout)


def dout_overwritten_by_db(dout, cache):
    x, w, b = cache
    db = dout[0, :]
    for i in range(1, len(dout)):
        db += dout[i]
    dx = np.dot(dout, w.T).reshape(x.shape)
    dw = np.dot(x.reshape(len(x), -1).T, dout)
    return dx, dw, db
