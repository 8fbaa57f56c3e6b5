"""Edits of activations.py that are right after all, and why nobody could tell."""

from grader.authoring import Equivalent

EQUIVALENT = [
    Equivalent(
        "relu_forward",
        ["cache = out", "cache = np.maximum(x, 0)"],
        reason="What is in the cache is the student's choice, and all that relu_backward asks of it is where it is "
        "above 0: x and max(x, 0) are so in the same places.",
    ),
    Equivalent(
        "relu_backward",
        ["dx = dout * (x >= 0)"],
        reason="It differs where x is exactly 0 only, and there both slopes are right.",
    ),
    Equivalent(
        "sigmoid_forward",
        ["out = np.where(x > 0, 1, shrunk) / (1 + shrunk)"],
        reason="It differs where x is exactly 0 only, and there shrunk is exp(0) = 1, so that both branches are 1.",
    ),
    Equivalent(
        "sigmoid_forward",
        ["return (cache, out)"],
        reason="cache is another name for out.",
    ),
    Equivalent(
        "softmax_forward",
        ["return (cache, out)"],
        reason="cache is another name for out.",
    ),
    Equivalent(
        "sigmoid_backward",
        ["dx = dout * out * np.subtract(1, out, out=out)"],
        reason="The product dout * out is done before out is overwritten; out is the student's own cache, which a "
        "case hands to the backward function once and looks at no more.",
    ),
    Equivalent(
        "softmax_backward",
        ["dx = np.multiply(out, dout - np.sum(dout * out, axis=1, keepdims=True), out=out)"],
        reason="Both factors are done before out is overwritten; out is the student's own cache, which a case hands "
        "to the backward function once and looks at no more.",
    ),
]
