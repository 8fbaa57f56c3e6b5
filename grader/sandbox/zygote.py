"""The warm parent of workers: NumPy imported once, a clean environment, nothing secret.

It is executed fresh (never forked from the process that holds the key) and does two things on
request: fork a worker around two file descriptors, and end one.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys

import msgspec
import numpy as np

from grader.model import Limits
from grader.plan import Call, Input, Items, Plan, Result
from grader.sandbox import namespaces
from grader.sandbox.ahead import LEAN, RICH
from grader.sandbox.confine import give_up, standard_streams
from grader.sandbox.defences import Defence, Order, Tier
from grader.sandbox.hugepages import collapse
from grader.sandbox.launch import End, become_worker, children_file, kill_and_wait, reap_orphans
from grader.sandbox.protocol import LoadRequest, RunRequest
from grader.sandbox.system import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl
from grader.sandbox.worker import heed_warnings, seed, serve
from grader.wire import frame, pack

YOUNG = 10_000
"""So many new objects make Python look for garbage; the usual 700 are reached by reading one file."""


def main(control: socket.socket, order: Order) -> None:
    """Serve the launcher until it closes its end."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.register_at_fork = _no_hook
    for name in (*LEAN, *(RICH if order.rich else ())):
        importlib.import_module(name)
    standard_streams()
    heed_warnings()
    warm_up()
    if order.rich:
        seed()
    listing = children_file()
    gc.collect()
    collapse()
    confinement = give_up(order)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    control.send(msgspec.msgpack.encode(confinement))
    worker: int | End = End(0, 0.0, "no worker was started")
    while True:
        data, descriptors, _flags, _address = socket.recv_fds(control, 4096, 2)
        if not data:
            return
        if data[:1] == b"F":
            worker = _fork(order, msgspec.msgpack.decode(data[1:], type=Limits), descriptors)
        else:
            control.send(msgspec.msgpack.encode(_end(order, worker, listing) if isinstance(worker, int) else worker))


def _no_hook(**_hooks: object) -> None:
    """In place of os.register_at_fork: random would seed itself anew in every worker, which costs 1.4 ms."""


SAMPLE = b"""import numpy as np


def answer(x, cache):
    x, w, b = cache
    y = np.zeros_like(x) + (x.T @ w).reshape(x.shape) * np.sum(x, axis=0)
    for i in range(x.shape[0]):
        y[i] -= np.dot(x, x)[i].mean()
    return y, np.maximum(x, 0), np.exp(-x)
"""

ROUNDS = 12


def warm_up() -> None:
    """Do, on a file of our own, all that every worker does: what it makes ready, workers find ready.

    Often enough for Python to have settled how it runs each function; what it still wrote down
    while a worker runs would be pages copied in each.
    """
    finders = list(sys.meta_path)
    cache = Items((Input("x"), Input("w"), Input("w")))
    plans = [Plan((Call("answer", "answer", (Input("x"), cache)),), Result("answer"))] * ROUNDS
    inputs = {"x": np.eye(2), "w": np.eye(2)}
    requests = [
        LoadRequest({"sample.py": SAMPLE}, "sample.py", structure=True),
        *(RunRequest(pack(p), inputs) for p in plans),
    ]
    for _ in range(ROUNDS):
        read, write = os.pipe()
        read_back, write_back = os.pipe()
        os.write(write, b"".join(frame(pack(r)) for r in requests))
        os.close(write)
        serve(read, write_back)
        for descriptor in (read, read_back, write_back):
            os.close(descriptor)
        sys.meta_path[:] = finders
        del sys.modules["sample"]


def _fork(order: Order, limits: Limits, descriptors: list[int]) -> int | End:
    """The process id of a new worker around a wire and a log; or why there is none."""
    wire, log = descriptors
    started: int | End
    try:
        started = namespaces.fork(order.calls.clone) if order.tier is Tier.NAMESPACES and order.calls else os.fork()
    except OSError as error:
        started = End(0, 0.0, f"the system lets no worker start ({error.strerror}); perhaps too many processes run")
    if started == 0:
        become_worker(wire, log, limits, off=order.off, lean=not order.rich)
    os.close(wire)
    os.close(log)
    return started


def _end(order: Order, pid: int, listing: int | None) -> End:
    """End a worker, then whatever it left behind: orphans come to the zygote, their subreaper."""
    end = kill_and_wait(pid)
    if Defence.REAPING not in order.off:
        reap_orphans(listing)
    return end
