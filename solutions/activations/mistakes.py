"""What students get wrong in activations.py.

Backward functions here take the cache of the reference: x for relu and square, out for sigmoid and
softmax.
"""

import numpy as np

from grader.authoring import Effect, Mistake

# ----------------------------------------------------------------------------------- relu_forward


def relu_without_cache(x):
    """Return the output alone."""
    return np.maximum(x, 0)


def largest_of_each_column(x):
    """Take np.max for np.maximum."""
    out = np.max(x, 0)
    return out, x


def leaky(x):
    """Let a hundredth of negative entries through."""
    out = np.where(x > 0, x, 0.01 * x)
    return out, x


def absolute_value(x):
    """Turn negative entries round."""
    out = np.abs(x)
    return out, x


def mask_for_output(x):
    """Return where x is positive, as numbers."""
    out = (x > 0).astype(float)
    return out, x


def clipped_at_one(x):
    """Clip on both sides."""
    out = np.clip(x, 0, 1)
    return out, x


def relu_in_place(x):
    """Set the caller's own entries to zero."""
    x[x < 0] = 0
    return x, x


# ---------------------------------------------------------------------------------- relu_backward


def nothing_masked(dout, cache):
    """Let every entry of dout through."""
    x = cache
    dx = np.where(np.maximum(x, 0) >= 0, dout, 0)
    return dx


def relu_without_dout(dout, cache):
    """Return the local slope."""
    x = cache
    dx = (x > 0).astype(float)
    return dx


def mask_on_dout(dout, cache):
    """Apply ReLU to the upstream gradient."""
    dx = dout * (dout > 0)
    return dx


def relu_of_matrices_only(dout, cache):
    """Loop over exactly two axes."""
    x = cache
    rows, columns = x.shape
    dx = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            if x[i, j] > 0:
                dx[i, j] = dout[i, j]
    return dx


def mask_upside_down(dout, cache):
    """Keep dout where x is negative."""
    x = cache
    dx = np.where(x < 0, dout, 0)
    return dx


def times_output(dout, cache):
    """Multiply by ReLU's value."""
    x = cache
    dx = dout * np.maximum(x, 0)
    return dx


def leaky_slope(dout, cache):
    """Let a hundredth through where x is negative."""
    x = cache
    dx = np.where(x > 0, dout, 0.01 * dout)
    return dx


def half_at_zero(dout, cache):
    """Take the mean of both slopes at 0."""
    x = cache
    dx = dout * (np.sign(x) + 1) / 2
    return dx


def relu_matrix_product(dout, cache):
    """Multiply mask and dout as matrices."""
    x = cache
    dx = np.dot(dout, x > 0)
    return dx


def dout_changed_in_place(dout, cache):
    """Set entries of the caller's dout to zero."""
    x = cache
    dx = dout
    dx[x < 0] = 0
    return dx


# -------------------------------------------------------------------------------- sigmoid_forward


def sigmoid_without_cache(x):
    """Return the output alone."""
    return np.exp(-np.logaddexp(0, -x))


def sign_of_exponent(x):
    """Forget the minus."""
    out = 1 / (1 + np.exp(x))
    return out, out


def overflowing_fraction(x):
    """Divide one huge power by another."""
    out = np.exp(x) / (1 + np.exp(x))
    return out, out


def overflow_on_the_way(x):
    """Let the exponential overflow where the result is 0."""
    out = 1 / (1 + np.exp(-x))
    return out, out


def one_over_one_plus(x):
    """Forget the brackets."""
    out = 1 / 1 + np.exp(-x)
    return out, out


def hyperbolic_tangent(x):
    """Take the other S-shaped curve."""
    out = np.tanh(x)
    return out, out


def logistic_clipped(x):
    """Clip the input far too early."""
    out = 1 / (1 + np.exp(-np.clip(x, -1, 1)))
    return out, out


# ------------------------------------------------------------------------------- sigmoid_backward


def sigmoid_without_dout(dout, cache):
    """Return the local slope."""
    out = cache
    dx = out * (1 - out)
    return dx


def sigmoid_of_the_output(dout, cache):
    """Apply the sigmoid to what already is one."""
    s = 1 / (1 + np.exp(-cache))
    dx = dout * s * (1 - s)
    return dx


def slope_at_dout(dout, cache):
    """Take the slope at the upstream gradient."""
    s = 0.5 * (1 + np.tanh(dout / 2))
    dx = s * (1 - s)
    return dx


