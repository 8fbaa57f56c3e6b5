"""The 2×2 exercise, answered with numbers.

The network is Y = XW, then f(Y) = Y² element by element, then L = the sum of all entries of f(Y), with

    X = [[0, 1],        W = [[1, 1],
         [2, 3]]             [1, 1]]

and a second time with X_variant and W_variant, numbers of your own.

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

# The same questions once more, for numbers of your own. They are hidden cases: nobody has printed
# the answers, and W is not symmetric this time.
X_variant = [[4, 1], [3, 2]]
W_variant = [[4, -2], [2, 1]]

# BEGIN SOLUTION: L_variant = None
L_variant = 645
# END SOLUTION

# BEGIN SOLUTION: dL_df_variant = None
dL_df_variant = [[1, 1], [1, 1]]
# END SOLUTION

# BEGIN SOLUTION: dL_dY_variant = None
dL_dY_variant = [[36, -14], [32, -8]]
# END SOLUTION

# BEGIN SOLUTION: dL_dX_variant = None
dL_dX_variant = [[172, 58], [144, 56]]
# END SOLUTION

# BEGIN SOLUTION: dL_dW_variant = None
dL_dW_variant = [[240, -80], [100, -30]]
# END SOLUTION
