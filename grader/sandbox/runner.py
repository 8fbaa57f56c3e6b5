"""The trusted side of the boundary: one submission's cases in, one Outcome per case out.

It is given plans and inputs only. A worker that dies, hangs or floods costs the case at which it
did so; the other cases run in a fresh one.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from grader.errors import SandboxError, WireError
from grader.model import Limits, Loaded, Outcome, OutcomeKind
from grader.sandbox.ahead import wants_rich
from grader.sandbox.channel import (
    Channel,
    ChannelError,
    ClosedError,
    DeadlineError,
    OutputLimitError,
    ReplyLimitError,
)
from grader.sandbox.launch import WIRE_CLOSED, End, Launcher, Worker, await_ready
from grader.sandbox.loader import WANTS_RICH
from grader.sandbox.protocol import NUMBER, LoadRequest, Parsed, RunReply
from grader.sandbox.tasks import Ran, Task, outcome_of, read_reply
from grader.texts import say
from grader.wire import pack, unpack_reply

MAX_PRINTED = 4000
WINDOW = 64
"""So many hidden cases are sent at once; a worker answers them one by one, each within its time."""
MAX_PARSED = 2048
MAX_HEARD = 1 << 16
"""Bytes that all replies to a case that are kept take in memory; when there are more, all are forgotten."""
REPLIES = 4
"""All replies to a submission's cases together may take so many times in memory what one reply may have of bytes."""
PATIENCE = 2.0
"""A case that took too long is run again alone, and given so many times its time."""
HOPELESS = 2
"""An exercise in which so many cases took too long even so is given no patience in the others: they cost less time."""
LOST = 4
"""One in which so many took too long is not run on: two endless functions would take the time of all the others."""
ENDED = frozenset({OutcomeKind.TIMED_OUT, OutcomeKind.CRASHED, OutcomeKind.OUTPUT_LIMIT, OutcomeKind.OUT_OF_MEMORY})
"""How the whole file ended when only its definitions could be used."""


class PrintsError(Exception):
    """Something was printed while several cases were under way: all runs again, one case at a time."""


class WantsRichError(Exception):
    """A worker of the lean zygote was asked for a module that the rich one has: all runs again there."""


