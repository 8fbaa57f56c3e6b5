"""What students get wrong in the affine layer, and what a tutor says to it."""

import numpy as np

from grader.authoring import Effect, Mistake

# ----------------------------------------------------------------------------- flatten_batch


def flattened_in_fortran_order(images):
    """The first index moves fastest."""
    return images.reshape(images.shape[0], -1, order="F")


def flattened_channels_last(images):
    """The channels of a pixel side by side."""
    return np.moveaxis(images, 1, -1).reshape(images.shape[0], -1)


def flattened_with_the_batch(images):
    """The samples run into one another."""
    return images.reshape(-1)


def flattened_to_columns(images):
    """Every sample a column."""
    return images.reshape(images.shape[0], -1).T


def flattened_across_samples(images):
    """Cut into columns first, then turned: the right shape with the samples mixed."""
    return images.reshape(-1, images.shape[0]).T


def flattened_for_a_batch_of_two(images):
    """The text's batch size, written as a number."""
    return images.reshape(2, -1)


def flattened_for_four_axes_only(images):
    """Only for images with channels."""
    n, c, h, w = images.shape
    return images.reshape(n, c * h * w)


def flattened_first_channel_only(images):
    """The other channels are lost."""
    return images[:, 0].reshape(images.shape[0], -1)


def flattened_in_place(images):
    """The caller's array gets the new shape."""
    images.resize((images.shape[0], images.size // images.shape[0]))
    return images


# ---------------------------------------------------------------------------- affine_forward


def forward_without_bias(x, w, b):
    """Nobody adds b."""
    out = x.reshape(x.shape[0], -1) @ w
    return out, (x, w, b)


def forward_without_flattening(x, w, b):
    """Works for rows only."""
    out = x @ w + b
    return out, (x, w, b)


def forward_bias_for_first_sample_only(x, w, b):
    """b is added to one row."""
    out = x.reshape(x.shape[0], -1) @ w
    out[0] = out[0] + b
    return out, (x, w, b)


def forward_bias_as_column(x, w, b):
    """b is stood upright before it is added."""
    out = x.reshape(x.shape[0], -1) @ w + b.reshape(-1, 1)
    return out, (x, w, b)


def forward_bias_added_as_one_number(x, w, b):
    """All biases are added to every output."""
    out = x.reshape(x.shape[0], -1) @ w + np.sum(b)
    return out, (x, w, b)


def forward_weights_transposed(x, w, b):
    """The weights of the column convention."""
    out = x.reshape(x.shape[0], -1) @ w.T + b
    return out, (x, w, b)


def cache_of_flat_input(x, w, b):
    """The name x is used again for the rows."""
    x = x.reshape(x.shape[0], -1)
    out = x @ w + b
    return out, (x, w, b)


def cache_with_output(x, w, b):
    """A fourth thing in the cache."""
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b, out)


def cache_without_bias(x, w, b):
    """b is not kept."""
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w)


def cache_not_returned(x, w, b):
    """Only the output comes back."""
    out = x.reshape(x.shape[0], -1) @ w + b
    return out


# -------------------------------------------------------------------- affine_forward_columns


def columns_without_bias(x, w, b):
    """Nobody adds b."""
    return w @ x


def columns_by_the_row_formula(x, w, b):
    """The code of affine_forward, pasted."""
    return x @ w + b


def columns_returned_as_rows(x, w, b):
    """The right numbers with a sample in each row."""
    return (w @ x + b).T


def columns_bias_lying_down(x, w, b):
    """b as a row: every sample gets one of its entries."""
    return w @ x + b.T


def columns_weights_transposed(x, w, b):
    """A transpose too many."""
    return w.T @ x + b


# ------------------------------------------------------------- additivity_gap, homogeneity_gap


def sum_gap_sign(f, x, y):
    """The two sides exchanged."""
    return f(x) + f(y) - f(x + y)


def sum_gap_without_brackets(f, x, y):
    """Only the first term is subtracted."""
    return f(x + y) - f(x) + f(y)


def sum_gap_absolute(f, x, y):
    """The sign is thrown away."""
    return np.abs(f(x + y) - f(x) - f(y))


def sum_gap_one_side(f, x, y):
    """f(y) is left out."""
    return f(x + y) - f(x)


def sum_gap_yes_or_no(f, x, y):
    """A verdict instead of the difference."""
    return bool(np.allclose(f(x + y), f(x) + f(y)))


def sum_gap_taken_for_zero(f, x, y):
    """Affine is believed to be linear."""
    return np.zeros_like(f(x))


def multiple_gap_sign(f, a, x):
    """The two sides exchanged."""
    return a * f(x) - f(a * x)


def multiple_gap_factor_only_inside(f, a, x):
    """The other side is not multiplied."""
    return f(a * x) - f(x)


