"""What students get wrong in the 2×2 exercise: each function returns the wrong answer for X and W.

A mistake that gets the text's numbers right by accident is none here: W of ones hides, for one, the
forgotten transpose of W. Where two mistakes give the same numbers, the name says what is true of both.
"""

from dataclasses import replace

import numpy as np

from grader.authoring import Mistake

# -------------------------------------------------------------------------------------- (a) L


def L_sums_Y(X, W):
    """The activation is left out."""
    return np.sum(X @ W)


def L_by_matrix_square(X, W):
    """Y times Y as matrices."""
    Y = X @ W
    return np.sum(Y @ Y)


def L_squares_the_sum(X, W):
    """The sum first, the square after it."""
    return np.sum(X @ W) ** 2


def L_averaged(X, W):
    """The mean of f(Y)."""
    return np.mean((X @ W) ** 2)


def L_doubles_Y(X, W):
    """2Y where Y² should be."""
    return np.sum(2 * (X @ W))


def L_squares_X(X, W):
    """X and W multiplied entry by entry, or W left out."""
    return np.sum((X * W) ** 2)


def L_not_summed(X, W):
    """f(Y) itself."""
    return (X @ W) ** 2


def L_summed_by_row(X, W):
    """One sum per row."""
    return np.sum((X @ W) ** 2, axis=1)


# ---------------------------------------------------------------------------------- (b) dL/df


def dL_df_is_f(X, W):
    """The function instead of the slope of the sum."""
    return (X @ W) ** 2


def dL_df_is_Y(X, W):
    """The input of the activation."""
    return X @ W


def dL_df_goes_on_to_Y(X, W):
    """One step too far: the derivative by Y."""
    return 2 * (X @ W)


def dL_df_one_number(X, W):
    """A single 1."""
    return 1.0


def dL_df_averaged(X, W):
    """The slope of a mean."""
    return np.ones_like(X @ W) / (X @ W).size


def dL_df_identity(X, W):
    """The identity matrix."""
    return np.eye(len(X))


def dL_df_zeros(X, W):
    """The derivative of a constant."""
    return np.zeros_like(X @ W)


# ---------------------------------------------------------------------------------- (c) dL/dY


def dL_dY_without_factor(X, W):
    """The 2 is lost."""
    return X @ W


def dL_dY_is_f(X, W):
    """The square is not differentiated."""
    return (X @ W) ** 2


def dL_dY_factor_only(X, W):
    """Only the 2 is left."""
    return 2 * np.ones_like(X @ W)


def dL_dY_doubles_f(X, W):
    """The exponent is not lowered."""
    return 2 * (X @ W) ** 2


def dL_dY_by_matrix_product(X, W):
    """dL/df times 2Y as matrices."""
    Y = X @ W
    return np.ones_like(Y) @ (2 * Y)


def dL_dY_at_X(X, W):
    """The slope of the square at the network's input."""
    return 2 * X


def dL_dY_skips_activation(X, W):
    """The derivative by f(Y) once more."""
    return np.ones_like(X @ W)


def dL_dY_transposed(X, W):
    """Rows and columns exchanged."""
    return (2 * (X @ W)).T


# ---------------------------------------------------------------------------------- (d) dL/dX


def dL_dX_halved(X, W):
    """Half of it: dL/dY times W entry by entry, or a lost factor."""
    return 2 * (X @ W) * W


def dL_dX_transposed(X, W):
    """The result for samples in columns."""
    return W @ (2 * (X @ W)).T


def dL_dX_factors_exchanged(X, W):
    """W in front."""
    return W.T @ (2 * (X @ W))


def dL_dX_skips_activation(X, W):
    """dL/df is sent through the affine layer."""
    return np.ones_like(X @ W) @ W.T


def dL_dX_sends_f_back(X, W):
    """f(Y) is sent through the affine layer."""
    return (X @ W) ** 2 @ W.T


def dL_dX_local_only(X, W):
    """W alone."""
    return W.T


# ---------------------------------------------------------------------------------- (e) dL/dW


def dL_dW_without_transpose(X, W):
    """X as it is."""
    return X @ (2 * (X @ W))


