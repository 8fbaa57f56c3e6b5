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

from grader.model import Limits
from grader.sandbox.confine import PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, PR_SET_PDEATHSIG, prctl
from grader.sandbox.launch import become_worker, children, kill_and_wait, kill_children
from grader.sandbox.syscalls import syscall_filter

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
    "unittest.mock",
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


def main(control: socket.socket) -> None:
    """Serve the launcher until it closes its end."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    for name in AHEAD:
        importlib.import_module(name)
    syscall_filter()
    gc.collect()
    gc.freeze()
    control.send(b"ready")
    while True:
        data, descriptors, _flags, _address = socket.recv_fds(control, 4096, 2)
        if not data:
            return
        if data[:1] == b"F":
            control.send(_fork(msgspec.msgpack.decode(data[1:], type=Limits), descriptors))
        else:
            control.send(str(_end(int(data[1:]))).encode())


def _fork(limits: Limits, descriptors: list[int]) -> bytes:
    wire, log = descriptors
    try:
        pid = os.fork()
    except OSError as error:
        return f"fork: {error.strerror}".encode()
    finally_close = (wire, log)
    if pid == 0:
        become_worker(wire, log, limits, drop_rights=True)
    for descriptor in finally_close:
        os.close(descriptor)
    return str(pid).encode()


def _end(pid: int) -> int:
    """End a worker, then whatever it left behind: orphans come to the zygote, their subreaper."""
    status = kill_and_wait(pid)
    while orphans := children():
        kill_children(orphans)
    return status


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
