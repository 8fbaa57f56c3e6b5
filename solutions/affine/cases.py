"""The affine layer: Y = XW + b, and its gradients (course text §1, §2.1 and §3)."""

import math

import numpy as np

from grader.authoring import Assignment, Case, Exercise, call, chain, contraction, derivative, public

# The numbers of the course text's exercise (§4.2).
X = [[0, 1], [2, 3]]
W = [[1, 1], [1, 1]]
DL_DY = [[2, 2], [10, 10]]

# X of 2×2 and W of 2×3, as in eq. 11.
SMALL_X = [[2, 1], [3, 5]]
SMALL_W = [[5, 6, 7], [8, 9, 10]]

# Two examples of ours: rows of four features, and images of 1×2×3.
ROWS = [[1, -2, 0, 3], [4, 1, -1, 2]]
WEIGHTS = [[2, 0, -1], [1, 3, 0], [-2, 1, 4], [0, -1, 2]]
BIASES = [10, -20, 30]
UPSTREAM = [[1, -2, 3], [0, 4, -1]]
IMAGES = [[[[1, 2, 3], [4, 5, 6]]], [[[-1, 0, 2], [3, -4, 1]]]]
IMAGE_WEIGHTS = [[1, 0], [0, 2], [-1, 1], [3, 0], [0, -2], [2, 1]]

LARGE = 1e4
VALUES_AND_IMAGES = {"values": 3, "images": 1}


# ------------------------------------------------------------------------------------ inputs


def normal(scale=1.0, **shapes):
    """Inputs by name, drawn in these shapes; all but the weights w are multiplied by `scale`."""

    def draw(rng):
        return {k: rng.standard_normal(s) * (1.0 if k == "w" else scale) for k, s in shapes.items()}

    return draw


def layer(n, features, m, scale=1.0, upstream=False):
    """x, w and b of an affine layer, `features` being the shape of a sample; and dout if asked for."""
    shapes = {"x": (n, *features), "w": (math.prod(features), m), "b": (m,)}
    return normal(scale, **shapes, **({"dout": (n, m)} if upstream else {}))


def columns(n, d, m, scale=1.0):
    """x, w and b of an affine layer whose samples are columns."""
    return normal(scale, x=(d, n), w=(m, d), b=(m, 1))


def one_weight(n, d, m, u=None, v=None, scale=1.0, upstream=False):
    """x, w and the place of one weight, anywhere if not given; and dL_dY if asked for."""
    arrays = normal(scale, x=(n, d), w=(d, m), **({"dL_dY": (n, m)} if upstream else {}))

    def draw(rng):
        place = {
            "u": int(rng.integers(d)) if u is None else u,
            "v": int(rng.integers(m)) if v is None else v,
        }
        return {**arrays(rng), **place}

    return draw


def two_points(n, d, m, scale=1.0, bias=1.0):
    """The map's w and b, and two points x and y; `bias` 0 makes the map linear."""

    def draw(rng):
        inputs = normal(scale, w=(d, m), b=(m,), x=(n, d), y=(n, d))(rng)
        return {**inputs, "b": bias * inputs["b"]}

    return draw


def factor_and_point(n, d, m, a=None, scale=1.0, bias=1.0):
    """The map's w and b, a point x, and the factor a: a negative one if not given."""

    def draw(rng):
        inputs = normal(scale, w=(d, m), b=(m,), x=(n, d))(rng)
        factor = -float(rng.uniform(1.5, 3.0)) if a is None else a
        return {**inputs, "b": bias * inputs["b"], "a": factor}

    return draw


def numbered_images(channels, height, width):
    """Two images whose entries tell their place in digits, as the indices of eq. 2 do: 1000 c + x_nij."""
    image, channel, row, column = np.indices((2, channels, height, width), dtype=np.float64)
    return 1000 * channel + 100 * (image + 1) + 10 * (row + 1) + (column + 1)


# ----------------------------------------------------------------------------------- oracles


def flat_by_index(images):
    """Entry by entry, the last index moving fastest."""
    return np.array([[image[place] for place in np.ndindex(image.shape)] for image in images])


def affine_by_entry(x, w, b):
    """Y entry by entry: y_nm = Σ_d x_nd w_dm + b_m."""
    samples = flat_by_index(x)
    out = np.zeros((len(samples), len(b)))
    for n, m in np.ndindex(out.shape):
        out[n, m] = b[m] + math.fsum(samples[n, d] * w[d, m] for d in range(len(w)))
    return out


