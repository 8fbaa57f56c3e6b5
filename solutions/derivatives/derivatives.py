"""Derivatives by numbers and by the chain rule (course text §2).

A function f takes a vector, a matrix or an array of more axes. Where it returns one number, its
derivative is a gradient, of the shape of its input; where it returns several, a Jacobian, with one
gradient for each of them.
"""

import numpy as np


def numerical_gradient(f, x):
    """Estimate the gradient of f at x from values of f alone.

    Parameters
    ----------
    f : function that takes an array of x's shape and returns one number.
    x : array of any shape, float64 or whole numbers; must hold the same values afterwards.

    Returns
    -------
    gradient : array of x's shape, float64; entry by entry the derivative of f with respect to that
        entry of x, by central differences with a step that suits float64.
    """
    gradient = None

    # BEGIN SOLUTION
    h = 1e-5
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    # END SOLUTION

    return gradient


def numerical_jacobian(f, x):
    """Estimate the Jacobian of f at x from values of f alone.

    Parameters
    ----------
    f : function that takes an array of x's shape and returns an array.
    x : array of any shape, float64 or whole numbers; must hold the same values afterwards.

    Returns
    -------
    jacobian : array of shape f(x).shape + x.shape, float64: the indices of f's entries first, those
        of x's entries last. (m, n) for x of (n,) and f(x) of (m,); (n, n, m) for x of (n, m) and
        f(x) of (n,). By central differences with a step that suits float64.
    """
    jacobian = None

    # BEGIN SOLUTION
    h = 1e-5
    jacobian = np.zeros(f(x).shape + x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        jacobian[(..., *index)] = (f(x + step) - f(x - step)) / (2 * h)
    # END SOLUTION

    return jacobian


def chain_rule(dL_dY, dY_dw):
    """Carry the derivative of the loss from the matrix Y to one number w that Y is made from.

    Parameters
    ----------
    dL_dY : (N, M), the derivative of the loss L with respect to each entry of Y.
    dY_dw : (N, M), the derivative of each entry of Y with respect to w.

    Returns
    -------
    dL_dw : one number, the derivative of L with respect to w.
    """
    dL_dw = None

    # BEGIN SOLUTION
    dL_dw = np.sum(dL_dY * dY_dw)
    # END SOLUTION

    return dL_dw


def grad_sum_of_doubles(x):
    """Differentiate L = g(f(x)), where f doubles every entry of x and g adds all entries up.

    Parameters
    ----------
    x : array of any shape.

    Returns
    -------
    dL_dx : array of x's shape.
    """
    dL_dx = None

    # BEGIN SOLUTION
    dL_dx = np.full(x.shape, 2.0)
    # END SOLUTION

    return dL_dx