def multiple_gap_absolute(f, a, x):
    """The sign is thrown away."""
    return np.abs(f(a * x) - a * f(x))


def multiple_gap_yes_or_no(f, a, x):
    """A verdict instead of the difference."""
    return bool(np.allclose(f(a * x), a * f(x)))


def multiple_gap_taken_for_zero(f, a, x):
    """Affine is believed to be linear."""
    return np.zeros_like(f(x))


# -------------------------------------------------------------------------------------- dY_dw


def weight_indices_exchanged(x, w, u, v):
    """u and v in each other's place."""
    grad = np.zeros((x.shape[0], w.shape[1]))
    grad[:, u] = x[:, v]
    return grad


def weight_indices_from_one(x, w, u, v):
    """1 is taken off both, as if they counted from 1."""
    grad = np.zeros((x.shape[0], w.shape[1]))
    grad[:, v - 1] = x[:, u - 1]
    return grad


def weight_touches_every_column(x, w, u, v):
    """Not one column but all."""
    grad = np.zeros((x.shape[0], w.shape[1]))
    grad[:, :] = x[:, [u]]
    return grad


def weight_column_alone(x, w, u, v):
    """The zeros around it are missing."""
    return x[:, u]


def weight_gives_ones(x, w, u, v):
    """Ones where the input should be."""
    grad = np.zeros((x.shape[0], w.shape[1]))
    grad[:, v] = 1
    return grad


def weight_gives_itself(x, w, u, v):
    """w where x should be."""
    grad = np.zeros((x.shape[0], w.shape[1]))
    grad[:, v] = w[u, v]
    return grad


def weight_reaches_first_sample_only(x, w, u, v):
    """One entry instead of one column."""
    grad = np.zeros((x.shape[0], w.shape[1]))
    grad[0, v] = x[0, u]
    return grad


def weight_place_marked(x, w, u, v):
    """A one at the weight's own place: w differentiated by itself."""
    grad = np.zeros_like(w)
    grad[u, v] = 1
    return grad


# -------------------------------------------------------------------------------------- dL_dw


def entry_without_upstream(dL_dY, x, w, u, v):
    """The local derivatives are summed alone."""
    return np.sum(x[:, u])


def entry_without_input(dL_dY, x, w, u, v):
    """The upstream gradient is summed alone."""
    return np.sum(dL_dY[:, v])


def entry_averaged(dL_dY, x, w, u, v):
    """Divided by the batch."""
    return np.mean(dL_dY[:, v] * x[:, u])


def entry_not_summed(dL_dY, x, w, u, v):
    """The products stay a matrix."""
    local = np.zeros((x.shape[0], w.shape[1]))
    local[:, v] = x[:, u]
    return dL_dY * local


def entry_by_matrix_product(dL_dY, x, w, u, v):
    """A matrix product where the text means its own dot product."""
    local = np.zeros((x.shape[0], w.shape[1]))
    local[:, v] = x[:, u]
    return dL_dY.T @ local


def entry_by_np_dot(dL_dY, x, w, u, v):
    """np.dot of the two matrices as they are."""
    local = np.zeros((x.shape[0], w.shape[1]))
    local[:, v] = x[:, u]
    return np.dot(dL_dY, local)


def entry_indices_exchanged(dL_dY, x, w, u, v):
    """u and v in each other's place."""
    return np.sum(dL_dY[:, u] * x[:, v])


def entry_indices_from_one(dL_dY, x, w, u, v):
    """1 is taken off both, as if they counted from 1."""
    return np.sum(dL_dY[:, v - 1] * x[:, u - 1])


def entry_of_first_sample(dL_dY, x, w, u, v):
    """One term of the sum."""
    return dL_dY[0, v] * x[0, u]


def entry_summed_over_rows_only(dL_dY, x, w, u, v):
    """One of the two sums."""
    local = np.zeros((x.shape[0], w.shape[1]))
    local[:, v] = x[:, u]
    return np.sum(dL_dY * local, axis=0)


def entry_in_place(dL_dY, x, w, u, v):
    """The products are written into the upstream gradient."""
    local = np.zeros((x.shape[0], w.shape[1]))
    local[:, v] = x[:, u]
    dL_dY *= local
    return np.sum(dL_dY)


# -------------------------------------------------------------------------------------- dL_dW


def weights_averaged(dL_dY, x):
    """Divided by the batch."""
    return x.T @ dL_dY / x.shape[0]


def weights_without_transpose(dL_dY, x):
    """x as it is."""
    return x @ dL_dY


def weights_gradient_transposed(dL_dY, x):
    """The other factor is transposed."""
    return dL_dY.T @ x


def weights_in_the_order_of_the_input(dL_dY, x):
    """Upstream first, as for X."""
    return dL_dY @ x.T