def times_sigmoid(dout, cache):
    """Multiply by the value in place of the slope."""
    out = cache
    dx = dout * out
    return dx


def times_rest(dout, cache):
    """Leave out one factor of the slope."""
    out = cache
    dx = dout * (1 - out)
    return dx


def slope_of_tanh(dout, cache):
    """Take the slope of tanh."""
    out = cache
    dx = dout * (1 - out**2)
    return dx


def sigmoid_matrix_product(dout, cache):
    """Multiply slope and dout as matrices."""
    out = cache
    dx = np.dot(dout, out * (1 - out))
    return dx


# --------------------------------------------------------------------------------- square_forward


def square_without_cache(x):
    """Return the output alone."""
    return x**2


def doubled(x):
    """Double in place of squaring."""
    out = 2 * x
    return out, x


def matrix_squared(x):
    """Multiply the matrix by itself."""
    out = np.dot(x, x)
    return out, x


def squares_added(x):
    """Add all squares up."""
    out = np.sum(x**2)
    return out, x


def squared_in_place(x):
    """Square the caller's own entries."""
    kept = x.copy()
    x *= x
    return x, kept


# -------------------------------------------------------------------------------- square_backward


def square_without_dout(dout, cache):
    """Return the local slope."""
    x = cache
    dx = 2 * x
    return dx


def two_forgotten(dout, cache):
    """Lower the power and forget the factor."""
    x = cache
    dx = dout * x
    return dx


def power_not_lowered(dout, cache):
    """Keep the square in the slope."""
    x = cache
    dx = dout * 2 * x**2
    return dx


def times_square(dout, cache):
    """Multiply by the value in place of the slope."""
    x = cache
    dx = dout * x**2
    return dx


def derivative_at_dout(dout, cache):
    """Take the slope at the upstream gradient."""
    dx = 2 * dout
    return dx


def square_matrix_product(dout, cache):
    """Multiply slope and dout as matrices."""
    x = cache
    dx = np.dot(dout, 2 * x)
    return dx


# -------------------------------------------------------------------------------- softmax_forward


def softmax_without_cache(x):
    """Return the output alone."""
    powers = np.exp(x - np.max(x, axis=1, keepdims=True))
    return powers / np.sum(powers, axis=1, keepdims=True)


def not_shifted(x):
    """Take powers of raw scores."""
    powers = np.exp(x)
    out = powers / np.sum(powers, axis=1, keepdims=True)
    return out, out


def shifted_by_largest_of_all(x):
    """Subtract the same number in all rows."""
    powers = np.exp(x - np.max(x))
    out = powers / np.sum(powers, axis=1, keepdims=True)
    return out, out


def shares_of_columns(x):
    """Share out each column."""
    powers = np.exp(x - np.max(x, axis=0))
    out = powers / np.sum(powers, axis=0)
    return out, out


def shares_of_everything(x):
    """Let all entries add up to 1."""
    powers = np.exp(x - np.max(x))
    out = powers / np.sum(powers)
    return out, out


def axis_not_kept(x):
    """Divide by a sum that has lost its axis."""
    powers = np.exp(x - np.max(x, axis=1, keepdims=True))
    out = powers / np.sum(powers, axis=1)
    return out, out


def not_normalised(x):
    """Stop at the powers."""
    out = np.exp(x - np.max(x, axis=1, keepdims=True))
    return out, out


def shares_of_raw_scores(x):
    """Leave out the powers."""
    out = x / np.sum(x, axis=1, keepdims=True)
    return out, out


def logarithm_of_softmax(x):
    """Return the logarithms of the shares."""
    shifted = x - np.max(x, axis=1, keepdims=True)
    out = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return out, out


# ------------------------------------------------------------------------------- softmax_backward


def diagonal_only(dout, cache):
    """Treat softmax as element-wise."""
    out = cache
    dx = dout * out * (1 - out)
    return dx


def softmax_without_dout(dout, cache):
    """Return the diagonal of the Jacobian."""
    out = cache
    dx = out * (1 - out)
    return dx


def weights_forgotten(dout, cache):
    """Subtract the plain sum of dout."""
    out = cache
    dx = out * (dout - np.sum(dout, axis=1, keepdims=True))
    return dx


