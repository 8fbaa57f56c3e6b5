"""Starts workers by a zygote: warm, because NumPy is imported once, and clean, because it never held a secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import msgspec

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.bubble import bubblewrapped
from grader.sandbox.defences import Confinement, Defence, Order, Tier
from grader.sandbox.launch import End, Worker, await_ready, channel_pair

START_SECONDS = 60.0
MAX_OWED = 16
REPLY_SECONDS = 30.0
"""The zygote answers in a millisecond; one that does not is stuck, and is started again."""

ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent),
}
"""All that a zygote is told; it forgets that too before it meets a student's code."""


class ZygoteLauncher:
    """Asks a zygote, a process executed fresh with a clean environment, to fork workers.

    Parameters
    ----------
    tier : how far workers are confined; a machine that cannot do it raises SandboxError at the start.
    off : defences left out, for the tests that show what each is good for.
    rich : with all modules of `ahead`; a lean launcher starts a rich one beside it when it needs it.
    """

    def __init__(self, tier: Tier = Tier.FILTERED, off: Collection[Defence] = (), *, rich: bool = False) -> None:
        self._order = Order(tier, sorted(off), rich)
        self._other: ZygoteLauncher | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._confinement: Confinement | None = None
        self._owed = 0

    def start(self, limits: Limits, first: bytes = b"", *, rich: bool = False) -> Worker:
        """As Launcher.start."""
        if rich and not self._order.rich:
            self._finish()
            return self._beside().start(limits, first, rich=True)
        if self._other is not None:
            self._other._finish()
        channel, theirs, log = channel_pair(limits)
        try:
            control = self._ready()
            if first:
                channel.send(first)
            socket.send_fds(control, [b"F" + msgspec.msgpack.encode(limits)], [theirs.fileno(), log])
        except OSError as error:
            channel.close()
            self._forget()
            raise SandboxError(f"the zygote is gone ({error}); it is started again for the next submission") from None
        except BaseException:
            channel.close()
            raise
        finally:
            theirs.close()
            os.close(log)
        return Worker(channel, rich=self._order.rich)

    def end(self, worker: Worker) -> End:
        """As Launcher.end."""
        if worker.rich and not self._order.rich:
            return self._beside().end(worker)
        self.release(worker)
        if self._control is None:
            raise SandboxError("the zygote ended while a worker ran; it is started again")
        try:
            return self._settle()
        except OSError:
            self._forget()
            raise SandboxError("the zygote ended while a worker ran; it is started again") from None

    def release(self, worker: Worker) -> None:
        """As Launcher.release."""
        if worker.rich and not self._order.rich:
            self._beside().release(worker)
            return
        worker.channel.close()
        if self._control is None:  # its workers have ended with it
            return
        try:
            if self._owed == MAX_OWED:
                self._settle()
            self._control.send(b"E")
            self._owed += 1
        except OSError:
            self._forget()  # the next worker gets a fresh zygote

    def close(self) -> None:
        """As Launcher.close."""
        self._forget()
        if self._other is not None:
            self._other.close()
            self._other = None

    def confinement(self, limits: Limits) -> Confinement:
        """What holds this launcher's workers, found by starting one.

        Raises
        ------
        SandboxError : it cannot confine a worker; one line says what is missing.
        """
        worker = self.start(limits)
        await_ready(self, worker)
        self.release(worker)
        assert self._confinement is not None
        return self._confinement

    def _beside(self) -> ZygoteLauncher:
        """The launcher of a rich zygote beside this lean one."""
        if self._other is None:
            self._other = ZygoteLauncher(self._order.tier, self._order.off, rich=True)
        return self._other

    def _finish(self) -> None:
        """Wait until all workers that were released are gone: another zygote's is to start."""
        try:
            self._settle()
        except OSError:
            self._forget()

    def _settle(self) -> End:
        """Hear how the workers ended that were released; the last one's end."""
        end = End(0, 0.0)
        while self._owed:
            if self._control is None or not (answer := self._control.recv(1024)):
                raise OSError("it closed the connection")
            end = msgspec.msgpack.decode(answer, type=End)
            self._owed -= 1
        return end

    def _ready(self) -> socket.socket:
        if self._control is None:
            prefix = bubblewrapped() if self._order.tier is Tier.BUBBLEWRAP else []
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                with theirs:
                    self._confinement = self._executed(prefix, ours, theirs)
            except BaseException:
                ours.close()
                raise
            ours.settimeout(REPLY_SECONDS)
            self._control, self._owed = ours, 0
        return self._control

    def _executed(self, prefix: list[str], ours: socket.socket, theirs: socket.socket) -> Confinement:
        """Start the zygote and hear how it confines."""
        ordered = _filled(self._order)
        order = msgspec.json.encode(ordered).decode()
        command = [sys.executable, "-s", "-P", "-m", "grader.sandbox.entry", str(theirs.fileno()), order]
        try:
            process = subprocess.Popen(
                [*prefix, *command],
                pass_fds=[theirs.fileno(), *([ordered.ruleset] if ordered.ruleset >= 0 else [])],
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(f"no process could be started ({error.strerror}); perhaps too many run") from None
        finally:
            if ordered.ruleset >= 0:
                os.close(ordered.ruleset)
        theirs.close()
        ours.settimeout(START_SECONDS)
        try:
            answer = ours.recv(4096)
        except OSError:
            answer = b""
        if not answer:
            process.kill()
            said = process.communicate()[1].decode("utf-8", "replace").strip().splitlines()
            raise SandboxError(_without_type(said[-1]) if said else "the zygote did not start and said nothing")
        self._process = process
        return msgspec.msgpack.decode(answer, type=Confinement)

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _filled(order: Order) -> Order:
    """The order with what the launcher makes for the zygote.

    Raises
    ------
    SandboxError : this machine lacks what the tier rests on.
    """
    if order.tier < Tier.FILTERED:
        return order
    from grader.sandbox.landlock import NoLandlockError, make_ruleset
    from grader.sandbox.syscalls import calls

    order = msgspec.structs.replace(order, calls=calls())
    if Defence.LANDLOCK in order.off:
        return order
    try:
        ruleset, version = make_ruleset()
    except NoLandlockError as error:
        lack = f"without Landlock ({error}): the list of allowed system calls alone keeps files away"
        return msgspec.structs.replace(order, without=[*order.without, lack])
    return msgspec.structs.replace(order, ruleset=ruleset, landlock=version)


def _without_type(line: str) -> str:
    """A traceback's last line, without our own exception's class before it."""
    return line.removeprefix("grader.errors.SandboxError: ")
