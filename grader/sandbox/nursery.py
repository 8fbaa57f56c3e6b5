"""Starts workers by a child that this process forks once: warm, for a student who checks again and again at home.

The child is forked before this process reads what a worker must not hold, and forks every worker: no
worker ever holds an expected value, and none a module of an earlier check. It confines as `check`
does on Linux: limits, no new privileges; a student's own files can be read.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
from typing import NoReturn

import msgspec

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.launch import End, Worker, become_worker, channel_pair, children_file, kill_and_wait, reap_orphans
from grader.sandbox.system import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl

REPLY_SECONDS = 30.0


class NurseryLauncher:
    """Has workers forked by a child that is forked when the launcher is made."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._child = os.fork()
        if self._child == 0:
            ours.close()
            _serve(theirs)
        theirs.close()
        ours.settimeout(REPLY_SECONDS)
        self._control = ours

    def start(self, limits: Limits, first: bytes, *, rich: bool = True) -> Worker:
        """As Launcher.start."""
        channel, theirs, log = channel_pair(limits)
        try:
            channel.send(first)
            socket.send_fds(self._control, [msgspec.msgpack.encode(limits)], [theirs.fileno(), log])
        except OSError:
            channel.close()
            raise SandboxError("the process that starts workers ended; start 'grader check --watch' again") from None
        finally:
            theirs.close()
            os.close(log)
        return Worker(channel)

    def end(self, worker: Worker) -> End:
        """As Launcher.end."""
        worker.channel.close()
        try:
            self._control.send(b"E")
            return msgspec.msgpack.decode(self._control.recv(1024), type=End)
        except (OSError, msgspec.DecodeError):
            raise SandboxError("the process that starts workers ended; start 'grader check --watch' again") from None

    def release(self, worker: Worker) -> None:
        """As Launcher.release."""
        self.end(worker)

    def close(self) -> None:
        """As Launcher.close: end the child, and with it any worker."""
        self._control.close()
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._child, signal.SIGKILL)
            os.waitpid(self._child, 0)


def _serve(control: socket.socket) -> NoReturn:
    """Fork workers and end them until the other end closes; does not return."""
    try:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        for number in (signal.SIGINT, signal.SIGTSTP):  # the terminal's keys are for the one who watches
            signal.signal(number, signal.SIG_IGN)
        from grader.sandbox.zygote import warm_up

        warm_up()
        listing = children_file()
        gc.collect()
        gc.freeze()
        worker: int | End = End(0, 0.0, "no worker was started")
        while True:
            data, descriptors, _flags, _address = socket.recv_fds(control, 4096, 2)
            if not data:
                break
            if descriptors:
                worker = _fork(msgspec.msgpack.decode(data, type=Limits), descriptors)
                continue
            if isinstance(worker, int):
                worker = kill_and_wait(worker)
                reap_orphans(listing)
            control.send(msgspec.msgpack.encode(worker))
    finally:
        os._exit(0)


def _fork(limits: Limits, descriptors: list[int]) -> int | End:
    wire, log = descriptors
    try:
        started: int | End = os.fork()
    except OSError as error:
        started = End(0, 0.0, f"the system lets no worker start ({error.strerror}); perhaps too many processes run")
    if started == 0:
        become_worker(wire, log, limits, own_input=True)
    os.close(wire)
    os.close(log)
    return started
