"""Starts workers by a zygote: warm, because NumPy is imported once, and clean, because it never held a secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import msgspec

from grader.errors import SandboxError
from grader.model import Limits
from grader.sandbox.launch import Worker, channel_pair, started


class ZygoteLauncher:
    """Asks a zygote, a process executed fresh with a clean environment, to fork workers."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self, limits: Limits) -> Worker:
        """As Launcher.start."""
        channel, theirs, log = channel_pair(limits)
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
            self.end(Worker(int(answer), channel))
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
            command = [sys.executable, "-s", "-P", "-m", "grader.sandbox.zygote", str(theirs.fileno())]
            environment = {
                "PYTHONHASHSEED": "0",
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                "MKL_NUM_THREADS": "1",
                "LANG": "C.UTF-8",
                "PYTHONPATH": os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
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
