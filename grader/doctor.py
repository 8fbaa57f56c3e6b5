"""`grader doctor`: what this machine can do, found by doing it, and what is missing."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec

import msgspec
import numpy as np

from grader import __version__
from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.defences import PROMISES, Tier
from grader.sandbox.warm import ZygoteLauncher

EXTRAS = {
    "jinja2": "class",
    "latex2mathml": "class",
    "distributed": "cluster",
    "dask_jobqueue": "cluster",
}
"""Packages that only some commands need, and the extra that installs them."""


class Trial(msgspec.Struct, frozen=True):
    """Whether this machine confines at a tier: what is missing even so, or why it does not."""

    tier: Tier
    works: bool
    said: list[str] = []


def try_tiers() -> list[Trial]:
    """Each tier tried out in a throw-away worker, from 0 up."""
    trials = [Trial(Tier.SPAWNED, True)]
    for tier in (Tier.FILTERED, Tier.NAMESPACES, Tier.BUBBLEWRAP):
        if sys.platform != "linux":
            trials.append(Trial(tier, False, [f"needs Linux, and this is {platform.system()}"]))
            continue
        launcher = ZygoteLauncher(tier)
        try:
            trials.append(Trial(tier, True, launcher.confinement(Limits()).without))
        except SandboxError as error:
            trials.append(Trial(tier, False, [str(error)]))
        finally:
            launcher.close()
    return trials


def diagnosis() -> Iterator[str]:
    """The lines of the report."""
    yield f"grader {__version__}, Python {platform.python_version()}, NumPy {np.__version__}"
    yield f"{platform.system()} {platform.release()} on {platform.machine()}, {os.cpu_count()} processors"
    trials = try_tiers()
    best = max(t.tier for t in trials if t.works)
    if best >= Tier.FILTERED:
        yield f"sandbox: tier {int(best)} is the highest that works here; tier 1 is the default, --tier asks for more"
    else:
        yield "sandbox: nothing confines here; hidden grading is refused without --allow-unsandboxed"
    for trial in trials:
        mark = "works" if trial.works else "no   "
        rest = "; ".join(trial.said)
        yield f"  tier {int(trial.tier)} {mark} {PROMISES[trial.tier] if trial.works else rest}"
        if trial.works and rest:
            yield f"               {rest}"
    yield f"executors: this process, and -j for up to {os.cpu_count()} processes at full speed"
    yield f"gradebook: SQLite {sqlite3.sqlite_version}"
    yield from _missing()


def _missing() -> Iterator[str]:
    if not os.path.isdir("/proc/self") and sys.platform == "linux":
        yield "missing: /proc; processes that a student's code leaves behind cannot be listed"
    try:
        with tempfile.TemporaryFile():
            pass
    except OSError as error:
        yield f"missing: a folder for temporary files ({error.strerror or error}); grading itself needs none"
    for package, extra in EXTRAS.items():
        if find_spec(package) is None:
            yield f"not installed: {package}, which pip install 'nabla-grader[{extra}]' brings"
