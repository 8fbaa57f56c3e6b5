"""The same mistakes once more, in another hand: what a proof holds the naming of mistakes against.

Each function is named as its mistake in mistakes.py and written without it: other loops, other steps h.
"""

import numpy as np

# ----------------------------------------------------------------------------- numerical_gradient


def one_sided(f, x):
    h, before = 1e-6, f(x)
    slopes = []
    for k in range(x.size):
        moved = x.astype(float).ravel()
        moved[k] += h
        slopes.append((f(moved.reshape(x.shape)) - before) / h)
    return np.array(slopes).reshape(x.shape)


def second_point_is_x(f, x):
    eps = 1e-4
    grad = np.empty(x.size)
    point = x.astype(float).ravel()
    for k in range(x.size):
        point[k] += eps
        up = f(point.reshape(x.shape))
        point[k] -= eps
        down = f(point.reshape(x.shape))
        grad[k] = (up - down) / eps / 2
    return grad.reshape(x.shape)


def divided_by_one_step(f, x):
    h = 1e-4
    grad = np.empty(x.size)
    for k, step in enumerate(np.eye(x.size) * h):
        step = step.reshape(x.shape)
        grad[k] = (f(x + step) - f(x - step)) / h
    return grad.reshape(x.shape)


def halved_not_divided(f, x):
    h = 1e-4
    grad = np.empty(x.size)
    for k, step in enumerate(np.eye(x.size) * h):
        step = step.reshape(x.shape)
        grad[k] = 0.5 * (f(x + step) - f(x - step)) * h
    return grad.reshape(x.shape)


def not_divided(f, x):
    h = 1e-6
    grad = np.empty(x.size)
    for k, step in enumerate(np.eye(x.size) * h):
        step = step.reshape(x.shape)
        grad[k] = f(x + step) - f(x - step)
    return grad.reshape(x.shape)


def step_too_small(f, x):
    h = 1e-13
    grad = np.empty(x.size)
    for k in range(x.size):
        moved = x.astype(float).ravel()
        kept = moved[k]
        moved[k] = kept + h
        up = f(moved.reshape(x.shape))
        moved[k] = kept - h
        grad[k] = (up - f(moved.reshape(x.shape))) / (2 * h)
    return grad.reshape(x.shape)


def step_too_large(f, x):
    h = 0.5
    grad = np.empty(x.size)
    for k, step in enumerate(np.eye(x.size) * h):
        step = step.reshape(x.shape)
        grad[k] = f(x + step) - f(x - step)
    return grad.reshape(x.shape)


def step_zero_where_x_is(f, x):
    grad = np.empty(x.size)
    for k, entry in enumerate(x.ravel()):
        h = np.abs(entry) * 1e-5
        step = (np.arange(x.size) == k).reshape(x.shape) * h
        grad[k] = (f(x + step) - f(x - step)) / (h + h)
    return grad.reshape(x.shape)


def not_put_back(f, x):
    h = 1e-6
    slopes = []
    for place in np.ndindex(*x.shape):
        x[place] = x[place] + h
        up = f(x)
        x[place] = x[place] - 2 * h
        down = f(x)
        slopes.append((up - down) / (2 * h))
    return np.reshape(slopes, x.shape)


def gradient_keeps_dtype_of_x(f, x):
    h = 1e-6
    grad = x * 0
    for place in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        grad[place] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


def point_keeps_dtype_of_x(f, x):
    h = 1e-6
    slopes = []
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] = up[place] + h
        down[place] = down[place] - h
        slopes.append((f(up) - f(down)) / (2 * h))
    return np.reshape(slopes, x.shape)


def float32_point(f, x):
    h = 1e-4
    slopes = []
    for place in np.ndindex(*x.shape):
        up, down = np.float32(x), np.float32(x)
        up[place] += h
        down[place] -= h
        slopes.append((f(up) - f(down)) / (2 * h))
    return np.reshape(slopes, x.shape)


def all_entries_at_once(f, x):
    h = 1e-6
    up, down = x + h * np.ones(x.shape), x - h * np.ones(x.shape)
    return (f(up) - f(down)) / (2 * h)


def one_step_per_row(f, x):
    h = 1e-6
    rows = []
    for i in range(x.shape[0]):
        up, down = x.astype(float), x.astype(float)
        up[i] += h
        down[i] -= h
        rows.append(np.ones(x.shape[1:]) * (f(up) - f(down)) / (2 * h))
    return np.array(rows)


def gradient_flattened(f, x):
    h = 1e-6
    steps = [step.reshape(x.shape) for step in np.eye(x.size) * h]
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps])


