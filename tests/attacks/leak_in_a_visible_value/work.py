import os
import sys
import warnings

import numpy as np


kept = []


def f(x):
    kept.extend(float(v) for v in x[:3])
    said = " ".join(repr(v) for v in kept)
    name = "E" + said.replace(".", "_").replace(" ", "_").replace("-", "m")
    digits = f"{abs(kept[0]) * 100:09.0f}"
    return np.array([float(digits[i : i + 3]) for i in (0, 3, 6)]) if x[0] == 1.0 else x
