"""Known mistakes in losses, in the whole network and in training."""

import numpy as np
from activations import relu_backward, relu_forward, sigmoid_backward, sigmoid_forward
from layers import affine_backward, affine_forward

from grader.authoring import Effect, Mistake

# ---------------------------------------------------------------------------------- sum_loss


def mean_for_sum(y):
    """The mean of the entries, and its gradient."""
    return np.mean(y), np.ones_like(y) / y.size


def summed_by_column(y):
    """One sum per column."""
    return np.sum(y, axis=0), np.ones_like(y)


def one_for_all(y):
    """The slope as one number."""
    return np.sum(y), 1.0


def one_per_sample(y):
    """One slope per sample."""
    return np.sum(y), np.ones(len(y))


def values_for_slopes(y):
    """The values themselves as the gradient."""
    return np.sum(y), y.copy()


# ------------------------------------------------------------------------------ squared_loss


def not_averaged(y, target):
    """No mean over samples anywhere."""
    return np.sum((y - target) ** 2), 2 * (y - target)


def averaged_in_the_loss_alone(y, target):
    """The loss is a mean, the gradient is that of a sum."""
    return np.sum((y - target) ** 2) / len(y), 2 * (y - target)


def averaged_over_all_entries(y, target):
    """A mean over samples and outputs."""
    return np.mean((y - target) ** 2), 2 * (y - target) / y.size


def without_the_exponent(y, target):
    """The square's exponent does not come down."""
    return np.sum((y - target) ** 2) / len(y), (y - target) / len(y)


def half_the_square(y, target):
    """Half the squares, as some textbooks have it."""
    return np.sum((y - target) ** 2) / (2 * len(y)), (y - target) / len(y)


def slope_of_the_target(y, target):
    """Differentiated by the target."""
    return np.sum((y - target) ** 2) / len(y), 2 * (target - y) / len(y)


def slopes_summed_over_samples(y, target):
    """The samples' gradients added up."""
    return np.sum((y - target) ** 2) / len(y), np.sum(2 * (y - target), axis=0) / len(y)


# ------------------------------------------------------------------------ cross_entropy_loss


def dscores_not_averaged(scores, labels):
    """The loss is a mean, dscores is that of a sum."""
    n = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(log_p)
    dscores[n, labels] -= 1
    return -log_p[n, labels].mean(), dscores


def surprise_not_averaged(scores, labels):
    """No mean over samples anywhere."""
    n = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(log_p)
    dscores[n, labels] -= 1
    return -log_p[n, labels].sum(), dscores


def probabilities_for_dscores(scores, labels):
    """The label takes no part in the gradient."""
    n = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[n, labels].mean(), np.exp(log_p) / len(scores)


def one_taken_from_whole_columns(scores, labels):
    """Every row loses the 1 in the columns of all labels."""
    n = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(log_p)
    dscores[:, labels] -= 1
    return -log_p[n, labels].mean(), dscores / len(scores)


def softmax_by_column(scores, labels):
    """The probabilities of a class add up to 1 over the samples."""
    n = np.arange(len(scores))
    shifted = scores - scores.max(axis=0)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
    dscores = np.exp(log_p)
    dscores[n, labels] -= 1
    return -log_p[n, labels].mean(), dscores / len(scores)


def exponential_unshifted(scores, labels):
    """The exponential of the scores as they are."""
    n = np.arange(len(scores))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[n, labels]).mean()
    p[n, labels] -= 1
    return loss, p / len(scores)


def shifted_by_the_largest_of_all(scores, labels):
    """One shift for the whole batch."""
    n = np.arange(len(scores))
    p = np.exp(scores - np.max(scores))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.log(p[n, labels]).mean()
    p[n, labels] -= 1
    return loss, p / len(scores)


def logarithm_of_zero(scores, labels):
    """The logarithm of a probability that has been rounded to 0."""
    n = np.arange(len(scores))
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.log(p[n, labels]).mean()
    p[n, labels] -= 1
    return loss, p / len(scores)


def small_number_in_the_logarithm(scores, labels):
    """A small number keeps the logarithm finite."""
    n = np.arange(len(scores))
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.log(p[n, labels] + 1e-8).mean()
    p[n, labels] -= 1
    return loss, p / len(scores)


def smaller_number_in_the_logarithm(scores, labels):
    """A smaller number keeps the logarithm finite."""
    n = np.arange(len(scores))
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    loss = -np.log(p[n, labels] + 1e-12).mean()
    p[n, labels] -= 1
    return loss, p / len(scores)


