"""Reads a class in a process of its own, under limits: one student's file cannot take the run's time or memory.

Python's own parser can be kept busy for minutes by half a megabyte of text, and so can other readers of
files that students write. A supervisor forks a reader, which sends one submission after the other; where
one is too much for it, the next reader goes on behind it.
"""

from __future__ import annotations

import gc
import mmap
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from grader.errors import SandboxError
from grader.intake.box import Box
from grader.model import Submission
from grader.texts import say
from grader.wire import HEADER, frame, pack, unpack

if sys.platform != "win32":
    import resource

SECONDS = 20
"""Processor time for one submission; one at every other limit of intake takes a few seconds."""
MEMORY = 2 << 30
"""Bytes of address space for the reader, beside what the process has when it starts."""
BUFFER = 1 << 20
F_SETPIPE_SZ = 1031

Read = Callable[[int], Submission]
Spoiled = Callable[[int, str], Submission]


class _Work(NamedTuple):
    """What the readers are to do; see `reading`."""

    total: int
    read: Read
    spoiled: Spoiled
    boxes: Sequence[Box]
    pipe: int
    seconds: int
    memory: int
    ready: Callable[[], None]


@contextmanager
def reading(
    count: int,
    read: Read,
    spoiled: Spoiled,
    *,
    boxes: Sequence[Box] = (),
    seconds: int | None = None,
    memory: int | None = None,
    ready: Callable[[], None] | None = None,
) -> Iterator[Iterator[Submission]]:
    """Submissions 0 to `count` − 1 in their order, each read in a process with limits.

    Enter it before threads and other processes are started: the process is forked.

    Raises
    ------
    SandboxError : no process can be started, or the one that reads was ended from outside: no fault of a student's.

    Parameters
    ----------
    read : gives one submission.
    spoiled : gives what stands for one that could not be read within the limits, and why.
    boxes : what `read` reads from.
    seconds, memory : processor time for one submission, and bytes for the process.
    ready : waits, in the other process, for what `read` has to know.
    """
    if not hasattr(os, "fork"):  # Windows: without limits
        yield map(read, range(count))
        return
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads, which numerical libraries may have started
        supervisor = _forked()
    if supervisor == 0:
        try:
            os.close(ours)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the run to hear
            limits = seconds or SECONDS, memory or MEMORY
            _supervise(_Work(count, read, spoiled, boxes, theirs, *limits, ready or _at_once))
        finally:
            os._exit(0)
    os.close(theirs)
    try:
        with open(ours, "rb", BUFFER) as pipe:
            yield _received(pipe, count)
    finally:  # with the pipe gone the reader ends at its next word
        os.kill(supervisor, signal.SIGKILL)
        os.waitpid(supervisor, 0)


def _at_once() -> None:
    """Nothing is waited for."""


def _forked() -> int:
    try:
        return os.fork()
    except OSError as error:
        told = f"no process could be started to read with ({error.strerror}): are too many running?"
        raise SandboxError(told) from None


def _received(pipe: IO[bytes], count: int) -> Iterator[Submission]:
    for _number in range(count):
        head = pipe.read(HEADER.size)
        length = HEADER.unpack(head)[0] if len(head) == HEADER.size else 0
        body = pipe.read(length)
        if not body or len(body) < length:
            raise SandboxError("the process that reads was ended from outside; the same command again grades the rest")
        yield unpack(body, Submission)


def _supervise(work: _Work) -> None:
    """Fork readers until all submissions are sent."""
    work.ready()
    gc.freeze()
    place = mmap.mmap(-1, 8)  # shared: the number of the submission that is being read
    number = 0
    while number < work.total:
        reader = os.fork()
        if reader == 0:
            try:
                _read_on(number, work, place)
            finally:
                os._exit(1)
        _pid, status = os.waitpid(reader, 0)
        number = int.from_bytes(place[:], "little")
        if number < work.total:
            _send(work.pipe, pack(work.spoiled(number, _why(status, work))))
            number += 1


def _why(status: int, work: _Work) -> str:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return say("unread.seconds", seconds=work.seconds)
    return say("unread.memory_or_ends", size=work.memory >> 20)


def _read_on(first: int, work: _Work, place: mmap.mmap) -> None:
    """Read and send submissions from number `first` on, each under a limit of processor time."""
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    _bound(resource.RLIMIT_AS, _address_space() + work.memory)
    _bound(resource.RLIMIT_CORE, 0)
    for box in work.boxes:
        box.begin()
    for number in range(first, work.total):
        place[:] = number.to_bytes(8, "little")
        used = resource.getrusage(resource.RUSAGE_SELF)
        _bound(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + work.seconds + 1)
        try:
            packed = pack(work.read(number))
        except MemoryError:
            packed = pack(work.spoiled(number, say("unread.memory", size=work.memory >> 20)))
        except Exception as error:  # a fault of ours in one submission must not stop the others
            packed = pack(work.spoiled(number, say("unread.failed", kind=type(error).__name__)))
        _bound(resource.RLIMIT_CPU, resource.RLIM_INFINITY)  # never in the middle of a word
        _send(work.pipe, packed)
    place[:] = work.total.to_bytes(8, "little")


def _bound(what: int, value: int) -> None:
    """Set a limit of this process, at most the one that stands above it."""
    _soft, hard = resource.getrlimit(what)
    bounded = value if hard == resource.RLIM_INFINITY else hard if value == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (bounded, hard))


def _address_space() -> int:
    """Bytes of address space that this process has."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except OSError:  # not Linux: what an interpreter with NumPy has, generously
        return 4 << 30
    return pages * resource.getpagesize()


def _send(pipe: int, packed: bytes) -> None:
    view = memoryview(frame(packed))
    while view:
        view = view[os.write(pipe, view) :]
