"""The same mistakes once more, in another hand: what a proof holds the naming of mistakes against.

Each function is named as its mistake in mistakes.py and written without it: without the layers where that
one calls them, with them where that one does not.
"""

import numpy as np

# ---------------------------------------------------------------------------------- sum_loss


def mean_for_sum(y):
    n = y.size
    return sum(y.ravel()) / n, np.full(y.shape, 1 / n)


def summed_by_column(y):
    return sum(y), y * 0 + 1


def one_for_all(y):
    return sum(y.ravel()), 1


def one_per_sample(y):
    return sum(y.ravel()), np.array([1.0 for _ in y])


def values_for_slopes(y):
    return sum(y.ravel()), y * 1


# ------------------------------------------------------------------------------ squared_loss


def not_averaged(y, target):
    off = y - target
    return np.vdot(off, off), off + off


def averaged_in_the_loss_alone(y, target):
    off = y - target
    return np.vdot(off, off) / y.shape[0], off + off


def averaged_over_all_entries(y, target):
    off = y - target
    return np.vdot(off, off) / off.size, (off + off) / off.size


def without_the_exponent(y, target):
    off = y - target
    return np.vdot(off, off) / y.shape[0], off / y.shape[0]


def half_the_square(y, target):
    off = y - target
    return 0.5 * np.vdot(off, off) / y.shape[0], off / y.shape[0]


def slope_of_the_target(y, target):
    off = target - y
    return np.mean(np.sum(off * off, axis=1)), 2 / y.shape[0] * off


def slopes_summed_over_samples(y, target):
    off = y - target
    return np.mean(np.sum(off * off, axis=1)), sum(2 * row / y.shape[0] for row in off)


# ------------------------------------------------------------------------ cross_entropy_loss


def dscores_not_averaged(scores, labels):
    losses, slopes = [], []
    for row, label in zip(scores, labels):
        e = np.exp(row - max(row))
        losses.append(max(row) + np.log(sum(e)) - row[label])
        slopes.append(e / sum(e) - (np.arange(len(row)) == label))
    return sum(losses) / len(losses), np.array(slopes)


def surprise_not_averaged(scores, labels):
    losses, slopes = [], []
    for row, label in zip(scores, labels):
        e = np.exp(row - max(row))
        losses.append(max(row) + np.log(sum(e)) - row[label])
        slopes.append(e / sum(e) - (np.arange(len(row)) == label))
    return sum(losses), np.array(slopes)


def probabilities_for_dscores(scores, labels):
    losses, slopes = [], []
    for row, label in zip(scores, labels):
        e = np.exp(row - max(row))
        losses.append(max(row) + np.log(sum(e)) - row[label])
        slopes.append(e / sum(e) / len(scores))
    return sum(losses) / len(losses), np.array(slopes)


def one_taken_from_whole_columns(scores, labels):
    losses, slopes = [], []
    for row, label in zip(scores, labels):
        e = np.exp(row - max(row))
        losses.append(max(row) + np.log(sum(e)) - row[label])
        slopes.append((e / sum(e) - np.isin(np.arange(len(row)), labels)) / len(scores))
    return np.mean(losses), np.array(slopes)


def softmax_by_column(scores, labels):
    n = len(scores)
    p = np.array([np.exp(c - max(c)) / sum(np.exp(c - max(c))) for c in scores.T]).T
    log_p = np.array([c - max(c) - np.log(sum(np.exp(c - max(c)))) for c in scores.T]).T
    hot = np.eye(scores.shape[1])[labels]
    return -np.sum(hot * log_p) / n, (p - hot) / n


def exponential_unshifted(scores, labels):
    hot = np.eye(scores.shape[1])[labels]
    e = np.exp(scores)
    p = np.array([row / sum(row) for row in e])
    return np.mean([-np.log(row[label]) for row, label in zip(p, labels)]), (p - hot) / len(p)


def shifted_by_the_largest_of_all(scores, labels):
    hot = np.eye(scores.shape[1])[labels]
    e = np.exp(scores - scores.max())
    p = np.array([row / sum(row) for row in e])
    return np.mean([-np.log(row[label]) for row, label in zip(p, labels)]), (p - hot) / len(p)


def logarithm_of_zero(scores, labels):
    hot = np.eye(scores.shape[1])[labels]
    e = np.array([np.exp(row - max(row)) for row in scores])
    p = np.array([row / sum(row) for row in e])
    return np.mean([-np.log(row[label]) for row, label in zip(p, labels)]), (p - hot) / len(p)


