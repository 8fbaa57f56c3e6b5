import numpy as np
import matplotlib.pyplot as plt

plt.rcParams['figure.figsize'] = (10.0, 8.0)
data = np.load('cifar10.npz')

print("starting")


def affine_forward(x, w, b):
    print('x', x.shape, 'w', w.shape)
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout.sum(axis=0)
    print(dx)
    print(dw)
    return dx, dw, db


x = np.linspace(-1, 1, num=12).reshape(3, 4)
out, cache = affine_forward(x, np.ones((4, 2)), np.zeros(2))
plt.plot(out)
plt.show()
assert affine_backward(out, cache)[0].shape == x.shape
