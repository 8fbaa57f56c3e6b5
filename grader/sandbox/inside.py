"""Runs a student's functions in this very process: where there are no others (JupyterLite). No limit holds.

What is asked and answered is the same as with a worker, bytes included, so that a function gets copies
of its inputs and the judge gets base arrays. Expected values are in the same process then.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from typing import Any

from grader.model import Limits, Loaded
from grader.sandbox.launch import READY, End, Worker
from grader.sandbox.protocol import NUMBER, LoadRequest, Parsed, Request
from grader.sandbox.worker import heed_warnings, run_case, seed
from grader.wire import pack, unpack


class InsideLauncher:
    """Answers as a worker would that had read a file with the names of `space`."""

    def __init__(self, space: Mapping[str, Any]) -> None:
        self._space = dict(space)

    def start(self, _limits: Limits, first: bytes, *, rich: bool = True) -> Worker:
        """As Launcher.start."""
        channel = InsideChannel(self._space)
        channel.send(first)
        return Worker(channel)

    def end(self, _worker: Worker) -> End:
        """As Launcher.end; there is no process to end."""
        return End(0, 0.0)

    def release(self, worker: Worker) -> None:
        """As Launcher.release."""
        self.end(worker)

    def close(self) -> None:
        """As Launcher.close."""
        return None


class InsideChannel:
    """As channel.Channel; the answer to a request is made when it is asked for."""

    def __init__(self, space: dict[str, Any]) -> None:
        self._space = space
        self._waiting: list[bytes] = []
        self._answers = [READY]
        self._printed = ""
        self._number = 0

    def send(self, *messages: bytes) -> None:
        """As Channel.send."""
        self._waiting += messages

    def receive(self, _seconds: float, _reply_limit: int) -> bytes:
        """As Channel.receive, however long it takes."""
        while not self._answers:
            self._answers += self._answer(unpack(self._waiting.pop(0), Request))  # type: ignore[arg-type]
        return self._answers.pop(0)

    def printed(self) -> str:
        """As Channel.printed."""
        text, self._printed = self._printed, ""
        return text

    def close(self) -> None:
        """As Channel.close."""
        return None

    def _answer(self, request: Request) -> list[bytes]:
        if isinstance(request, LoadRequest):
            return [pack(Parsed(False)), pack(Loaded())]
        self._number += 1
        shown = io.StringIO()
        import warnings

        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown), warnings.catch_warnings():
            heed_warnings()
            state = seeded()
            try:
                reply = run_case(request, self._space, set())
            finally:
                state()
        self._printed = shown.getvalue()
        return [NUMBER.pack(self._number) + pack(reply)]


def seeded() -> Any:
    """Fix random numbers for a case; what is returned puts the student's own back."""
    import random

    import numpy as np

    own, numpys = random.getstate(), np.random.get_state()
    seed()

    def restore() -> None:
        random.setstate(own)
        np.random.set_state(numpys)

    return restore
