"""The 2×2 exercise (course text §4.2): Y = XW, f(Y) = Y² element by element, L = the sum of f(Y).

These numbers are degenerate as a test (W is symmetric and constant): several mistakes get them right.
"""

import math

import numpy as np

from grader.authoring import Assignment, Case, Exercise, Follow, central_gradient, chain, read

X = [[0, 1], [2, 3]]
W = [[1, 1], [1, 1]]

FOLLOW_CREDIT = 0.75
"""What dL/dX and dL/dW earn that are right given a wrong dL/dY: the error was paid for there."""


PAPER = "The answers are worked out on paper, for 2×2 matrices."
BY_OWN = "The text's own numbers; the same question is asked again with numbers that have no such symmetry."
ONES = "L adds up the entries of f(Y): every slope is 1, whatever the numbers are."


def degenerate(answer, *by_nature):
    """Symmetries of the text's 2×2 numbers that no case of one exercise breaks, with the reasons."""
    square = {f"{name} square": PAPER for name in ("X", "W", *answer)}
    return square | dict.fromkeys(by_nature, ONES)


OF_TEXT = dict.fromkeys(("X zeros", "W symmetric", "W constant"), BY_OWN)


def worked(expect, follow=None):
    """The exercise as the text sets it, with the text's own answer; `follow` makes up for a wrong dL/dY."""
    return Case(
        "two_by_two",
        "The 2×2 exercise with the numbers of the text",
        inputs={"X": X, "W": W},
        expect=expect,
        follow={name: Follow(formula, args, FOLLOW_CREDIT) for name, (formula, args) in (follow or {}).items()},
    )


# ----------------------------------------------------------------------------- right answers


def answer_L(X, W):
    """(a) The sum of the squares of Y."""
    return np.sum((X @ W) ** 2)


def answer_dL_df(X, W):
    """(b) The slope of a sum along each of its terms."""
    return np.ones_like(X @ W)


def answer_dL_dY(X, W):
    """(c) dL/df times the slope of the square, element by element."""
    return answer_dL_df(X, W) * 2 * (X @ W)


def answer_dL_dX(X, W):
    """(d) Eq. 21."""
    return answer_dL_dY(X, W) @ W.T


def answer_dL_dW(X, W):
    """(e) Eq. 20."""
    return X.T @ answer_dL_dY(X, W)


# ----------------------------------------------------------------------------------- oracles
# L is quadratic in all that it depends on: central differences with a step of 1 are exact.


def product(X, W):
    """Y = XW entry by entry."""
    rows, inner, columns = len(X), len(W), W.shape[1]
    return np.array([[sum(X[i, k] * W[k, j] for k in range(inner)) for j in range(columns)] for i in range(rows)])


def loss_of(Y):
    """L from Y, entry by entry."""
    return math.fsum(entry * entry for entry in Y.flat)


def oracle_L(X, W):
    """L entry by entry."""
    return loss_of(product(X, W))


def oracle_dL_df(X, W):
    """L as a function of f(Y) alone."""
    return central_gradient(lambda f: math.fsum(f.flat), product(X, W) ** 2, step=1.0)


def oracle_dL_dY(X, W):
    """L as a function of Y alone."""
    return central_gradient(loss_of, product(X, W), step=1.0)


def oracle_dL_dX(X, W):
    """L as a function of X, W held fast."""
    return central_gradient(lambda moved: loss_of(product(moved, W)), X, step=1.0)


def oracle_dL_dW(X, W):
    """L as a function of W, X held fast."""
    return central_gradient(lambda moved: loss_of(product(X, moved)), W, step=1.0)


# --------------------------------------------------------------------------------- exercises

LOSS = Exercise(
    "L",
    title="(a) The loss",
    source="course text §4.2 (a)",
    formula=r"L = \sum_{i,j} f(y_{ij}), \qquad f(y) = y^2, \qquad Y = X W",
    plan=read("L"),
    points={"L": 2},
    visible=[worked({"L": 52})],
    answer=answer_L,
    oracle=oracle_L,
    degenerate=degenerate([]) | OF_TEXT,
)

