"""A small affine layer for the tests: frozen, so that the golden reports change only with the grader."""

from math import prod

import numpy as np

from grader.authoring import Assignment, Case, Exercise, call, contraction
from grader.model import Limits

QUICK = Limits(wall=0.5, load_wall=0.5, total_wall=10.0)
"""An endless loop costs a test half a second a case."""


def drawn(shape, outputs):
    """Inputs of the backward pass with x of `shape`, drawn from a normal distribution."""

    def draw(rng):
        features = prod(shape[1:])
        return {
            "x": rng.normal(size=shape),
            "w": rng.normal(size=(features, outputs)),
            "b": rng.normal(size=outputs),
            "dout": rng.normal(size=(shape[0], outputs)),
        }

    return draw


def drawn_forward(shape, outputs):
    """The same without the upstream gradient."""

    def draw(rng):
        inputs = drawn(shape, outputs)(rng)
        del inputs["dout"]
        return inputs

    return draw


def out_entry_by_entry(x, w, b):
    """out[n][m] = Σ_d x[n][d]·w[d][m] + b[m], in plain Python; the cache is what came in."""
    rows = x.reshape(len(x), -1).tolist()
    columns = w.T.tolist()
    out = [
        [sum(p * q for p, q in zip(row, column, strict=True)) + bias for column, bias in zip(columns, b, strict=True)]
        for row in rows
    ]
    return {"out": np.array(out), "cache": (x, w, b)}


def gradients_by_differences(x, w, b, dout):
    """Each gradient by central differences of the layer, contracted with dout."""

    def layer(x, w, b):
        return x.reshape(len(x), -1) @ w + b

    return {
        "dx": contraction(lambda moved: layer(moved, w, b), x, dout),
        "dw": contraction(lambda moved: layer(x, moved, b), w, dout),
        "db": contraction(lambda moved: layer(x, w, moved), b, dout),
    }


FORWARD = Exercise(
    "affine_forward",
    title="The affine layer",
    source="the tests",
    plan=call("affine_forward", "x", "w", "b"),
    points={"out": 4, "cache": 1},
    oracle=out_entry_by_entry,
    visible=[
        Case(
            "not_square",
            "three samples of two features, four outputs",
            {
                "x": [[0, 1], [2, 3], [4, 5]],
                "w": [[1, 2, 3, 4], [5, 6, 7, 8]],
                "b": [10, 20, 30, 40],
            },
            expect={"out": [[15, 26, 37, 48], [27, 42, 57, 72], [39, 58, 77, 96]]},
        )
    ],
    hidden=[
        Case("drawn", "no two sizes are equal", drawn_forward((4, 3), 5)),
        Case("images", "samples of two dimensions", drawn_forward((2, 3, 4), 5), group="images"),
    ],
)

BACKWARD = Exercise(
    "affine_backward",
    title="Gradients of the affine layer",
    source="the tests",
    plan=call("affine_backward", "dout", ("x", "w", "b")),
    points={"dx": 4, "dw": 4, "db": 2},
    oracle=gradients_by_differences,
    visible=[
        Case(
            "two_by_two",
            "The 2×2 exercise of the text",
            {"x": [[0, 1], [2, 3]], "w": [[1, 1], [1, 1]], "b": [0, 0], "dout": [[2, 2], [10, 10]]},
            expect={"dx": [[4, 4], [20, 20]], "dw": [[20, 20], [32, 32]], "db": [12, 12]},
        ),
        Case(
            "not_square",
            "three samples of two features, four outputs",
            {
                "x": [[0, 1], [2, 3], [4, 5]],
                "w": [[1, 2, 3, 4], [5, 6, 7, 8]],
                "b": [0, 0, 0, 0],
                "dout": [[1, 0, 2, 0], [0, 3, 0, 1], [2, 0, 1, 1]],
            },
            expect={"db": [3, 3, 3, 2]},
        ),
    ],
    hidden=[
        Case("drawn", "no two sizes are equal", drawn((4, 3), 5)),
        Case("square", "all sizes are equal", drawn((3, 3), 3)),
        Case("images", "samples of two dimensions", drawn((2, 3, 4), 5), group="images"),
    ],
    shape_credit=0.5,
)

ASSIGNMENT = Assignment(title="The affine layer", file="layers.py", exercises=[FORWARD, BACKWARD], limits=QUICK)
