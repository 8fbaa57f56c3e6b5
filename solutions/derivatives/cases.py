"""Exercises of derivatives.py: central differences, and the chain rule (course text §2).

How the numerical cases are made. Every f is a polynomial_map of the public catalogue:

    f(x) = value + slope d + ½ d·curvature·d + fifth Σ d⁵,        d = x − centre

`steep` makes it so that one tolerance tells right from wrong, whatever the step h. Its derivatives
at x are 1 to 2, |x| is 0 or 1 to 8, d is near 1e-5, and, all relative to those derivatives,

    one-sided                  h · curvature / 2   5e-4 at h = 1e-8, more at longer steps
    x left where it was moved  h · curvature       1e-3 at h = 1e-8, more at longer steps
    central, rounding          eps · |x| / h       1e-9 at h = 1e-6; 9e-5 and more from h = 1e-12 on
    central, truncation        fifth · h⁴          1e-8 at h = 1e-3 · |x|; 3e-4 and more from h = 0.1 on

What central_bound works out for each case, some 3e-7, lies between. A cubic in place of the fifth
power would not leave room for both steps in the last row. x and d are multiples of 2⁻¹⁷, so that
x − centre is exact and the only rounding that counts is that of x ± h, which is the same on every
machine. For the same reason no matrix product is taken where a case is drawn.
"""

import numpy as np

from grader.authoring import Assignment, Case, Exercise, call, central_gradient, public
from grader.catalogue import polynomial_map

EXACT = 1e-14
"""Tolerance of lines with slopes ±1, ±2, ±4 at 0, where no step rounds."""
SHORTEST, LONGEST = 1e-6, 1e-3
"""The steps that are accepted: this far, and this far times the largest entry of x."""
ROOM = 20
"""So many times the worst error of an accepted step: a right answer lies at a twentieth of the tolerance."""

POLYNOMIAL = public("polynomial_map", "centre", "value", "slope", "curvature", "fifth")


# --------------------------------------------------------------------- f, x and the right answer


def polynomial(x, value=0.0, slope=0.0, curvature=0.0):
    """Inputs for a quadratic around 0; `slope` and `curvature` are filled up to their shapes."""
    x, value = np.array(x, dtype=float), np.array(value, dtype=float)
    return {
        "x": x,
        "centre": np.zeros(x.shape),
        "value": value,
        "slope": np.broadcast_to(np.asarray(slope, dtype=float), (value.size, x.size)).copy(),
        "curvature": np.broadcast_to(np.asarray(curvature, dtype=float), (value.size, x.size, x.size)).copy(),
        "fifth": 0.0,
    }


def whole(x, **more):
    """The same with x an array of integers."""
    inputs = polynomial(x, **more)
    return {**inputs, "x": inputs["x"].astype(np.int64)}


def signs(rng, shape):
    """±1, drawn."""
    return rng.choice([-1.0, 1.0], shape)


def steep(shape, out=(), scale=1.0, whole=False, zeros=0):
    """Inputs drawn for x of `shape` and f(x) of `out`, f times `scale`; see the top of this file.

    `whole` makes x an array of integers; `zeros` entries of x are 0.
    """

    def draw(rng):
        """One f that is steep around x, and x."""
        n, m = int(np.prod(shape)), int(np.prod(out))
        x = signs(rng, n) * (rng.integers(1, 8, n) if whole else rng.integers(8, 64, n) / 8)
        x[rng.permutation(n)[:zeros]] = 0
        d = signs(rng, n) * rng.integers(1, 4, n) * 2.0**-17
        half = rng.uniform(0.5e5, 1e5, (m, n, n))
        curvature = signs(rng, (m, 1, 1)) * (half + half.transpose(0, 2, 1))
        fifth = 3.0
        at_x = signs(rng, (m, n)) * rng.uniform(1, 2, (m, n))
        return {
            "x": x.reshape(shape).astype(np.int64 if whole else np.float64),
            "centre": (x - d).reshape(shape),
            "value": scale * rng.uniform(1e-4, 5e-4, out),
            "slope": scale * (at_x - np.sum(curvature * d, axis=2) - 5 * fifth * d**4),
            "curvature": scale * curvature,
            "fifth": scale * fifth,
        }

    return draw


def derivative(x, centre, value, slope, curvature, fifth):
    """Return the derivative of polynomial_map, worked out: value's shape, then x's."""
    d = (x - centre).reshape(-1)
    return (slope + curvature @ d + 5 * fifth * d**4).reshape(np.shape(value) + x.shape)


