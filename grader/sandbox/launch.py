"""What a launcher of workers is, and the plain one: a fork of this very process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Collection
from typing import NamedTuple, Protocol

import msgspec

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.channel import Channel, ChannelError, ClosedError, Line
from grader.sandbox.confine import WIRE, confine, lower, standard_streams
from grader.sandbox.defences import Defence
from grader.sandbox.system import PR_SET_CHILD_SUBREAPER, prctl
from grader.wire import frame

READY = b"confined"
READY_SECONDS = 10.0
MAX_READY = 4096
WIRE_CLOSED = 121
"""A worker's exit code when it can no longer be heard, whoever closed the wire."""


class Worker(NamedTuple):
    """A running worker: its channel, its process id where its launcher started it itself, and its kind of zygote."""

    channel: Line
    pid: int = 0
    rich: bool = True


class End(msgspec.Struct, frozen=True):
    """How a worker ended: its wait status as waitpid gives it, and its CPU time in seconds.

    `error` says why it could not even be started.
    """

    status: int
    cpu: float
    error: str | None = None


class Starter(Protocol):
    """A launcher that can have a worker wait for its first message."""

    def waiting(self, limits: Limits) -> Worker:
        """A worker that waits for its first message."""

    def start(self, limits: Limits, first: bytes, *, rich: bool = True) -> Worker:
        """As Launcher.start."""

    def end(self, worker: Worker) -> End:
        """As Launcher.end."""

    def release(self, worker: Worker) -> None:
        """As Launcher.release."""

    def close(self) -> None:
        """As Launcher.close."""


class Launcher(Protocol):
    """Starts workers, one at a time, and ends them."""

    def start(self, limits: Limits, first: bytes, *, rich: bool = True) -> Worker:
        """A fresh worker that has been sent its first message; `await_ready` tells whether it is confined.

        One that is not rich may end with WANTS_RICH, and `rich` of it is False.
        """

    def end(self, worker: Worker) -> End:
        """Kill the worker with all that it started; return how it ended."""

    def release(self, worker: Worker) -> None:
        """As `end`, for a worker that is no longer needed: done before the next one starts."""

    def close(self) -> None:
        """Give up what the launcher holds."""


def channel_pair(limits: Limits) -> tuple[Channel, socket.socket, int]:
    """A channel for the parent, and the worker's ends of the wire and of the log."""
    ours, theirs = socket.socketpair()
    log_read, log_write = os.pipe()
    return Channel(ours, log_read, limits.output), theirs, log_write


class ForkLauncher:
    """Forks this very process: `check`, which holds nothing that its student may not read."""

    def __init__(self) -> None:
        self._others: set[int] = set()

    def start(self, limits: Limits, first: bytes, *, rich: bool = True) -> Worker:
        """As Launcher.start."""
        worker = self.waiting(limits)
        hand(worker, first)
        return worker

    def waiting(self, limits: Limits) -> Worker:
        """A worker that waits for its first message."""
        channel, theirs, log = channel_pair(limits)
        sys.stdout.flush()
        sys.stderr.flush()
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._others = children()
        pid = os.fork()
        if pid == 0:
            become_worker(theirs.fileno(), log, limits, own_input=True)
        theirs.close()
        os.close(log)
        return Worker(channel, pid)

    def end(self, worker: Worker) -> End:
        """As Launcher.end; what the worker forked comes to this process, its subreaper, and is ended too."""
        worker.channel.close()
        end = kill_and_wait(worker.pid)
        kill_children(children() - self._others)
        prctl(PR_SET_CHILD_SUBREAPER, 0)  # a notebook's or an editor's process stays what it was
        return end

    def release(self, worker: Worker) -> None:
        """As Launcher.release."""
        self.end(worker)

    def close(self) -> None:
        """As Launcher.close."""
        return None