# --------------------------------------------------------------------------- network_forward


def relu_left_out(x, params):
    """Two affine layers in a row."""
    y1, affine1 = affine_forward(x, params["w1"], params["b1"])
    y2, affine2 = affine_forward(y1, params["w2"], params["b2"])
    y, sigmoid = sigmoid_forward(y2)
    return y, (affine1, y1, affine2, sigmoid)


def sigmoid_left_out(x, params):
    """What the second affine layer says."""
    y1, affine1 = affine_forward(x, params["w1"], params["b1"])
    hidden, relu = relu_forward(y1)
    y, affine2 = affine_forward(hidden, params["w2"], params["b2"])
    return y, (affine1, relu, affine2, y)


def sigmoid_for_relu(x, params):
    """A sigmoid behind either layer."""
    y1, affine1 = affine_forward(x, params["w1"], params["b1"])
    hidden, first = sigmoid_forward(y1)
    y2, affine2 = affine_forward(hidden, params["w2"], params["b2"])
    y, second = sigmoid_forward(y2)
    return y, (affine1, first, affine2, second)


def relu_behind_both(x, params):
    """A ReLU behind the second affine layer, too."""
    y1, affine1 = affine_forward(x, params["w1"], params["b1"])
    hidden, relu = relu_forward(y1)
    y2, affine2 = affine_forward(hidden, params["w2"], params["b2"])
    positive, _ = relu_forward(y2)
    y, sigmoid = sigmoid_forward(positive)
    return y, (affine1, relu, affine2, sigmoid)


def activations_in_the_other_order(x, params):
    """First the sigmoid, then the ReLU."""
    y1, affine1 = affine_forward(x, params["w1"], params["b1"])
    hidden, sigmoid = sigmoid_forward(y1)
    y2, affine2 = affine_forward(hidden, params["w2"], params["b2"])
    y, relu = relu_forward(y2)
    return y, (affine1, sigmoid, affine2, relu)


def biases_left_out(x, params):
    """Matrix products alone."""
    y1 = x.reshape(len(x), -1) @ params["w1"]
    hidden, relu = relu_forward(y1)
    y, sigmoid = sigmoid_forward(hidden @ params["w2"])
    return y, ((x, params["w1"], params["b1"]), relu, (hidden, params["w2"], params["b2"]), sigmoid)


def images_not_flattened(x, params):
    """The product by the images as they are."""
    hidden, relu = relu_forward(x @ params["w1"] + params["b1"])
    y, sigmoid = sigmoid_forward(hidden @ params["w2"] + params["b2"])
    return y, ((x, params["w1"], params["b1"]), relu, (hidden, params["w2"], params["b2"]), sigmoid)


def caches_forgotten(x, params):
    """y alone comes back."""
    y1, _ = affine_forward(x, params["w1"], params["b1"])
    hidden, _ = relu_forward(y1)
    y2, _ = affine_forward(hidden, params["w2"], params["b2"])
    y, _ = sigmoid_forward(y2)
    return y


# -------------------------------------------------------------------------- network_backward