def forward_oracle(x, w, b):
    """The output entry by entry, and the arguments themselves."""
    return {"out": affine_by_entry(x, w, b), "cache": (x, w, b)}


def columns_oracle(x, w, b):
    """Entry by entry: out_mn = Σ_d w_md x_dn + b_m."""
    out = np.zeros((len(w), x.shape[1]))
    for m, n in np.ndindex(out.shape):
        out[m, n] = b[m, 0] + math.fsum(w[m, d] * x[d, n] for d in range(len(x)))
    return out


def additivity_oracle(w, b, x, y):
    """The linear part cancels; b is counted once on the left and twice on the right."""
    return np.array([-b for _ in x])


def homogeneity_oracle(w, b, a, x):
    """The linear part cancels; b is counted once on the left and a times on the right."""
    return np.array([(1 - a) * b for _ in x])


def one_weight_oracle(x, w, u, v):
    """The slope of every entry of Y along w_uv; Y is linear in it, so that a step of 1 is exact."""
    step = np.zeros_like(w)
    step[u, v] = 1.0
    nothing = np.zeros(w.shape[1])
    return (affine_by_entry(x, w + step, nothing) - affine_by_entry(x, w - step, nothing)) / 2


def loss_by_weights(dL_dY, x):
    """dL/dW by central differences of Σ dL/dY ⊙ XW, which is linear in W: a wide step is exact."""
    return contraction(lambda w: x @ w, np.zeros((x.shape[1], dL_dY.shape[1])), dL_dY, step=1.0)


def loss_by_one_weight(dL_dY, x, w, u, v):
    """The entry of the numerical dL/dW that is asked for."""
    return contraction(lambda moved: x @ moved, w, dL_dY, step=1.0)[u, v]


def loss_by_input(dL_dY, w):
    """dL/dX by central differences of Σ dL/dY ⊙ XW, which is linear in X: a wide step is exact."""
    return contraction(lambda x: x @ w, np.zeros((len(dL_dY), len(w))), dL_dY, step=1.0)


def loss_by_bias(dL_dY):
    """dL/db by central differences of Σ dL/dY ⊙ (XW + b) at XW = 0."""
    return contraction(lambda b: np.zeros_like(dL_dY) + b, np.zeros(dL_dY.shape[1]), dL_dY, step=1.0)


def merge_oracle(x, w, b):
    """Row by row: every sample gets a 1, the rows of w get b."""
    return {"x1": np.array([[*sample, 1.0] for sample in x]), "w1": np.array([*w, b])}


def backward_oracle(x, w, b, dout):
    """Central differences of Σ dout ⊙ out by each argument; a wide step is exact, out is linear in each."""

    def out(x, w, b):
        return x.reshape(len(x), -1) @ w + b

    return {
        "dx": contraction(lambda moved: out(moved, w, b), x, dout, step=1.0),
        "dw": contraction(lambda moved: out(x, moved, b), w, dout, step=1.0),
        "db": contraction(lambda moved: out(x, w, moved), b, dout, step=1.0),
    }


# --------------------------------------------------------------------------------- exercises

