"""Edits of derivatives.py that are right after all, and why nobody could tell."""

from grader.authoring import Equivalent

EQUIVALENT = [
    Equivalent(
        "numerical_gradient",
        ["gradient = np.ones(x.shape)"],
        reason="The loop goes over every index of x and sets gradient there: what it held before is gone.",
    ),
    Equivalent(
        "numerical_jacobian",
        ["jacobian = np.ones(f(x).shape + x.shape)"],
        reason="The loop goes over every index of x and sets jacobian[..., index], all entries of f at once: what it "
        "held before is gone.",
    ),
    Equivalent(
        "numerical_gradient",
        ["for index in np.ndindex(gradient.shape):", "step = np.zeros(gradient.shape)"],
        reason="gradient was made with x.shape, in the line above the loop.",
    ),
]
