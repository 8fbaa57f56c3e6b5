"""The 2×2 exercise, answered with numbers.

The network is Y = XW, then f(Y) = Y² element by element, then L = the sum of all entries of f(Y), with

    X = [[0, 1],        W = [[1, 1],
         [2, 3]]             [1, 1]]

Work the answers out on paper. Then replace each None: L is one number, every other answer is a 2×2
matrix, written row by row as [[1, 2], [3, 4]]. Run `grader check` when you are done.
"""

# (a) The loss L.
# BEGIN SOLUTION: L = None
L = 52
# END SOLUTION

# (b) The derivative of L by f(Y).
# BEGIN SOLUTION: dL_df = None
dL_df = [[1, 1], [1, 1]]
# END SOLUTION

# (c) The derivative of L by Y.
# BEGIN SOLUTION: dL_dY = None
dL_dY = [[2, 2], [10, 10]]
# END SOLUTION

# (d) The derivative of L by X.
# BEGIN SOLUTION: dL_dX = None
dL_dX = [[4, 4], [20, 20]]
# END SOLUTION

# (e) The derivative of L by W.
# BEGIN SOLUTION: dL_dW = None
dL_dW = [[20, 20], [32, 32]]
# END SOLUTION