def gradient_oracle(x, **f):
    """Central differences of the very f that the student is handed."""
    return central_gradient(polynomial_map(**f), x)


def jacobian_oracle(x, **f):
    """The gradient of one entry of f after the other, each by central differences."""
    made = polynomial_map(**f)
    gradients = [central_gradient(lambda t, i=i: made(t).reshape(-1)[i], x) for i in range(f["value"].size)]
    return np.reshape(gradients, f["value"].shape + x.shape)


def central_bound(x, centre, value, slope, curvature, fifth):
    """The tolerance of central differences: ROOM times their error at the worst accepted step.

    Truncation: with d = x - centre, ((d+h)⁵ - (d-h)⁵) / 2h - 5d⁴ = 10d²h² + h⁴; a quadratic has none.
    Rounding: that of x ± h, which f's slope carries on, and that of f itself, both divided by h.
    """
    d = (x - centre).reshape(-1)
    far = max(1.0, float(np.max(np.abs(x))))
    h = LONGEST * far
    truncation = abs(fifth) * float(np.max(10 * d**2 * h**2 + h**4))
    steepest = np.max(np.abs(derivative(x, centre, value, slope, curvature, fifth)))
    largest = np.max(np.abs(polynomial_map(centre, value, slope, curvature, fifth)(x)))
    rounding = np.finfo(float).eps * (far * steepest + largest) / SHORTEST
    return ROOM * (truncation + rounding)


def numeric(id, title, inputs, group, tolerance=central_bound, **more):
    """A case of a numerical derivative."""
    return Case(id, title, inputs, group=group, tolerance=tolerance, **more)


PLAIN = np.array([[4.0, 2.0], [2.0, -6.0]])
"""Second derivatives of two entries."""
TWICE = 2 * np.eye(3)
TWO_BY_TWO = 4 * np.kron(np.eye(2), np.ones((2, 2)))
"""The second derivatives of L = Σ (XW)² for W of ones, 2×2: 2WWᵀ for each row of X."""
ROWS_SQUARED = 2 * np.stack([np.diag([1, 1, 1, 0, 0, 0]), np.diag([0, 0, 0, 1, 1, 1])])
"""Those of f_i = Σ_j w_ij², for w of (2, 3)."""

HESSIAN = "The second derivatives by n entries of x are an n×n matrix for each value of f."
ONE_VALUE = "f returns one number: there is one row of slopes and one matrix of second derivatives."

numerical_gradient = Exercise(
    "numerical_gradient",
    title="The gradient of a scalar function, by numbers",
    source="course text §2.1, eq. 5 and 6",
    formula=r"\frac{\partial f}{\partial x_i} = \lim_{h \to 0} \frac{f(x + h\, e_i) - f(x)}{h}",
    plan=call("numerical_gradient", POLYNOMIAL, "x"),
    points={"gradient": 8},
    groups={"vectors": 3, "matrices": 4, "integers": 1},
    answer=derivative,
    oracle=gradient_oracle,
    float32=False,
    degenerate={"slope one_row": ONE_VALUE, "curvature one_row": ONE_VALUE, "curvature square": HESSIAN},
    visible=[
        numeric(
            "doubles",
            "L is the sum of all 2x_i, the example of the text",
            polynomial([1, -2, 3], slope=2),
            "vectors",
            expect={"gradient": [2, 2, 2]},
        ),
        numeric(
            "origin",
            "A straight line, 4x_1 - x_2 + 2x_3, at the origin",
            polynomial([0, 0, 0], slope=[4, -1, 2]),
            "vectors",
            EXACT,
            expect={"gradient": [4, -1, 2]},
        ),
        numeric(
            "two_by_two",
            "The loss of the 2×2 exercise as a function of X",
            polynomial([[0, 1], [2, 3]], curvature=TWO_BY_TWO),
            "matrices",
            expect={"gradient": [[4, 4], [20, 20]]},
        ),
        numeric("steep", "A matrix, and a function that bends sharply", steep((2, 3)), "matrices"),
    ],
    ladder=[
        numeric("line", "The line 2x at 3", polynomial([3], slope=2), "vectors"),
        numeric("bend", "One entry, and a function that bends", polynomial([2], slope=1, curvature=20000), "vectors"),
        numeric("integer", "One entry, an integer", whole([2], slope=3, curvature=4), "integers"),
        numeric(
            "two_entries",
            "Two entries, each with its own slope",
            polynomial([2, -3], slope=[5, -7], curvature=PLAIN),
            "vectors",
        ),
        numeric("matrix", "A matrix of one row", polynomial([[2, -3, 4]], slope=[5, -7, 6]), "matrices"),
    ],
    hidden=[
        numeric("vector", "A vector", steep((5,)), "vectors"),
        numeric("one_entry", "A vector of one entry", steep((1,)), "vectors"),
        numeric("zeros", "Some entries of x are exactly zero", steep((6,), zeros=2), "vectors"),
        numeric("not_square", "A matrix that is not square", steep((4, 3)), "matrices"),
        numeric("large_values", "A function of large values", steep((3, 5), scale=1e4), "matrices"),
        numeric("small_values", "A function of small values", steep((5, 2), scale=1e-3), "matrices"),
        numeric("three_axes", "An array of three axes", steep((2, 4, 3)), "matrices"),
        numeric("four_axes", "An array of four axes", steep((3, 1, 2, 4)), "matrices"),
        numeric("integers", "x is an array of integers", steep((3, 4), whole=True), "integers"),
    ],
)