def small_number_in_the_logarithm(scores, labels):
    hot = np.eye(scores.shape[1])[labels]
    e = np.array([np.exp(row - max(row)) for row in scores])
    p = np.array([row / sum(row) for row in e])
    return np.mean([-np.log(row[label] + 1e-8) for row, label in zip(p, labels)]), (p - hot) / len(p)


# --------------------------------------------------------------------------- network_forward


def relu_left_out(x, params):
    rows = x.reshape(len(x), -1)
    first = rows @ params["w1"] + params["b1"]
    y = 1 / (1 + np.exp(-(first @ params["w2"] + params["b2"])))
    return y, None


def sigmoid_left_out(x, params):
    rows = x.reshape(len(x), -1)
    first = np.maximum(rows @ params["w1"] + params["b1"], 0)
    return first @ params["w2"] + params["b2"], None


def sigmoid_for_relu(x, params):
    rows = x.reshape(len(x), -1)
    first = 1 / (1 + np.exp(-(rows @ params["w1"] + params["b1"])))
    return 1 / (1 + np.exp(-(first @ params["w2"] + params["b2"]))), None


def relu_behind_both(x, params):
    rows = x.reshape(len(x), -1)
    first = np.maximum(rows @ params["w1"] + params["b1"], 0)
    second = np.maximum(first @ params["w2"] + params["b2"], 0)
    return 1 / (1 + np.exp(-second)), None


def activations_in_the_other_order(x, params):
    rows = x.reshape(len(x), -1)
    first = 1 / (1 + np.exp(-(rows @ params["w1"] + params["b1"])))
    return np.maximum(first @ params["w2"] + params["b2"], 0), None


def biases_left_out(x, params):
    nothing1, nothing2 = 0 * params["b1"], 0 * params["b2"]
    y1, one = affine_forward(x, params["w1"], nothing1)
    hidden, two = relu_forward(y1)
    y2, three = affine_forward(hidden, params["w2"], nothing2)
    y, four = sigmoid_forward(y2)
    return y, (one, two, three, four)


def images_not_flattened(x, params):
    first = np.dot(x, params["w1"]) + params["b1"]
    hidden = np.where(first > 0, first, 0)
    y = 1 / (1 + np.exp(-(np.dot(hidden, params["w2"]) + params["b2"])))
    return y, None


def caches_forgotten(x, params):
    rows = x.reshape(len(x), -1)
    hidden = np.maximum(rows @ params["w1"] + params["b1"], 0)
    return 1 / (1 + np.exp(-(hidden @ params["w2"] + params["b2"])))


# -------------------------------------------------------------------------- network_backward


def relu_mask_left_out(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(dy, y)
    dy1 = dy2 @ w2.T
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy2, "b2": dy2.sum(0)}


def relu_of_the_gradient(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(dy, y)
    dy1 = np.maximum(dy2 @ w2.T, 0)
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy2, "b2": dy2.sum(0)}


def sigmoid_slope_left_out(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), _ = caches
    dy1 = dy @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy, "b2": dy.sum(0)}


def sigmoid_of_the_gradient(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), _ = caches
    dy2 = (1 + np.tanh(dy / 2)) / 2
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy2, "b2": dy2.sum(0)}


def sigmoid_slope_at_its_output(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), _ = caches
    y = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
    s = 1 / (1 + np.exp(-y))
    dy2 = dy * (s - s * s)
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy2, "b2": dy2.sum(0)}


def upstream_ignored(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(0 * dy + 1, y)
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy2, "b2": dy2.sum(0)}


def averaged_in_the_layers(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(dy, y)
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows, n = x.reshape(len(x), -1), len(x)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1 / n, "b1": dy1.mean(0), "w2": hidden.T @ dy2 / n, "b2": dy2.mean(0)}


