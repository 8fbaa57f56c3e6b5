"""Edits of network.py that are right after all, and why nobody could tell."""

from grader.authoring import Equivalent

EQUIVALENT = [
    Equivalent(
        "squared_loss",
        [
            "loss = np.sum(difference ** 2) / len(target)",
            "loss = np.sum(difference ** 2) / len(difference)",
            "dy = 2 * difference / len(target)",
            "dy = 2 * difference / len(difference)",
        ],
        reason="y, target and their difference have one shape, so that each has N rows.",
    ),
    Equivalent(
        "cross_entropy_loss",
        [
            "samples = np.arange(len(labels))",
            "dscores /= len(labels)",
            "dscores /= len(samples)",
            "dscores /= len(shifted)",
            "dscores /= len(log_softmax)",
            "dscores /= len(dscores)",
        ],
        reason="scores and labels have an entry per sample; samples, shifted, log_softmax and dscores are made from "
        "them with as many rows: every length is N.",
    ),
    Equivalent(
        "network_forward",
        ["sigmoid, y = sigmoid_forward(y2)", "caches = (affine1, relu, affine2, y)"],
        reason="The reference's sigmoid_forward keeps its own output as the cache: y and sigmoid are one array.",
    ),
    Equivalent(
        "network_forward",
        ["caches = (affine1, y1, affine2, sigmoid)", "caches = (affine1, hidden, affine2, sigmoid)"],
        reason="The reference's relu_forward keeps its input y1 as the cache, so that relu and y1 are one array; and "
        "relu_backward asks only where it is above 0, which is where hidden is.",
    ),
]
