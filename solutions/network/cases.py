"""The toy network with a loss (course text §2.1 and fig. 1): losses, forward, backward, training."""

import math
from pathlib import Path

import numpy as np

from grader.authoring import (
    ANSWER,
    Assignment,
    Case,
    Exercise,
    Graph,
    call,
    central_gradient,
    derivative,
    result,
    steps,
)
from grader.plan import Plan

DIGITS = np.loadtxt(Path(__file__).with_name("digits.csv"), delimiter=",")
"""500 rows: the 64 pixels of an 8×8 image, 0 to 16, and its digit. Source and licence: digits_LICENSE.txt."""

CLEAR = 1e-3
"""How far every input of the ReLU stays from 0, relative to the largest: no rounding flips the mask."""

# The worked example of the handout: every number that comes up in it is a whole one, y is 1/2 everywhere.
X = np.array([[1.0, 2.0], [2.0, -1.0]])
PARAMS = {
    "w1": np.array([[1.0, -1.0, 2.0], [1.0, 2.0, -1.0]]),
    "b1": np.array([-2.0, 1.0, -1.0]),
    "w2": np.array([[0.0, 4.0], [-1.0, 1.0], [-1.0, 2.0]]),
    "b2": np.array([4.0, -8.0]),
}
DY = np.array([[4.0, -8.0], [12.0, 4.0]])
TARGET = np.array([[1.0, 0.0], [0.0, 0.0]])

VALUES_AND_IMAGES = {"values": 3, "images": 1}
GRAPH = Graph([4, 3, 2], ["Affine", "ReLU", "Affine", "Sigmoid", "Loss"])
"""Fig. 1, drawn with four features, three hidden neurons and two outputs."""
FORWARD = ("affine_forward", "relu_forward", "sigmoid_forward")
BACKWARD = ("affine_backward", "relu_backward", "sigmoid_backward")


# ------------------------------------------------------------------------------------ inputs


def losses(n, m, scale=1.0):
    """y and target of a squared loss."""
    return lambda rng: {"y": scale * rng.standard_normal((n, m)), "target": scale * rng.standard_normal((n, m))}


def classes(n, c, offsets=0.0):
    """Scores, `offsets` added by row or by column, and labels. The first label is the least likely class."""

    def draw(rng):
        scores = 2 * rng.standard_normal((n, c)) + np.array(offsets)
        labels = rng.integers(c, size=n)
        labels[0] = np.argmin(scores[0])
        return {"scores": scores, "labels": labels}

    return draw


def weights(rng, d, h, m, spread=1.0):
    """Params of a network that neither sleeps nor saturates on inputs of about this spread."""
    return {
        "w1": rng.standard_normal((d, h)) / (spread * math.sqrt(d)),
        "b1": rng.uniform(-0.5, 0.5, h),
        "w2": rng.standard_normal((h, m)) / math.sqrt(h),
        "b2": rng.uniform(-0.5, 0.5, m),
    }


def well_posed(x, params):
    """Whether some neurons of the hidden layer are on, some off, and none on the edge."""
    inputs = relu_inputs(x, params)
    return np.any(inputs > 0) and np.any(inputs < 0) and np.min(np.abs(inputs)) > CLEAR * np.max(np.abs(inputs))


def samples(n, features, h, m, scale=1.0):
    """x and params of a network, `features` being the shape of a sample; drawn until well posed."""

    def draw(rng):
        while True:
            x = scale * rng.standard_normal((n, *features))
            params = weights(rng, math.prod(features), h, m)
            if well_posed(x, params):
                return {"x": x, "params": params}

    return draw


def saturated(inputs):
    """The same, drawn until one output is nearly 1 and one nearly 0: an output that is all 0 shows nothing."""

    def draw(rng):
        while True:
            drawn = inputs(rng)
            outputs = network(**drawn)
            if np.max(outputs) > 0.99 and np.min(outputs) < 0.01:
                return drawn

    return draw


def with_upstream(inputs, scale=1.0):
    """The same inputs and any upstream gradient."""

    def draw(rng):
        drawn = inputs(rng)
        return {**drawn, "dy": scale * rng.standard_normal(network(**drawn).shape)}

    return draw


