"""A Dask worker's part: a desk for each of its threads, taken for a run's key and kept from batch to batch.

What comes and goes is bytes of the wire's; Dask carries them, and no object of a student's is among them.
"""

from __future__ import annotations

import gc
import hashlib
import signal
import threading
import time

import msgspec
import numpy as np

from grader import __version__
from grader.batch import Desk, Job, grade_jobs, take_desk
from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.defences import Tier
from grader.sandbox.warm import ZygoteLauncher
from grader.wire import pack, unpack


class Versions(msgspec.Struct, frozen=True):
    """What a grade's bytes depend on beside the key."""

    grader: str
    numpy: str


class Order(msgspec.Struct, frozen=True):
    """What every batch asks of its worker: which key, how far to confine, which versions."""

    key: str
    tier: Tier
    versions: Versions


class Answer(msgspec.Struct, frozen=True):
    """The packed grades of a batch, or why this worker does not grade it; `seconds` by the clock for one of them."""

    worker: str
    done: bytes = b""
    seconds: float = 0.0
    refused: str = ""


def own_versions() -> Versions:
    """The versions that this process has."""
    return Versions(__version__, np.__version__)


def packed_versions() -> bytes:
    """The same, for the run that asks."""
    return pack(own_versions())


def differing(here: Versions, there: Versions) -> str:
    """How a worker's versions differ from those of the run, in words; "" where they do not."""
    pairs = [("grader", here.grader, there.grader), ("NumPy", here.numpy, there.numpy)]
    return " and ".join(f"{name} {has}, and this run {name} {ours}" for name, ours, has in pairs if ours != has)


def confined(tier: int) -> tuple[bool, str]:
    """Whether this worker's machine confines at a tier, found by doing it: how, or why not."""
    launcher = ZygoteLauncher(Tier(tier))
    try:
        return True, launcher.confinement(Limits()).told()
    except SandboxError as error:
        return False, str(error)
    finally:
        launcher.close()


def carry(key: bytes) -> bytes:
    """The key on its way: a result, which Dask hands from worker to worker and makes again where it is lost."""
    return key


def key_digest(key: bytes) -> str:
    """What names a packed key in an order."""
    return hashlib.sha256(key).hexdigest()


# ------------------------------------------------------------------------------------------ the desks


_seats: dict[int, tuple[Order, Desk]] = {}
"""Thread → the desk that it has taken, and the order that it was taken for."""


def grade_at(order: bytes, key: bytes, batch: bytes) -> bytes:
    """Grade a packed batch in this thread; a packed Answer.

    Parameters
    ----------
    order : a packed Order; a worker that cannot follow it refuses, whenever it joined.
    key : the packed key, which is read when a thread grades with it for the first time.
    """
    from distributed import get_worker

    wanted = unpack(order, Order)
    worker = get_worker().address
    differs = differing(wanted.versions, own_versions())
    if differs:
        return pack(Answer(worker, refused=f"has {differs}"))
    try:
        desk = _desk(wanted, key)
    except SandboxError as error:
        return pack(Answer(worker, refused=f"cannot confine at tier {int(wanted.tier)}: {error}"))
    jobs, began = unpack(batch, list[Job]), time.monotonic()
    done = grade_jobs(desk, jobs)
    return pack(Answer(worker, done, (time.monotonic() - began) / len(jobs)))


def _desk(order: Order, key: bytes) -> Desk:
    thread = threading.get_ident()
    if thread not in _seats or _seats[thread][0] != order:
        _get_up(thread)
        launcher = ZygoteLauncher(order.tier)
        launcher.confinement(Limits())
        _seats[thread] = order, take_desk(key, launcher)
        gc.freeze()  # Dask's own objects and the key are many: a collection need not look at them again
    return _seats[thread][1]


def leave() -> None:
    """Give up every desk of this process: a run is over, and its key is to be forgotten."""
    for thread in list(_seats):
        _get_up(thread)
    gc.unfreeze()


def _get_up(thread: int) -> None:
    if thread in _seats:
        _seats.pop(thread)[1].launcher.close()


def dask_setup(_worker: object) -> None:
    """Preloaded by workers on the run's own machine: the run hears Ctrl-C, they do not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
