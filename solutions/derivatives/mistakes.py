"""What students get wrong in derivatives.py."""

from types import FunctionType

import numpy as np

from grader.authoring import Mistake

STEPS = (1e-2, 1e-3, 1e-4, 1e-6, 1e-7, 1e-8)
"""The usual steps beside 1e-5."""
TINY = (1e-13, 1e-14, 1e-15, 2.0**-52, 1e-16)
"""Steps too small beside 1e-12."""
LONG = (0.2, 0.25, 0.5, 1.0)
"""Steps too large beside 0.1."""


def with_step(wrong, h):
    """The same mistake with another step: the one float constant of its code becomes h."""
    code = wrong.__code__
    constants = tuple(h if isinstance(c, float) else c for c in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), globals(), wrong.__name__)


def with_steps(*wrongs, steps=STEPS):
    """Each of `wrongs` with each of `steps`."""
    return [with_step(wrong, h) for wrong in wrongs for h in steps]


# ----------------------------------------------------------------------------- numerical_gradient


def one_sided(f, x):
    """Compare f after the step with f before it."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x)) / h
    return gradient


def _one_sided_backwards(f, x):
    """The same with the step down."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x) - f(x - step)) / h
    return gradient


def second_point_is_x(f, x):
    """Step up by h, then down by h, which leads back to x."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        above = f(x + step)
        below = f(x + step - step)
        gradient[index] = (above - below) / (2 * h)
    return gradient


def divided_by_one_step(f, x):
    """Divide by h where the points lie further apart."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / h
    return gradient


def halved_not_divided(f, x):
    """Divide by 2 and multiply by h."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / 2 * h
    return gradient


def _halved_only(f, x):
    """Divide by 2 alone."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / 2
    return gradient


def not_divided(f, x):
    """Return the difference of f itself."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = f(x + step) - f(x - step)
    return gradient


def step_too_small(f, x):
    """Take a step near the rounding of x."""
    h = 1e-12
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def step_too_large(f, x):
    """Take a step over which f bends."""
    h = 0.1
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def step_zero_where_x_is(f, x):
    """Scale the step by an entry that may be zero."""
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        h = 1e-5 * abs(x[index])
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def not_put_back(f, x):
    """Move an entry of x up and down and leave it there."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        below = f(x)
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _set_not_put_back(f, x):
    """The same by assignment, which integers cut off in another way."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = f(x)
        x[index] = kept - h
        below = f(x)
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _copy_not_put_back(f, x):
    """The same in a copy, which keeps x itself but not the point."""
    h = 1e-5
    moved = np.array(x) * 1.0
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved[index] += h
        above = f(moved)
        moved[index] -= 2 * h
        below = f(moved)
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _one_sided_not_put_back(f, x):
    """Move an entry up, compare with before, go on from there."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = f(x)
        x[index] += h
        gradient[index] = (f(x) - before) / h
    return gradient