def with_target(inputs):
    """The same inputs, and the upstream gradient that the squared loss against a target sends."""

    def draw(rng):
        drawn = inputs(rng)
        y = network(**drawn)
        target = np.eye(y.shape[1])[rng.integers(y.shape[1], size=len(y))]
        dy = central_gradient(lambda moved: mean_squared(moved, target), y, step=1e-2)
        return {**drawn, "target": target, "dy": dy}

    return draw


def images(rng, n):
    """n of the digits as 8×8 images between 0 and 1, and their targets: 1 for the digit, 0 elsewhere."""
    rows = DIGITS[rng.choice(len(DIGITS), n, replace=False)]
    return rows[:, :64].reshape(n, 8, 8) / 16, np.eye(10)[rows[:, 64].astype(int)]


def digit_images(n, h, m=10):
    """x and params of a network that looks at digits; drawn until well posed."""

    def draw(rng):
        while True:
            x, _ = images(rng, n)
            params = weights(rng, 64, h, m, spread=0.5)
            if well_posed(x, params):
                return {"x": x, "params": params}

    return draw


def small_batch(d, m):
    """A function (rng, n) → a batch of n samples with targets between 0 and 1."""
    return lambda rng, n: (rng.standard_normal((n, d)), rng.uniform(0, 1, (n, m)))


def runs(batch, sizes, d, h, m, step_size, spread=1.0, digits=16):
    """Params, batches of these sizes and a step size; drawn until every step of the run is well posed.

    Params are rounded to so many digits: a visible case has to be read.
    """

    def draw(rng):
        while True:
            params = {name: np.round(value, digits) for name, value in weights(rng, d, h, m, spread).items()}
            batches = tuple(batch(rng, n) for n in sizes)
            path = descent(params, batches, step_size)
            if all(well_posed(x, at) for at, (x, _) in zip(path[:-1], batches, strict=True)):
                return {"params": params, "batches": batches, "step_size": step_size}

    return draw


def small(w1, b1, w2, b2):
    """Params written out."""
    return {name: np.array(value, dtype=float) for name, value in {"w1": w1, "b1": b1, "w2": w2, "b2": b2}.items()}


def one_batch(x, target):
    """Batches: one of these samples."""
    return ((np.array(x, dtype=float), np.array(target, dtype=float)),)


# ----------------------------------------------------------------------------------- oracles


def relu_inputs(x, params):
    """What comes out of the first affine layer."""
    return np.einsum("nd,dh->nh", x.reshape(len(x), -1), params["w1"]) + params["b1"]


def network(x, params):
    """The network's y; the sigmoid written with tanh."""
    inputs = relu_inputs(x, params)
    hidden = np.where(inputs > 0, inputs, 0.0)
    return 0.5 + 0.5 * np.tanh(0.5 * (np.einsum("nh,hm->nm", hidden, params["w2"]) + params["b2"]))


def mean_squared(y, target):
    """The squared loss, sample by sample."""
    return math.fsum(math.fsum((y[n] - target[n]) ** 2) for n in range(len(y))) / len(y)


def surprise(scores, labels):
    """The cross-entropy, sample by sample: the logarithm of Σ_c exp(s_c − s_label), kept finite."""
    total = 0.0
    for row, label in zip(scores, labels, strict=True):
        over = row - row[label]
        top = max(over)
        total += top + math.log(math.fsum(math.exp(o - top) for o in over))
    return total / len(scores)


def sum_oracle(y):
    """The loss entry by entry; it is linear, so that a step of 1 is exact."""
    return math.fsum(y.ravel()), central_gradient(np.sum, y, step=1.0)


def squared_oracle(y, target):
    """The loss sample by sample, and its central differences; it is quadratic, so that any step is exact."""
    return mean_squared(y, target), central_gradient(lambda moved: mean_squared(moved, target), y, step=1e-2)


def cross_entropy_oracle(scores, labels):
    """The loss sample by sample, and the central differences of its logarithm of a sum."""
    dscores = np.zeros_like(scores)
    for n, row in enumerate(scores):  # a loss is blind to an offset of its row: near 0 the differences are exact
        near = row - np.max(row)
        dscores[n] = central_gradient(lambda moved, n=n: surprise([moved], labels[n : n + 1]), near) / len(scores)
    return surprise(scores, labels), dscores


def forward_oracle(x, params):
    """The network written another way."""
    return network(x, params)