FLATTEN_BATCH = Exercise(
    "flatten_batch",
    title="A batch of images as rows",
    source="course text §1.1, eq. 2",
    formula=r"x_{n\,c\,i\,j} \;\longmapsto\; \text{row } n:\ x_{n111},\ x_{n112},\ \dots",
    plan=call("flatten_batch", "images"),
    points={"rows": 2},
    groups={"values": 3, "other_axes": 1},
    visible=[
        Case(
            "grey_images",
            "The batch of eq. 2: two grey images of 8×8, every entry named by its own indices",
            inputs={"images": numbered_images(1, 8, 8)},
            expect={"rows": [[100 * n + 10 * i + j for i in range(1, 9) for j in range(1, 9)] for n in (1, 2)]},
        ),
        Case(
            "rgb_images",
            "Two small RGB images: three channels, numbered 0, 1 and 2 in the thousands",
            inputs={"images": numbered_images(3, 2, 3)},
            expect={
                "rows": [
                    [1000 * c + 100 * n + 10 * i + j for c in range(3) for i in (1, 2) for j in (1, 2, 3)]
                    for n in (1, 2)
                ]
            },
        ),
        Case(
            "already_flat",
            "A batch that is flat already stays as it is",
            inputs={"images": [[1, -2, 0, 3], [4, 1, -1, 2], [0, 5, 2, -3]]},
            expect={"rows": [[1, -2, 0, 3], [4, 1, -1, 2], [0, 5, 2, -3]]},
            group="other_axes",
        ),
    ],
    hidden=[
        Case("rgb_batch", "RGB images of the text's size", normal(images=(2, 3, 8, 8))),
        Case("not_square", "RGB images that are not square", normal(images=(2, 3, 4, 5))),
        Case("more_images", "More images than channels", normal(images=(6, 2, 5, 4))),
        Case("one_image", "A batch of one", normal(images=(1, 3, 2, 4))),
        Case("large", "Large entries", normal(LARGE, images=(4, 2, 3, 5))),
        Case("no_channels", "Matrices without channels", normal(images=(4, 3, 5)), group="other_axes"),
        Case("flat", "Samples that are rows already", normal(images=(3, 7)), group="other_axes"),
    ],
    ladder=[
        Case("one_image", "One image of 2×3", normal(images=(1, 2, 3))),
        Case("two_images", "Two images of 3×2", normal(images=(2, 3, 2))),
        Case("channels", "Three images with two channels of 1×2", normal(images=(3, 2, 1, 2))),
        Case("rgb", "Two images with three channels of 2×2", normal(images=(2, 3, 2, 2))),
    ],
    oracle=flat_by_index,
)

AFFINE_FORWARD = Exercise(
    "affine_forward",
    title="The affine layer, forward",
    source="course text §1, eq. 1",
    formula=r"y_{ij} = \sum_{k=1}^{D} x_{ik}\, w_{kj} + b_j",
    plan=call("affine_forward", "x", "w", "b"),
    points={"out": 3, "cache": 1},
    groups=VALUES_AND_IMAGES,
    visible=[
        Case(
            "line",
            "The line y = 2x − 1: one feature, one output, four points on it",
            inputs={"x": [[-1], [0], [0.5], [3]], "w": [[2]], "b": [-1]},
            expect={"out": [[-3], [-1], [0], [5]]},
        ),
        Case(
            "two_by_two",
            "X and W of the text's 2×2 exercise, with no bias",
            inputs={"x": X, "w": W, "b": [0, 0]},
            expect={"out": [[1, 1], [5, 5]]},
        ),
        Case(
            "rows",
            "Two samples of four features, three outputs",
            inputs={"x": ROWS, "w": WEIGHTS, "b": BIASES},
            expect={"out": [[10, -29, 35], [21, -20, 26]]},
        ),
        Case(
            "images",
            "Two grey images of 2×3",
            inputs={"x": IMAGES, "w": IMAGE_WEIGHTS, "b": [100, -100]},
            expect={"out": [[122, -97], [108, -89]]},
            group="images",
        ),
    ],
    hidden=[
        Case("sizes_differ", "Rows, no two sizes equal", layer(3, (5,), 4)),
        Case("sizes_equal", "Rows, all sizes equal", layer(3, (3,), 3)),
        Case("one_sample", "A batch of one", layer(1, (4,), 3)),
        Case("large", "Large entries", layer(2, (4,), 5, LARGE)),
        Case("matrices", "Samples that are matrices", layer(4, (3, 2), 5), group="images"),
        Case("rgb", "RGB images that are not square", layer(2, (3, 4, 5), 7), group="images"),
        Case("one_image", "A batch of one image", layer(1, (2, 3, 4), 5), group="images"),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", layer(1, (1,), 1)),
        Case("two_samples", "Two samples, one feature, three outputs", layer(2, (1,), 3)),
        Case("rows", "Two samples, three features, one output", layer(2, (3,), 1)),
        Case("sizes_differ", "Three samples, two features, four outputs", layer(3, (2,), 4)),
        Case("images", "Two images of 3×2, two outputs", layer(2, (3, 2), 2)),
    ],
    oracle=forward_oracle,
)

