"""The 2×2 exercise of the course text (§4.2), answered with numbers.

Y = XW, f(Y) = Y² element by element, L = the sum of all entries of f(Y), with

    X = [[0, 1],        W = [[1, 1],
         [2, 3]]             [1, 1]]

Replace each None by a number or a nested list of numbers.
"""

# (a) The loss: one number.
L = None

# BEGIN SOLUTION
L = 52
# END SOLUTION