def slopes(params, loss):
    """Central differences of a loss of params, by every one of them."""
    return {
        name: central_gradient(lambda moved, name=name: loss({**params, name: moved}), value)
        for name, value in params.items()
    }


def backward_oracle(x, params, dy, target=None):
    """The whole loss differentiated numerically: against the target, or Σ dy ⊙ y where there is none."""

    def loss(y):
        return np.sum(dy * y) if target is None else mean_squared(y, target)

    by_params = slopes(params, lambda moved: loss(network(x, moved)))
    return {**by_params, "x": central_gradient(lambda moved: loss(network(moved, params)), x)}


def descent(params, batches, step_size):
    """Params before the first step, after it, …, after the last, by numerical differentiation."""
    path = [params]
    for x, target in batches:
        now = path[-1]
        slope = slopes(now, lambda moved, x=x, target=target: mean_squared(network(x, moved), target))
        path.append({name: now[name] - step_size * slope[name] for name in now})
    return path


def train_oracle(params, batches, step_size):
    """Params after the last step."""
    return descent(params, batches, step_size)[-1]


# --------------------------------------------------------------------------------- exercises

SUM_LOSS = Exercise(
    "sum_loss",
    title="The sum of all entries as a loss",
    source="course text §4.2 (a) and (b)",
    formula=r"L = \sum_{i,j} y_{ij}",
    plan=call("sum_loss", "y"),
    points={"loss": 1, "dy": 1},
    derivative=derivative(call("sum_loss", "y"), dy="y"),
    shape_credit=0.5,
    oracle=sum_oracle,
    degenerate={"dy constant": "A sum grows by 1 with each of its terms, whatever they are."},
    visible=[
        Case(
            "squares_of_the_text",
            "f(Y) of the course text's 2×2 exercise",
            inputs={"y": [[1, 1], [25, 25]]},
            expect={"loss": 52, "dy": [[1, 1], [1, 1]]},
        ),
        Case("signs", "Entries of both signs", inputs={"y": [[1, -2, 3], [-4, 5, 6]]}, expect={"loss": 9}),
    ],
    ladder=[
        Case("one_entry", "One sample, one output", inputs=lambda rng: {"y": rng.standard_normal((1, 1))}),
        Case("one_sample", "One sample, two outputs", inputs=lambda rng: {"y": rng.standard_normal((1, 2))}),
        Case("two_samples", "Two samples, three outputs", inputs=lambda rng: {"y": rng.standard_normal((2, 3))}),
    ],
    hidden=[
        Case("tall", "More samples than outputs", inputs=lambda rng: {"y": rng.standard_normal((7, 3))}),
        Case("one_sample", "A batch of one", inputs=lambda rng: {"y": rng.standard_normal((1, 4))}),
        Case("three_axes", "A batch of matrices", inputs=lambda rng: {"y": rng.standard_normal((2, 5, 3))}),
        Case("large", "Large entries", inputs=lambda rng: {"y": 1e4 * rng.standard_normal((3, 5))}),
    ],
)

SQUARED_LOSS = Exercise(
    "squared_loss",
    title="The squared distance from a target as a loss",
    source="course text §2.1, Loss() of the toy network",
    formula=r"L = \frac{1}{N} \sum_{n,m} (y_{nm} - t_{nm})^2",
    plan=call("squared_loss", "y", "target"),
    points={"loss": 2, "dy": 2},
    derivative=derivative(call("squared_loss", "y", "target"), dy="y"),
    shape_credit=0.5,
    oracle=squared_oracle,
    visible=[
        Case(
            "four_samples",
            "The handout's example: four samples of two outputs",
            inputs={"y": [[1, 2], [3, 4], [5, 6], [7, 8]], "target": [[0, 2], [3, 6], [4, 5], [8, 6]]},
            expect={"loss": 3, "dy": [[0.5, 0], [0, -1], [0.5, 0.5], [-0.5, 1]]},
        ),
        Case(
            "one_row",
            "One sample: its sum of squares is the mean",
            inputs={"y": [[1, 0, 2]], "target": [[0, 2, -1]]},
            expect={"loss": 14, "dy": [[2, -4, 6]]},
        ),
    ],
    ladder=[
        Case("one_entry", "One sample, one output", inputs=losses(1, 1)),
        Case("one_sample", "One sample, two outputs", inputs=losses(1, 2)),
        Case("two_samples", "Two samples, one output", inputs=losses(2, 1)),
        Case("sizes_differ", "Two samples, three outputs", inputs=losses(2, 3)),
    ],
    hidden=[
        Case("tall", "More samples than outputs", inputs=losses(6, 4)),
        Case("wide", "More outputs than samples", inputs=losses(3, 7)),
        Case("one_sample", "A batch of one", inputs=losses(1, 5)),
        Case("one_output", "One output per sample", inputs=losses(5, 1)),
        Case("large", "Large differences", inputs=losses(4, 3, 1e4)),
    ],
)

