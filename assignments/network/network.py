"""The toy network Affine–ReLU–Affine–Sigmoid with a loss behind it: forward, backward, training.

The layers are your own: `layers.py` and `activations.py` of the earlier assignments lie beside this
file. The sizes have the same names everywhere: N samples, D features of a sample, H hidden neurons, M
outputs, C classes. A sample is a row. All arrays are float64 unless it says otherwise. No function may
change what it is given.

Each function sets what it returns to None. Replace that by your own work where the comment stands, from
top to bottom, and run `grader check`. `python network.py` trains your network on real digits.
"""

from pathlib import Path

import numpy as np
from activations import relu_backward, relu_forward, sigmoid_backward, sigmoid_forward
from layers import affine_backward, affine_forward


def sum_loss(y):
    """The loss of the course text's exercise: the sum of all entries.

    Parameters
    ----------
    y : array of any shape, float64

    Returns
    -------
    loss : number
    dy : y's shape, float64
        dL/dy.
    """
    loss, dy = None, None

    # your code here

    return loss, dy


def squared_loss(y, target):
    """How far y lies from the target: the sum of squared differences of a sample, as a mean over samples.

    Parameters
    ----------
    y : (N, M) float64
        What the network says.
    target : (N, M) float64
        What it should say.

    Returns
    -------
    loss : number
    dy : (N, M) float64
        dL/dy.
    """
    loss, dy = None, None

    # your code here

    return loss, dy


def cross_entropy_loss(scores, labels):
    """How surprised the softmax of the scores is by the labels, as a mean over samples.

    Parameters
    ----------
    scores : (N, C) float64
        One score per class, any numbers: thousands too, and then everything still has to be finite.
    labels : (N,) int
        The right class of every sample, 0 to C - 1.

    Returns
    -------
    loss : number
    dscores : (N, C) float64
        dL/dscores.
    """
    loss, dscores = None, None

    # your code here

    return loss, dscores


def network_forward(x, params):
    """Put a batch through Affine, ReLU, Affine and Sigmoid.

    Parameters
    ----------
    x : (N, d1, ..., dk) float64
        A batch of N samples, k >= 1; D = d1 * ... * dk.
    params : dict
        w1 (D, H), b1 (H,), w2 (H, M) and b2 (M,), float64.

    Returns
    -------
    y : (N, M) float64
        What comes out of the sigmoid.
    caches : your choice
        What your network_backward will need. It is not looked at.
    """
    y, caches = None, None

    # your code here

    return y, caches


def network_backward(dy, caches):
    """Bring the gradient of the loss from the network's output back to everything that went in.

    Parameters
    ----------
    dy : (N, M) float64
        dL/dy, the upstream gradient of the whole network.
    caches : what your network_forward returned

    Returns
    -------
    gradients : dict
        w1, b1, w2, b2 and x: dL/d(that), each in the shape of what it belongs to.
    """
    gradients = {"w1": None, "b1": None, "w2": None, "b2": None, "x": None}

    # your code here

    return gradients


def train(params, batches, step_size):
    """Plain gradient descent on squared_loss: one step for every batch, in the order in which they come.

    Parameters
    ----------
    params : dict
        w1, b1, w2 and b2 as network_forward takes them. They must be the same afterwards.
    batches : list of pairs (x, target)
        x as network_forward takes it, target (N, M) float64. N may differ from batch to batch.
    step_size : number
        The learning rate; the same in every step.

    Returns
    -------
    trained : dict
        w1, b1, w2 and b2 after the last batch.
    """
    trained = None

    # your code here

    return trained


# ------------------------------------------------- `python network.py`: a look at your own network

EPOCHS, BATCH, HIDDEN, STEP_SIZE = 20, 10, 24, 0.3


def read_digits():
    """500 images of handwritten digits: x (500, 8, 8) between 0 and 1, and the digits (500,) int."""
    here = Path(globals().get("__file__", "network.py"))  # a notebook has no __file__
    rows = np.loadtxt(here.with_name("digits.csv"), delimiter=",", dtype=int)
    return rows[:, :64].reshape(-1, 8, 8) / 16, rows[:, 64]


def watch_training():
    """Train on 400 of the digits; print every epoch's loss, and the accuracy on these and on 100 new ones."""
    rng = np.random.default_rng(0)
    x, digits = read_digits()
    targets = np.eye(10)[digits]
    params = {
        "w1": rng.standard_normal((64, HIDDEN)) / 8,
        "b1": np.zeros(HIDDEN),
        "w2": rng.standard_normal((HIDDEN, 10)) / 5,
        "b2": np.zeros(10),
    }
    for epoch in range(1, EPOCHS + 1):
        parts = np.split(rng.permutation(400), 400 // BATCH)
        params = train(params, [(x[part], targets[part]) for part in parts], STEP_SIZE)
        if params is None:
            print("train returns nothing yet")
            return
        if epoch == 1:
            print("epoch  loss    right of 400  right of 100 new ones")
        y, _ = network_forward(x, params)
        loss, _ = squared_loss(y[:400], targets[:400])
        right = np.argmax(y, axis=1) == digits
        bar = "#" * round(40 * loss)
        print(f"{epoch:5}  {loss:.4f}  {np.mean(right[:400]):12.1%}  {np.mean(right[400:]):21.1%}  {bar}")
    print("Accuracy proves no gradient: networks with a wrong one learn, too. What is graded is the weights.")


if __name__ == "__main__":
    watch_training()