def _compared_with_the_start(f, x):
    """Move one entry after the other and compare with f at the first x."""
    h = 1e-5
    start = f(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        gradient[index] = (f(x) - start) / h
    return gradient


def gradient_keeps_dtype_of_x(f, x):
    """Collect slopes in an array of x's own dtype."""
    h = 1e-5
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def point_keeps_dtype_of_x(f, x):
    """Move an entry in an array of x's own dtype."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] = x[index] + h
        above = f(moved)
        moved[index] = x[index] - h
        below = f(moved)
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _all_keep_dtype_of_x(f, x):
    """The same, and the slopes too are cut off."""
    h = 1e-5
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] = x[index] + h
        above = f(moved)
        moved[index] = x[index] - h
        below = f(moved)
        gradient[index] = (above - below) / (2 * h)
    return gradient


def float32_point(f, x):
    """Take the steps in float32."""
    h = 1e-5
    moved = x.astype(np.float32)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = moved[index]
        moved[index] = kept + h
        above = f(moved)
        moved[index] = kept - h
        below = f(moved)
        moved[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _float32_throughout(f, x):
    """The same, with slopes in float32 too."""
    h = 1e-5
    moved = x.astype(np.float32)
    gradient = np.zeros_like(moved)
    for index in np.ndindex(x.shape):
        kept = moved[index]
        moved[index] = kept + h
        above = f(moved)
        moved[index] = kept - h
        below = f(moved)
        moved[index] = kept
        gradient[index] = (above - below) / (2 * h)
    return gradient


def all_entries_at_once(f, x):
    """Move the whole of x."""
    h = 1e-5
    return (f(x + h) - f(x - h)) / (2 * h)


def one_step_per_row(f, x):
    """Run over the first axis and move all that stands there."""
    h = 1e-5
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def gradient_flattened(f, x):
    """Return one slope after the other in a row."""
    h = 1e-5
    gradient = np.zeros(x.size)
    for k, index in enumerate(np.ndindex(x.shape)):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[k] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def matrices_only(f, x):
    """Loop over exactly two axes."""
    h = 1e-5
    rows, columns = x.shape
    gradient = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            step = np.zeros((rows, columns))
            step[i, j] = h
            gradient[i, j] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


# ----------------------------------------------------------------------------- numerical_jacobian


def jacobian_one_sided(f, x):
    """Compare f after the step with f before it."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x + step) - f(x)) / h
    return jacobian


def _jacobian_one_sided_backwards(f, x):
    """The same with the step down."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x) - f(x - step)) / h
    return jacobian


def jacobian_halved_not_divided(f, x):
    """Divide by 2 and multiply by h."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x + step) - f(x - step)) / 2 * h
    return jacobian


def _jacobian_halved_only(f, x):
    """Divide by 2 alone."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x + step) - f(x - step)) / 2
    return jacobian


def jacobian_not_divided(f, x):
    """Return the difference of f itself."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = f(x + step) - f(x - step)
    return jacobian


def jacobian_divided_by_one_step(f, x):
    """Divide by h where the points lie further apart."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x + step) - f(x - step)) / h
    return jacobian


def jacobian_step_too_small(f, x):
    """Take a step near the rounding of x."""
    h = 1e-12
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x + step) - f(x - step)) / (2 * h)
    return jacobian


def jacobian_step_too_large(f, x):
    """Take a step over which f bends."""
    h = 0.1
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x + step) - f(x - step)) / (2 * h)
    return jacobian


def jacobian_not_put_back(f, x):
    """Move an entry of x up and down and leave it there."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        below = f(x)
        jacobian[(..., *index)] = (above - below) / (2 * h)
    return jacobian


def _jacobian_set_not_put_back(f, x):
    """The same by assignment, which integers cut off in another way."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = f(x)
        x[index] = kept - h
        below = f(x)
        jacobian[(..., *index)] = (above - below) / (2 * h)
    return jacobian


def _jacobian_copy_not_put_back(f, x):
    """The same in a copy, which keeps x itself but not the point."""
    h = 1e-5
    moved = np.array(x) * 1.0
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        moved[index] += h
        above = f(moved)
        moved[index] -= 2 * h
        below = f(moved)
        jacobian[(..., *index)] = (above - below) / (2 * h)
    return jacobian


def _jacobian_one_sided_not_put_back(f, x):
    """Move an entry up, compare with before, go on from there."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        before = f(x)
        x[index] += h
        jacobian[(..., *index)] = (f(x) - before) / h
    return jacobian


def jacobian_point_keeps_dtype_of_x(f, x):
    """Move an entry in an array of x's own dtype."""
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] = x[index] + h
        above = f(moved)
        moved[index] = x[index] - h
        below = f(moved)
        jacobian[(..., *index)] = (above - below) / (2 * h)
    return jacobian


