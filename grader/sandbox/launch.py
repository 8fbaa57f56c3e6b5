"""What a launcher of workers is, and the plain one: a fork of this very process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from typing import NamedTuple, Protocol

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.channel import Channel, ChannelError
from grader.sandbox.confine import PR_SET_CHILD_SUBREAPER, confine, prctl
from grader.wire import frame

READY = b"confined"
READY_SECONDS = 10.0
WIRE_CLOSED = 121
"""A worker's exit code when it can no longer be heard, whoever closed the wire."""


class Worker(NamedTuple):
    """A running worker: its channel, and its process id at whoever started it."""

    pid: int
    channel: Channel


class Launcher(Protocol):
    """Starts workers and ends them."""

    def start(self, limits: Limits) -> Worker:
        """A fresh worker that waits for a LoadRequest."""

    def end(self, worker: Worker) -> int:
        """Kill the worker with all that it started; return its wait status as waitpid gives it."""

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

    def start(self, limits: Limits) -> Worker:
        """As Launcher.start."""
        channel, theirs, log = channel_pair(limits)
        sys.stdout.flush()
        sys.stderr.flush()
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        self._others = children()
        pid = os.fork()
        if pid == 0:
            become_worker(theirs.fileno(), log, limits, drop_rights=False)
        theirs.close()
        os.close(log)
        try:
            return started(pid, channel)
        except SandboxError:
            self.end(Worker(pid, channel))
            raise

    def end(self, worker: Worker) -> int:
        """As Launcher.end; what the worker forked comes to this process, its subreaper, and is ended too."""
        worker.channel.close()
        status = kill_and_wait(worker.pid)
        kill_children(children() - self._others)
        return status

    def close(self) -> None:
        """As Launcher.close."""
        return None


class ReadyLauncher:
    """Has the first worker started ahead: before this process reads what a worker must not hold."""

    def __init__(self, launcher: Launcher, limits: Limits) -> None:
        self._launcher = launcher
        self._ahead: Worker | None = launcher.start(limits)

    def start(self, limits: Limits) -> Worker:
        """The worker that waits, then further ones."""
        worker, self._ahead = self._ahead, None
        return worker or self._launcher.start(limits)

    def end(self, worker: Worker) -> int:
        """As Launcher.end."""
        return self._launcher.end(worker)

    def close(self) -> None:
        """As Launcher.close."""
        if self._ahead is not None:
            self._launcher.end(self._ahead)
            self._ahead = None
        self._launcher.close()


def become_worker(wire: int, log: int, limits: Limits, *, drop_rights: bool) -> None:
    """Turn this freshly forked process into a worker; does not return."""
    code = WIRE_CLOSED
    try:
        from grader.sandbox.worker import serve

        confine(limits, keep=(wire, wire), log=log, drop_rights=drop_rights)
        os.write(wire, frame(READY))
        serve(wire, wire)
        code = 0
    except BaseException as error:
        text = f"{type(error).__name__}: {error}".encode("utf-8", "replace")[:500]
        for descriptor in (log, 2):  # the first until standard error has become the log
            with contextlib.suppress(OSError):
                os.write(descriptor, text)
                break
    finally:
        os._exit(code)


def started(pid: int, channel: Channel) -> Worker:
    """The worker, once it has given up its rights and says so; until then a failure is ours.

    Raises
    ------
    SandboxError : it died or hung before it was confined.
    """
    try:
        if channel.hear(READY_SECONDS) == READY:
            return Worker(pid, channel)
        said = "it said something else"
    except ChannelError as error:
        said = channel.printed() or type(error).__name__
    raise SandboxError(f"a worker could not be confined: {said}")


def kill_and_wait(pid: int) -> int:
    """Kill a worker's process group and reap it; its wait status."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def children() -> set[int]:
    """The process ids of this process's children, as far as the system tells."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            return {int(word) for word in file.read().split()}
    except OSError:
        return set()


def kill_children(pids: set[int]) -> None:
    """Kill and reap these children; some may be gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
