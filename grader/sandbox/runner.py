"""The trusted side of the boundary: one submission's cases in, one Outcome per case out.

It is given plans and inputs only. A worker that dies, hangs or floods costs the case at which it
did so; the other cases run in a fresh one.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from functools import cached_property

import msgspec

from grader.errors import SandboxError, WireError
from grader.model import Limits, Loaded, Outcome, OutcomeKind, Value
from grader.plan import Derivative, Plan
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
from grader.sandbox.protocol import NUMBER, LoadRequest, Parsed, RunReply, RunRequest, SlopeRequest
from grader.sandbox.worker import checksum, checksums
from grader.texts import say
from grader.wire import check_plain, pack, unpack, unpack_reply

MAX_PRINTED = 4000
WINDOW = 64
"""So many hidden cases are sent at once; a worker answers them one by one, each within its time."""
MAX_PARSED = 2048
MAX_HEARD = 1 << 16
"""Bytes of all replies to a case that are kept; when there are more, all are forgotten."""
REPLIED, PACKED = b"r", b"o"
"""What an outcome as bytes begins with: it is a reply as it came, or an Outcome."""
PATIENCE = 2.0
"""A case that took too long is run again alone, and given so many times its time."""
ENDED = frozenset({OutcomeKind.TIMED_OUT, OutcomeKind.CRASHED, OutcomeKind.OUTPUT_LIMIT, OutcomeKind.OUT_OF_MEMORY})
"""How the whole file ended when only its definitions could be used."""


class Task:
    """A case without what is expected of it: all that may enter the sandbox.

    Made once for a key: what is sent, and the inputs' checksums, are the same for every submission.
    """

    def __init__(self, id: str, visible: bool, plan: Plan, inputs: dict[str, Value], file: str = "") -> None:
        self.id = id
        self.visible = visible
        self.plan = plan
        self.inputs = inputs
        self.file = file

    @cached_property
    def request(self) -> bytes:
        """What is sent."""
        return pack(RunRequest(pack(self.plan), self.inputs, self.file, checksum(self.inputs)))

    @cached_property
    def print(self) -> bytes:
        """A fingerprint of all that an outcome depends on beside the submission and the limits."""
        import hashlib  # not needed, and slow to import, where a student checks

        what = f"{type(self).__name__} {self.visible} {self.file}".encode()
        return hashlib.blake2b(self.request, digest_size=16, key=hashlib.sha256(what).digest()).digest()

    @cached_property
    def heard(self) -> dict[bytes, Ran]:
        """Short replies that came before, and what they say: most of a class give the same."""
        return {}

    def unseen(self) -> Task:
        """The same as a hidden one, of which nothing is shown."""
        twin = Task(self.id, False, self.plan, self.inputs, self.file)
        twin.__dict__["request"] = self.request
        twin.__dict__["before"] = self.before
        twin.__dict__["heard"] = self.heard
        return twin

    @cached_property
    def before(self) -> dict[str, int]:
        """The inputs' checksums before the call."""
        return checksums(self.inputs)


class SlopeTask(Task):
    """Not a case: the student's own forward function, differentiated at a case's inputs."""

    def __init__(self, id: str, derivative: Derivative, inputs: dict[str, Value], file: str = "") -> None:
        super().__init__(id, True, derivative.plan, inputs, file)
        self._derivative = derivative

    @cached_property
    def request(self) -> bytes:
        """What is sent."""
        return pack(SlopeRequest(self._derivative, self.inputs, self.file))


class Ran:
    """A task's outcome, and the reply that it was read from: equal replies are equal outcomes.

    `whole` tells that the reply says all, whoever gives it: nothing was printed, and no line of a file is told.
    """

    def __init__(self, outcome: Outcome, reply: bytes = b"", whole: bool = False) -> None:
        self.outcome = outcome
        self.reply = reply
        self._whole = whole

    @property
    def packed(self) -> bytes:
        """The outcome as bytes, for `unpacked`: the reply as it came where it says all, else packed anew."""
        return REPLIED + self.reply if self._whole else PACKED + pack(self.outcome)


def unpacked(packed: bytes, task: Task) -> Outcome:
    """What `Ran.packed` made of an outcome of this task."""
    kind, content = packed[:1], packed[1:]
    return unpack(content, Outcome) if kind == PACKED else _outcome(_read(content), task, "")


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
        self._ends = time.monotonic() + self._limits.total_wall
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
        try:
            self._send_ahead(tasks, position)
            return self._reply(task, self._limits.wall, task.visible and self._sent > position + 1)
        except DeadlineError:
            return self._alone(task)
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
            return (None if printed else task.heard.get(content)) or self._understood(task, content, printed)
        except WireError:
            self._end_worker()
            return Ran(Outcome(OutcomeKind.MALFORMED, detail=say("unreadable_reply")))

    def _understood(self, task: Task, content: bytes, printed: str) -> Ran:
        """What a reply says; it is kept, if it says the same whoever gives it."""
        reply = _read(content)
        whole = not printed and reply.error is None
        ran = Ran(_outcome(self._with_true_lines(reply), task, printed), content, whole)
        if whole and len(content) <= MAX_HEARD:
            if sum(map(len, task.heard)) + len(content) > MAX_HEARD:
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


def _read(content: bytes) -> RunReply:
    """A reply without its number.

    Raises
    ------
    WireError
    """
    reply = unpack_reply(content, RunReply)
    check_plain(reply.value)
    return reply


def _outcome(reply: RunReply, task: Task, printed: str) -> Outcome:
    """A reply in the words of the house. Exceptions that stand for something else are sorted out here."""
    if reply.missing is not None:
        return Outcome(OutcomeKind.NOT_ATTEMPTED, detail=_missing(task))
    if reply.broken is not None:
        return Outcome(OutcomeKind.RAISED, printed=printed, detail=say("broken_chain"))
    if reply.error is not None:
        if reply.error.type_name == "MemoryError":
            return Outcome(OutcomeKind.OUT_OF_MEMORY, error=reply.error, detail=say("too_much_memory"))
        if reply.error.type_name == "NotImplementedError":
            return Outcome(OutcomeKind.NOT_ATTEMPTED, error=reply.error, printed=printed)
        return Outcome(OutcomeKind.RAISED, error=reply.error, printed=printed)
    changed = [name for name, value in task.before.items() if reply.after.get(name) != value] if reply.after else []
    overflowed = any(text.startswith("overflow encountered") for text in reply.warned)
    return Outcome(OutcomeKind.RETURNED, reply.value, changed=changed, printed=printed, overflowed=overflowed)


def _missing(task: Task) -> str:
    return say("lacks", file=task.file or say("the_file"), name=say("or").join(task.plan.targets()))