CROSS_ENTROPY_LOSS = Exercise(
    "cross_entropy_loss",
    title="Softmax and the logarithm as a loss",
    source="course text §4.1, the activation that is not element-wise",
    formula=r"L = -\frac{1}{N} \sum_{n} \ln \frac{e^{y_{n c_n}}}{\sum_k e^{y_{nk}}}",
    plan=call("cross_entropy_loss", "scores", "labels"),
    points={"loss": 3, "dscores": 3},
    derivative=derivative(call("cross_entropy_loss", "scores", "labels"), dscores="scores"),
    groups={"values": 2, "large": 1},
    shape_credit=0.5,
    oracle=cross_entropy_oracle,
    visible=[
        Case(
            "equal_scores",
            "The handout's example: a network that cannot decide",
            inputs={"scores": np.zeros((2, 3)), "labels": np.array([0, 2])},
            expect={"loss": math.log(3), "dscores": [[-1 / 3, 1 / 6, 1 / 6], [1 / 6, 1 / 6, -1 / 3]]},
        ),
        Case(
            "small_scores",
            "Three samples, four classes",
            inputs={
                "scores": np.array([[1.0, -2.0, 0.0, 3.0], [0.0, 2.0, -1.0, 1.0], [-3.0, 1.0, 2.0, 0.0]]),
                "labels": np.array([3, 0, 2]),
            },
        ),
        Case(
            "a_thousand",
            "The same three samples with a thousand added to all scores",
            inputs={
                "scores": 1000 + np.array([[1.0, -2.0, 0.0, 3.0], [0.0, 2.0, -1.0, 1.0], [-3.0, 1.0, 2.0, 0.0]]),
                "labels": np.array([3, 0, 2]),
            },
            group="large",
        ),
    ],
    ladder=[
        Case("one_sample", "One sample, two classes", inputs={"scores": [[1, 0]], "labels": np.array([1])}),
        Case(
            "two_samples", "Two samples, two classes", inputs={"scores": [[1, 0], [2, 3]], "labels": np.array([1, 0])}
        ),
        Case(
            "sizes_differ",
            "Two samples, three classes",
            inputs={"scores": [[1, 0, 3], [2, 4, 1]], "labels": np.array([1, 0])},
        ),
        Case(
            "large",
            "Two samples, large scores",
            inputs={"scores": [[1000, 998, 999], [-1000, -999, -998]], "labels": np.array([1, 0])},
            tolerance=1e-4,
        ),
    ],
    hidden=[
        Case("tall", "More samples than classes", inputs=classes(7, 4)),
        Case("wide", "More classes than samples", inputs=classes(3, 10)),
        Case("one_sample", "A batch of one", inputs=classes(1, 5)),
        Case("far_apart", "Scores that lie far apart", inputs=classes(5, 3, [[0.0, 3e3, -2e3]]), group="large"),
        Case(
            "rows_apart",
            "Every sample with scores of another size",
            inputs=classes(4, 6, [[-2e3], [0.0], [1e3], [4e3]]),
            group="large",
        ),
    ],
)

