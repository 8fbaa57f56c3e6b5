"""Edits of layers.py that are right after all, and why nobody could tell."""

from grader.authoring import Equivalent

EQUIVALENT = [
    Equivalent(
        "dL_dw",
        ["grad = np.sum(dL_dY[:, v] @ x[:, u])"],
        reason="Both factors are columns of N entries: their matrix product is the sum already, and the sum of one "
        "number is that number.",
    ),
    Equivalent(
        "affine_backward",
        ["rows = x.reshape(dout.shape[0], -1)"],
        reason="dout has one row per sample, and so has x: dout.shape[0] is x.shape[0].",
    ),
]