DL_DF = Exercise(
    "dL_df",
    title="(b) From the loss to the activation's output",
    source="course text §4.2 (b)",
    formula=r"L = \sum_{i,j} f_{ij}",
    plan=read("dL_df"),
    points={"dL_df": 2},
    visible=[worked({"dL_df": [[1, 1], [1, 1]]})],
    answer=answer_dL_df,
    oracle=oracle_dL_df,
    degenerate=degenerate(["dL_df"], "dL_df symmetric", "dL_df constant") | OF_TEXT,
)

DL_DY = Exercise(
    "dL_dY",
    title="(c) Through the activation",
    source="course text §4.2 (c)",
    formula=r"f_{ij} = y_{ij}^2, \qquad " + chain("f_{kl}", "y_{ij}", "k,l"),
    plan=read("dL_dY"),
    points={"dL_dY": 2},
    visible=[worked({"dL_dY": [[2, 2], [10, 10]]})],
    answer=answer_dL_dY,
    oracle=oracle_dL_dY,
    degenerate=degenerate(["dL_dY"]) | OF_TEXT,
)

DL_DX = Exercise(
    "dL_dX",
    title="(d) Through the affine layer, to its input",
    source="course text §4.2 (d), eq. 21",
    formula=r"Y = X W, \qquad " + chain("y_{ij}", "x_{uv}"),
    plan=read("dL_dX"),
    points={"dL_dX": 2},
    visible=[worked({"dL_dX": [[4, 4], [20, 20]]}, follow={"dL_dX": ("times_transposed", ("dL_dY", "W"))})],
    answer=answer_dL_dX,
    oracle=oracle_dL_dX,
    degenerate=degenerate(["dL_dX"]) | OF_TEXT,
)

DL_DW = Exercise(
    "dL_dW",
    title="(e) Through the affine layer, to its weights",
    source="course text §4.2 (e), eq. 20",
    formula=r"Y = X W, \qquad " + chain("y_{ij}", "w_{uv}"),
    plan=read("dL_dW"),
    points={"dL_dW": 2},
    visible=[worked({"dL_dW": [[20, 20], [32, 32]]}, follow={"dL_dW": ("transposed_times", ("X", "dL_dY"))})],
    answer=answer_dL_dW,
    oracle=oracle_dL_dW,
    degenerate=degenerate(["dL_dW"]) | OF_TEXT,
)

# ---------------------------------------------------------------------------- your own numbers

VARIANTS = 64
FOLLOWS = {"dL_dX": ("times_transposed", ("dL_dY_variant", "W")), "dL_dW": ("transposed_times", ("X", "dL_dY_variant"))}


def draw_own(rng):
    """X and W of small whole numbers without the symmetries that make the text's numbers degenerate."""
    while True:
        X, W = (rng.permutation([-2, -1, 1, 2, 3, 4])[:4].reshape(2, 2).astype(float) for _ in range(2))
        Y = X @ W
        losses = {np.sum(Y), np.sum(Y) ** 2, 2 * np.sum(Y), np.sum(Y @ Y), np.sum(Y**2)}
        told_apart = len(losses) == 5 and len(np.unique(np.abs(Y))) == 4 and np.all(np.abs(Y) > 1)
        if told_apart and X[0, 1] != X[1, 0] and W[0, 1] != W[1, 0]:
            return {"X": X, "W": W}


def own(base):
    """The same question on the student's own X and W, which stand in the file."""
    name = f"{base.id}_variant"
    follow = {name: Follow(*FOLLOWS[base.id], FOLLOW_CREDIT)} if base.id in FOLLOWS else {}
    return Exercise(
        name,
        title=f"{base.title}, with your own numbers",
        source=base.source,
        formula=base.formula,
        plan=read(name),
        points={name: 2},
        visible=[],
        hidden=[Case("own_numbers", "The exercise with your own numbers", inputs=draw_own, follow=follow)],
        answer=base.answer,
        oracle=base.oracle,
        variants=VARIANTS,
        degenerate={
            symmetry.replace(base.id, name): reason
            for symmetry, reason in base.degenerate.items()
            if symmetry not in OF_TEXT
        },
    )


TEXT = [LOSS, DL_DF, DL_DY, DL_DX, DL_DW]

ASSIGNMENT = Assignment(
    title="The 2×2 exercise",
    file="answers.py",
    exercises=TEXT + [own(base) for base in TEXT],
    points=20,
)
