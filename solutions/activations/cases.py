"""Exercises of activations.py: four activation functions, forward and backward (course text §2.1, §4).

Of a forward function only `out` is judged; a backward function is called with the cache of the same
student's forward.
"""

import math

import numpy as np

from grader.authoring import (
    ANSWER,
    Assignment,
    Case,
    Exercise,
    NearestOf,
    call,
    chain,
    contraction,
    derivative,
    result,
    steps,
)
from grader.plan import Plan

LADDER = 1e-4
"""Tolerance of the rungs of a ladder: whole numbers are exact in float32, so the derived bound is not needed."""
GROUPS = {"values": 3, "axes": 1, "extremes": 1}


def forward_plan(name):
    """Call NAME_forward and look at its first value alone."""
    return Plan(steps(("forward", f"{name}_forward", "x")).steps, result("forward", 0))


def backward_plan(name):
    """Call NAME_forward, then NAME_backward with what it left in the cache."""
    return steps(("forward", f"{name}_forward", "x"), (ANSWER, f"{name}_backward", "dout", result("forward", 1)))


def without_forward(name, function):
    """Where the student's own NAME_forward fails: offer x, and what it should return, as the cache."""
    return {"forward": f"{name}_forward", "stand_ins": lambda x, dout: (x, function(x))}


def of_forward(name):
    """Say that dx is the derivative of NAME_forward by x, weighted by dout."""
    return derivative(call(f"{name}_forward", "x"), "dout", dx="x")


# ------------------------------------------------------------------------------- drawing inputs


def off_zero(rng, shape):
    """Draw entries of both signs, 0.1 to 3 from zero, so that ReLU's kink is not among them by chance."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.1, 3, shape)


def drawn(shape, scale=1.0, backward=False):
    """Inputs of `shape`: x, and for a backward case a dout that is not ones."""

    def draw(rng):
        """Draw x, then dout."""
        x = scale * off_zero(rng, shape)
        return {"x": x, "dout": rng.normal(size=shape)} if backward else {"x": x}

    return draw


def steep_dout(shape):
    """A plain x and a large upstream gradient."""
    return lambda rng: {"x": off_zero(rng, shape), "dout": 1e4 * rng.normal(size=shape)}


def at(x, backward=False):
    """A given x, with a drawn dout for a backward case."""
    x = np.array(x, dtype=float)
    return lambda rng: {"x": x, "dout": rng.normal(size=x.shape)} if backward else {"x": x}


def shapes(backward):
    """Hidden cases that every element-wise function has."""
    return [
        Case("not_square", "A matrix that is not square", drawn((3, 5), backward=backward)),
        Case("one_sample", "A batch of one", drawn((1, 4), backward=backward)),
        Case("vector", "A vector", drawn((6,), backward=backward), group="axes"),
        Case("three_axes", "An array of three axes", drawn((4, 3, 2), backward=backward), group="axes"),
        Case("images", "A batch of images, four axes", drawn((2, 3, 5, 4), backward=backward), group="axes"),
    ]


def rungs(backward, shapes=((1, 1), (1, 2), (2, 2), (2, 3), (3, 1, 2))):
    """The ladder of a function: small arrays of whole numbers."""
    named = {1: "one_number", 2: "one_row", 4: "square", 6: "not_square"}
    return [
        Case(
            named[math.prod(s)] if len(s) == 2 else "three_axes",
            f"An array of {'×'.join(map(str, s))}",
            drawn(s, backward=backward),
            tolerance=LADDER,
        )
        for s in shapes
    ]


MATRICES = ((1, 1), (1, 2), (2, 2), (2, 3))


# -------------------------------------------------------------------------- one entry at a time


def each(function):
    """An oracle from a function of one Python number: x's entries one after the other."""
    return lambda x: np.reshape([function(float(t)) for t in x.flat], x.shape)


def sigmoid_of_one(t):
    """The sigmoid by the exponential that cannot overflow."""
    return 1 / (1 + math.exp(-t)) if t > -500 else math.exp(t)


def square_of_one(t):
    """A product."""
    return t * t


relu_by_entries = each(lambda t: t if t > 0 else 0.0)
sigmoid_by_entries = each(sigmoid_of_one)
square_by_entries = each(square_of_one)


def softmax_by_entries(x):
    """Each share over the sum of its row, in Python numbers."""
    rows = [[math.exp(t - max(row)) for t in row] for row in x.tolist()]
    return np.array([[power / math.fsum(row) for power in row] for row in rows])