def relu_mask_left_out(dy, caches):
    """The gradient passes the ReLU as if it were not there."""
    affine1, _, affine2, sigmoid = caches
    dhidden, dw2, db2 = affine_backward(sigmoid_backward(dy, sigmoid), affine2)
    dx, dw1, db1 = affine_backward(dhidden, affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def relu_of_the_gradient(dy, caches):
    """Only positive gradients pass the ReLU."""
    affine1, _, affine2, sigmoid = caches
    dhidden, dw2, db2 = affine_backward(sigmoid_backward(dy, sigmoid), affine2)
    dy1, _ = relu_forward(dhidden)
    dx, dw1, db1 = affine_backward(dy1, affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def sigmoid_slope_left_out(dy, caches):
    """The gradient passes the sigmoid as if it were not there."""
    affine1, relu, affine2, _ = caches
    dhidden, dw2, db2 = affine_backward(dy, affine2)
    dx, dw1, db1 = affine_backward(relu_backward(dhidden, relu), affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def sigmoid_of_the_gradient(dy, caches):
    """The gradient goes through the sigmoid itself."""
    affine1, relu, affine2, _ = caches
    dy2, _ = sigmoid_forward(dy)
    dhidden, dw2, db2 = affine_backward(dy2, affine2)
    dx, dw1, db1 = affine_backward(relu_backward(dhidden, relu), affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def sigmoid_slope_at_its_output(dy, caches):
    """The sigmoid's slope at y, which has been through the sigmoid already."""
    affine1, relu, affine2, _ = caches
    hidden, w2, b2 = affine2
    y, _ = sigmoid_forward(hidden @ w2 + b2)
    twice, _ = sigmoid_forward(y)
    dhidden, dw2, db2 = affine_backward(dy * twice * (1 - twice), affine2)
    dx, dw1, db1 = affine_backward(relu_backward(dhidden, relu), affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def upstream_ignored(dy, caches):
    """The loss is taken for the sum of y."""
    affine1, relu, affine2, sigmoid = caches
    dhidden, dw2, db2 = affine_backward(sigmoid_backward(np.ones_like(dy), sigmoid), affine2)
    dx, dw1, db1 = affine_backward(relu_backward(dhidden, relu), affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def averaged_in_the_layers(dy, caches):
    """The gradients of weights and biases are means over the batch."""
    affine1, relu, affine2, sigmoid = caches
    n = len(dy)
    dhidden, dw2, db2 = affine_backward(sigmoid_backward(dy, sigmoid), affine2)
    dx, dw1, db1 = affine_backward(relu_backward(dhidden, relu), affine1)
    return {"w1": dw1 / n, "b1": db1 / n, "w2": dw2 / n, "b2": db2 / n, "x": dx}


def bias_gradients_zero(dy, caches):
    """The biases get no gradient."""
    affine1, relu, affine2, sigmoid = caches
    dhidden, dw2, db2 = affine_backward(sigmoid_backward(dy, sigmoid), affine2)
    dx, dw1, db1 = affine_backward(relu_backward(dhidden, relu), affine1)
    return {"w1": dw1, "b1": np.zeros_like(db1), "w2": dw2, "b2": np.zeros_like(db2), "x": dx}


def layers_mixed_up(dy, caches):
    """The layers are numbered in the order in which the gradient meets them."""
    affine1, relu, affine2, sigmoid = caches
    dhidden, dw1, db1 = affine_backward(sigmoid_backward(dy, sigmoid), affine2)
    dx, dw2, db2 = affine_backward(relu_backward(dhidden, relu), affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def hidden_for_x(dy, caches):
    """What reaches the first layer's output under the name of x."""
    affine1, relu, affine2, sigmoid = caches
    dhidden, dw2, db2 = affine_backward(sigmoid_backward(dy, sigmoid), affine2)
    dx = relu_backward(dhidden, relu)
    _, dw1, db1 = affine_backward(dx, affine1)
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


def gradient_of_flat_images(dy, caches):
    """The gradient of the rows that the images have become."""
    affine1, relu, affine2, sigmoid = caches
    x, w1, b1 = affine1
    dhidden, dw2, db2 = affine_backward(sigmoid_backward(dy, sigmoid), affine2)
    dx, dw1, db1 = affine_backward(relu_backward(dhidden, relu), (x.reshape(len(x), -1), w1, b1))
    return {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2, "x": dx}


# ------------------------------------------------------------------------------------- train


def uphill(params, batches, step_size):
    """Steps along the gradient."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        p = {name: p[name] + step_size * g[name] for name in p}
    return p


def only_the_last_batch(params, batches, step_size):
    """Every step starts from the first params."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ params["w1"] + params["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ params["w2"] + params["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ params["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        p = {name: params[name] - step_size * g[name] for name in params}
    return p


def only_the_first_batch(params, batches, step_size):
    """The return stands inside the loop."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        return {name: p[name] - step_size * g[name] for name in p}
    return p


def all_gradients_at_the_start(params, batches, step_size):
    """Every gradient is taken at the first params; the steps add up."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ params["w1"] + params["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ params["w2"] + params["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ params["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        p = {name: p[name] - step_size * g[name] for name in p}
    return p


def averaged_twice(params, batches, step_size):
    """The gradients are divided by the batch once more."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        p = {name: p[name] - step_size * g[name] / len(x) for name in p}
    return p


def batch_not_averaged(params, batches, step_size):
    """The loss of a batch is a sum."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        p = {name: p[name] - step_size * g[name] for name in p}
    return p


def biases_not_trained(params, batches, step_size):
    """The biases stay what they were."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        p = {**p, "w1": p["w1"] - step_size * rows.T @ dy1, "w2": p["w2"] - step_size * hidden.T @ dy2}
    return p


def trained_without_the_mask(params, batches, step_size):
    """The gradient passes the ReLU as if it were not there."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        p = {name: p[name] - step_size * g[name] for name in p}
    return p


def trained_without_the_slope(params, batches, step_size):
    """The gradient passes the sigmoid as if it were not there."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        p = {name: p[name] - step_size * g[name] for name in p}
    return p


def stepped_before_the_gradient_passed(params, batches, step_size):
    """The second layer takes its step before the gradient has gone through it."""
    p = dict(params)
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        p["w2"] = p["w2"] - step_size * hidden.T @ dy2
        p["b2"] = p["b2"] - step_size * dy2.sum(axis=0)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        p["w1"] = p["w1"] - step_size * rows.T @ dy1
        p["b1"] = p["b1"] - step_size * dy1.sum(axis=0)
    return p


def with_momentum(params, batches, step_size):
    """A velocity that remembers earlier gradients."""
    p = dict(params)
    velocity = {name: np.zeros_like(value) for name, value in p.items()}
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        velocity = {name: 0.9 * velocity[name] - step_size * g[name] for name in p}
        p = {name: p[name] + velocity[name] for name in p}
    return p


def changed_in_place(params, batches, step_size):
    """The caller's own arrays take the steps."""
    p = params
    for x, target in batches:
        rows = x.reshape(len(x), -1)
        hidden = np.maximum(rows @ p["w1"] + p["b1"], 0)
        y = 1 / (1 + np.exp(-(hidden @ p["w2"] + p["b2"])))
        dy2 = 2 * (y - target) / len(x) * y * (1 - y)
        dy1 = dy2 @ p["w2"].T * (hidden > 0)
        g = {"w1": rows.T @ dy1, "b1": dy1.sum(axis=0), "w2": hidden.T @ dy2, "b2": dy2.sum(axis=0)}
        for name in p:
            p[name] -= step_size * g[name]
    return p


MISTAKES = [
    Mistake(
        "sum_loss",
        mean_for_sum,
        name="The loss is the mean of the entries, not their sum",
        hint="Compare with the course text's 52. If one entry grows by a little, by how much does the sum grow?",
    ),
    Mistake(
        "sum_loss",
        summed_by_column,
        name="The loss is a row of sums, one per column",
        hint="A loss is one number, whatever shape goes in. Over which axes do you have to add?",
    ),
    Mistake(
        "sum_loss",
        one_for_all,
        name="dy is one number instead of an array",
        hint="The slope is the same for every entry, and still every entry has one of its own: whose shape has dy?",
    ),
    Mistake(
        "sum_loss",
        one_per_sample,
        name="dy has one entry per sample",
        hint="How many numbers went into the sum? Each of them can be moved by itself.",
    ),
    Mistake(
        "sum_loss",
        values_for_slopes,
        name="dy is y itself",
        hint="Move one entry by a little: does it matter for the change of the sum how large that entry was?",
    ),
    Mistake(
        "squared_loss",
        not_averaged,
        name="The samples are added up, not averaged",
        hint="Hand every sample over twice: the loss should stay what it is. Does yours?",
    ),
    Mistake(
        "squared_loss",
        averaged_in_the_loss_alone,
        name="The loss is averaged over the samples, dy is not",
        hint="dy is the derivative of exactly the loss that you return: what became of the factor in front of it?",
    ),
    Mistake(
        "squared_loss",
        averaged_over_all_entries,
        name="The mean is taken over all entries, not over the samples",
        hint="Within a sample the squares are added. How many samples are there, and how many entries?",
    ),
    Mistake(
        "squared_loss",
        without_the_exponent,
        name="dy lacks a factor: the derivative of a square has one",
        hint="Differentiate a square on paper. With a half in front of the loss it would cancel; there is none here.",
    ),
    Mistake(
        "squared_loss",
        half_the_square,
        name="The loss is half the sum of squares",
        hint="Some textbooks put a half in front, for a nicer gradient. What does the handout's definition say?",
    ),
    Mistake(
        "squared_loss",
        slope_of_the_target,
        name="dy has the wrong sign: it is the derivative by the target",
        hint="Where y is above its target, the loss grows with y. Which sign must dy have there?",
    ),
    Mistake(
        "squared_loss",
        slopes_summed_over_samples,
        name="dy is added up over the samples",
        hint="Every sample has its own outputs, and so its own gradients. Compare dy.shape with y.shape.",
    ),
    Mistake(
        "cross_entropy_loss",
        dscores_not_averaged,
        name="The loss is averaged over the samples, dscores is not",
        hint="The mean stands in front of the whole loss. Where has it gone in the derivative?",
    ),
    Mistake(
        "cross_entropy_loss",
        surprise_not_averaged,
        name="The samples are added up, not averaged",
        hint="Equal scores should give the logarithm of the number of classes, for a batch of any size.",
    ),
    Mistake(
        "cross_entropy_loss",
        probabilities_for_dscores,
        name="dscores are the probabilities: the labels play no part",
        hint="An offset of a row changes nothing, so its dscores add up to 0. What do yours add up to?",
    ),
    Mistake(
        "cross_entropy_loss",
        one_taken_from_whole_columns,
        name="The labels' columns are changed in every row",
        hint="A slice takes all rows. You need one entry per row: pair each row's number with its own label.",
    ),
    Mistake(
        "cross_entropy_loss",
        softmax_by_column,
        name="The softmax runs along the wrong axis",
        hint="The classes of one sample compete with each other: which axis must add up to 1?",
    ),
    Mistake(
        "cross_entropy_loss",
        exponential_unshifted,
        name="The exponential overflows for large scores",
        hint="np.exp(1000) is infinite. A softmax does not notice an offset of its row: which offset is a safe one?",
    ),
    Mistake(
        "cross_entropy_loss",
        shifted_by_the_largest_of_all,
        name="All rows are shifted by the same number",
        hint="What becomes of a row that lies thousands below the batch's largest score? Each needs its own offset.",
    ),
    Mistake(
        "cross_entropy_loss",
        logarithm_of_zero,
        name="The logarithm is taken of a probability that is rounded to 0",
        hint="Take the logarithm on paper before you compute: which part of it needs no exponential at all?",
    ),
    Mistake(
        "cross_entropy_loss",
        small_number_in_the_logarithm,
        name="A small number in the logarithm hides how wrong the network is",
        hint="It caps the loss, which no longer fits its gradient then. Simplify the logarithm on paper instead.",
        also=[smaller_number_in_the_logarithm],
    ),
    Mistake(
        "network_forward",
        relu_left_out,
        name="There is no ReLU between the layers",
        hint="Two affine layers in a row are one affine layer. What stands between them in the network?",
    ),
    Mistake(
        "network_forward",
        sigmoid_left_out,
        name="The last sigmoid is missing",
        hint="Every entry of y should lie between 0 and 1. Which layer sees to that?",
    ),
    Mistake(
        "network_forward",
        sigmoid_for_relu,
        name="The hidden layer has a sigmoid, too",
        hint="The two activations differ: which one comes behind the first affine layer?",
    ),
    Mistake(
        "network_forward",
        relu_behind_both,
        name="There is a ReLU in front of the sigmoid",
        hint="y is never below one half: who has removed the negative numbers in front of the sigmoid?",
    ),
    Mistake(
        "network_forward",
        activations_in_the_other_order,
        name="ReLU and sigmoid have changed places",
        hint="Go through the list of layers from the top: which activation is the first one?",
    ),
    Mistake(
        "network_forward",
        biases_left_out,
        name="The biases are not used",
        hint="Set all weights to 0: y should still depend on b2. You have a whole affine layer to call.",
    ),
    Mistake(
        "network_forward",
        images_not_flattened,
        name="Images go into the matrix product without being flattened",
        hint="Every image becomes a row before it meets the weights. Your own affine layer does that already.",
    ),
    Mistake(
        "network_forward",
        caches_forgotten,
        name="y comes back alone, without the caches",
        hint="Two things come back, as from every layer: what will network_backward need of the way here?",
    ),
    Mistake(
        "network_backward",
        relu_mask_left_out,
        name="The gradient passes the ReLU unchanged",
        hint="A neuron that was switched off in the forward pass had no influence on the loss. What is its gradient?",
    ),
    Mistake(
        "network_backward",
        relu_of_the_gradient,
        name="The ReLU is applied to the gradient",
        hint="The mask belongs to the forward pass: what was positive there? A gradient may have either sign.",
    ),
    Mistake(
        "network_backward",
        sigmoid_slope_left_out,
        name="The gradient passes the sigmoid unchanged",
        hint="dy belongs to the sigmoid's output. What does the chain rule ask for to reach its input?",
    ),
    Mistake(
        "network_backward",
        sigmoid_of_the_gradient,
        name="The gradient goes through the sigmoid itself",
        hint="On the way back a layer multiplies by its slope. Which of your functions does that for the sigmoid?",
    ),
    Mistake(
        "network_backward",
        sigmoid_slope_at_its_output,
        name="The sigmoid's slope is taken at y, which has been through it already",
        hint="Say aloud what is in the cache: the sigmoid's input or its output? It goes through the sigmoid once.",
        see="network_forward",
    ),
    Mistake(
        "network_backward",
        upstream_ignored,
        name="dy is not used",
        hint="Double the loss, and every gradient doubles. Where does the loss come into yours?",
    ),
    Mistake(
        "network_backward",
        averaged_in_the_layers,
        name="The gradients of weights and biases are averaged over the batch",
        hint="dy is the gradient of the whole loss: if that is a mean, the factor is inside. The layers only add.",
    ),
    Mistake(
        "network_backward",
        bias_gradients_zero,
        name="The biases get no gradient",
        hint="Move a bias a little and the loss moves. What does affine_backward return besides dx and dw?",
    ),
    Mistake(
        "network_backward",
        layers_mixed_up,
        name="The two layers' gradients have changed names",
        hint="Compare each gradient's shape with its parameter's: which layer do you reach first on the way back?",
        see="network_forward",
    ),
    Mistake(
        "network_backward",
        hidden_for_x,
        name="x has the gradient of the first layer's output",
        hint="One more layer lies between that output and x. Compare the gradient's shape with that of x.",
    ),
    Mistake(
        "network_backward",
        gradient_of_flat_images,
        name="The gradient of the images stays flat",
        hint="The gradient of x has the shape of x, whatever the layer did with it on the way.",
    ),
    Mistake(
        "train",
        uphill,
        name="The steps go uphill",
        hint="The gradient points to where the loss grows. Which way do you want to go?",
    ),
    Mistake(
        "train",
        only_the_last_batch,
        name="Only the last batch counts: every step starts from the first params",
        hint="Where does the second step start? What the first step has learnt must not be lost.",
    ),
    Mistake(
        "train",
        only_the_first_batch,
        name="Only the first batch is used",
        hint="Print a line in the loop: how often does it appear? Look at where the return stands.",
    ),
    Mistake(
        "train",
        all_gradients_at_the_start,
        name="All gradients are taken at the first params",
        hint="After a step the network is another one. With which params must the next batch go forward?",
    ),
    Mistake(
        "train",
        averaged_twice,
        name="The mean over the batch is taken twice",
        hint="squared_loss is a mean already, so the division by the number of samples is inside its gradient.",
        see="squared_loss",
    ),
    Mistake(
        "train",
        batch_not_averaged,
        name="The loss of a batch is a sum, not a mean",
        hint="Which loss are the steps taken on? A batch twice as large should not make a step twice as long.",
        see="squared_loss",
    ),
    Mistake(
        "train",
        biases_not_trained,
        name="The biases do not learn",
        hint="Four arrays are params. Which of them have changed after a step?",
    ),
    Mistake(
        "train",
        trained_without_the_mask,
        name="It learns, but the gradient passes the ReLU unchanged",
        hint="Accuracy does not show it, the weights do. Check network_backward first: what if a neuron was off?",
        see="network_backward",
    ),
    Mistake(
        "train",
        trained_without_the_slope,
        name="It learns, but the gradient passes the sigmoid unchanged",
        hint="Accuracy does not show it, the weights do. Check network_backward first: what lies behind y?",
        see="network_backward",
    ),
    Mistake(
        "train",
        stepped_before_the_gradient_passed,
        name="The second layer steps before the gradient has passed through it",
        hint="All gradients of a step belong to the same params. Compute every one of them, then move.",
        see="network_backward",
    ),
    Mistake(
        "train",
        with_momentum,
        name="The steps remember earlier gradients",
        hint="Momentum is a good idea of its own, but plain gradient descent looks at the present gradient alone.",
    ),
    Mistake(
        "train",
        changed_in_place,
        name="The params that were handed in have been changed",
        hint="The caller may still need the old params, to compare or to start again. Make new arrays.",
        effect=Effect.REMARK,
    ),
]
