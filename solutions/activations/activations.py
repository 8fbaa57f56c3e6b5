"""Activation functions: what stands between two affine layers (course text §2.1 and §4).

Each comes as a pair. The forward function computes the layer's output and puts into a cache
whatever the backward function will need; what that is is your choice, since both are yours. The
backward function is given the upstream gradient dout, the derivative of the loss with respect to
the layer's output, and returns the derivative of the loss with respect to the layer's input.
"""

import numpy as np


def relu_forward(x):
    """Let positive entries pass and set all others to zero.

    Parameters
    ----------
    x : array of any shape, float64; is not changed.

    Returns
    -------
    out : array of x's shape.
    cache : anything that relu_backward needs.
    """
    out, cache = None, None

    # BEGIN SOLUTION
    out = np.maximum(x, 0)
    cache = x
    # END SOLUTION

    return out, cache


def relu_backward(dout, cache):
    """Carry the upstream gradient back through the ReLU.

    Parameters
    ----------
    dout : array of the forward input's shape, float64; is not changed.
    cache : what relu_forward returned.

    Returns
    -------
    dx : array of dout's shape. Where the input was exactly 0, a slope of 0 or of 1 is right.
    """
    dx = None

    # BEGIN SOLUTION
    x = cache
    dx = dout * (x > 0)
    # END SOLUTION

    return dx


def sigmoid_forward(x):
    """Squash every entry into the range from 0 to 1.

    Parameters
    ----------
    x : array of any shape, float64; may be as large as ±1000.

    Returns
    -------
    out : array of x's shape; finite.
    cache : anything that sigmoid_backward needs.
    """
    out, cache = None, None

    # BEGIN SOLUTION
    shrunk = np.exp(-np.abs(x))
    out = np.where(x >= 0, 1, shrunk) / (1 + shrunk)
    cache = out
    # END SOLUTION

    return out, cache


def sigmoid_backward(dout, cache):
    """Carry the upstream gradient back through the sigmoid.

    Parameters
    ----------
    dout : array of the forward input's shape, float64; is not changed.
    cache : what sigmoid_forward returned.

    Returns
    -------
    dx : array of dout's shape.
    """
    dx = None

    # BEGIN SOLUTION
    out = cache
    dx = dout * out * (1 - out)
    # END SOLUTION

    return dx


def square_forward(x):
    """Square every entry.

    Parameters
    ----------
    x : array of any shape, float64; is not changed.

    Returns
    -------
    out : array of x's shape.
    cache : anything that square_backward needs.
    """
    out, cache = None, None

    # BEGIN SOLUTION
    out = x**2
    cache = x
    # END SOLUTION

    return out, cache


def square_backward(dout, cache):
    """Carry the upstream gradient back through the square.

    Parameters
    ----------
    dout : array of the forward input's shape, float64; is not changed.
    cache : what square_forward returned.

    Returns
    -------
    dx : array of dout's shape.
    """
    dx = None

    # BEGIN SOLUTION
    x = cache
    dx = dout * 2 * x
    # END SOLUTION

    return dx


def softmax_forward(x):
    """Turn every row of scores into positive shares that add up to 1.

    Parameters
    ----------
    x : (N, C), float64, one row of scores for each sample; may be as large as ±1000.

    Returns
    -------
    out : (N, C); finite.
    cache : anything that softmax_backward needs.
    """
    out, cache = None, None

    # BEGIN SOLUTION
    powers = np.exp(x - np.max(x, axis=1, keepdims=True))
    out = powers / np.sum(powers, axis=1, keepdims=True)
    cache = out
    # END SOLUTION

    return out, cache


def softmax_backward(dout, cache):
    """Carry the upstream gradient back through the softmax.

    Parameters
    ----------
    dout : (N, C), float64; is not changed.
    cache : what softmax_forward returned.

    Returns
    -------
    dx : (N, C).
    """
    dx = None

    # BEGIN SOLUTION
    out = cache
    dx = out * (dout - np.sum(dout * out, axis=1, keepdims=True))
    # END SOLUTION

    return dx