def relu_slopes(x, dout):
    """Both slopes at 0 are right: the one from the left and the one from the right."""
    return NearestOf((np.where(x > 0, dout, 0), np.where(x >= 0, dout, 0)))


def relu_backward_oracle(x, dout):
    """By central differences away from 0; the slope from the left at 0."""
    return np.where(x == 0, 0, contraction(relu_by_entries, x, dout))


def softmax_backward_oracle(x, dout):
    """By central differences, at the point with every row's largest score moved to 0: shares stay the same."""
    return contraction(softmax_by_entries, x - np.max(x, axis=1, keepdims=True), dout)


# ----------------------------------------------------------------------------------------- ReLU

relu_forward = Exercise(
    "relu_forward",
    title="ReLU, forward",
    source="course text §2.1, the toy network",
    formula=r"h = \begin{cases} y & y > 0 \\ 0 & y \le 0 \end{cases}",
    plan=forward_plan("relu"),
    points={"out": 2},
    groups=GROUPS,
    oracle=relu_by_entries,
    visible=[
        Case(
            "matrix",
            "A matrix with entries of both signs",
            {"x": [[-2, 1, 0], [3, -1, 0.5]]},
            expect={"out": [[0, 1, 0], [3, 0, 0.5]]},
        ),
        Case("small_array", "A small array of three axes", drawn((3, 1, 2)), group="axes"),
    ],
    ladder=rungs(backward=False),
    hidden=[
        *shapes(backward=False),
        Case("all_negative", "No entry is positive", lambda rng: {"x": -rng.uniform(1, 2, (2, 3))}, group="extremes"),
        Case("large_values", "Large values", drawn((5, 2), 1e4), group="extremes"),
    ],
)

relu_backward = Exercise(
    "relu_backward",
    title="ReLU, backward",
    source="course text §2.1, eq. 9 and 10",
    formula=r"h_{ij} = \mathrm{ReLU}(y_{ij}), \qquad " + chain("h_{kl}", "y_{ij}", "k,l"),
    plan=backward_plan("relu"),
    derivative=of_forward("relu"),
    **without_forward("relu", relu_by_entries),
    points={"dx": 4},
    groups=GROUPS,
    answer=relu_slopes,
    oracle=relu_backward_oracle,
    visible=[
        Case(
            "matrix",
            "A matrix with entries of both signs",
            {"x": [[-2, 1, 4], [3, -1, 0.5]], "dout": [[5, -6, 7], [8, 9, -10]]},
            expect={"dx": [[0, -6, 7], [8, 0, -10]]},
        ),
        Case(
            "at_zero",
            "Entries that are exactly zero, where 0 and 1 are both right slopes",
            {"x": [[0, 2], [-1, 0], [0, 3]], "dout": [[4, -5], [6, 7], [-8, 9]]},
            group="extremes",
        ),
        Case("small_array", "A small array of three axes", drawn((3, 1, 2), backward=True), group="axes"),
    ],
    ladder=rungs(backward=True),
    hidden=[
        *shapes(backward=True),
        Case("zeros", "Zeros among the entries", at([[0, -3, 2], [1, 0, -1]], backward=True), group="extremes"),
        Case("large_values", "Large values", drawn((5, 2), 1e4, backward=True), group="extremes"),
        Case("large_dout", "A large upstream gradient", steep_dout((2, 5)), group="extremes"),
    ],
)


# -------------------------------------------------------------------------------------- sigmoid

FAR = [[1000, -1000, 0], [-750, 2, 720]]
"""Beyond what np.exp can hold, on both sides."""

sigmoid_forward = Exercise(
    "sigmoid_forward",
    title="Sigmoid, forward",
    source="course text §4.1",
    formula=r"\sigma(y) = \frac{1}{1 + e^{-y}}",
    plan=forward_plan("sigmoid"),
    points={"out": 3},
    groups=GROUPS,
    oracle=sigmoid_by_entries,
    visible=[
        Case(
            "worked",
            "Logarithms, so that the shares are plain fractions",
            {"x": [[0, math.log(3), -math.log(3)], [math.log(4), -math.log(9), -math.log(4)]]},
            expect={"out": [[0.5, 0.75, 0.25], [0.8, 0.1, 0.2]]},
        ),
        Case("far", "Entries of 1000 and -1000", {"x": [[1000, -1000], [0, 30]]}, group="extremes"),
        Case("small_array", "A small array of three axes", drawn((3, 1, 2)), group="axes"),
    ],
    ladder=rungs(backward=False),
    hidden=[
        *shapes(backward=False),
        Case("very_far", "Entries far from zero, on both sides", at(FAR), group="extremes"),
        Case("large_values", "Large values", drawn((5, 2), 1e4), group="extremes"),
    ],
)

