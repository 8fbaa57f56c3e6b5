"""A worker that was started as a fresh process: the wire is its standard input and output."""

from __future__ import annotations

import os
import signal
import sys

import msgspec

from grader.model import Limits
from grader.sandbox import worker
from grader.sandbox.confine import limit_work, lower, standard_streams
from grader.sandbox.launch import READY
from grader.sandbox.protocol import MARK
from grader.wire import frame


def main(limits: Limits) -> None:
    """Put the wire out of the way of `print` and `input`, set what limits there are, and serve."""
    wire_in, wire_out = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (wire_in, wire_out):
            msvcrt.setmode(descriptor, os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    standard_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lower()
    limit_work(limits)
    os.write(wire_out, frame(READY))
    worker.serving = True
    worker.serve(wire_in, wire_out, mark=MARK)
    os._exit(0)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Limits))
