"""Done with a class, the functions asked for only call it."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

import numpy as np


@dataclass
class Affine:
    w: np.ndarray
    b: np.ndarray

    def forward(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(x.shape[0], -1) @ self.w + self.b

    def backward(self, x: np.ndarray, dout: np.ndarray) -> Tuple[np.ndarray, ...]:
        rows = x.reshape(x.shape[0], -1)
        return (dout @ self.w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)


def affine_forward(x, w, b):
    return Affine(w, b).forward(x), (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    return Affine(w, b).backward(x, dout)


if __name__ == "__main__":
    print(affine_forward(np.ones((2, 2)), np.ones((2, 2)), np.zeros(2)))
