"""What is to be run, and what came of it: a case without what is expected of it, and an outcome with its reply."""

from __future__ import annotations

from functools import cached_property

from grader.model import Outcome, OutcomeKind, Value
from grader.plan import Derivative, Plan
from grader.sandbox.protocol import RunReply, RunRequest, SlopeRequest
from grader.sandbox.worker import checksum, checksums
from grader.texts import say
from grader.wire import check_plain, pack, unpack, unpack_reply

VALUE = 100
"""Bytes that a value takes in memory beside its own."""
REPLIED, PACKED = b"r", b"o"
"""What an outcome as bytes begins with: it is a reply as it came, or an Outcome."""


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

    @property
    def function(self) -> tuple[str, str]:
        """What it is a case of: the exercise, and the file that its function is in. A proof runs many files at once."""
        return self.id.partition("/")[0], self.file

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

    `whole` tells that the reply says all, whoever gives it: nothing was printed, and no line of a file is told;
    `weight` is how many bytes it takes in memory.
    """

    def __init__(self, outcome: Outcome, reply: bytes = b"", whole: bool = False, weight: int = 0) -> None:
        self.outcome = outcome
        self.reply = reply
        self.weight = weight
        self._whole = whole

    @property
    def packed(self) -> bytes:
        """The outcome as bytes, for `unpacked`: the reply as it came where it says all, else packed anew."""
        return REPLIED + self.reply if self._whole else PACKED + pack(self.outcome)


def unpacked(packed: bytes, task: Task) -> Outcome:
    """What `Ran.packed` made of an outcome of this task."""
    kind, content = packed[:1], packed[1:]
    return unpack(content, Outcome) if kind == PACKED else outcome_of(read_reply(content)[0], task, "")


def read_reply(content: bytes) -> tuple[RunReply, int]:
    """A reply without its number, and how many bytes it takes in memory.

    Raises
    ------
    WireError
    """
    reply = unpack_reply(content, RunReply)
    return reply, len(content) + VALUE * check_plain(reply.value)


def outcome_of(reply: RunReply, task: Task, printed: str) -> Outcome:
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