sigmoid_backward = Exercise(
    "sigmoid_backward",
    title="Sigmoid, backward",
    source="course text §4.1",
    formula=r"h_{ij} = \sigma(y_{ij}), \qquad " + chain("h_{kl}", "y_{ij}", "k,l"),
    plan=backward_plan("sigmoid"),
    derivative=of_forward("sigmoid"),
    **without_forward("sigmoid", sigmoid_by_entries),
    points={"dx": 5},
    groups=GROUPS,
    oracle=lambda x, dout: contraction(sigmoid_by_entries, x, dout),
    visible=[
        Case(
            "worked",
            "Logarithms, so that the shares are plain fractions",
            {
                "x": [[0, math.log(3), -math.log(3)], [math.log(4), -math.log(9), 0]],
                "dout": [[4, 16, -32], [50, 100, -8]],
            },
            expect={"dx": [[1, 3, -6], [8, 9, -2]]},
        ),
        Case(
            "far",
            "Entries of 1000 and -1000, where the sigmoid is flat",
            {"x": [[1000, -1000], [0, 1]], "dout": [[2, 3], [-4, 5]]},
            group="extremes",
        ),
        Case("small_array", "A small array of three axes", drawn((3, 1, 2), backward=True), group="axes"),
    ],
    ladder=rungs(backward=True),
    hidden=[
        *shapes(backward=True),
        Case("very_far", "Entries far from zero, on both sides", at(FAR, backward=True), group="extremes"),
        Case("large_dout", "A large upstream gradient", steep_dout((2, 5)), group="extremes"),
    ],
)


# --------------------------------------------------------------------------------------- square

square_forward = Exercise(
    "square_forward",
    title="Square, forward",
    source="course text §4.2",
    formula=r"f(y) = y^2, \text{ entry by entry}",
    plan=forward_plan("square"),
    points={"out": 2},
    groups=GROUPS,
    oracle=square_by_entries,
    visible=[
        Case(
            "two_by_two",
            "The 2×2 exercise of the text",
            {"x": [[1, 1], [5, 5]]},
            expect={"out": [[1, 1], [25, 25]]},
        ),
        Case(
            "matrix",
            "A matrix that is not square",
            {"x": [[-3, 0, 2], [0.5, -1, 4]]},
            expect={"out": [[9, 0, 4], [0.25, 1, 16]]},
        ),
        Case("small_array", "A small array of three axes", drawn((3, 1, 2)), group="axes"),
    ],
    ladder=rungs(backward=False),
    hidden=[
        *shapes(backward=False),
        Case("large_values", "Large values", drawn((5, 2), 1e4), group="extremes"),
    ],
)

square_backward = Exercise(
    "square_backward",
    title="Square, backward",
    source="course text §4.2 (c)",
    formula=r"f_{ij} = y_{ij}^2, \qquad " + chain("f_{kl}", "y_{ij}", "k,l"),
    plan=backward_plan("square"),
    derivative=of_forward("square"),
    **without_forward("square", square_by_entries),
    points={"dx": 3},
    groups=GROUPS,
    oracle=lambda x, dout: contraction(square_by_entries, x, dout),
    visible=[
        Case(
            "two_by_two",
            "The 2×2 exercise of the text",
            {"x": [[1, 1], [5, 5]], "dout": [[1, 1], [1, 1]]},
            expect={"dx": [[2, 2], [10, 10]]},
        ),
        Case(
            "matrix",
            "A matrix that is not square, and an upstream gradient that is not ones",
            {"x": [[-3, 0, 2], [0.5, -1, 4]], "dout": [[1, 5, -2], [6, 3, 0.25]]},
            expect={"dx": [[-6, 0, -8], [6, -6, 2]]},
        ),
        Case("small_array", "A small array of three axes", drawn((3, 1, 2), backward=True), group="axes"),
    ],
    ladder=rungs(backward=True),
    hidden=[
        *shapes(backward=True),
        Case("large_values", "Large values", drawn((5, 2), 1e4, backward=True), group="extremes"),
        Case("large_dout", "A large upstream gradient", steep_dout((2, 5)), group="extremes"),
    ],
)