def matrices_only(f, x):
    h = 1e-6
    n, m = x.shape
    grad = np.zeros((n, m))
    for k in range(n * m):
        step = np.zeros((n, m))
        step[k // m, k % m] = h
        grad[k // m, k % m] = (f(x + step) - f(x - step)) / (2 * h)
    return grad


# ----------------------------------------------------------------------------- numerical_jacobian


def jacobian_one_sided(f, x):
    h, before = 1e-6, f(x)
    columns = []
    for step in np.eye(x.size) * h:
        columns.append((f(x + step.reshape(x.shape)) - before) / h)
    return np.moveaxis(np.array(columns), 0, -1).reshape(before.shape + x.shape)


def jacobian_halved_not_divided(f, x):
    h = 1e-4
    columns = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        columns.append((f(x + step) - f(x - step)) * 0.5 * h)
    return np.moveaxis(np.array(columns), 0, -1).reshape(f(x).shape + x.shape)


def jacobian_not_divided(f, x):
    h = 1e-6
    columns = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        columns.append(f(x + step) - f(x - step))
    return np.moveaxis(np.array(columns), 0, -1).reshape(f(x).shape + x.shape)


def jacobian_divided_by_one_step(f, x):
    h = 1e-6
    columns = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        columns.append((f(x + step) - f(x - step)) / h)
    return np.moveaxis(np.array(columns), 0, -1).reshape(f(x).shape + x.shape)


def jacobian_step_too_small(f, x):
    h = 1e-14
    columns = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        columns.append((f(x + step) - f(x - step)) / (2 * h))
    return np.moveaxis(np.array(columns), 0, -1).reshape(f(x).shape + x.shape)


def jacobian_step_too_large(f, x):
    h = 0.5
    columns = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        columns.append((f(x + step) - f(x - step)) / (2 * h))
    return np.moveaxis(np.array(columns), 0, -1).reshape(f(x).shape + x.shape)


def jacobian_not_put_back(f, x):
    h = 1e-6
    columns = []
    for place in np.ndindex(*x.shape):
        x[place] = x[place] + h
        up = f(x)
        x[place] = x[place] - 2 * h
        down = f(x)
        columns.append((up - down) / (2 * h))
    return np.moveaxis(np.array(columns), 0, -1).reshape(f(x).shape + x.shape)


def jacobian_point_keeps_dtype_of_x(f, x):
    h = 1e-6
    columns = []
    for place in np.ndindex(*x.shape):
        up, down = x.copy(), x.copy()
        up[place] += h if x.dtype.kind == "f" else 0
        down[place] = down[place] - h
        columns.append((f(up) - f(down)) / (2 * h))
    return np.moveaxis(np.array(columns), 0, -1).reshape(f(x).shape + x.shape)


def inputs_before_outputs(f, x):
    h = 1e-6
    rows = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        rows.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(rows).reshape(x.shape + f(x).shape)


def jacobian_flattened(f, x):
    h = 1e-6
    columns = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        columns.append(np.ravel(f(x + step) - f(x - step)) / (2 * h))
    return np.array(columns).T


def gradient_of_the_sum(f, x):
    h = 1e-6
    slopes = []
    for step in np.eye(x.size) * h:
        step = step.reshape(x.shape)
        slopes.append((f(x + step).sum() - f(x - step).sum()) / (2 * h))
    return np.reshape(slopes, x.shape)


def jacobian_one_step_per_row(f, x):
    h = 1e-6
    y = f(x)
    jacobian = np.zeros(y.shape + x.shape)
    for i in range(x.shape[0]):
        up, down = x.astype(float), x.astype(float)
        up[i] += h
        down[i] -= h
        change = (f(up) - f(down)) / (2 * h)
        for place in np.ndindex(*y.shape):
            jacobian[(*place, i)] = change[place]
    return jacobian


# ------------------------------------------------------------------------------------- chain_rule


def multiplied_instead_of_added(dL_dY, dY_dw):
    product = 1.0
    for upstream, local in zip(dL_dY.ravel(), dY_dw.ravel()):
        product *= upstream * local
    return product


def shares_not_added(dL_dY, dY_dw):
    return np.multiply(dY_dw, dL_dY)


def added_over_rows_only(dL_dY, dY_dw):
    return np.einsum("ij,ij->j", dL_dY, dY_dw)


def added_over_columns_only(dL_dY, dY_dw):
    return np.einsum("ij,ij->i", dL_dY, dY_dw)


def shares_averaged(dL_dY, dY_dw):
    return np.vdot(dL_dY, dY_dw) / dY_dw.size


def summed_before_multiplying(dL_dY, dY_dw):
    upstream = sum(dL_dY.ravel())
    return upstream * sum(dY_dw.ravel())


def matrix_product(dL_dY, dY_dw):
    return dL_dY @ dY_dw


def every_row_with_every_row(dL_dY, dY_dw):
    return sum(a @ b for a in dL_dY for b in dY_dw)


def upstream_left_out(dL_dY, dY_dw):
    return sum(sum(row) for row in dY_dw)


# ---------------------------------------------------------------------------- grad_sum_of_doubles


def returns_the_doubles(x):
    return x + x


def returns_the_loss(x):
    return 2 * sum(x.ravel())


def outer_derivative_only(x):
    return x * 0 + 1


def one_number(x):
    return np.float64(2)


def added_over_the_entries(x):
    return np.sum(2 * np.ones(x.shape))


def jacobian_of_the_doubling(x):
    n = x.size
    return np.diag([2.0] * n)


def every_entry_counts_all(x):
    return np.ones(x.shape) * x.size * 2