NETWORK_FORWARD = Exercise(
    "network_forward",
    title="Affine, ReLU, Affine, Sigmoid",
    source="course text §2.1, fig. 1",
    formula=r"Y_1 = X W_1 + b_1, \quad H_1 = \mathrm{ReLU}(Y_1), \quad Y_2 = H_1 W_2 + b_2, \quad H_2 = \sigma(Y_2)",
    plan=Plan(call("network_forward", "x", "params").steps, result(ANSWER, 0)),
    points={"y": 4},
    groups=VALUES_AND_IMAGES,
    shape_credit=0.5,
    requires=FORWARD,
    oracle=forward_oracle,
    visible=[
        Case(
            "worked",
            "The handout's example",
            inputs={"x": X, "params": PARAMS},
            expect={"y": [[0.5, 0.5], [0.5, 0.5]]},
        ),
        Case("small", "Four samples, no two sizes equal", inputs=samples(4, (2,), 5, 3)),
        Case("small_images", "Two images of two by three pixels", inputs=samples(2, (2, 3), 4, 5), group="images"),
    ],
    ladder=[
        Case(
            "one_number",
            "One feature, one hidden neuron, one output",
            inputs={"x": [[2]], "params": small([[1]], [-1], [[2]], [-1])},
        ),
        Case(
            "one_off",
            "One feature, two hidden neurons, one of them off",
            inputs={"x": [[2]], "params": small([[1, -1]], [-1, 1], [[2], [3]], [-1])},
        ),
        Case(
            "two_samples",
            "Two samples, one feature",
            inputs={"x": [[2], [-3]], "params": small([[1, -1]], [-1, 1], [[2], [-1]], [-1])},
        ),
        Case(
            "image",
            "One image of 1×2",
            inputs={"x": [[[2, -1]]], "params": small([[1, -1], [2, 1]], [1, 4], [[2, 1], [-1, 1]], [1, -2])},
        ),
    ],
    hidden=[
        Case("wide", "More features than hidden neurons", inputs=samples(3, (6,), 4, 2)),
        Case("one_sample", "A batch of one", inputs=samples(1, (4,), 6, 3)),
        Case(
            "saturated",
            "Inputs so large that the sigmoid is all but 0 or 1",
            inputs=saturated(samples(5, (3,), 7, 2, 1e3)),
        ),
        Case("grey", "Grey images with an axis for the channel", inputs=samples(3, (1, 4, 2), 5, 2), group="images"),
        Case("digits", "Handwritten digits", inputs=digit_images(5, 7), group="images"),
    ],
)

NETWORK_BACKWARD = Exercise(
    "network_backward",
    title="The gradients of the whole network",
    source="course text §2.1, eq. 9 and 10, fig. 1",
    formula=r"X \to Y_1 \to H_1 \to Y_2 \to H_2 \to L, \qquad \frac{\partial L}{\partial H_2} \text{ comes first}",
    graph=GRAPH,
    plan=steps(
        ("forward", "network_forward", "x", "params"),
        (ANSWER, "network_backward", "dy", result("forward", 1)),
    ),
    points={"w1": 2, "b1": 1, "w2": 2, "b2": 1, "x": 2},
    derivative=derivative(
        call("network_forward", "x", "params"), "dy", x="x", **{name: ("params", name) for name in PARAMS}
    ),
    groups=VALUES_AND_IMAGES,
    returns_dict=True,
    shape_credit=0.5,
    requires=FORWARD + BACKWARD,
    oracle=backward_oracle,
    visible=[
        Case(
            "worked",
            "The handout's example",
            inputs={"x": X, "params": PARAMS, "dy": DY},
            expect={
                "w1": [[-8, -3, -2], [-16, -6, 1]],
                "b1": [-8, -3, -1],
                "w2": [[1, -2], [4, -8], [12, 4]],
                "b2": [4, -1],
                "x": [[-5, -14], [-2, 1]],
            },
        ),
        Case("small", "The squared loss of four samples", inputs=with_target(samples(4, (2,), 5, 3))),
        Case(
            "small_images",
            "Two images of two by three pixels",
            inputs=with_upstream(samples(2, (2, 3), 4, 5)),
            group="images",
        ),
    ],
    ladder=[
        Case(
            "one_number",
            "One feature, one hidden neuron, one output",
            inputs={"x": [[2]], "params": small([[1]], [-1], [[2]], [-1]), "dy": [[4]]},
        ),
        Case(
            "one_off",
            "One feature, two hidden neurons, one of them off",
            inputs={"x": [[2]], "params": small([[1, -1]], [-1, 1], [[2], [3]], [-1]), "dy": [[4]]},
        ),
        Case(
            "two_samples",
            "Two samples, one feature",
            inputs={"x": [[2], [-3]], "params": small([[1, -1]], [-1, 1], [[2], [-1]], [-1]), "dy": [[4], [-8]]},
        ),
        Case(
            "image",
            "One image of 1×2",
            inputs={
                "x": [[[2, -1]]],
                "params": small([[1, -1], [2, 1]], [1, 4], [[2, 1], [-1, 1]], [1, -2]),
                "dy": [[4, -8]],
            },
        ),
    ],
    hidden=[
        Case("wide", "More features than hidden neurons", inputs=with_upstream(samples(3, (6,), 4, 2))),
        Case("one_sample", "A batch of one", inputs=with_upstream(samples(1, (4,), 6, 3))),
        Case("whole_loss", "The squared loss of a batch", inputs=with_target(samples(5, (3,), 7, 2))),
        Case("steep", "A loss that climbs steeply", inputs=with_upstream(samples(6, (5,), 3, 4), 1e4)),
        Case(
            "grey",
            "Grey images with an axis for the channel",
            inputs=with_upstream(samples(3, (1, 4, 2), 5, 2)),
            group="images",
        ),
        Case(
            "digits", "The squared loss of handwritten digits", inputs=with_target(digit_images(4, 5)), group="images"
        ),
    ],
)