numerical_jacobian = Exercise(
    "numerical_jacobian",
    title="The Jacobian of a function of several values, by numbers",
    source="course text §2.1, eq. 7 and 8",
    formula=r"J_{ij} = \frac{\partial f_i}{\partial x_j}",
    plan=call("numerical_jacobian", POLYNOMIAL, "x"),
    points={"jacobian": 7},
    groups={"vectors": 3, "matrices": 3, "integers": 1},
    answer=derivative,
    oracle=jacobian_oracle,
    float32=False,
    degenerate={"curvature square": HESSIAN},
    visible=[
        numeric(
            "doubles",
            "f(x) = 2x, the inner function of the text's example",
            polynomial([1, -2, 3], value=[0, 0, 0], slope=TWICE),
            "vectors",
            expect={"jacobian": TWICE},
        ),
        numeric(
            "origin",
            "Two straight lines at the origin of three axes",
            polynomial([0, 0, 0], value=[0, 0], slope=[[1, -2, 4], [2, 1, -1]]),
            "vectors",
            EXACT,
            expect={"jacobian": [[1, -2, 4], [2, 1, -1]]},
        ),
        numeric(
            "rows_squared",
            "Each f_i is the sum of the squares in row i of a matrix",
            polynomial([[1, 2, 3], [4, 5, 6]], value=[0, 0], curvature=ROWS_SQUARED),
            "matrices",
            expect={"jacobian": [[[2, 4, 6], [0, 0, 0]], [[0, 0, 0], [8, 10, 12]]]},
        ),
        numeric("steep", "A vector, and functions that bend sharply", steep((2,), out=(3,)), "vectors"),
    ],
    ladder=[
        numeric("line", "The line 2x at 3", polynomial([3], value=[0], slope=2), "vectors"),
        numeric(
            "bend",
            "One entry, and a function that bends",
            polynomial([2], value=[0], slope=1, curvature=20000),
            "vectors",
            1e-3,
        ),
        numeric(
            "two_values",
            "One entry in, two values out",
            polynomial([3], value=[0, 0], slope=[[5], [-7]]),
            "vectors",
        ),
        numeric(
            "matrix",
            "A matrix of one row in, two values out",
            polynomial([[2, -3]], [0, 0], slope=[[5, -7], [8, 3]], curvature=[PLAIN, 3 * PLAIN]),
            "matrices",
        ),
        numeric(
            "sizes_differ",
            "Three entries in, two values out",
            polynomial([2, -3, 4], value=[0, 0], slope=[[5, -7, 6], [8, 3, -2]]),
            "vectors",
        ),
    ],
    hidden=[
        numeric("more_outputs", "More values out than in", steep((3,), out=(5,)), "vectors"),
        numeric("fewer_outputs", "Fewer values out than in, zeros in x", steep((6,), (4,), zeros=2), "vectors"),
        numeric("one_output", "A vector in, a vector of one entry out", steep((4,), out=(1,)), "vectors"),
        numeric("one_entry", "A vector of one entry in", steep((1,), out=(3,)), "vectors"),
        numeric("matrix", "A matrix in, a vector out", steep((3, 4), out=(3,)), "matrices"),
        numeric("large_values", "Functions of large values", steep((4, 2), (3,), scale=1e4), "matrices"),
        numeric("matrix_to_matrix", "A matrix in, a matrix out", steep((4, 2), out=(2, 3)), "matrices"),
        numeric("three_axes", "An array of three axes in", steep((3, 1, 2), out=(4,)), "matrices"),
        numeric("integers", "x is an array of integers", steep((2, 3), out=(4,), whole=True), "integers"),
    ],
)


