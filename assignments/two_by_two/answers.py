"""The 2×2 exercise, answered with numbers.

The network is Y = XW, then f(Y) = Y² element by element, then L = the sum of all entries of f(Y), with

    X = [[0, 1],        W = [[1, 1],
         [2, 3]]             [1, 1]]

and a second time with X_variant and W_variant, numbers of your own.

Work the answers out on paper. Then replace each None: L is one number, every other answer is a 2×2
matrix, written row by row as [[1, 2], [3, 4]]. Run `grader check` when you are done.
"""

# (a) The loss L.
L = None

# (b) The derivative of L by f(Y).
dL_df = None

# (c) The derivative of L by Y.
dL_dY = None

# (d) The derivative of L by X.
dL_dX = None

# (e) The derivative of L by W.
dL_dW = None

# The same questions once more, for numbers of your own. They are hidden cases: nobody has printed
# the answers, and W is not symmetric this time.
X_variant = [[4, 1], [3, 2]]
W_variant = [[4, -2], [2, 1]]

L_variant = None

dL_df_variant = None

dL_dY_variant = None

dL_dX_variant = None

dL_dW_variant = None
