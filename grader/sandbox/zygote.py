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
from grader.plan import Call, Input, Plan, Result
from grader.sandbox import namespaces
from grader.sandbox.confine import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, give_up, prctl, standard_streams
from grader.sandbox.defences import Defence, Order, Tier
from grader.sandbox.launch import End, become_worker, children_file, kill_and_wait, reap_orphans
from grader.sandbox.loader import load, read_program
from grader.sandbox.protocol import RunRequest
from grader.sandbox.worker import heed_warnings, run_case, seed
from grader.wire import pack, unpack

ENCODINGS = (
    *("latin_1", "iso8859_1", "iso8859_15", "cp1250", "cp1251", "cp1252"),
    *("utf_8_sig", "utf_16", "ascii", "mac_roman", "koi8_r", "gbk"),
)
"""What editors declare in a file's first line."""

AHEAD = [
    "numpy.ma",
    "numpy.polynomial",
    "numpy.linalg",
    "numpy.random",
    "numpy.fft",
    "numpy.testing",
    "math",
    "cmath",
    "random",
    "itertools",
    "functools",
    "operator",
    "collections",
    "collections.abc",
    "typing",
    "dataclasses",
    "abc",
    "enum",
    "copy",
    "string",
    "re",
    "time",
    "datetime",
    "_strptime",
    "traceback",
    "json",
    "textwrap",
    "warnings",
    "contextlib",
    "decimal",
    "fractions",
    "statistics",
    "numbers",
    "types",
    "pprint",
    "io",
    "os",
    "sys",
    "os.path",
    "pathlib",
    "pickle",
    "builtins",
    "logging",
    "unittest",
    "argparse",
    "heapq",
    "bisect",
    "inspect",
    "__future__",
    "unicodedata",  # Python's own parser asks for it when a name is not ASCII
    *(f"encodings.{name}" for name in ENCODINGS),
    "grader.sandbox.worker",
]
"""What students reach for: once a worker is confined, nothing can be opened and so nothing imported."""


YOUNG = 10_000
"""So many new objects make Python look for garbage; the usual 700 are reached by reading one file."""


def main(control: socket.socket, order: Order) -> None:
    """Serve the launcher until it closes its end."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.register_at_fork = _no_hook
    for name in AHEAD:
        importlib.import_module(name)
    standard_streams()
    heed_warnings()
    warm_up()
    seed()
    listing = children_file()
    confinement = give_up(order.tier, order.off)
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


def answer(x, w=None):
    y = np.zeros_like(x) + (x.T @ np.eye(2)).reshape(2, 2) * np.sum(x, axis=0)
    for i in range(2):
        y[i] -= np.dot(x, x)[i].mean()
    return y, (x, w)
"""


def warm_up() -> None:
    """Do once, on a file of our own, what every worker does: what it makes ready, workers find ready."""
    finders = list(sys.meta_path)
    plan = Plan((Call("answer", "answer", (Input("x"), Input("x"))),), Result("answer"))
    files = {"sample.py": SAMPLE}
    _loaded, module = load(read_program(files, "sample.py", False), files)
    for _ in range(3):
        request = unpack(pack(RunRequest(plan, {"x": np.eye(2)})), RunRequest)
        pack(run_case(request, module, set()))
    sys.meta_path[:] = finders
    del sys.modules["sample"]


def _fork(order: Order, limits: Limits, descriptors: list[int]) -> int | End:
    """The process id of a new worker around a wire and a log; or why there is none."""
    wire, log = descriptors
    started: int | End
    try:
        started = namespaces.fork() if order.tier is Tier.NAMESPACES else os.fork()
    except OSError as error:
        started = End(0, 0.0, f"the system lets no worker start ({error.strerror}): are too many processes running?")
    if started == 0:
        become_worker(wire, log, limits, off=order.off)
    os.close(wire)
    os.close(log)
    return started


def _end(order: Order, pid: int, listing: int | None) -> End:
    """End a worker, then whatever it left behind: orphans come to the zygote, their subreaper."""
    end = kill_and_wait(pid)
    if Defence.REAPING not in order.off:
        reap_orphans(listing)
    return end


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), msgspec.json.decode(sys.argv[2], type=Order))