def bias_gradients_zero(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(dy, y)
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w1": rows.T @ dy1, "b1": 0 * b1, "w2": hidden.T @ dy2, "b2": 0 * b2}


def layers_mixed_up(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(dy, y)
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    dx = (dy1 @ w1.T).reshape(x.shape)
    return {"x": dx, "w2": rows.T @ dy1, "b2": dy1.sum(0), "w1": hidden.T @ dy2, "b1": dy2.sum(0)}


def hidden_for_x(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(dy, y)
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    return {"x": dy1, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy2, "b2": dy2.sum(0)}


def gradient_of_flat_images(dy, caches):
    (x, w1, b1), _, (hidden, w2, b2), y = caches
    dy2 = sigmoid_backward(dy, y)
    dy1 = dy2 @ w2.T * (hidden > 0)
    rows = x.reshape(len(x), -1)
    return {"x": dy1 @ w1.T, "w1": rows.T @ dy1, "b1": dy1.sum(0), "w2": hidden.T @ dy2, "b2": dy2.sum(0)}


# ------------------------------------------------------------------------------------- train


def uphill(params, batches, step_size):
    now = dict(params)
    for x, target in batches:
        y, caches = network_forward(x, now)
        slopes = network_backward(squared_loss(y, target)[1], caches)
        now = {name: value + step_size * slopes[name] for name, value in now.items()}
    return now


def only_the_last_batch(params, batches, step_size):
    x, target = batches[-1]
    y, caches = network_forward(x, params)
    slopes = network_backward(squared_loss(y, target)[1], caches)
    return {name: value - step_size * slopes[name] for name, value in params.items()}


def only_the_first_batch(params, batches, step_size):
    x, target = batches[0]
    y, caches = network_forward(x, params)
    slopes = network_backward(squared_loss(y, target)[1], caches)
    return {name: value - step_size * slopes[name] for name, value in params.items()}


def all_gradients_at_the_start(params, batches, step_size):
    total = {name: 0 * value for name, value in params.items()}
    for x, target in batches:
        y, caches = network_forward(x, params)
        slopes = network_backward(squared_loss(y, target)[1], caches)
        total = {name: total[name] + slopes[name] for name in total}
    return {name: params[name] - step_size * total[name] for name in params}


def averaged_twice(params, batches, step_size):
    now = dict(params)
    for x, target in batches:
        y, caches = network_forward(x, now)
        slopes = network_backward(squared_loss(y, target)[1] / len(x), caches)
        now = {name: value - step_size * slopes[name] for name, value in now.items()}
    return now


def batch_not_averaged(params, batches, step_size):
    now = dict(params)
    for x, target in batches:
        y, caches = network_forward(x, now)
        slopes = network_backward(2 * (y - target), caches)
        now = {name: value - step_size * slopes[name] for name, value in now.items()}
    return now


def biases_not_trained(params, batches, step_size):
    now = dict(params)
    for x, target in batches:
        y, caches = network_forward(x, now)
        slopes = network_backward(squared_loss(y, target)[1], caches)
        now.update({name: now[name] - step_size * slopes[name] for name in ("w1", "w2")})
    return now


def trained_without_the_mask(params, batches, step_size):
    now = dict(params)
    for x, target in batches:
        y, (one, _, two, four) = network_forward(x, now)
        dhidden, dw2, db2 = affine_backward(sigmoid_backward(squared_loss(y, target)[1], four), two)
        _, dw1, db1 = affine_backward(dhidden, one)
        slopes = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
        now = {name: value - step_size * slopes[name] for name, value in now.items()}
    return now


def trained_without_the_slope(params, batches, step_size):
    now = dict(params)
    for x, target in batches:
        y, (one, mask, two, _) = network_forward(x, now)
        dhidden, dw2, db2 = affine_backward(squared_loss(y, target)[1], two)
        _, dw1, db1 = affine_backward(relu_backward(dhidden, mask), one)
        slopes = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
        now = {name: value - step_size * slopes[name] for name, value in now.items()}
    return now


def stepped_before_the_gradient_passed(params, batches, step_size):
    now = dict(params)
    for x, target in batches:
        y, (one, mask, (hidden, w2, b2), four) = network_forward(x, now)
        dy2 = sigmoid_backward(squared_loss(y, target)[1], four)
        now["w2"] = w2 - step_size * (hidden.T @ dy2)
        now["b2"] = b2 - step_size * dy2.sum(0)
        _, dw1, db1 = affine_backward(relu_backward(dy2 @ now["w2"].T, mask), one)
        now["w1"] = now["w1"] - step_size * dw1
        now["b1"] = now["b1"] - step_size * db1
    return now


def with_momentum(params, batches, step_size):
    now, speed = dict(params), dict.fromkeys(params, 0.0)
    for x, target in batches:
        y, caches = network_forward(x, now)
        slopes = network_backward(squared_loss(y, target)[1], caches)
        speed = {name: 0.9 * speed[name] + slopes[name] for name in now}
        now = {name: now[name] - step_size * speed[name] for name in now}
    return now