class Runner:
    """Runs one submission. Visible tasks must come before hidden ones.

    Parameters
    ----------
    structured : ask for the structure of the student's functions too, for a class's report.
    """

    def __init__(
        self, launcher: Launcher, files: Mapping[str, bytes], main: str, limits: Limits, structured: bool = False
    ) -> None:
        self._launcher = launcher
        self._files = dict(files)
        self._main = main
        self._lines = max(text.count(b"\n") + 1 for text in self._files.values())
        self._limits = limits
        self._worker: Worker | None = None
        self.keeps_state = False
        self.structure = b""
        self._structured = structured
        self._ends = time.monotonic() + limits.total_wall  # however often it begins anew
        self._begin(wants_rich(self._files), False)

    def _begin(self, rich: bool, singly: bool) -> None:
        """Forget what was run; the first worker is still to come.

        Parameters
        ----------
        singly : send visible cases one at a time, to know which of them printed what.
        """
        self._rich = rich
        self._singly = singly
        self._definitions_only = False
        self._answered = 0
        self._sent = 0
        self._held = 0
        self._late: Counter[tuple[str, str]] = Counter()
        self.loaded: Loaded | None = None
        self.seconds: list[float] = []
        self._load_failure: Outcome | None = None

    def run(self, tasks: Sequence[Task], more: bool = False) -> list[Outcome]:
        """One outcome per task, in their order.

        Parameters
        ----------
        more : the worker is kept: hidden tasks are still to come, in another call.

        Raises
        ------
        SandboxError : the sandbox itself failed; no fault of the student.
        """
        return [ran.outcome for ran in self.ran(tasks, more)]

    def ran(self, tasks: Sequence[Task], more: bool = False) -> list[Ran]:
        """As `run`, with the replies."""
        self._sent = 0
        try:
            while True:
                try:
                    return [self._timed(tasks, position) for position in range(len(tasks))]
                except WantsRichError:
                    self._begin(True, self._singly)
                except PrintsError:
                    self._end_worker()
                    self._begin(self._rich, True)
        except BaseException:
            more = False
            raise
        finally:
            if not more:
                self._release_worker()

    def _timed(self, tasks: Sequence[Task], position: int) -> Ran:
        """Run one task; `seconds` gets the time until its answer is here, without that of reading the file."""
        self._ensure_loaded(position)
        started = time.perf_counter()
        ran = self._run_one(tasks, position)
        self.seconds.append(time.perf_counter() - started)
        return ran

    def _run_one(self, tasks: Sequence[Task], position: int) -> Ran:
        failure = self._ensure_loaded(position)
        if failure is not None:
            return Ran(failure)
        if time.monotonic() > self._ends:
            detail = say("all_took_too_long", seconds=f"{self._limits.total_wall:g}")
            return Ran(Outcome(OutcomeKind.TIMED_OUT, detail=detail))
        task = tasks[position]
        if self._late[task.function] == LOST:
            return Ran(Outcome(OutcomeKind.TIMED_OUT, detail=say("not_run", count=LOST)))
        try:
            self._send_ahead(tasks, position)
            return self._reply(task, self._limits.wall, task.visible and self._sent > position + 1)
        except DeadlineError as error:
            if self._late[task.function] < HOPELESS:
                ran = self._alone(task)
            else:
                ran = Ran(self._failure(error, say("the_function"), self._limits.wall, task.visible))
            self._late[task.function] += ran.outcome.kind is OutcomeKind.TIMED_OUT
            return ran
        except ChannelError as error:
            return Ran(self._failure(error, say("the_function"), self._limits.wall, task.visible))

    def _send_ahead(self, tasks: Sequence[Task], position: int) -> None:
        """Send the task, unless it is sent, with those after it; a hidden one never together with visible ones."""
        if self._sent > position or self._worker is None:
            return
        last = min(position + WINDOW, len(tasks))
        if tasks[position].visible:
            singly = self._singly or not isinstance(self._worker.channel, Channel)
            last = position + 1 if singly else next((i for i in range(position, last) if not tasks[i].visible), last)
        self._worker.channel.send(*(t.request for t in tasks[position:last]))
        self._sent = last

    def _reply(self, task: Task, seconds: float, several: bool = False) -> Ran:
        """The answer to a visible or hidden task; `several` tells that visible ones after it are under way."""
        assert self._worker is not None
        channel = self._worker.channel
        try:
            data = channel.receive(seconds, self._limits.reply)
            printed = channel.printed()[:MAX_PRINTED] if task.visible else ""
        except OutputLimitError:
            if several:
                raise PrintsError from None
            raise
        if printed and several:
            raise PrintsError
        self._answered += 1
        try:
            if len(data) < NUMBER.size or NUMBER.unpack_from(data)[0] != self._answered:
                raise WireError("a reply to another case")
            content = data[NUMBER.size :]
            return (None if printed else task.heard.get(content)) or self._counted(task, content, printed)
        except WireError:
            self._end_worker()
            return Ran(Outcome(OutcomeKind.MALFORMED, detail=say("unreadable_reply")))

    def _counted(self, task: Task, content: bytes, printed: str) -> Ran:
        """What a reply says, unless all replies of this submission take too much memory with it."""
        ran = self._understood(task, content, printed)
        most = REPLIES * self._limits.reply
        if self._held + ran.weight > most:
            detail = say("returned_too_much_together", bytes=f"{most:,}")
            return Ran(Outcome(OutcomeKind.MALFORMED, detail=detail))
        self._held += ran.weight
        return ran

    def _understood(self, task: Task, content: bytes, printed: str) -> Ran:
        """What a reply says; it is kept, if it says the same whoever gives it."""
        reply, weight = read_reply(content)
        whole = not printed and reply.error is None
        ran = Ran(outcome_of(self._with_true_lines(reply), task, printed), content, whole, weight)
        if whole and weight <= MAX_HEARD:
            if sum(r.weight for r in task.heard.values()) + weight > MAX_HEARD:
                task.heard.clear()
            task.heard[content] = ran
        return ran

    def _alone(self, task: Task) -> Ran:
        """Run a case that took too long again, alone in a fresh worker: a busy machine costs nobody marks."""
        self._end_worker()
        allowed = PATIENCE * self._limits.wall
        failure = self._ensure_loaded(0)
        if failure is not None:
            return Ran(failure)
        assert self._worker is not None
        try:
            self._worker.channel.send(task.request)
            return self._reply(task, allowed)
        except ChannelError as error:
            return Ran(self._failure(error, say("the_function"), self._limits.wall, task.visible))
        finally:
            self._end_worker()

    def _with_true_lines(self, reply: RunReply) -> RunReply:
        """Keep only frames that the file can have: a line number is shown, and could be made up."""
        if reply.error is None or all(1 <= line <= self._lines for line, _name in reply.error.frames):
            return reply
        error = msgspec.structs.replace(reply.error, frames=[])
        return msgspec.structs.replace(reply, error=error)

    def _ensure_loaded(self, position: int) -> Outcome | None:
        """A worker that has read the submission; or the outcome of every case, when none can."""
        if self._load_failure is not None or self._worker is not None:
            return self._load_failure
        failure = self._load()
        if failure is not None and not self._definitions_only:
            self._definitions_only = True
            ended = say(f"ended.{failure.kind if failure.kind in ENDED else 'other'}")
            failure = self._load()
            if self.loaded is not None:
                self.loaded = msgspec.structs.replace(self.loaded, ended=ended)
        if failure is None and self.loaded is not None and self.loaded.unreadable is not None:
            failure = Outcome(OutcomeKind.MALFORMED, detail=self.loaded.unreadable)
        self._load_failure = failure
        self._sent, self._answered = position, 0
        return failure

    def _load(self) -> Outcome | None:
        asked = self._structured and not self.structure
        request = LoadRequest(self._files, self._main, self._definitions_only, asked)
        worker = self._launcher.start(self._limits, pack(request), rich=self._rich)
        await_ready(self._launcher, worker)
        self._worker = worker
        try:
            parsed = unpack_reply(worker.channel.receive(self._limits.load_wall, MAX_PARSED), Parsed)
            self.keeps_state = parsed.keeps_state
            self.structure = parsed.structure or self.structure
            self.loaded = unpack_reply(worker.channel.receive(self._limits.load_wall, self._limits.reply), Loaded)
            worker.channel.printed()
        except ChannelError as error:
            return self._failure(error, say("reading", file=self._main), self._limits.load_wall)
        except WireError:
            self._end_worker()
            return Outcome(OutcomeKind.MALFORMED, detail=say("unreadable_answer", what=say("reading", file=self._main)))
        return None

    def _failure(self, error: ChannelError, what: str, seconds: float, shown: bool = True) -> Outcome:
        """End the worker and say what happened to it; unless `shown`, in no words that it could choose."""
        lean = self._worker is not None and not self._worker.rich
        end = self._end_worker()
        if lean and isinstance(error, ClosedError) and os.waitstatus_to_exitcode(end.status) == WANTS_RICH:
            raise WantsRichError
        match error:
            case DeadlineError():
                return Outcome(OutcomeKind.TIMED_OUT, detail=say("took_too_long", what=what, seconds=f"{seconds:g}"))
            case OutputLimitError():
                detail = say("printed_too_much", what=what, bytes=f"{self._limits.output:,}")
                return Outcome(OutcomeKind.OUTPUT_LIMIT, detail=detail)
            case ReplyLimitError():
                detail = say("returned_too_much", what=what, bytes=f"{self._limits.reply:,}")
                return Outcome(OutcomeKind.MALFORMED, detail=detail)
            case ClosedError():
                return _death(end, what, self._limits, shown)
        raise SandboxError(f"an unknown end of a worker: {type(error).__name__}")

    def _end_worker(self) -> End:
        if self._worker is None:
            return End(0, 0.0)
        worker, self._worker = self._worker, None
        return self._launcher.end(worker)

    def _release_worker(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            self._launcher.release(worker)


def _death(end: End, what: str, limits: Limits, shown: bool) -> Outcome:
    """What a wait status says of a worker that ended by itself.

    Its exit code and its signal are of its own choice: eight bits of a hidden input for each case.
    """
    closed = Outcome(OutcomeKind.CRASHED, detail=say("closed", what=what))
    code = os.waitstatus_to_exitcode(end.status)
    if code >= 0:
        detail = say("ended_program", what=what, code=code) if shown else say("ended_program_hidden", what=what)
        ended = Outcome(OutcomeKind.CRASHED, detail=detail)
        return closed if code == WIRE_CLOSED else ended
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name == "SIGXCPU" or (name == "SIGKILL" and end.cpu >= limits.cpu):
        return Outcome(OutcomeKind.TIMED_OUT, detail=say("used_too_much_cpu", what=what, seconds=limits.cpu))
    if name == "SIGKILL":
        return closed
    detail = say("crashed", what=what, signal=name) if shown else say("crashed_hidden", what=what)
    return Outcome(OutcomeKind.CRASHED, detail=detail)