def weights_elementwise(dL_dY, x):
    """Element by element."""
    return x * dL_dY


def weights_local_only(dL_dY, x):
    """The upstream gradient is left out."""
    return x.T


def weights_of_first_sample(dL_dY, x):
    """The first row of the batch only."""
    return np.outer(x[0], dL_dY[0])


# -------------------------------------------------------------------------------------- dL_dX


def input_without_transpose(dL_dY, w):
    """w as it is."""
    return dL_dY @ w


def input_gradient_as_columns(dL_dY, w):
    """The formula for samples in columns."""
    return w @ dL_dY.T


def input_factors_exchanged(dL_dY, w):
    """The order of the factors for W."""
    return w.T @ dL_dY


def input_elementwise(dL_dY, w):
    """Element by element."""
    return dL_dY * w


def input_local_only(dL_dY, w):
    """The upstream gradient is left out."""
    return w.T


def input_summed_over_batch(dL_dY, w):
    """The samples are added up."""
    return np.sum(dL_dY, axis=0) @ w.T


def input_divided_by_batch(dL_dY, w):
    """Divided by the batch."""
    return dL_dY @ w.T / dL_dY.shape[0]


# -------------------------------------------------------------------------------------- dL_db


def bias_averaged(dL_dY):
    """Divided by the batch."""
    return np.mean(dL_dY, axis=0)


def bias_summed_over_outputs(dL_dY):
    """The wrong axis disappears."""
    return np.sum(dL_dY, axis=1)


def bias_one_number(dL_dY):
    """Both axes disappear."""
    return np.sum(dL_dY)


def bias_not_summed(dL_dY):
    """The upstream gradient as it is."""
    return dL_dY.copy()


def bias_keeps_two_axes(dL_dY):
    """The axis that was summed over stays."""
    return np.sum(dL_dY, axis=0, keepdims=True)


def bias_local_only(dL_dY):
    """The local derivative alone."""
    return np.ones(dL_dY.shape[1])


def bias_of_first_sample(dL_dY):
    """One row of the batch."""
    return dL_dY[0].copy()


# ---------------------------------------------------------------------------------- merge_bias


def merged_in_front(x, w, b):
    """Both at the other end."""
    return np.hstack([np.ones((x.shape[0], 1)), x]), np.vstack([b, w])


def merged_at_opposite_ends(x, w, b):
    """The ones in front, b at the end."""
    return np.hstack([np.ones((x.shape[0], 1)), x]), np.vstack([w, b])


def merged_with_zeros(x, w, b):
    """Zeros beside x."""
    return np.hstack([x, np.zeros((x.shape[0], 1))]), np.vstack([w, b])


def merged_ones_as_row(x, w, b):
    """The ones under x."""
    return np.vstack([x, np.ones((1, x.shape[1]))]), np.vstack([w, b])


def merged_bias_as_column(x, w, b):
    """b beside w."""
    return np.hstack([x, np.ones((x.shape[0], 1))]), np.hstack([w, b.reshape(-1, 1)])


def merged_into_weights_only(x, w, b):
    """x stays as it was."""
    return x.copy(), np.vstack([w, b])


def merged_bias_into_input(x, w, b):
    """b beside x, ones under w."""
    return np.hstack([x, b.reshape(-1, 1)]), np.vstack([w, np.ones(w.shape[1])])


# ----------------------------------------------------------------------------- affine_backward