# -------------------------------------------------------------------------------------- softmax

WORKED = [[0, math.log(2), math.log(5)], [math.log(3), 0, math.log(4)]]
"""Rows whose shares are 1/8, 2/8, 5/8 and 3/8, 1/8, 4/8."""
FAR_ROWS = [[1000, 998, 1001, 999], [-1000, -1002, -999, -1001], [-1000, 1000, 0, 999]]
"""Rows far above and far below zero; a shift by the largest entry of all leaves nothing of the second."""
FLOAT32 = 1e-5
"""Tolerance for FAR_ROWS: whole numbers are exact in float32, so the derived bound would be too loose."""


def far_rows(backward):
    """The hidden case of FAR_ROWS, rows in a drawn order."""

    def draw(rng):
        """Draw the rows' order, then dout."""
        x = rng.permutation(np.array(FAR_ROWS, dtype=float))
        return {"x": x, "dout": rng.normal(size=x.shape)} if backward else {"x": x}

    return Case("far_rows", "Rows far above and far below zero", draw, group="extremes", tolerance=FLOAT32)


def rows(backward):
    """Hidden cases of plain rows."""
    return [
        Case("more_classes", "More columns than rows", drawn((3, 5), backward=backward)),
        Case("more_samples", "More rows than columns", drawn((6, 2), backward=backward)),
        Case("one_sample", "A batch of one", drawn((1, 4), backward=backward)),
        Case("one_class", "A single column", drawn((4, 1), backward=backward)),
    ]


softmax_forward = Exercise(
    "softmax_forward",
    title="Softmax by row, forward",
    source="course text §4.1 (the exception)",
    formula=r"s_{nj} = \frac{e^{y_{nj}}}{\sum_k e^{y_{nk}}}",
    plan=forward_plan("softmax"),
    points={"out": 5},
    groups={"values": 3, "extremes": 2},
    oracle=softmax_by_entries,
    visible=[
        Case(
            "worked",
            "Logarithms, so that the shares are plain fractions",
            {"x": WORKED},
            expect={"out": [[0.125, 0.25, 0.625], [0.375, 0.125, 0.5]]},
        ),
        Case(
            "far",
            "Scores of 1000 and -1000",
            {"x": [[1000, 1001, 999], [-1000, -1000, -1001]]},
            group="extremes",
            tolerance=FLOAT32,
        ),
    ],
    ladder=rungs(backward=False, shapes=MATRICES),
    hidden=[*rows(backward=False), far_rows(backward=False)],
)

softmax_backward = Exercise(
    "softmax_backward",
    title="Softmax by row, backward",
    source="course text §4.1 (the exception); eq. 7 and 10",
    formula=r"s_{nj} = \frac{e^{y_{nj}}}{\sum_k e^{y_{nk}}}, \qquad " + chain("s_{nj}", "y_{ni}", "j"),
    plan=backward_plan("softmax"),
    derivative=of_forward("softmax"),
    **without_forward("softmax", softmax_by_entries),
    points={"dx": 6},
    groups={"values": 3, "extremes": 1},
    oracle=softmax_backward_oracle,
    visible=[
        Case(
            "worked",
            "Logarithms, so that the shares are plain fractions",
            {"x": WORKED, "dout": [[8, 0, 0], [0, -8, 8]]},
            expect={"dx": [[0.875, -0.25, -0.625], [-1.125, -1.375, 2.5]]},
        ),
        Case(
            "far",
            "Scores of 1000 and -1000",
            {"x": [[1000, 1001, 999], [-1000, -1000, -1001]], "dout": [[1, -2, 3], [4, 0, -5]]},
            group="extremes",
            tolerance=FLOAT32,
        ),
    ],
    ladder=rungs(backward=True, shapes=MATRICES),
    hidden=[
        *rows(backward=True),
        far_rows(backward=True),
        Case("large_dout", "A large upstream gradient", steep_dout((2, 5)), group="extremes"),
    ],
)

ASSIGNMENT = Assignment(
    title="Activations",
    file="activations.py",
    exercises=[
        relu_forward,
        relu_backward,
        sigmoid_forward,
        sigmoid_backward,
        square_forward,
        square_backward,
        softmax_forward,
        softmax_backward,
    ],
    points=30,
)