def outer_factor_forgotten(dout, cache):
    """Leave out the share in front."""
    out = cache
    dx = dout - np.sum(dout * out, axis=1, keepdims=True)
    return dx


def first_term_only(dout, cache):
    """Leave out what the denominator does."""
    out = cache
    dx = dout * out
    return dx


def second_term_only(dout, cache):
    """Leave out what the numerator does."""
    out = cache
    dx = -out * np.sum(dout * out, axis=1, keepdims=True)
    return dx


def summed_over_samples(dout, cache):
    """Sum down the columns."""
    out = cache
    dx = out * (dout - np.sum(dout * out, axis=0))
    return dx


def summed_over_everything(dout, cache):
    """Sum over the whole batch."""
    out = cache
    dx = out * (dout - np.sum(dout * out))
    return dx


def cross_entropy_shortcut(dout, cache):
    """Take the gradient of softmax and loss together."""
    out = cache
    dx = out - dout
    return dx


def softmax_of_the_output(dout, cache):
    """Apply softmax to what already is one."""
    powers = np.exp(cache)
    out = powers / np.sum(powers, axis=1, keepdims=True)
    dx = out * (dout - np.sum(dout * out, axis=1, keepdims=True))
    return dx


NO_CACHE = {
    "name": "The output is returned alone, without a cache",
    "hint": "Whoever calls you expects two values. What will the backward function want to know of the forward one?",
}
NO_DOUT = {
    "name": "The local slope is returned, and dout is left out",
    "hint": "That is how out moves with x. How does the loss move with out, and how do the two combine?",
}
MATRIX_PRODUCT = {
    "name": "The slope and dout are multiplied as matrices",
    "hint": "An entry of out depends on one entry of x alone. Which entry of dout may then reach it?",
}