def dw_and_db_averaged_over_batch(dout, cache):
    """Both divided by the batch."""
    x, w, b = cache
    n = x.shape[0]
    rows = x.reshape(n, -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout / n, np.mean(dout, axis=0)


def dw_averaged_over_batch(dout, cache):
    """Only dw divided by the batch."""
    x, w, b = cache
    n = x.shape[0]
    rows = x.reshape(n, -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout / n, np.sum(dout, axis=0)


def db_averaged_over_batch(dout, cache):
    """Only db divided by the batch."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, np.mean(dout, axis=0)


def db_keeps_two_axes(dout, cache):
    """The axis that was summed over stays."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, np.sum(dout, axis=0, keepdims=True)


def db_summed_over_outputs(dout, cache):
    """The wrong axis disappears."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, np.sum(dout, axis=1)


def db_one_number(dout, cache):
    """Both axes disappear."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, np.sum(dout)


def db_one_number_in_every_place(dout, cache):
    """Both axes disappear, and the assignment spreads the number."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    db = np.zeros(b.shape)
    db[:] = np.sum(dout)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, db


def db_not_summed(dout, cache):
    """The upstream gradient as it is."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout


def db_local_only(dout, cache):
    """The local derivative alone."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, np.ones(b.shape)


def dx_not_reshaped(dout, cache):
    """dx stays flat."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return dout @ w.T, rows.T @ dout, np.sum(dout, axis=0)


def x_not_flattened(dout, cache):
    """x is transposed with all its axes."""
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.T @ dout, np.sum(dout, axis=0)


def dx_without_transpose(dout, cache):
    """w as it is."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w).reshape(x.shape), rows.T @ dout, np.sum(dout, axis=0)


def dx_by_column_formula(dout, cache):
    """The formula for samples in columns, forced into shape."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (w @ dout.T).reshape(x.shape), rows.T @ dout, np.sum(dout, axis=0)


def dx_elementwise(dout, cache):
    """Element by element."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout * w).reshape(x.shape), rows.T @ dout, np.sum(dout, axis=0)


def dw_without_transpose(dout, cache):
    """The rows as they are."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows @ dout, np.sum(dout, axis=0)


def dw_transposed(dout, cache):
    """The other factor is transposed."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), dout.T @ rows, np.sum(dout, axis=0)


def dw_elementwise(dout, cache):
    """Element by element."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    return (dout @ w.T).reshape(x.shape), rows * dout, np.sum(dout, axis=0)


def dw_full_jacobian(dout, cache):
    """Every output by every weight."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    jacobian = np.einsum("nd,mk->nmdk", rows, np.eye(w.shape[1]))
    return (dout @ w.T).reshape(x.shape), jacobian, np.sum(dout, axis=0)


def local_gradients_only(dout, cache):
    """The upstream gradient is left out everywhere."""
    x, w, b = cache
    return w, x, np.ones(b.shape)


def dx_and_dw_exchanged(dout, cache):
    """Returned in another order."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    return dw, dx, np.sum(dout, axis=0)


def cache_of_four(dout, cache):
    """Unpacks what an own forward kept."""
    x, w, b, rows = cache
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, np.sum(dout, axis=0)


def dout_overwritten_by_db(dout, cache):
    """db is summed up in the first row of dout, and dout is used after that."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    db = dout[0]
    for upstream in dout[1:]:
        db += upstream
    return (dout @ w.T).reshape(x.shape), rows.T @ dout, db


def db_summed_in_dout(dout, cache):
    """db is summed up in the first row of dout, after everything else."""
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    db = dout[0]
    for upstream in dout[1:]:
        db += upstream
    return dx, dw, db


MISTAKES = [
    Mistake(
        "flatten_batch",
        flattened_in_fortran_order,
        name="The images are flattened column by column",
        hint="Which index moves fastest when you read an image like a page of text?",
    ),
    Mistake(
        "flatten_batch",
        flattened_channels_last,
        name="The channels of a pixel stand side by side",
        hint="One channel is written out completely before the next one begins.",
    ),
    Mistake(
        "flatten_batch",
        flattened_with_the_batch,
        name="The whole batch became one long row",
        hint="How many samples went in, and how many rows should come out?",
    ),
    Mistake(
        "flatten_batch",
        flattened_to_columns,
        name="Every sample is a column",
        hint="In X a sample is a row. Compare the first size of what goes in and what comes out.",
    ),
    Mistake(
        "flatten_batch",
        flattened_across_samples,
        name="The shape is right, but the rows hold entries of several samples",
        hint="Print your first row for images whose entries are numbered: does it hold the first image alone?",
    ),
    Mistake(
        "flatten_batch",
        flattened_for_a_batch_of_two,
        name="The batch size is a fixed number",
        hint="Two is the example's batch size. Ask the array how many samples it holds.",
    ),
    Mistake(
        "flatten_batch",
        flattened_for_four_axes_only,
        name="Only samples with exactly three axes are flattened",
        hint="Nothing in the task depends on how many axes a sample has. Which size do you really need to know?",
    ),
    Mistake(
        "flatten_batch",
        flattened_first_channel_only,
        name="Only the first channel is kept",
        hint="An RGB image has three times as many entries as a grey one. Where did the others go?",
    ),
    Mistake(
        "flatten_batch",
        flattened_in_place,
        name="The caller's own array is given the new shape",
        hint="Your result is right, but the images that you were lent have changed. Return another view of them.",
        effect=Effect.REMARK,
    ),
    Mistake(
        "affine_forward",
        forward_without_bias,
        name="The bias is missing",
        hint="Set all weights to zero: what should come out, and what does?",
    ),
    Mistake(
        "affine_forward",
        forward_without_flattening,
        name="The samples are not flattened first",
        hint="w has one row per entry of a sample. How many entries has a sample with several axes?",
        see="flatten_batch",
    ),
    Mistake(
        "affine_forward",
        forward_bias_for_first_sample_only,
        name="The bias is added to the first sample only",
        hint="Every sample goes through the same neurons, and a neuron has one bias for all of them.",
    ),
    Mistake(
        "affine_forward",
        forward_bias_as_column,
        name="The bias is added as a column",
        hint="Which index of the output does b share: the sample's or the output neuron's?",
    ),
    Mistake(
        "affine_forward",
        forward_bias_added_as_one_number,
        name="All biases are added to every output",
        hint="A neuron has one bias of its own. Why would it get its neighbours'?",
    ),
    Mistake(
        "affine_forward",
        forward_weights_transposed,
        name="The weights are transposed",
        hint="Write the shapes side by side: (N, D) times what gives (N, M)? Look at the shape of w.",
    ),
    Mistake(
        "affine_forward",
        cache_of_flat_input,
        name="The cache holds the flattened input",
        hint="The backward pass must return dx in the shape of the original x. Where will it find that shape?",
    ),
    Mistake(
        "affine_forward",
        cache_with_output,
        name="The cache holds more than the three arguments",
        hint="Everybody who reads the cache takes exactly three things out of it.",
    ),
    Mistake(
        "affine_forward",
        cache_without_bias,
        name="b is missing in the cache",
        hint="Everybody who reads the cache takes exactly three things out of it.",
    ),
    Mistake(
        "affine_forward",
        cache_not_returned,
        name="The cache is not returned",
        hint="The function returns two things. Read the last line of the stub again.",
    ),
    Mistake(
        "affine_forward_columns",
        columns_without_bias,
        name="The bias is missing",
        hint="Set all weights to zero: what should come out, and what does?",
    ),
    Mistake(
        "affine_forward_columns",
        columns_by_the_row_formula,
        name="The formula for rows is used on columns",
        hint="Write the shapes of w and x side by side: in which order do their inner sizes meet?",
    ),
    Mistake(
        "affine_forward_columns",
        columns_returned_as_rows,
        name="The result has a sample in each row",
        hint="In this convention a sample goes in as a column and comes out as a column.",
    ),
    Mistake(
        "affine_forward_columns",
        columns_bias_lying_down,
        name="The bias lies down as a row",
        hint="b comes as a column, and the output of one sample is a column too. Is anything left to turn?",
    ),
    Mistake(
        "affine_forward_columns",
        columns_weights_transposed,
        name="The weights are transposed once too often",
        hint="w is given in this convention already: look at its shape in the docstring.",
    ),
    Mistake(
        "additivity_gap",
        sum_gap_sign,
        name="The gap has the wrong sign",
        hint="The gap is positive where f of the sum is the larger side.",
    ),
    Mistake(
        "additivity_gap",
        sum_gap_without_brackets,
        name="Only one of the two terms is subtracted",
        hint="Both f(x) and f(y) stand on the same side of the equation. Mind the brackets.",
    ),
    Mistake(
        "additivity_gap",
        sum_gap_absolute,
        name="The gap has lost its sign",
        hint="The gap may be negative, and its sign tells something about the bias.",
    ),
    Mistake(
        "additivity_gap",
        sum_gap_one_side,
        name="f(y) is left out",
        hint="The rule of additivity has three values of f in it. Which one is missing?",
    ),
    Mistake(
        "additivity_gap",
        sum_gap_yes_or_no,
        name="The answer is a yes or no",
        hint="Return how large the gap is in each entry, not whether there is one.",
    ),
    Mistake(
        "additivity_gap",
        sum_gap_taken_for_zero,
        name="The gap is taken to be zero",
        hint="That holds for a linear f. Try the line 2x + 1 at two points, by hand.",
    ),
    Mistake(
        "homogeneity_gap",
        multiple_gap_sign,
        name="The gap has the wrong sign",
        hint="The gap is positive where f of the multiple is the larger side.",
        see="additivity_gap",
    ),
    Mistake(
        "homogeneity_gap",
        multiple_gap_factor_only_inside,
        name="The factor stands on one side only",
        hint="The rule compares f of a multiple with a multiple of f. What happened to the second one?",
    ),
    Mistake(
        "homogeneity_gap",
        multiple_gap_absolute,
        name="The gap has lost its sign",
        hint="The gap may be negative, and its sign tells something about the bias.",
        see="additivity_gap",
    ),
    Mistake(
        "homogeneity_gap",
        multiple_gap_yes_or_no,
        name="The answer is a yes or no",
        hint="Return how large the gap is in each entry, not whether there is one.",
        see="additivity_gap",
    ),
    Mistake(
        "homogeneity_gap",
        multiple_gap_taken_for_zero,
        name="The gap is taken to be zero",
        hint="That holds for a linear f. Try the line 2x + 1 and the factor five, by hand.",
    ),
    Mistake(
        "dY_dw",
        weight_indices_exchanged,
        name="u and v are exchanged",
        hint="One index says which feature the weight reads, the other which output it feeds. Which is which?",
    ),
    Mistake(
        "dY_dw",
        weight_indices_from_one,
        name="u and v are counted from 1",
        hint="Here they count from 0, as all indices in Python do: nothing is to be taken off.",
    ),
    Mistake(
        "dY_dw",
        weight_touches_every_column,
        name="Every column of Y depends on the weight",
        hint="Write out one row of Y. In how many of its entries does this weight occur?",
    ),
    Mistake(
        "dY_dw",
        weight_column_alone,
        name="Only the column that is not zero is returned",
        hint="Every entry of Y is differentiated, also those that do not depend on the weight.",
    ),
    Mistake(
        "dY_dw",
        weight_gives_ones,
        name="The derivative is 1 where the weight occurs",
        hint="The weight does not stand alone in that entry. What is it multiplied by?",
    ),
    Mistake(
        "dY_dw",
        weight_gives_itself,
        name="The weight itself is taken for the derivative",
        hint="Of a product of two factors you differentiate by one. Which one remains?",
    ),
    Mistake(
        "dY_dw",
        weight_reaches_first_sample_only,
        name="Only the first sample depends on the weight",
        hint="Every sample passes through the same weights. How many rows of Y does this one touch?",
    ),
    Mistake(
        "dY_dw",
        weight_place_marked,
        name="W is differentiated, not Y",
        hint="The result has an entry for each entry of Y. Compare its shape with that of Y.",
    ),
    Mistake(
        "dL_dw",
        entry_without_upstream,
        name="The upstream gradient is left out",
        hint="You have found how Y depends on the weight. How does the loss depend on Y?",
    ),
    Mistake(
        "dL_dw",
        entry_without_input,
        name="The local derivative is left out",
        hint="You have found how the loss depends on Y. How much does Y move when the weight does?",
        see="dY_dw",
    ),
    Mistake(
        "dL_dw",
        entry_averaged,
        name="The sum is divided by the number of samples",
        hint="The chain rule adds up. If the loss is a mean, its 1/N is in the upstream gradient already.",
    ),
    Mistake(
        "dL_dw",
        entry_not_summed,
        name="The products are not added up",
        hint="The derivative of one number by one number is one number.",
    ),
    Mistake(
        "dL_dw",
        entry_by_matrix_product,
        name="The two matrices are multiplied as matrices, one of them transposed",
        hint="The text's dot product of two matrices goes entry by entry and ends in one number.",
    ),
    Mistake(
        "dL_dw",
        entry_by_np_dot,
        name="The two matrices are multiplied as matrices",
        hint="The text warns of it: its dot product is not what np.dot does. It goes entry by entry.",
    ),
    Mistake(
        "dL_dw",
        entry_indices_exchanged,
        name="u and v are exchanged",
        hint="One index says which feature the weight reads, the other which output it feeds. Which is which?",
        see="dY_dw",
    ),
    Mistake(
        "dL_dw",
        entry_indices_from_one,
        name="u and v are counted from 1",
        hint="Here they count from 0, as all indices in Python do: nothing is to be taken off.",
        see="dY_dw",
    ),
    Mistake(
        "dL_dw",
        entry_of_first_sample,
        name="Only the first sample counts",
        hint="Every sample used this weight on its way to the loss. Over which index does the sum run?",
    ),
    Mistake(
        "dL_dw",
        entry_summed_over_rows_only,
        name="Only one of the two sums is taken",
        hint="The chain rule of eq. 10 has two sums. What is left when both are done?",
    ),
    Mistake(
        "dL_dw",
        entry_in_place,
        name="The products are written into the upstream gradient",
        hint="Your number is right, but the next weight would start from a gradient that is spoiled.",
        effect=Effect.REMARK,
    ),
    Mistake(
        "dL_dW",
        weights_averaged,
        name="The gradient is divided by the number of samples",
        hint="dL/dY already is the derivative of the loss. If the loss is a mean, the 1/N is inside it.",
    ),
    Mistake(
        "dL_dW",
        weights_without_transpose,
        name="x is not transposed",
        hint="The result must look like W: D rows. With which side of x can you get D rows?",
    ),
    Mistake(
        "dL_dW",
        weights_gradient_transposed,
        name="The result is the transpose of the gradient",
        hint="Write the shape of your result beside that of W: they must be equal.",
    ),
    Mistake(
        "dL_dW",
        weights_in_the_order_of_the_input,
        name="The factors stand in the wrong order",
        hint="The sum runs over the samples: which sizes of the two factors have to meet in the middle?",
    ),
    Mistake(
        "dL_dW",
        weights_elementwise,
        name="The factors are multiplied element by element",
        hint="Their shapes are (N, D) and (N, M), and W is (D, M). Which kind of product leads there?",
    ),
    Mistake(
        "dL_dW",
        weights_local_only,
        name="The upstream gradient is left out",
        hint="What happened to dL/dY? Its M columns are missing in the result too.",
    ),
    Mistake(
        "dL_dW",
        weights_of_first_sample,
        name="Only the first sample counts",
        hint="All N samples used the same weights, so each adds its share. Here one did.",
    ),
    Mistake(
        "dL_dX",
        input_without_transpose,
        name="w is not transposed",
        hint="That multiplies only when D and M are equal. Try a w that is not square.",
    ),
    Mistake(
        "dL_dX",
        input_gradient_as_columns,
        name="The result is the transpose of the gradient",
        hint="Samples are rows here. Write the shape of your result beside that of X.",
    ),
    Mistake(
        "dL_dX",
        input_factors_exchanged,
        name="The factors stand in the wrong order",
        hint="The result has one row per sample. Which factor brings the rows of the samples, and on which side?",
    ),
    Mistake(
        "dL_dX",
        input_elementwise,
        name="The factors are multiplied element by element",
        hint="Their shapes are (N, M) and (D, M), and X is (N, D). Which kind of product leads there?",
    ),
    Mistake(
        "dL_dX",
        input_local_only,
        name="The upstream gradient is left out",
        hint="What happened to dL/dY? The result does not even know how many samples there are.",
    ),
    Mistake(
        "dL_dX",
        input_summed_over_batch,
        name="The samples are added up",
        hint="W is shared by all samples, but each sample has its own row of X. Is there anything to add up?",
    ),
    Mistake(
        "dL_dX",
        input_divided_by_batch,
        name="The gradient is divided by the number of samples",
        hint="dL/dY already is the derivative of the loss. If the loss is a mean, the 1/N is inside it.",
        see="dL_dW",
    ),
    Mistake(
        "dL_db",
        bias_averaged,
        name="The gradient is averaged over the batch",
        hint="dL/dY already is the derivative of the loss. If the loss is a mean, the 1/N is inside it.",
        see="dL_dW",
    ),
    Mistake(
        "dL_db",
        bias_summed_over_outputs,
        name="The sum runs over the outputs",
        hint="b_j is added to every row: which index must disappear?",
    ),
    Mistake(
        "dL_db",
        bias_one_number,
        name="The gradient is a single number",
        hint="How many biases are there? Each has a derivative of its own.",
    ),
    Mistake(
        "dL_db",
        bias_not_summed,
        name="The upstream gradient is returned as it is",
        hint="b is used N times. What happens to the gradients of something that is used again?",
    ),
    Mistake(
        "dL_db",
        bias_keeps_two_axes,
        name="The gradient keeps a first axis of size 1",
        hint="The numbers are right. Compare the shape with that of b, which has one axis here.",
    ),
    Mistake(
        "dL_db",
        bias_local_only,
        name="The local derivative alone is returned",
        hint="The ones say how Y moves with b. How does L move with Y, and over what do the shares add up?",
    ),
    Mistake(
        "dL_db",
        bias_of_first_sample,
        name="Only the first sample counts",
        hint="b is added to every row of the batch, and each row adds its share.",
    ),
    Mistake(
        "merge_bias",
        merged_in_front,
        name="The ones and b stand in front",
        hint="The product is right, and others do it so. The docstring asks for the other end.",
    ),
    Mistake(
        "merge_bias",
        merged_at_opposite_ends,
        name="The ones are in front and b is at the end",
        hint="In the product, column k of x1 meets row k of w1. What do your ones meet?",
    ),
    Mistake(
        "merge_bias",
        merged_with_zeros,
        name="x got a column of zeros",
        hint="What is b multiplied by in the product, and what should it be multiplied by?",
    ),
    Mistake(
        "merge_bias",
        merged_ones_as_row,
        name="x got a row of ones",
        hint="A new row of x is a new sample. What is added here is one more feature of every sample.",
    ),
    Mistake(
        "merge_bias",
        merged_bias_as_column,
        name="b became a column of w",
        hint="A column of w is an output neuron. b has one entry for each of those: how does it lie?",
    ),
    Mistake(
        "merge_bias",
        merged_into_weights_only,
        name="x is as it was",
        hint="w1 has one row more than w. What does that row meet in the product?",
    ),
    Mistake(
        "merge_bias",
        merged_bias_into_input,
        name="b went to x and the ones to w",
        hint="b is learned, and x is given. On which side do things that are learned belong?",
    ),
    Mistake(
        "affine_backward",
        dw_and_db_averaged_over_batch,
        name="dw and db are averaged over the batch",
        hint="dout already is dL/dout. If the loss is a mean, the 1/N is inside it; the layer only sums.",
        see="dL_dW",
    ),
    Mistake(
        "affine_backward",
        dw_averaged_over_batch,
        name="dw is averaged over the batch",
        hint="dw and db see the same samples: why would one be averaged and the other be summed?",
        see="dL_dW",
    ),
    Mistake(
        "affine_backward",
        db_averaged_over_batch,
        name="db is averaged over the batch",
        hint="db and dw see the same samples: why would one be averaged and the other be summed?",
        see="dL_db",
    ),
    Mistake(
        "affine_backward",
        db_keeps_two_axes,
        name="db keeps a first axis of size 1",
        hint="The numbers are right. Compare the shape of db with that of b.",
        see="dL_db",
    ),
    Mistake(
        "affine_backward",
        db_summed_over_outputs,
        name="db is summed over the outputs",
        hint="b_j is added to every row: which index must disappear?",
        see="dL_db",
    ),
    Mistake(
        "affine_backward",
        db_one_number,
        name="db is a single number",
        hint="How many biases are there? Each has a derivative of its own.",
        see="dL_db",
    ),
    Mistake(
        "affine_backward",
        db_one_number_in_every_place,
        name="db has the same number in every place",
        hint="A number assigned to an array fills it without a warning. How many derivatives did you compute?",
        see="dL_db",
    ),
    Mistake(
        "affine_backward",
        db_not_summed,
        name="dout is returned for db",
        hint="b is used once per sample. What happens to the gradients of something that is used again?",
        see="dL_db",
    ),
    Mistake(
        "affine_backward",
        db_local_only,
        name="db is the local derivative alone",
        hint="The ones say how out moves with b. How does L move with out, and over what do the shares add up?",
        see="dL_db",
    ),
    Mistake(
        "affine_backward",
        dx_not_reshaped,
        name="dx is flat, and x is not",
        hint="A gradient has the shape of what it belongs to. Compare dx.shape with x.shape.",
    ),
    Mistake(
        "affine_backward",
        x_not_flattened,
        name="x is not flattened before it is transposed",
        hint="A transpose reverses all axes. Which matrix did the forward pass multiply by w?",
        see="flatten_batch",
    ),
    Mistake(
        "affine_backward",
        dx_without_transpose,
        name="w is not transposed in dx",
        hint="That multiplies only when D and M are equal, as in the 2×2 exercise. Try a w that is not square.",
        see="dL_dX",
    ),
    Mistake(
        "affine_backward",
        dx_by_column_formula,
        name="dx is computed as if samples were columns",
        hint="Samples are rows here. A reshape gave it the right shape, but it does not turn a matrix round.",
        see="dL_dX",
    ),
    Mistake(
        "affine_backward",
        dx_elementwise,
        name="dx is an element-wise product",
        hint="Write the shapes: (N, M) and what give (N, D), and by which kind of product?",
        see="dL_dX",
    ),
    Mistake(
        "affine_backward",
        dw_without_transpose,
        name="x is not transposed in dw",
        hint="dw must look like w, with D rows. With which side of x can you get D rows?",
        see="dL_dW",
    ),
    Mistake(
        "affine_backward",
        dw_transposed,
        name="dw is the transpose of what it should be",
        hint="Write dw.shape beside w.shape: which factor should come first?",
        see="dL_dW",
    ),
    Mistake(
        "affine_backward",
        dw_elementwise,
        name="dw is an element-wise product",
        hint="Write the shapes: (N, D) and (N, M) have to give (D, M). By which kind of product?",
        see="dL_dW",
    ),
    Mistake(
        "affine_backward",
        dw_full_jacobian,
        name="dw is the whole Jacobian of the output",
        hint="L is one number, so its derivative by w has the shape of w. Your array still waits to meet dout.",
        see="dL_dW",
    ),
    Mistake(
        "affine_backward",
        local_gradients_only,
        name="All gradients are local: dout is used nowhere",
        hint="You have how out depends on x, w and b. What happened to how L depends on out?",
        see="dL_dw",
    ),
    Mistake(
        "affine_backward",
        dx_and_dw_exchanged,
        name="dx and dw are returned in each other's place",
        hint="Both are right. Look at the order in the stub's last line.",
    ),
    Mistake(
        "affine_backward",
        cache_of_four,
        name="The cache is unpacked into four",
        hint="The cache is (x, w, b), and the caller made it. Leave the stub's first line as it is.",
        see="affine_forward",
    ),
    Mistake(
        "affine_backward",
        dout_overwritten_by_db,
        name="Computing db changes dout before dx and dw are computed",
        hint="A row of an array is a view, no copy: adding to it writes into dout. Print dout before and after.",
    ),
    Mistake(
        "affine_backward",
        db_summed_in_dout,
        name="Computing db changes the caller's dout",
        hint="Your values are right. But a row of an array is a view, no copy: what you add to it is added to dout.",
        effect=Effect.REMARK,
    ),
]
