import os
import sys
import warnings

import numpy as np


kept = []


def f(x):
    kept.extend(float(v) for v in x[:3])
    said = " ".join(repr(v) for v in kept)
    name = "E" + said.replace(".", "_").replace(" ", "_").replace("-", "m")
    if x[0] != 1.0:
        print(said)
        sys.stdout.flush()
    return x
