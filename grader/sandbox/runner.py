"""The trusted side of the boundary: one submission's cases in, one Outcome per case out.

It is given plans and inputs only. A worker that dies, hangs or floods costs the case at which it
did so; the other cases run in a fresh one.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence

import msgspec

from grader.errors import SandboxError, WireError
from grader.model import Limits, Loaded, Outcome, OutcomeKind, Value
from grader.plan import Plan
from grader.sandbox.channel import (
    ChannelError,
    ClosedError,
    DeadlineError,
    OutputLimitError,
    ReplyLimitError,
)
from grader.sandbox.launch import WIRE_CLOSED, Launcher, Worker
from grader.sandbox.protocol import LoadRequest, RunReply, RunRequest
from grader.sandbox.worker import checksums
from grader.wire import pack, unpack

MAX_PRINTED = 4000
ENDED = {
    OutcomeKind.TIMED_OUT: "did not end",
    OutcomeKind.CRASHED: "ended the program",
    OutcomeKind.OUTPUT_LIMIT: "printed without end",
    OutcomeKind.OUT_OF_MEMORY: "needed too much memory",
}
"""How the whole file ended when only its definitions could be used."""


class Task(msgspec.Struct, frozen=True):
    """A case without what is expected of it: all that may enter the sandbox."""

    id: str
    visible: bool
    plan: Plan
    inputs: dict[str, Value]
    file: str = ""


class Runner:
    """Runs one submission. Visible tasks must come before hidden ones."""

    def __init__(self, launcher: Launcher, files: Mapping[str, bytes], main: str, limits: Limits) -> None:
        self._launcher = launcher
        self._files = dict(files)
        self._main = main
        self._lines = max(text.count(b"\n") + 1 for text in self._files.values())
        self._limits = limits
        self._worker: Worker | None = None
        self._definitions_only = False
        self._number = 0
        self._ends = time.monotonic() + limits.total_wall
        self.loaded: Loaded | None = None
        self._load_failure: Outcome | None = None

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """One outcome per task, in their order.

        Raises
        ------
        SandboxError : the sandbox itself failed; no fault of the student.
        """
        try:
            return [self._run_one(task) for task in tasks]
        finally:
            self._end_worker()

    def _run_one(self, task: Task) -> Outcome:
        failure = self._ensure_loaded()
        if failure is not None:
            return failure
        if time.monotonic() > self._ends:
            return Outcome(
                OutcomeKind.TIMED_OUT, detail=f"all cases together took more than {self._limits.total_wall:g} s"
            )
        assert self._worker is not None
        worker = self._worker
        self._number += 1
        request = RunRequest(self._number, task.plan, task.inputs, task.file)
        try:
            data = worker.channel.exchange(pack(request), self._limits.wall, self._limits.reply)
        except ChannelError as error:
            return self._failure(error, "the function", self._limits.wall)
        printed = worker.channel.printed()[:MAX_PRINTED] if task.visible else ""
        try:
            reply = unpack(data, RunReply)
            if reply.number != self._number:
                raise WireError("a reply to another case")
            return _outcome(self._with_true_lines(reply), task, printed)
        except WireError:
            self._end_worker()
            return Outcome(OutcomeKind.MALFORMED, detail="what came back cannot be read")

    def _with_true_lines(self, reply: RunReply) -> RunReply:
        """Keep only frames that the file can have: a line number is shown, and could be made up."""
        if reply.error is None or all(1 <= line <= self._lines for line, _name in reply.error.frames):
            return reply
        error = msgspec.structs.replace(reply.error, frames=[])
        return msgspec.structs.replace(reply, error=error)

    def _ensure_loaded(self) -> Outcome | None:
        """A worker that has read the submission; or the outcome of every case, when none can."""
        if self._load_failure is not None or self._worker is not None:
            return self._load_failure
        failure = self._load()
        if failure is not None and not self._definitions_only:
            self._definitions_only = True
            ended = ENDED.get(failure.kind, "could not be run")
            failure = self._load()
            if self.loaded is not None:
                self.loaded = msgspec.structs.replace(self.loaded, ended=ended)
        if failure is None and self.loaded is not None and self.loaded.unreadable is not None:
            failure = Outcome(OutcomeKind.MALFORMED, detail=self.loaded.unreadable)
        self._load_failure = failure
        return failure

    def _load(self) -> Outcome | None:
        self._worker = self._launcher.start(self._limits)
        request = LoadRequest(self._files, self._main, self._definitions_only)
        try:
            data = self._worker.channel.exchange(pack(request), self._limits.load_wall, self._limits.reply)
            self.loaded = unpack(data, Loaded)
        except ChannelError as error:
            return self._failure(error, f"reading {self._main}", self._limits.load_wall)
        except WireError:
            self._end_worker()
            return Outcome(OutcomeKind.MALFORMED, detail=f"reading {self._main} gave an answer that cannot be read")
        return None

    def _failure(self, error: ChannelError, what: str, seconds: float) -> Outcome:
        """End the worker and say what happened to it."""
        printed_limit = self._limits.output
        status = self._end_worker()
        match error:
            case DeadlineError():
                return Outcome(OutcomeKind.TIMED_OUT, detail=f"{what} took more than {seconds:g} s")
            case OutputLimitError():
                return Outcome(OutcomeKind.OUTPUT_LIMIT, detail=f"{what} printed more than {printed_limit:,} bytes")
            case ReplyLimitError():
                return Outcome(OutcomeKind.MALFORMED, detail=f"{what} returned more than {self._limits.reply:,} bytes")
            case ClosedError():
                return _death(status, what, self._limits)
        raise SandboxError(f"an unknown end of a worker: {type(error).__name__}")

    def _end_worker(self) -> int:
        if self._worker is None:
            return 0
        worker, self._worker = self._worker, None
        return self._launcher.end(worker)


def _death(status: int, what: str, limits: Limits) -> Outcome:
    """What a wait status says of a worker that ended by itself."""
    closed = Outcome(OutcomeKind.CRASHED, detail=f"{what} closed the connection to the grader")
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == WIRE_CLOSED:
        return closed
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return Outcome(OutcomeKind.TIMED_OUT, detail=f"{what} used more than {limits.cpu} s of CPU")
        if number == signal.SIGKILL:
            return closed
        return Outcome(OutcomeKind.CRASHED, detail=f"{what} crashed Python ({signal.Signals(number).name})")
    return Outcome(OutcomeKind.CRASHED, detail=f"{what} ended the whole program (exit code {os.WEXITSTATUS(status)})")


def _outcome(reply: RunReply, task: Task, printed: str) -> Outcome:
    """A reply in the words of the house. Exceptions that stand for something else are sorted out here."""
    if reply.missing is not None:
        return Outcome(OutcomeKind.NOT_ATTEMPTED, detail=_missing(task))
    if reply.broken is not None:
        return Outcome(OutcomeKind.RAISED, printed=printed, detail="an earlier step did not return what this one needs")
    if reply.error is not None:
        if reply.error.type_name == "MemoryError":
            return Outcome(OutcomeKind.OUT_OF_MEMORY, error=reply.error, detail="the function needed too much memory")
        if reply.error.type_name == "NotImplementedError":
            return Outcome(OutcomeKind.NOT_ATTEMPTED, error=reply.error, printed=printed)
        return Outcome(OutcomeKind.RAISED, error=reply.error, printed=printed)
    before = checksums(task.inputs)
    changed = [name for name, value in before.items() if reply.after.get(name) != value]
    overflowed = any(text.startswith("overflow encountered") for text in reply.warned)
    return Outcome(OutcomeKind.RETURNED, reply.value, changed=changed, printed=printed, overflowed=overflowed)


def _missing(task: Task) -> str:
    names = " or ".join(task.plan.targets())
    return f"{task.file or 'the file'} has no {names}"
