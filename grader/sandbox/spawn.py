"""Starts workers as fresh processes of Python: where nothing can be forked (macOS, Windows), or on request.

Tier 0: time, output and reply limits hold; memory and CPU where the system knows such limits. It
keeps nobody from this user's files or from the network: enough for a student's own code at home.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from grader.model import Limits
from grader.sandbox.launch import End, Worker, children, kill_children, kill_group
from grader.sandbox.pipes import PipeChannel
from grader.sandbox.system import PR_SET_CHILD_SUBREAPER, prctl

KEPT = ("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "PATH", "HOME", "USERPROFILE")
"""Without these Python does not start on Windows."""


class SpawnLauncher:
    """Starts each worker as a process of its own that imports NumPy itself."""

    def __init__(self) -> None:
        self._others: set[int] = set()
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def waiting(self, limits: Limits) -> Worker:
        """A worker that waits for its first message."""
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {
            "PYTHONHASHSEED": "0",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent),
        }
        prctl(PR_SET_CHILD_SUBREAPER, 1)  # on Linux what a worker leaves behind comes to this process
        self._others = children()
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-m", "grader.sandbox.spawned", msgspec.json.encode(limits).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._running[process.pid] = process
        return Worker(PipeChannel(process, limits.output), process.pid)

    def start(self, limits: Limits, first: bytes, *, rich: bool = True) -> Worker:
        """As Launcher.start."""
        worker = self.waiting(limits)
        worker.channel.send(first)
        return worker

    def end(self, worker: Worker) -> End:
        """As Launcher.end."""
        process = self._running.pop(worker.pid)
        process.kill()
        code = process.wait()
        if sys.platform != "win32":
            kill_group(worker.pid)
            kill_children(children() - self._others)
            prctl(PR_SET_CHILD_SUBREAPER, 0)  # as ForkLauncher
        worker.channel.close()
        return End(-code if code < 0 else code << 8, 0.0)

    def release(self, worker: Worker) -> None:
        """As Launcher.release."""
        self.end(worker)

    def close(self) -> None:
        """As Launcher.close."""
        return None