def hand(worker: Worker, first: bytes) -> None:
    """Send a worker its first message; one that has ended already is told of where its answer is waited for."""
    with contextlib.suppress(ClosedError):
        worker.channel.send(first)


class ReadyLauncher:
    """Has the first worker started ahead: before this process reads what a worker must not hold."""

    def __init__(self, launcher: Starter, limits: Limits) -> None:
        self._launcher = launcher
        self._ahead: Worker | None = launcher.waiting(limits)

    def start(self, limits: Limits, first: bytes, *, rich: bool = True) -> Worker:
        """The worker that waits, then further ones."""
        worker, self._ahead = self._ahead, None
        if worker is None:
            return self._launcher.start(limits, first)
        hand(worker, first)
        return worker

    def end(self, worker: Worker) -> End:
        """As Launcher.end."""
        return self._launcher.end(worker)

    def release(self, worker: Worker) -> None:
        """As Launcher.release."""
        self._launcher.end(worker)

    def close(self) -> None:
        """As Launcher.close."""
        if self._ahead is not None:
            self._launcher.end(self._ahead)
            self._ahead = None
        self._launcher.close()


def become_worker(
    wire: int,
    log: int,
    limits: Limits,
    *,
    off: Collection[Defence] = (),
    own_input: bool = False,
    lean: bool = False,
) -> None:
    """Turn this freshly forked process into a worker; does not return.

    Parameters
    ----------
    own_input : close standard input, which is the student's terminal, and make fresh streams.
    lean : it ends with WANTS_RICH when a module is asked for that was not imported ahead.
    """
    code = WIRE_CLOSED
    try:
        from grader.sandbox import worker

        worker.serving = True
        if own_input:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            standard_streams()
        confine(limits, wire=wire, log=log, off=off)
        if own_input:
            lower()  # after it: a limit of open files would hide from it what is open above
        os.write(WIRE, frame(READY))
        worker.serve(WIRE, WIRE, lean)
        code = 0
    except BaseException as error:
        text = f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:500]
        for descriptor in (log, 2):  # the first until standard error has become the log
            with contextlib.suppress(OSError):
                os.write(descriptor, text)
                break
    finally:
        os._exit(code)


def await_ready(launcher: Launcher, worker: Worker) -> None:
    """Wait until a worker has given up its rights and says so; until then a failure is ours.

    Raises
    ------
    SandboxError : it died or hung before it was confined; it has been ended.
    """
    try:
        if worker.channel.receive(READY_SECONDS, MAX_READY) == READY:
            return
        said = "it said something else"
    except ChannelError as error:
        with contextlib.suppress(ChannelError):
            said = worker.channel.printed() or type(error).__name__
    told = launcher.end(worker).error
    raise SandboxError(told or f"a worker could not be confined: {said}")


def kill_and_wait(pid: int) -> End:
    """Kill a worker's process group and reap it."""
    kill_group(pid)
    _pid, status, used = os.wait4(pid, 0)
    return End(status, used.ru_utime + used.ru_stime)


def kill_group(pid: int) -> None:
    """Kill a process and its group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def reap_orphans(listing: int | None) -> None:
    """Kill and reap all children of this process that are left.

    Parameters
    ----------
    listing : the open file of `children_file`, or None where the system has none.
    """
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] != 0:
                continue
            left = set() if listing is None else _pids(os.pread(listing, 1 << 16, 0))
            if not left:
                return
            kill_children(left)


def children_file() -> int | None:
    """An open file that tells this process's children, where the system has one."""
    try:
        return os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY)
    except OSError:
        return None


def children() -> set[int]:
    """The process ids of this process's children, as far as the system tells."""
    listing = children_file()
    if listing is None:
        return set()
    try:
        return _pids(os.pread(listing, 1 << 16, 0))
    finally:
        os.close(listing)


def _pids(text: bytes) -> set[int]:
    return {int(word) for word in text.split()}


def kill_children(pids: set[int]) -> None:
    """Kill and reap these children; some may be gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