def dL_dW_elementwise(X, W):
    """X times dL/dY entry by entry."""
    return X * (2 * (X @ W))


def dL_dW_transposed(X, W):
    """Rows and columns exchanged."""
    return (2 * (X @ W)).T @ X


def dL_dW_factors_exchanged(X, W):
    """dL/dY in front."""
    return 2 * (X @ W) @ X.T


def dL_dW_factors_exchanged_without_transpose(X, W):
    """dL/dY in front and X as it is."""
    return 2 * (X @ W) @ X


def dL_dW_skips_activation(X, W):
    """dL/df is sent through the affine layer."""
    return X.T @ np.ones_like(X @ W)


def dL_dW_halved(X, W):
    """Half of it: by a lost factor, or by a mean over two samples."""
    return X.T @ (X @ W)


def dL_dW_local_only(X, W):
    """X alone."""
    return X.T


TEXT = [
    Mistake(
        "L",
        L_sums_Y,
        name="The entries of Y are added up, not those of f(Y)",
        hint="There is a layer between Y and the loss. What does it do to each entry?",
    ),
    Mistake(
        "L",
        L_by_matrix_square,
        name="Y is squared as a matrix",
        hint="The activation works on every entry by itself, with no regard to its neighbours.",
    ),
    Mistake(
        "L",
        L_squares_the_sum,
        name="The sum is squared, not the entries",
        hint="Which layer comes first, the activation or the loss?",
    ),
    Mistake(
        "L",
        L_averaged,
        name="The entries are averaged",
        hint="Many losses are means. Read what this one does with the entries.",
    ),
    Mistake(
        "L",
        L_doubles_Y,
        name="Y is doubled where it should be squared",
        hint="That is the slope of the activation. The loss is made of its values.",
    ),
    Mistake(
        "L",
        L_squares_X,
        name="The entries that are squared are those of X",
        hint="First comes the affine layer. It multiplies X and W as matrices, not entry by entry.",
    ),
    Mistake(
        "L",
        L_not_summed,
        name="The answer is f(Y), not the loss",
        hint="The loss is one number. What is still to be done with the entries?",
    ),
    Mistake(
        "L",
        L_summed_by_row,
        name="Each row has a sum of its own",
        hint="The loss has two sums, one over the rows and one over the columns.",
    ),
    Mistake(
        "dL_df",
        dL_df_is_f,
        name="f(Y) is taken for the derivative",
        hint="How much does L change when one entry of f(Y) grows by one?",
    ),
    Mistake(
        "dL_df",
        dL_df_is_Y,
        name="Y is taken for the derivative",
        hint="Y does not come into it: think of L as a function of the entries of f(Y) alone.",
    ),
    Mistake(
        "dL_df",
        dL_df_goes_on_to_Y,
        name="The answer goes one step too far",
        hint="You went through the activation already. Here only the loss is differentiated.",
    ),
    Mistake(
        "dL_df",
        dL_df_one_number,
        name="The answer is a single number",
        hint="A gradient has the shape of what you differentiate by. How many entries has f(Y)?",
    ),
    Mistake(
        "dL_df",
        dL_df_averaged,
        name="The loss is differentiated as if it were a mean",
        hint="Look at the loss again: is there a division in it?",
    ),
    Mistake(
        "dL_df",
        dL_df_identity,
        name="Only the diagonal is filled",
        hint="Does L depend on the entries of f(Y) that lie off the diagonal?",
    ),
    Mistake(
        "dL_df",
        dL_df_zeros,
        name="The derivative is zero",
        hint="Let one entry of f(Y) grow by one. Does L stay as it is?",
    ),
    Mistake(
        "dL_dY",
        dL_dY_without_factor,
        name="A factor is lost",
        hint="Differentiate the square of a number once more, slowly. What comes down?",
    ),
    Mistake(
        "dL_dY",
        dL_dY_is_f,
        name="The activation is not differentiated",
        hint="You need the slope of the square at each entry of Y, not its value.",
    ),
    Mistake(
        "dL_dY",
        dL_dY_factor_only,
        name="The slope of the activation is the same everywhere",
        hint="A parabola gets steeper. On what does its slope depend?",
    ),
    Mistake(
        "dL_dY",
        dL_dY_doubles_f,
        name="The exponent is not lowered",
        hint="Differentiate the square of a number once more, slowly. What happens to the exponent?",
    ),
    Mistake(
        "dL_dY",
        dL_dY_by_matrix_product,
        name="The upstream gradient is multiplied as a matrix",
        hint="The activation works on every entry by itself. Which kind of product does the same?",
    ),
    Mistake(
        "dL_dY",
        dL_dY_at_X,
        name="The slope is taken at X",
        hint="What goes into the activation: the input of the network, or what the affine layer made of it?",
        see="L",
    ),
    Mistake(
        "dL_dY",
        dL_dY_skips_activation,
        name="The activation is passed over",
        hint="This is still the derivative by f(Y). One layer lies between f(Y) and Y.",
        see="dL_df",
    ),
    Mistake(
        "dL_dY",
        dL_dY_transposed,
        name="The answer is the transpose",
        hint="An entry of the gradient stands where its entry of Y stands. Write Y beside it.",
    ),
    Mistake(
        "dL_dX",
        dL_dX_halved,
        name="Every entry is half of what it should be",
        hint="Either the activation's slope lost a factor on the way, or W was multiplied entry by entry.",
        see="dL_dY",
    ),
    Mistake(
        "dL_dX",
        dL_dX_transposed,
        name="The answer is the transpose",
        hint="Samples are rows. The sample with the large upstream gradient should have the large row.",
    ),
    Mistake(
        "dL_dX",
        dL_dX_factors_exchanged,
        name="The factors stand in the wrong order",
        hint="Matrices do not commute. Which side must W be on so that the samples stay apart?",
    ),
    Mistake(
        "dL_dX",
        dL_dX_skips_activation,
        name="The activation is passed over",
        hint="What arrives at the affine layer has been through the activation already: it is your answer to (c).",
        see="dL_dY",
    ),
    Mistake(
        "dL_dX",
        dL_dX_sends_f_back,
        name="f(Y) is sent back instead of a gradient",
        hint="On the way back only gradients are passed on. Which gradient arrives at the affine layer?",
        see="dL_dY",
    ),
    Mistake(
        "dL_dX",
        dL_dX_local_only,
        name="The answer is all ones, like W or dL/df alone",
        hint="You have how Y depends on X. What happened to how L depends on Y, your answer to (c)?",
    ),
    Mistake(
        "dL_dW",
        dL_dW_without_transpose,
        name="X is not transposed",
        hint="With square matrices no shape warns you. Over which index of X do the samples run?",
    ),
    Mistake(
        "dL_dW",
        dL_dW_elementwise,
        name="X and dL/dY are multiplied entry by entry",
        hint="A weight is used by every sample, so its derivative is a sum. Where are the sums?",
    ),
    Mistake(
        "dL_dW",
        dL_dW_transposed,
        name="The answer is the transpose",
        hint="A row of the answer belongs to a feature, a column to an output, as in W.",
    ),
    Mistake(
        "dL_dW",
        dL_dW_factors_exchanged,
        name="The factors stand in the wrong order",
        hint="Matrices do not commute. The sum must run over the samples: which sizes have to meet?",
    ),
    Mistake(
        "dL_dW",
        dL_dW_factors_exchanged_without_transpose,
        name="The factors stand in the wrong order, and X is not transposed",
        hint="Work out one entry with the double sum of eq. 10, then look for the product that gives it.",
    ),
    Mistake(
        "dL_dW",
        dL_dW_skips_activation,
        name="The activation is passed over",
        hint="What arrives at the affine layer has been through the activation already: it is your answer to (c).",
        see="dL_dY",
    ),
    Mistake(
        "dL_dW",
        dL_dW_halved,
        name="Every entry is half of what it should be",
        hint="Either the activation's slope lost a factor on the way, or you took a mean over the samples.",
        see="dL_dY",
    ),
    Mistake(
        "dL_dW",
        dL_dW_local_only,
        name="The upstream gradient is left out",
        hint="You have how Y depends on W. What happened to how L depends on Y?",
    ),
]

MISTAKES = TEXT + [replace(m, of=f"{m.of}_variant", named=f"{m.id}_variant", see=m.see or m.of) for m in TEXT]