# -------------------------------------------------------------------------------- the chain rule


def pair(shape, scale=1.0):
    """Drawn factors of (N, M), of both signs."""
    return lambda rng: {"dL_dY": scale * rng.normal(size=shape), "dY_dw": scale * rng.normal(size=shape)}


def touched(rng):
    """Factors of which w reaches the second column of Y alone, as a weight of an affine layer does."""
    dY_dw = np.zeros((4, 3))
    dY_dw[:, 1] = rng.normal(size=4)
    return {"dL_dY": rng.normal(size=(4, 3)), "dY_dw": dY_dw}


def chain_rule_oracle(dL_dY, dY_dw):
    """Eq. 10 to the letter: a double sum."""
    rows, columns = dL_dY.shape
    return sum(dL_dY[i, j] * dY_dw[i, j] for i in range(rows) for j in range(columns))


chain_rule = Exercise(
    "chain_rule",
    title="The chain rule for one weight",
    source="course text §2.1, eq. 9 and 10",
    formula=r"L = L(Y(w)): \quad w \text{ reaches } L \text{ through every } y_{ij}",
    plan=call("chain_rule", "dL_dY", "dY_dw"),
    points={"dL_dw": 3},
    oracle=chain_rule_oracle,
    visible=[
        Case(
            "two_by_two",
            "The 2×2 exercise of the text, for the weight w_22",
            {"dL_dY": [[2, 2], [10, 10]], "dY_dw": [[0, 1], [0, 3]]},
            expect={"dL_dw": 32},
        ),
        Case(
            "not_square",
            "Every entry of Y depends on w",
            {"dL_dY": [[1, -2, 3], [0, 4, -1]], "dY_dw": [[2, 1, -1], [5, 3, 6]]},
            expect={"dL_dw": 3},
        ),
    ],
    ladder=[
        Case("one_entry", "Y has one entry", pair((1, 1))),
        Case("one_row", "One row of two", pair((1, 2))),
        Case("square", "Two rows of two", pair((2, 2))),
        Case("sizes_differ", "Two rows of three", pair((2, 3))),
    ],
    hidden=[
        Case("tall", "More rows than columns", pair((5, 3))),
        Case("one_row", "A batch of one", pair((1, 4))),
        Case("one_column", "One column", pair((6, 1))),
        Case("one_column_touched", "w reaches one column of Y alone", touched),
        Case("large_values", "Large values", pair((3, 7), 1e3)),
    ],
)


# --------------------------------------------------------------------- the example of the text


def drawn(shape, scale=1.0):
    """A drawn x."""
    return lambda rng: {"x": scale * rng.normal(size=shape)}


grad_sum_of_doubles = Exercise(
    "grad_sum_of_doubles",
    title="The gradient of the sum of doubles",
    source="course text §2.1, the example after eq. 10",
    formula=r"L = \sum_i 2\, x_i, \qquad \frac{\partial L}{\partial x_i} \text{ for every } i",
    plan=call("grad_sum_of_doubles", "x"),
    points={"dL_dx": 2},
    groups={"vectors": 1, "matrices": 1},
    oracle=lambda x: central_gradient(lambda t: np.sum(2 * t), x),
    degenerate={"dL_dx constant": "The gradient is 2 everywhere: that is what the exercise is about."},
    visible=[
        Case("vector", "A vector", {"x": [1, -2, 3, 5]}, expect={"dL_dx": [2, 2, 2, 2]}, group="vectors"),
        Case("matrix", "A matrix", {"x": [[0, 1, -4], [2, 3, 7]]}, group="matrices"),
    ],
    ladder=[
        Case("one_entry", "One entry", drawn((1,)), group="vectors"),
        Case("two_entries", "A vector of two", drawn((2,)), group="vectors"),
        Case("matrix", "Two rows of three", drawn((2, 3)), group="matrices"),
    ],
    hidden=[
        Case("long_vector", "A longer vector", drawn((7,)), group="vectors"),
        Case("one_entry", "A vector of one entry", drawn((1,)), group="vectors"),
        Case("large_values", "Large values", drawn((5,), 1e4), group="vectors"),
        Case("three_axes", "An array of three axes", drawn((2, 4, 3)), group="matrices"),
    ],
)

ASSIGNMENT = Assignment(
    title="Derivatives",
    file="derivatives.py",
    exercises=[numerical_gradient, numerical_jacobian, chain_rule, grad_sum_of_doubles],
    points=20,
)
