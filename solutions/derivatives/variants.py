"""Right answers to derivatives.py that are written another way: each must get full marks."""

import numpy as np

from grader.authoring import Correct


def gradient_with_a_copy(f, x):
    """One entry of a copy is moved and put back; the step is one that many texts use."""
    h = 1e-6
    point = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    iterator = np.nditer(point, flags=["multi_index"], op_flags=["readwrite"])
    while not iterator.finished:
        index = iterator.multi_index
        kept = point[index]
        point[index] = kept + h
        above = f(point)
        point[index] = kept - h
        below = f(point)
        point[index] = kept
        gradient[index] = (above - below) / (2 * h)
        iterator.iternext()
    return gradient


def gradient_flat(f, x):
    """All axes as one, a step that grows with the entry, reshaped at the end."""
    flat = x.reshape(-1).astype(float)
    slopes = []
    for i in range(flat.size):
        h = 1e-5 * max(1.0, abs(flat[i]))
        unit = np.eye(flat.size)[i]
        slopes.append((f((flat + h * unit).reshape(x.shape)) - f((flat - h * unit).reshape(x.shape))) / h / 2)
    return np.array(slopes).reshape(x.shape)


def gradient_with_the_cube_root_step(f, x):
    """The step that balances rounding and truncation."""
    h = np.cbrt(np.finfo(float).eps)
    gradient = np.empty(x.shape)
    for index, _ in np.ndenumerate(x):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = 0.5 * f(x + step) / h - 0.5 * f(x - step) / h
    return gradient


def jacobian_with_columns(f, x):
    """One column for each entry of x, put together at the end."""
    h = 1e-6
    columns = []
    for i in range(x.size):
        step = (np.arange(x.size) == i).reshape(x.shape) * h
        columns.append((f(x + step) - f(x - step)) / (2 * h))
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)


def jacobian_with_a_copy(f, x):
    """One entry of a copy is moved and put back."""
    h = 1e-5
    point = x.astype(float)
    jacobian = np.zeros(np.shape(f(point)) + x.shape)
    for index in np.ndindex(*x.shape):
        kept = point[index]
        point[index] = kept + h
        above = f(point)
        point[index] = kept - h
        below = f(point)
        point[index] = kept
        jacobian[(slice(None),) * above.ndim + index] = (above - below) / (2 * h)
    return jacobian


def chain_by_loops(dL_dY, dY_dw):
    """Eq. 10 to the letter."""
    total = 0.0
    for i in range(dL_dY.shape[0]):
        for j in range(dL_dY.shape[1]):
            total = total + dL_dY[i, j] * dY_dw[i, j]
    return total


def chain_by_einsum(dL_dY, dY_dw):
    """Both indices are summed over."""
    return np.einsum("ij,ij->", dL_dY, dY_dw)


def chain_by_trace(dL_dY, dY_dw):
    """The diagonal of a matrix product."""
    return np.trace(dL_dY.T @ dY_dw)


def chain_in_float32(dL_dY, dY_dw):
    """Half the precision."""
    return np.vdot(dL_dY.astype(np.float32), dY_dw.astype(np.float32))


def doubles_from_ones(x):
    """The outer derivative times the inner one."""
    return 2 * np.ones_like(x)


def doubles_by_loops(x):
    """Entry by entry."""
    dL_dx = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        dL_dx[index] += 2
    return dL_dx


def doubles_as_whole_numbers(x):
    """2 is a whole number."""
    return np.full(x.shape, 2)


VARIANTS = [
    Correct("a copy, moved and put back", {"numerical_gradient": gradient_with_a_copy}),
    Correct("flat, with relative steps", {"numerical_gradient": gradient_flat}),
    Correct("the cube root of eps as the step", {"numerical_gradient": gradient_with_the_cube_root_step}),
    Correct("column by column", {"numerical_jacobian": jacobian_with_columns}),
    Correct("a copy, moved and put back", {"numerical_jacobian": jacobian_with_a_copy}),
    Correct("loops", {"chain_rule": chain_by_loops}),
    Correct("einsum", {"chain_rule": chain_by_einsum}),
    Correct("a trace", {"chain_rule": chain_by_trace}),
    Correct("float32 by the student", {"chain_rule": chain_in_float32}),
    Correct("ones, doubled", {"grad_sum_of_doubles": doubles_from_ones}),
    Correct("loops", {"grad_sum_of_doubles": doubles_by_loops}),
    Correct("whole numbers", {"grad_sum_of_doubles": doubles_as_whole_numbers}),
]