AFFINE_FORWARD_COLUMNS = Exercise(
    "affine_forward_columns",
    title="The affine layer, with samples as columns",
    source="course text §1.3, eq. 3",
    formula=r"y_{ij} = \sum_{k=1}^{D} w_{ik}\, x_{kj} + b_i",
    plan=call("affine_forward_columns", "x", "w", "b"),
    points={"out": 3},
    visible=[
        Case(
            "rows_transposed",
            "The rows of affine_forward's example, all of it transposed",
            inputs={"x": np.transpose(ROWS) * 1.0, "w": np.transpose(WEIGHTS) * 1.0, "b": [[b] for b in BIASES]},
            expect={"out": [[10, 21], [-29, -20], [35, 26]]},
        ),
        Case(
            "all_sizes_equal",
            "Two samples, two features, two outputs: no shape warns you",
            inputs={"x": [[1, 2], [3, 4]], "w": [[0, 1], [2, 3]], "b": [[10], [20]]},
            expect={"out": [[13, 14], [31, 36]]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "No two sizes equal", columns(4, 5, 3)),
        Case("sizes_equal", "All sizes equal", columns(3, 3, 3)),
        Case("one_column", "A single sample, one column", columns(1, 4, 3)),
        Case("large", "Large entries", columns(5, 2, 4, LARGE)),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", columns(1, 1, 1)),
        Case("two_samples", "Two samples, one feature, three outputs", columns(2, 1, 3)),
        Case("sizes_equal", "Two samples, two features, two outputs", columns(2, 2, 2)),
        Case("sizes_differ", "Three samples, two features, four outputs", columns(3, 2, 4)),
    ],
    oracle=columns_oracle,
)

ADDITIVITY_GAP = Exercise(
    "additivity_gap",
    title="Why affine is not linear: sums",
    source="course text §1.3, first note",
    formula=r"f \text{ linear} \;\Rightarrow\; f(x + y) = f(x) + f(y)",
    plan=call("additivity_gap", public("matrix_map", "w", "b"), "x", "y"),
    points={"gap": 2},
    visible=[
        Case(
            "line",
            "f is the line 2x + 1, at 3 and 4",
            inputs={"w": [[2]], "b": [1], "x": [[3]], "y": [[4]]},
            expect={"gap": [[-1]]},
        ),
        Case(
            "linear",
            "f without a bias is linear: there is no gap",
            inputs={"w": SMALL_W, "b": [0, 0, 0], "x": SMALL_X, "y": [[-3, 5], [1, 4]]},
            expect={"gap": [[0, 0, 0], [0, 0, 0]]},
        ),
        Case(
            "rows",
            "The same f with biases: the gap has both signs",
            inputs={"w": SMALL_W, "b": [10, -20, 30], "x": SMALL_X, "y": [[-3, 5], [1, 4]]},
            expect={"gap": [[-10, 20, -30], [-10, 20, -30]]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "No two sizes equal", two_points(3, 4, 5)),
        Case("sizes_equal", "All sizes equal", two_points(3, 3, 3)),
        Case("one_sample", "A batch of one", two_points(1, 3, 2)),
        Case("no_bias", "A linear map", two_points(4, 3, 2, bias=0.0)),
        Case("large", "Large entries", two_points(2, 3, 4, scale=LARGE)),
    ],
    ladder=[
        Case("line", "A line, at two points", two_points(1, 1, 1)),
        Case("two_outputs", "One sample, one feature, two outputs", two_points(1, 1, 2)),
        Case("sizes_differ", "Two samples, three features, four outputs", two_points(2, 3, 4)),
    ],
    oracle=additivity_oracle,
)

HOMOGENEITY_GAP = Exercise(
    "homogeneity_gap",
    title="Why affine is not linear: multiples",
    source="course text §1.3, first note",
    formula=r"f \text{ linear} \;\Rightarrow\; f(a\,x) = a\,f(x)",
    plan=call("homogeneity_gap", public("matrix_map", "w", "b"), "a", "x"),
    points={"gap": 2},
    visible=[
        Case(
            "line",
            "f is the line 2x + 1, at 3, five times",
            inputs={"w": [[2]], "b": [1], "a": 5, "x": [[3]]},
            expect={"gap": [[-4]]},
        ),
        Case(
            "linear",
            "f without a bias is linear: there is no gap",
            inputs={"w": SMALL_W, "b": [0, 0, 0], "a": -2, "x": SMALL_X},
            expect={"gap": [[0, 0, 0], [0, 0, 0]]},
        ),
        Case(
            "rows",
            "The same f with biases: the gap has both signs",
            inputs={"w": SMALL_W, "b": [10, -20, 30], "a": -2, "x": SMALL_X},
            expect={"gap": [[30, -60, 90], [30, -60, 90]]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "No two sizes equal", factor_and_point(3, 4, 5)),
        Case("sizes_equal", "All sizes equal", factor_and_point(3, 3, 3)),
        Case("one_sample", "A batch of one", factor_and_point(1, 3, 2, a=4)),
        Case("zero", "Nothing times x", factor_and_point(2, 4, 3, a=0)),
        Case("no_bias", "A linear map", factor_and_point(4, 3, 2, bias=0.0)),
        Case("large", "Large entries", factor_and_point(2, 3, 4, scale=LARGE)),
    ],
    ladder=[
        Case("line", "A line, at one point", factor_and_point(1, 1, 1, a=3.0)),
        Case("two_outputs", "One sample, one feature, two outputs", factor_and_point(1, 1, 2, a=-4.0)),
        Case("sizes_differ", "Two samples, three features, four outputs", factor_and_point(2, 3, 4)),
    ],
    oracle=homogeneity_oracle,
)

DY_DW = Exercise(
    "dY_dw",
    title="What one weight does to Y",
    source="course text §3, eq. 15–17",
    formula=r"y_{ij} = \sum_k x_{ik} w_{kj} + b_j, \qquad \frac{\partial y_{ij}}{\partial w_{uv}} \text{ for all } i,j",
    plan=call("dY_dw", "x", "w", "u", "v"),
    points={"grad": 3},
    visible=[
        Case(
            "first_weight",
            "The matrix of eq. 17 in numbers: the text's w_11 is u = 0, v = 0",
            inputs={"x": SMALL_X, "w": SMALL_W, "u": 0, "v": 0},
            expect={"grad": [[2, 0, 0], [3, 0, 0]]},
        ),
        Case(
            "another_weight",
            "Another weight of the same layer: u = 1, v = 2",
            inputs={"x": SMALL_X, "w": SMALL_W, "u": 1, "v": 2},
            expect={"grad": [[0, 0, 1], [0, 0, 5]]},
        ),
        Case(
            "two_of_each",
            "All sizes are 2 and nothing is symmetric: no shape warns you",
            inputs={"x": [[1, 2], [3, 4]], "w": [[5, 6], [7, 8]], "u": 1, "v": 0},
            expect={"grad": [[2, 0], [4, 0]]},
        ),
    ],
    hidden=[
        Case("top_right", "The weight at the top right", one_weight(4, 3, 5, u=0, v=4)),
        Case("bottom_left", "The weight at the bottom left", one_weight(3, 5, 4, u=4, v=0)),
        Case("anywhere", "Some weight", one_weight(2, 5, 3)),
        Case("sizes_equal", "All sizes equal, off the diagonal", one_weight(3, 3, 3, u=2, v=1)),
        Case("one_sample", "A batch of one", one_weight(1, 4, 3, u=2, v=1)),
        Case("large", "Large entries", one_weight(5, 3, 4, u=1, v=2, scale=LARGE)),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", one_weight(1, 1, 1)),
        Case("one_sample", "One sample, two features, three outputs", one_weight(1, 2, 3, u=1, v=0)),
        Case("sizes_differ", "Two samples, three features, four outputs", one_weight(2, 3, 4, u=2, v=1)),
    ],
    oracle=one_weight_oracle,
)

DL_DW_ENTRY = Exercise(
    "dL_dw",
    title="What one weight does to the loss",
    source="course text §3, eq. 15–18, and §2.1, eq. 10",
    formula=chain("y_{ij}", "w_{uv}"),
    plan=call("dL_dw", "dL_dY", "x", "w", "u", "v"),
    points={"grad": 3},
    visible=[
        Case(
            "first_weight",
            "Eq. 18 in numbers: the text's w_11 is u = 0, v = 0",
            inputs={"dL_dY": UPSTREAM, "x": SMALL_X, "w": SMALL_W, "u": 0, "v": 0},
            expect={"grad": 2},
        ),
        Case(
            "another_weight",
            "Another weight of the same layer: u = 1, v = 2",
            inputs={"dL_dY": UPSTREAM, "x": SMALL_X, "w": SMALL_W, "u": 1, "v": 2},
            expect={"grad": -2},
        ),
        Case(
            "two_of_each",
            "All sizes are 2 and nothing is symmetric: no shape warns you",
            inputs={"dL_dY": [[1, 2], [3, 5]], "x": [[1, 2], [3, 4]], "w": [[5, 6], [7, 8]], "u": 1, "v": 0},
            expect={"grad": 14},
        ),
    ],
    hidden=[
        Case("top_right", "The weight at the top right", one_weight(4, 3, 5, u=0, v=4, upstream=True)),
        Case("bottom_left", "The weight at the bottom left", one_weight(3, 5, 4, u=4, v=0, upstream=True)),
        Case("anywhere", "Some weight", one_weight(2, 5, 3, upstream=True)),
        Case("sizes_equal", "All sizes equal, off the diagonal", one_weight(3, 3, 3, u=2, v=1, upstream=True)),
        Case("one_sample", "A batch of one", one_weight(1, 4, 3, u=2, v=1, upstream=True)),
        Case("large", "Large entries", one_weight(5, 3, 4, u=1, v=2, scale=LARGE, upstream=True)),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", one_weight(1, 1, 1, upstream=True)),
        Case("two_samples", "Two samples, one feature, one output", one_weight(2, 1, 1, upstream=True)),
        Case("sizes_differ", "Two samples, three features, four outputs", one_weight(2, 3, 4, u=2, v=1, upstream=True)),
        Case("sizes_equal", "Three samples, three features, three outputs", one_weight(3, 3, 3, 2, 1, upstream=True)),
    ],
    oracle=loss_by_one_weight,
)

DL_DW = Exercise(
    "dL_dW",
    title="The gradient of the weights",
    source="course text §3, eq. 19–20",
    formula=chain("y_{ij}", "w_{uv}") + r" \quad \text{for every } u, v",
    plan=call("dL_dW", "dL_dY", "x"),
    points={"grad": 3},
    visible=[
        Case(
            "two_by_two",
            "The numbers of the text's 2×2 exercise",
            inputs={"dL_dY": DL_DY, "x": X},
            expect={"grad": [[20, 20], [32, 32]]},
        ),
        Case(
            "rows",
            "Two samples of four features, three outputs",
            inputs={"dL_dY": UPSTREAM, "x": ROWS},
            expect={"grad": [[1, 14, -1], [-2, 8, -7], [0, -4, 1], [3, 2, 7]]},
        ),
        Case(
            "two_of_each",
            "All sizes are 2 and nothing is symmetric: no shape warns you",
            inputs={"dL_dY": [[1, 2], [3, 4]], "x": [[0, 1], [2, 3]]},
            expect={"grad": [[6, 8], [10, 14]]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "No two sizes equal", normal(dL_dY=(3, 4), x=(3, 5))),
        Case("sizes_equal", "All sizes equal", normal(dL_dY=(3, 3), x=(3, 3))),
        Case("one_sample", "A batch of one", normal(dL_dY=(1, 3), x=(1, 4))),
        Case("many_samples", "More samples than features or outputs", normal(dL_dY=(7, 2), x=(7, 3))),
        Case("large", "Large entries", normal(LARGE, dL_dY=(4, 5), x=(4, 2))),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", normal(dL_dY=(1, 1), x=(1, 1))),
        Case("two_samples", "Two samples, one feature, one output", normal(dL_dY=(2, 1), x=(2, 1))),
        Case("sizes_equal", "Two samples, two features, two outputs", normal(dL_dY=(2, 2), x=(2, 2))),
        Case("sizes_differ", "Two samples, three features, four outputs", normal(dL_dY=(2, 4), x=(2, 3))),
    ],
    oracle=loss_by_weights,
)

DL_DX = Exercise(
    "dL_dX",
    title="The gradient of the input",
    source="course text §3, eq. 21",
    formula=chain("y_{ij}", "x_{uv}") + r" \quad \text{for every } u, v",
    plan=call("dL_dX", "dL_dY", "w"),
    points={"grad": 3},
    visible=[
        Case(
            "two_by_two",
            "The numbers of the text's 2×2 exercise",
            inputs={"dL_dY": DL_DY, "w": W},
            expect={"grad": [[4, 4], [20, 20]]},
        ),
        Case(
            "rows",
            "Two samples of four features, three outputs",
            inputs={"dL_dY": UPSTREAM, "w": WEIGHTS},
            expect={"grad": [[-1, -5, 8, 8], [1, 12, 0, -6]]},
        ),
        Case(
            "two_of_each",
            "All sizes are 2 and nothing is symmetric: no shape warns you",
            inputs={"dL_dY": [[1, 2], [3, 4]], "w": [[0, 1], [2, 3]]},
            expect={"grad": [[2, 8], [4, 18]]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "No two sizes equal", normal(dL_dY=(3, 4), w=(5, 4))),
        Case("sizes_equal", "All sizes equal", normal(dL_dY=(3, 3), w=(3, 3))),
        Case("one_sample", "A batch of one", normal(dL_dY=(1, 3), w=(4, 3))),
        Case("many_samples", "More samples than features or outputs", normal(dL_dY=(7, 2), w=(3, 2))),
        Case("large", "Large entries", normal(LARGE, dL_dY=(4, 5), w=(2, 5))),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", normal(dL_dY=(1, 1), w=(1, 1))),
        Case("two_samples", "Two samples, one feature, one output", normal(dL_dY=(2, 1), w=(1, 1))),
        Case("sizes_equal", "Two samples, two features, two outputs", normal(dL_dY=(2, 2), w=(2, 2))),
        Case("sizes_differ", "Two samples, three features, four outputs", normal(dL_dY=(2, 4), w=(3, 4))),
    ],
    oracle=loss_by_input,
)

DL_DB = Exercise(
    "dL_db",
    title="The gradient of the biases",
    source="course text §3.1",
    formula=chain("y_{ij}", "b_{v}") + r" \quad \text{for every } v",
    plan=call("dL_db", "dL_dY"),
    points={"grad": 2},
    visible=[
        Case(
            "two_by_two",
            "dL/dY of the text's 2×2 exercise, as if that layer had a bias",
            inputs={"dL_dY": DL_DY},
            expect={"grad": [12, 12]},
        ),
        Case(
            "rows",
            "Two samples, three outputs",
            inputs={"dL_dY": UPSTREAM},
            expect={"grad": [1, 2, 2]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "No two sizes equal", normal(dL_dY=(4, 3))),
        Case("sizes_equal", "As many samples as outputs", normal(dL_dY=(3, 3))),
        Case("one_sample", "A batch of one", normal(dL_dY=(1, 4))),
        Case("large", "Large entries", normal(LARGE, dL_dY=(5, 2))),
    ],
    ladder=[
        Case("one_number", "One sample, one output", normal(dL_dY=(1, 1))),
        Case("two_samples", "Two samples, one output", normal(dL_dY=(2, 1))),
        Case("sizes_equal", "Two samples, two outputs", normal(dL_dY=(2, 2))),
        Case("sizes_differ", "Two samples, three outputs", normal(dL_dY=(2, 3))),
    ],
    oracle=loss_by_bias,
    shape_credit=0.5,
)

MERGE_BIAS = Exercise(
    "merge_bias",
    title="The bias merged into X and W",
    source="course text §3.1, first paragraph",
    formula=r"X_1 W_1 = X W + \mathbf{1}^N b",
    plan=call("merge_bias", "x", "w", "b"),
    points={"x1": 1.5, "w1": 1.5},
    visible=[
        Case(
            "line",
            "The line y = 2x − 1 at three points",
            inputs={"x": [[-1], [0], [3]], "w": [[2]], "b": [-1]},
            expect={"x1": [[-1, 1], [0, 1], [3, 1]], "w1": [[2], [-1]]},
        ),
        Case(
            "rows",
            "Two samples of four features, three outputs",
            inputs={"x": ROWS, "w": WEIGHTS, "b": BIASES},
            expect={"x1": [[1, -2, 0, 3, 1], [4, 1, -1, 2, 1]], "w1": [*WEIGHTS, BIASES]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "No two sizes equal", layer(3, (5,), 4)),
        Case("sizes_equal", "All sizes equal", layer(3, (3,), 3)),
        Case("one_sample", "A batch of one", layer(1, (4,), 3)),
        Case("large", "Large entries", layer(4, (2,), 5, LARGE)),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", layer(1, (1,), 1)),
        Case("two_samples", "Two samples, one feature, three outputs", layer(2, (1,), 3)),
        Case("sizes_equal", "Two samples, two features, two outputs", layer(2, (2,), 2)),
        Case("sizes_differ", "Three samples, two features, four outputs", layer(3, (2,), 4)),
    ],
    oracle=merge_oracle,
)

AFFINE_BACKWARD = Exercise(
    "affine_backward",
    title="The affine layer, backward",
    source="course text §2.1 (the stub, eq. 9–10) and §3, eq. 20–21, §3.1",
    formula=r"Y = X W + \mathbf{1}^N b, \qquad " + chain("y_{ij}", "p", suffix=r",\ \ p = x_{uv}, w_{uv}, b_v"),
    plan=call("affine_backward", "dout", ("x", "w", "b")),
    points={"dx": 4, "dw": 4, "db": 2},
    derivative=derivative(call("affine_forward", "x", "w", "b"), "dout", dx="x", dw="w", db="b"),
    groups=VALUES_AND_IMAGES,
    visible=[
        Case(
            "two_by_two",
            "The 2×2 exercise of the text (§4.2), as if that layer had a bias",
            inputs={"x": X, "w": W, "b": [0, 0], "dout": DL_DY},
            expect={"dx": [[4, 4], [20, 20]], "dw": [[20, 20], [32, 32]], "db": [12, 12]},
        ),
        Case(
            "rows",
            "Two samples of four features, three outputs",
            inputs={"x": ROWS, "w": WEIGHTS, "b": BIASES, "dout": UPSTREAM},
            expect={
                "dx": [[-1, -5, 8, 8], [1, 12, 0, -6]],
                "dw": [[1, 14, -1], [-2, 8, -7], [0, -4, 1], [3, 2, 7]],
                "db": [1, 2, 2],
            },
        ),
        Case(
            "images",
            "Two grey images of 2×3: dx has the shape of the images",
            inputs={"x": IMAGES, "w": IMAGE_WEIGHTS, "b": [100, -100], "dout": [[1, -1], [2, 3]]},
            expect={
                "dx": [[[[1, -2, -2], [3, 2, 1]]], [[[2, 6, 1], [6, -6, 7]]]],
                "dw": [[-1, -4], [2, -2], [7, 3], [10, 5], [-3, -17], [8, -3]],
                "db": [3, 2],
            },
            group="images",
        ),
        Case(
            "two_of_each",
            "All sizes are 2 and nothing is symmetric: no shape warns you",
            inputs={"x": [[0, 1], [2, 3]], "w": [[1, -1], [2, 0]], "b": [7, 9], "dout": [[1, 2], [3, 4]]},
            expect={"dx": [[-1, 2], [-1, 6]], "dw": [[6, 8], [10, 14]], "db": [4, 6]},
        ),
    ],
    hidden=[
        Case("sizes_differ", "Rows, no two sizes equal", layer(3, (5,), 4, upstream=True)),
        Case("sizes_equal", "Rows, all sizes equal", layer(3, (3,), 3, upstream=True)),
        Case("one_sample", "A batch of one", layer(1, (4,), 3, upstream=True)),
        Case("large", "Large entries", layer(4, (2,), 5, LARGE, upstream=True)),
        Case("matrices", "Samples that are matrices", layer(4, (3, 2), 5, upstream=True), group="images"),
        Case("rgb", "RGB images that are not square", layer(2, (3, 4, 5), 7, upstream=True), group="images"),
        Case("one_image", "A batch of one image", layer(1, (2, 3, 4), 5, upstream=True), group="images"),
    ],
    ladder=[
        Case("one_number", "One sample, one feature, one output", layer(1, (1,), 1, upstream=True)),
        Case("two_samples", "Two samples, one feature, one output", layer(2, (1,), 1, upstream=True)),
        Case("sizes_equal", "Two samples, two features, two outputs", layer(2, (2,), 2, upstream=True)),
        Case("sizes_differ", "Two samples, three features, four outputs", layer(2, (3,), 4, upstream=True)),
        Case("images", "Two images of 3×2, two outputs", layer(2, (3, 2), 2, upstream=True)),
    ],
    oracle=backward_oracle,
    shape_credit=0.5,
)

ASSIGNMENT = Assignment(
    title="The affine layer",
    file="layers.py",
    exercises=[
        FLATTEN_BATCH,
        AFFINE_FORWARD,
        AFFINE_FORWARD_COLUMNS,
        ADDITIVITY_GAP,
        HOMOGENEITY_GAP,
        DY_DW,
        DL_DW_ENTRY,
        DL_DW,
        DL_DX,
        DL_DB,
        MERGE_BIAS,
        AFFINE_BACKWARD,
    ],
    points=40,
)
