"""Formulas that exercises start from, in LaTeX."""

from __future__ import annotations


def chain(of: str, by: str, over: str = "i,j", suffix: str = "") -> str:
    """The chain rule as a sum: ∂L/∂by = Σ_over ∂L/∂of · ∂of/∂by. Source: course text, eq. 10.

    chain("y_{ij}", "w_{uv}") is the derivative of the loss by one weight, through every entry of Y.
    """
    left = _quotient("L", by)
    return rf"{left} = \sum_{{{over}}} {_quotient('L', of)} {_quotient(of, by)}{suffix}"


def _quotient(of: str, by: str) -> str:
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"