TRAIN = Exercise(
    "train",
    title="Gradient descent, one step for every batch",
    source="course text §1.2 and §2.1, fig. 1",
    formula=r"\theta \leftarrow \theta - \eta\, \frac{\partial L}{\partial \theta} \quad \text{after every batch}",
    graph=GRAPH,
    plan=call("train", "params", "batches", "step_size"),
    points={"w1": 2, "b1": 1, "w2": 2, "b2": 1},
    returns_dict=True,
    shape_credit=0.5,
    requires=FORWARD + BACKWARD,
    oracle=train_oracle,
    visible=[
        Case(
            "one_step",
            "The handout's example: one batch, one step",
            inputs={"params": PARAMS, "batches": ((X, TARGET),), "step_size": 0.8},
            expect={
                "w1": [[0.6, -1.2, 1.8], [0.2, 1.6, -0.9]],
                "b1": [-2.4, 0.8, -1.1],
                "w2": [[0.1, 3.9], [-0.6, 0.6], [-1.4, 1.6]],
                "b2": [4, -8.2],
            },
        ),
        Case(
            "three_steps",
            "Three small batches of different sizes",
            inputs=runs(small_batch(2, 2), (3, 5, 4), 2, 3, 2, 0.9),
        ),
        Case(
            "first_digits",
            "Two batches of handwritten digits",
            inputs=runs(images, (4, 3), 64, 3, 10, 0.5, spread=0.5, digits=2),
        ),
    ],
    ladder=[
        Case(
            "one_step",
            "One sample, one step",
            inputs={
                "params": small([[1, -1]], [-1, 1], [[2], [3]], [-1]),
                "batches": one_batch([[2]], [[0]]),
                "step_size": 4,
            },
        ),
        Case(
            "two_samples",
            "Two samples, one step",
            inputs={
                "params": small([[1, -1]], [-1, 1], [[2], [-1]], [-1]),
                "batches": one_batch([[2], [-3]], [[0], [1]]),
                "step_size": 8,
            },
        ),
        Case(
            "two_steps",
            "Two batches, two steps",
            inputs={
                "params": small([[1, -1], [2, 1]], [1, 4], [[2, 1], [-1, 1]], [1, -2]),
                "batches": one_batch([[2, -1], [-3, 2]], [[0, 1], [1, 0]]) + one_batch([[1, 2]], [[1, 0]]),
                "step_size": 8,
            },
        ),
    ],
    hidden=[
        Case("features", "Many small batches", inputs=runs(small_batch(4, 2), (6, 3, 7, 5, 2), 4, 3, 2, 0.7)),
        Case("one_sample", "Batches of one", inputs=runs(small_batch(3, 4), (1, 1, 1), 3, 5, 4, 0.4)),
        Case("digits", "Handwritten digits", inputs=runs(images, (8, 6, 9, 7), 64, 5, 10, 0.6, spread=0.5)),
        Case("fast", "Digits with longer steps", inputs=runs(images, (7, 10, 6), 64, 6, 10, 1.5, spread=0.5)),
    ],
)

ASSIGNMENT = Assignment(
    title="The whole network",
    file="network.py",
    uses=("affine", "activations"),
    data=("digits.csv", "digits_LICENSE.txt", "graph.svg"),
    exercises=[SUM_LOSS, SQUARED_LOSS, CROSS_ENTROPY_LOSS, NETWORK_FORWARD, NETWORK_BACKWARD, TRAIN],
    points=30,
)