MISTAKES = [
    Mistake("relu_forward", relu_without_cache, **NO_CACHE),
    Mistake(
        "relu_forward",
        largest_of_each_column,
        name="np.max is used, which looks for the largest along an axis",
        hint="The second argument of np.max is an axis. Look for the function that compares entry by entry.",
    ),
    Mistake(
        "relu_forward",
        leaky,
        name="Negative entries are made small, not zero",
        hint="That is the leaky ReLU. What does the plain one let through below zero?",
    ),
    Mistake(
        "relu_forward",
        absolute_value,
        name="Negative entries come out positive",
        hint="Draw the function: left of zero it is flat.",
    ),
    Mistake(
        "relu_forward",
        mask_for_output,
        name="The output tells where x is positive, not how large it is",
        hint="Positive entries pass as they are. You have the mask: what is to be masked?",
    ),
    Mistake(
        "relu_forward",
        clipped_at_one,
        name="Entries above 1 are cut off too",
        hint="ReLU has a lower bound. Has it an upper one?",
    ),
    Mistake(
        "relu_forward",
        relu_in_place,
        name="x itself is changed",
        hint="Your output is right, but the caller's array was written over. Write to an array of your own.",
        effect=Effect.REMARK,
    ),
    Mistake(
        "relu_backward",
        nothing_masked,
        name="All of dout comes through",
        hint="Print your mask: is it anywhere False? An output of ReLU is never negative, so look at its input, or "
        "ask a stricter question.",
    ),
    Mistake("relu_backward", relu_without_dout, **NO_DOUT),
    Mistake(
        "relu_backward",
        mask_on_dout,
        name="The mask is made from dout",
        hint="Whether an entry passed was settled in the forward pass. Which array decided it?",
    ),
    Mistake(
        "relu_backward",
        mask_upside_down,
        name="dout comes through where the input was negative",
        hint="Where the output was held at zero, can a small change of x move the loss?",
    ),
    Mistake(
        "relu_backward",
        times_output,
        name="dout is multiplied by ReLU's value, not by its slope",
        hint="Draw ReLU: how steep is it right of zero, and does that depend on how far right you are?",
    ),
    Mistake(
        "relu_backward",
        leaky_slope,
        name="A little of dout comes through where the input was negative",
        hint="That belongs to the leaky ReLU. How steep is the plain one left of zero?",
    ),
    Mistake(
        "relu_backward",
        half_at_zero,
        name="The slope at exactly zero is one half",
        hint="At the kink take the slope of one side or of the other; nobody expects their mean.",
    ),
    Mistake("relu_backward", relu_matrix_product, **MATRIX_PRODUCT),
    Mistake(
        "relu_backward",
        relu_of_matrices_only,
        name="The loop expects exactly two axes",
        hint="Images have more axes, a vector has fewer. NumPy works on arrays of any shape without a loop.",
    ),
    Mistake(
        "relu_backward",
        dout_changed_in_place,
        name="dout itself is changed",
        hint="A second name for an array is no copy: the caller's dout now holds your zeros.",
        effect=Effect.REMARK,
    ),
    Mistake("sigmoid_forward", sigmoid_without_cache, **NO_CACHE),
    Mistake(
        "sigmoid_forward",
        sign_of_exponent,
        name="The exponent has the wrong sign",
        hint="Put in a large positive x: should the output be near 1 or near 0?",
    ),
    Mistake(
        "sigmoid_forward",
        overflowing_fraction,
        name="Two huge powers are divided by each other",
        hint="What is the exponential of 1000 in floating point, and what is inf / inf? Which way of writing the "
        "fraction stays finite?",
    ),
    Mistake(
        "sigmoid_forward",
        overflow_on_the_way,
        name="The exponential overflows far below zero",
        hint="Your output is right, but NumPy warns on the way. Which sign of the exponent is safe for which x?",
        effect=Effect.REMARK,
    ),
    Mistake(
        "sigmoid_forward",
        one_over_one_plus,
        name="The denominator lacks its brackets",
        hint="Python divides before it adds. The output must lie between 0 and 1.",
    ),
    Mistake(
        "sigmoid_forward",
        hyperbolic_tangent,
        name="The output is tanh",
        hint="Both curves are S-shaped. Between which two values does the sigmoid run?",
    ),
    Mistake(
        "sigmoid_forward",
        logistic_clipped,
        name="x is clipped to the range from -1 to 1 first",
        hint="Clipping against overflow is needed only where the exponential really overflows. How far out is that?",
    ),
    Mistake("sigmoid_backward", sigmoid_without_dout, **NO_DOUT),
    Mistake(
        "sigmoid_backward",
        sigmoid_of_the_output,
        name="The sigmoid is applied to its own output",
        hint="Say aloud what is in your cache. Has it been through the sigmoid already?",
        see="sigmoid_forward",
    ),
    Mistake(
        "sigmoid_backward",
        slope_at_dout,
        name="The slope is taken at dout",
        hint="The slope is taken where the forward pass was. What part has dout in the chain rule?",
    ),
    Mistake(
        "sigmoid_backward",
        times_sigmoid,
        name="dout is multiplied by the sigmoid's value, not by its slope",
        hint="For a large x the sigmoid is near 1 and flat. What must dx be there?",
    ),
    Mistake(
        "sigmoid_backward",
        times_rest,
        name="The slope lacks a factor",
        hint="For an x far below zero the sigmoid is flat. What must dx be there, and what is yours?",
    ),
    Mistake(
        "sigmoid_backward",
        slope_of_tanh,
        name="The slope is that of tanh",
        hint="How steep is the sigmoid at 0? Draw it, or take a numerical derivative.",
    ),
    Mistake("sigmoid_backward", sigmoid_matrix_product, **MATRIX_PRODUCT),
    Mistake("square_forward", square_without_cache, **NO_CACHE),
    Mistake(
        "square_forward",
        doubled,
        name="x is doubled, not squared",
        hint="2 and 0 do not tell doubling from squaring. Try 3.",
    ),
    Mistake(
        "square_forward",
        matrix_squared,
        name="The matrix is multiplied by itself",
        hint="The square is taken entry by entry: no entry of out depends on two entries of x.",
    ),
    Mistake(
        "square_forward",
        squares_added,
        name="The squares are added up",
        hint="Adding up is what the loss does. The activation keeps x's shape.",
    ),
    Mistake(
        "square_forward",
        squared_in_place,
        name="x itself is changed",
        hint="Your output is right, but the caller's array was written over. Write to an array of your own.",
        effect=Effect.REMARK,
    ),
    Mistake("square_backward", square_without_dout, **NO_DOUT),
    Mistake(
        "square_backward",
        two_forgotten,
        name="The factor from the exponent is missing",
        hint="Your dx is half as large as it should be. What becomes of an exponent when you differentiate?",
    ),
    Mistake(
        "square_backward",
        power_not_lowered,
        name="The exponent is not lowered",
        hint="How steep is the parabola at 1, and how steep at 3? Three times, or nine times?",
    ),
    Mistake(
        "square_backward",
        times_square,
        name="dout is multiplied by the square, not by its slope",
        hint="Left of zero the parabola falls. Can your factor be negative?",
    ),
    Mistake(
        "square_backward",
        derivative_at_dout,
        name="The slope is taken at dout, and x plays no part",
        hint="The slope is taken where the forward pass was. What did you put into the cache?",
    ),
    Mistake("square_backward", square_matrix_product, **MATRIX_PRODUCT),
    Mistake("softmax_forward", softmax_without_cache, **NO_CACHE),
    Mistake(
        "softmax_forward",
        not_shifted,
        name="The exponential is taken of the scores as they are",
        hint="What is the exponential of 1000 in floating point? Shares stay the same when all scores of a row move "
        "alike.",
    ),
    Mistake(
        "softmax_forward",
        shifted_by_largest_of_all,
        name="All rows are shifted by the largest score of the whole batch",
        hint="A row far below that score keeps nothing but zeros to share. Each row can have a shift of its own.",
    ),
    Mistake(
        "softmax_forward",
        shares_of_columns,
        name="Each column adds up to 1",
        hint="A row is a sample. Which axis runs over the scores of one sample?",
    ),
    Mistake(
        "softmax_forward",
        shares_of_everything,
        name="The whole batch adds up to 1",
        hint="Every sample has its own shares. What should each row add up to?",
    ),
    Mistake(
        "softmax_forward",
        axis_not_kept,
        name="The sum has lost its axis and is not lined up with the rows",
        hint="Write the shapes: (N, C) over (N,). Broadcasting lines up last axes; how does the sum keep two?",
    ),
    Mistake(
        "softmax_forward",
        not_normalised,
        name="The powers are not divided by their sum",
        hint="Shares of a whole add up to 1. What do your rows add up to?",
    ),
    Mistake(
        "softmax_forward",
        shares_of_raw_scores,
        name="The scores themselves are shared out",
        hint="A negative score must have a positive share. What makes every number positive first?",
    ),
    Mistake(
        "softmax_forward",
        logarithm_of_softmax,
        name="The logarithm of softmax is returned",
        hint="Shares are positive and add up to 1. Are yours?",
    ),
    Mistake(
        "softmax_backward",
        diagonal_only,
        name="Only the diagonal of the Jacobian is used",
        hint="All shares of a row have one denominator: raise one score, and what becomes of the other shares?",
        see="sigmoid_backward",
    ),
    Mistake("softmax_backward", softmax_without_dout, **NO_DOUT),
    Mistake(
        "softmax_backward",
        weights_forgotten,
        name="The sum over the row lacks its weights",
        hint="Write one row of the Jacobian times dout as a sum. What stands beside each entry of dout?",
    ),
    Mistake(
        "softmax_backward",
        outer_factor_forgotten,
        name="The factor in front of the bracket is missing",
        hint="Can a score whose share is almost 0 matter? Look at what all entries in one row of the Jacobian share.",
    ),
    Mistake(
        "softmax_backward",
        first_term_only,
        name="What the denominator does is left out",
        hint="x_j stands above the fraction line and below it. Add the same to all scores of a row: must the loss "
        "change?",
    ),
    Mistake(
        "softmax_backward",
        second_term_only,
        name="What the numerator does is left out",
        hint="The diagonal of the Jacobian has one term more than the rest. Where does it come from?",
    ),
    Mistake(
        "softmax_backward",
        summed_over_samples,
        name="The sum runs over the samples, not over the scores of one sample",
        hint="Samples know nothing of each other. Which axis belongs to one sample?",
    ),
    Mistake(
        "softmax_backward",
        summed_over_everything,
        name="The sum runs over the whole batch",
        hint="Samples know nothing of each other. Each row needs a sum of its own.",
    ),
    Mistake(
        "softmax_backward",
        cross_entropy_shortcut,
        name="dout is subtracted, as if it were the label of a cross-entropy loss",
        hint="That short form holds for softmax and loss together. Here the loss is unknown: all you have is dout.",
    ),
    Mistake(
        "softmax_backward",
        softmax_of_the_output,
        name="Softmax is applied to its own output",
        hint="Say aloud what is in your cache. Has it been through softmax already?",
        see="softmax_forward",
    ),
]
