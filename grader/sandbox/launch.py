"""Ways to start a worker: a fork of this process, or a fork of a zygote that never held a secret."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Protocol

import msgspec

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.channel import Channel, ChannelError
from grader.wire import frame

READY = b"confined"
READY_SECONDS = 10.0


@dataclass
class Worker:
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


def _pair(limits: Limits) -> tuple[Channel, socket.socket, int]:
    """A channel for the parent, and the worker's ends of the wire and of the log."""
    ours, theirs = socket.socketpair()
    log_read, log_write = os.pipe()
    return Channel(ours, log_read, limits.output), theirs, log_write


class ForkLauncher:
    """Forks this very process: `check`, which holds nothing that its student may not read."""

    def start(self, limits: Limits) -> Worker:
        """As Launcher.start."""
        channel, theirs, log = _pair(limits)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            become_worker(theirs.fileno(), log, limits, drop_rights=False)
        theirs.close()
        os.close(log)
        return started(pid, channel)

    def end(self, worker: Worker) -> int:
        """As Launcher.end."""
        worker.channel.close()
        return kill_and_wait(worker.pid)

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


class ZygoteLauncher:
    """Asks a zygote, a process executed fresh with a clean environment, to fork workers."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self, limits: Limits) -> Worker:
        """As Launcher.start."""
        channel, theirs, log = _pair(limits)
        try:
            control = self._ready()
            socket.send_fds(control, [b"F" + msgspec.msgpack.encode(limits)], [theirs.fileno(), log])
            answer = control.recv(64)
        except OSError as error:
            channel.close()
            self._forget()
            raise SandboxError(f"the zygote is gone ({error}); it is started again for the next submission") from None
        finally:
            theirs.close()
            os.close(log)
        if not answer.isdigit():
            channel.close()
            self._forget()
            raise SandboxError(
                f"the zygote could not start a worker: {answer.decode('utf-8', 'replace') or 'it ended'}"
            )
        try:
            return started(int(answer), channel)
        except SandboxError:
            self._forget()
            raise

    def end(self, worker: Worker) -> int:
        """As Launcher.end."""
        worker.channel.close()
        try:
            control = self._ready()
            control.send(b"E" + str(worker.pid).encode())
            answer = control.recv(64)
            return int(answer)
        except (OSError, ValueError):
            self._forget()
            raise SandboxError("the zygote ended while a worker ran; it is started again") from None

    def close(self) -> None:
        """As Launcher.close."""
        self._forget()

    def _ready(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [sys.executable, "-I", "-m", "grader.sandbox.zygote", str(theirs.fileno())]
            environment = {
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                "MKL_NUM_THREADS": "1",
                "LANG": "C.UTF-8",
            }
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                env=environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            theirs.close()
            if ours.recv(16) != b"ready":
                said = self._process.communicate()[1].decode("utf-8", "replace").strip().splitlines()
                ours.close()
                raise SandboxError(f"the zygote did not start: {said[-1] if said else 'it said nothing'}")
            self._control = ours
        return self._control

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def become_worker(wire: int, log: int, limits: Limits, *, drop_rights: bool) -> None:
    """Turn this freshly forked process into a worker; does not return."""
    code = 1
    try:
        from grader.sandbox.confine import confine
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