def inputs_before_outputs(f, x):
    """Let x's indices come first."""
    h = 1e-5
    jacobian = np.zeros(x.shape + f(x).shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[index] = (f(x + step) - f(x - step)) / (2 * h)
    return jacobian


def jacobian_flattened(f, x):
    """Return a matrix whatever the shapes are."""
    h = 1e-5
    jacobian = np.zeros((f(x).size, x.size))
    for k, index in enumerate(np.ndindex(x.shape)):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[:, k] = ((f(x + step) - f(x - step)) / (2 * h)).ravel()
    return jacobian


def gradient_of_the_sum(f, x):
    """Add up f's entries first."""
    h = 1e-5
    jacobian = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[index] = np.sum(f(x + step) - f(x - step)) / (2 * h)
    return jacobian


def jacobian_one_step_per_row(f, x):
    """Run over the first axis and move all that stands there."""
    h = 1e-5
    out = f(x)
    jacobian = np.zeros(out.shape + x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        change = (f(x + step) - f(x - step)) / (2 * h)
        for k in np.ndindex(out.shape):
            jacobian[k][i] = change[k]
    return jacobian


# ------------------------------------------------------------------------------------- chain_rule


def multiplied_instead_of_added(dL_dY, dY_dw):
    """Multiply the shares of all entries with each other."""
    return np.prod(dL_dY * dY_dw)


def shares_not_added(dL_dY, dY_dw):
    """Return the share of each entry of Y."""
    return dL_dY * dY_dw


def added_over_rows_only(dL_dY, dY_dw):
    """Sum over i and not over j."""
    return np.sum(dL_dY * dY_dw, axis=0)


def added_over_columns_only(dL_dY, dY_dw):
    """Sum over j and not over i."""
    return np.sum(dL_dY * dY_dw, axis=1)


def shares_averaged(dL_dY, dY_dw):
    """Divide by the number of entries."""
    return np.mean(dL_dY * dY_dw)


def summed_before_multiplying(dL_dY, dY_dw):
    """Add up each factor by itself."""
    return np.sum(dL_dY) * np.sum(dY_dw)


def matrix_product(dL_dY, dY_dw):
    """Take np.dot for the dot product of the text."""
    return np.dot(dL_dY, dY_dw)


def every_row_with_every_row(dL_dY, dY_dw):
    """Sum all entries of a matrix product."""
    return np.sum(dL_dY @ dY_dw.T)


def upstream_left_out(dL_dY, dY_dw):
    """Add up the local derivatives alone."""
    return np.sum(dY_dw)


# ---------------------------------------------------------------------------- grad_sum_of_doubles


def returns_the_doubles(x):
    """Return f(x) in place of a derivative."""
    return 2 * x


def returns_the_loss(x):
    """Return L itself."""
    return np.sum(2 * x)


def outer_derivative_only(x):
    """Differentiate the sum and not the doubling."""
    return np.ones(x.shape)


def one_number(x):
    """Return the slope of one entry."""
    return 2.0


def added_over_the_entries(x):
    """Add up the gradient too."""
    return 2.0 * x.size


def jacobian_of_the_doubling(x):
    """Stop at the inner function."""
    return 2.0 * np.eye(x.size)


def every_entry_counts_all(x):
    """Let every x_j touch every z_i."""
    return np.full(x.shape, 2.0 * x.size)


MISTAKES = [
    Mistake(
        "numerical_gradient",
        one_sided,
        name="The difference is one-sided: f after the step is compared with f at x itself",
        hint="Where f bends, the slope between x and a point beside it is not the slope at x. Put x in the middle.",
        also=[
            _one_sided_backwards,
            *with_steps(one_sided, _one_sided_backwards, steps=(0.1, *STEPS, 1e-9)),
        ],
    ),
    Mistake(
        "numerical_gradient",
        second_point_is_x,
        name="The second point is x itself, but the distance is counted as two steps",
        hint="From a point one step above x, how far down is the point one step below x?",
        also=with_steps(second_point_is_x),
    ),
    Mistake(
        "numerical_gradient",
        divided_by_one_step,
        name="The difference is divided by one step",
        hint="Your slopes are all twice too steep. How far apart are the two points at which you take f?",
    ),
    Mistake(
        "numerical_gradient",
        halved_not_divided,
        name="The difference is halved, but not divided by h",
        hint="Which distance belongs under the fraction line? And Python divides and multiplies from left to right: "
        "brackets keep together what stands there.",
        also=[_halved_only, *with_steps(halved_not_divided, steps=STEPS[:-1]), *with_steps(_halved_only)],
    ),
    Mistake(
        "numerical_gradient",
        not_divided,
        name="The difference is not divided by the distance between the two points",
        hint="A slope is rise over run. You have the rise: what is the run?",
        also=with_steps(not_divided),
    ),
    Mistake(
        "numerical_gradient",
        step_too_small,
        name="The step is so small that rounding drowns the difference",
        hint="Print x + h - x for your h: how many digits of h are left? Find the step at which rounding and bending "
        "are both small.",
        also=[
            *with_steps(step_too_small, steps=(*TINY, 1e-18, 1e-20)),
            *with_steps(one_sided, _one_sided_backwards, steps=(1e-12, *TINY)),
        ],
    ),
    Mistake(
        "numerical_gradient",
        step_too_large,
        name="The step is so large that f bends within it",
        hint="Over a long way the slope between two points is not that in the middle. Try a shorter step and see "
        "which digits stay.",
        also=with_steps(step_too_large, steps=LONG),
    ),
    Mistake(
        "numerical_gradient",
        step_zero_where_x_is,
        name="The step is a fraction of x, so there is no step where x is zero",
        hint="Which step does an entry of 0 get? A step may grow with x, but it needs a least size.",
    ),
    Mistake(
        "numerical_gradient",
        not_put_back,
        name="An entry of x is moved and not put back before the next one is",
        hint="Print x before and after your loop. The next slope must be taken at the same point as the first.",
        also=[
            _set_not_put_back,
            _copy_not_put_back,
            _one_sided_not_put_back,
            _compared_with_the_start,
            *with_steps(not_put_back, _set_not_put_back, _copy_not_put_back),
            *with_steps(_one_sided_not_put_back, _compared_with_the_start),
        ],
    ),
    Mistake(
        "numerical_gradient",
        gradient_keeps_dtype_of_x,
        name="The slopes are collected in an array of x's dtype, which cuts them off when x holds integers",
        hint="What does an array of integers keep of 1.7? Say which dtype the gradient has.",
    ),
    Mistake(
        "numerical_gradient",
        point_keeps_dtype_of_x,
        name="The step is taken in an array of x's dtype, where integers take no step",
        hint="What does an array of integers make of 2 - 0.00001? Work on floating-point numbers.",
        also=[
            _all_keep_dtype_of_x,
            *with_steps(point_keeps_dtype_of_x, _all_keep_dtype_of_x),
        ],
    ),
    Mistake(
        "numerical_gradient",
        float32_point,
        name="The step is taken in float32, which has too few digits for it",
        hint="float32 keeps about seven digits: how many are left of the difference between two close points?",
        also=[_float32_throughout, *with_steps(float32_point, _float32_throughout)],
    ),
    Mistake(
        "numerical_gradient",
        all_entries_at_once,
        name="All entries of x are moved at once",
        hint="A partial derivative moves one entry and holds all others: one loop, one slope per entry.",
    ),
    Mistake(
        "numerical_gradient",
        one_step_per_row,
        name="A whole row of x is moved at once",
        hint="Your loop runs over the first axis only. How many entries has x, and how many slopes do you take?",
    ),
    Mistake(
        "numerical_gradient",
        gradient_flattened,
        name="The gradient is laid out in one row",
        hint="Compare gradient.shape with x.shape: where does the slope of x[i, j] belong?",
    ),
    Mistake(
        "numerical_gradient",
        matrices_only,
        name="The loop expects x to have exactly two axes",
        hint="x may be a vector, or have four axes. Look for a way to run over all indices of an array of any shape.",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_one_sided,
        name="The difference is one-sided: f after the step is compared with f at x itself",
        hint="Where f bends, the slope between x and a point beside it is not the slope at x. Put x in the middle.",
        also=[
            _jacobian_one_sided_backwards,
            *with_steps(jacobian_one_sided, _jacobian_one_sided_backwards, steps=(0.1, *STEPS)),
        ],
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_halved_not_divided,
        name="The difference is halved, but not divided by h",
        hint="Which distance belongs under the fraction line? And Python divides and multiplies from left to right: "
        "brackets keep together what stands there.",
        also=[
            _jacobian_halved_only,
            *with_steps(jacobian_halved_not_divided, steps=STEPS[:-1]),
            *with_steps(_jacobian_halved_only),
        ],
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_not_divided,
        name="The difference is not divided by the distance between the two points",
        hint="A slope is rise over run. You have the rise: what is the run?",
        also=with_steps(jacobian_not_divided),
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_divided_by_one_step,
        name="The difference is divided by one step",
        hint="Your slopes are all twice too steep. How far apart are the two points at which you take f?",
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_step_too_small,
        name="The step is so small that rounding drowns the difference",
        hint="Print x + h - x for your h: how many digits of h are left? Find the step at which rounding and bending "
        "are both small.",
        also=[
            *with_steps(jacobian_step_too_small, steps=TINY),
            *with_steps(jacobian_one_sided, _jacobian_one_sided_backwards, steps=(1e-12, *TINY)),
        ],
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_step_too_large,
        name="The step is so large that f bends within it",
        hint="Over a long way the slope between two points is not that in the middle. Try a shorter step and see "
        "which digits stay.",
        also=with_steps(jacobian_step_too_large, steps=LONG),
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_not_put_back,
        name="An entry of x is moved and not put back before the next one is",
        hint="Print x before and after your loop. The next column must be taken at the same point as the first.",
        also=[
            _jacobian_set_not_put_back,
            _jacobian_copy_not_put_back,
            _jacobian_one_sided_not_put_back,
            *with_steps(jacobian_not_put_back, _jacobian_set_not_put_back),
            *with_steps(_jacobian_copy_not_put_back, _jacobian_one_sided_not_put_back),
        ],
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_point_keeps_dtype_of_x,
        name="The step is taken in an array of x's dtype, where integers take no step",
        hint="What does an array of integers make of 2 - 0.00001? Work on floating-point numbers.",
        also=with_steps(jacobian_point_keeps_dtype_of_x),
        see="numerical_gradient",
    ),
    Mistake(
        "numerical_jacobian",
        inputs_before_outputs,
        name="The indices of x come first, those of f last",
        hint="Each entry of f has a gradient of its own: which index picks the gradient, and which the slope in it?",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_flattened,
        name="The Jacobian is a matrix even where x or f(x) is no vector",
        hint="A gradient has x's shape, also when there is one for every entry of f. Write both shapes side by side.",
    ),
    Mistake(
        "numerical_jacobian",
        gradient_of_the_sum,
        name="The entries of f are added up before the slope is taken",
        hint="Adding up makes a scalar function, and that has a gradient. The Jacobian keeps the entries of f apart.",
    ),
    Mistake(
        "numerical_jacobian",
        jacobian_one_step_per_row,
        name="A whole row of x is moved at once",
        hint="Your loop runs over the first axis only. How many entries has x, and how many steps do you take?",
        see="numerical_gradient",
    ),
    Mistake(
        "chain_rule",
        multiplied_instead_of_added,
        name="The shares of the entries of Y are multiplied with each other",
        hint="w reaches L by many ways, one through each entry of Y. What do ways side by side do: multiply or add?",
    ),
    Mistake(
        "chain_rule",
        shares_not_added,
        name="The share of each entry of Y is returned, and not their sum",
        hint="w is one number, so its derivative is one number. What becomes of the shares?",
    ),
    Mistake(
        "chain_rule",
        added_over_rows_only,
        name="The shares are added over the rows alone",
        hint="There are two sums, over i and over j. One number must come out.",
    ),
    Mistake(
        "chain_rule",
        added_over_columns_only,
        name="The shares are added over the columns alone",
        hint="There are two sums, over i and over j. One number must come out.",
    ),
    Mistake(
        "chain_rule",
        shares_averaged,
        name="The shares are averaged",
        hint="Every way from w to L counts in full. Where in the chain rule would you divide?",
    ),
    Mistake(
        "chain_rule",
        summed_before_multiplying,
        name="Each factor is summed by itself",
        hint="The upstream derivative of one entry belongs to the local derivative of the same entry.",
    ),
    Mistake(
        "chain_rule",
        matrix_product,
        name="The factors are multiplied as matrices",
        hint="The dot product of the text is not np.dot: which entries of the two factors belong together?",
    ),
    Mistake(
        "chain_rule",
        every_row_with_every_row,
        name="Every row of one factor meets every row of the other",
        hint="A matrix product mixes rows. The share of y_ij takes one entry from each factor, at the same place.",
    ),
    Mistake(
        "chain_rule",
        upstream_left_out,
        name="The upstream derivative is left out",
        hint="You say how Y moves with w. How does L move with Y?",
    ),
    Mistake(
        "grad_sum_of_doubles",
        returns_the_doubles,
        name="2x is returned, the inner function and not its derivative",
        hint="How much does L grow when x_1 grows by 1? Does that depend on where x_1 was?",
    ),
    Mistake(
        "grad_sum_of_doubles",
        returns_the_loss,
        name="L is returned and not its gradient",
        hint="L is one number; its gradient has an entry for every entry of x.",
    ),
    Mistake(
        "grad_sum_of_doubles",
        outer_derivative_only,
        name="Only the sum is differentiated",
        hint="That is how L moves with z. How does z move with x?",
        see="chain_rule",
    ),
    Mistake(
        "grad_sum_of_doubles",
        one_number,
        name="One number is returned for all entries",
        hint="The value is right for each entry. Which shape has a gradient?",
    ),
    Mistake(
        "grad_sum_of_doubles",
        added_over_the_entries,
        name="The gradient's entries are added up",
        hint="The sum in the chain rule runs over the entries of z, for one x_j at a time.",
        see="chain_rule",
    ),
    Mistake(
        "grad_sum_of_doubles",
        jacobian_of_the_doubling,
        name="The Jacobian of the doubling is returned",
        hint="L is a scalar: send the Jacobian through the sum, and a gradient of x's shape is left.",
        see="numerical_jacobian",
    ),
    Mistake(
        "grad_sum_of_doubles",
        every_entry_counts_all,
        name="Every entry of x is counted in every entry of z",
        hint="Which of z_1, …, z_n move when x_1 moves?",
        see="chain_rule",
    ),
]
