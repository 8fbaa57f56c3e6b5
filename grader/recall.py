"""What a submission's code gave, remembered from run to run, so that a case that changed is run alone.

Outcomes are kept, not verdicts: judging them again costs little and takes nothing on trust, so that other
expected values, tolerances, points, mistakes or hints need no run at all, and the grade is the one that a
whole run gives. What did not come back in good order, or is large, is not kept, and is run again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from grader import __version__
from grader.model import Limits, Loaded, Memory, Outcome, OutcomeKind, Submission
from grader.sandbox.runner import Runner
from grader.sandbox.tasks import Ran, Task, unpacked
from grader.wire import pack, unpack

KEPT = {OutcomeKind.RETURNED, OutcomeKind.RAISED, OutcomeKind.NOT_ATTEMPTED}
"""Outcomes that depend on the call alone, and not on a clock or on how a process ended."""
MAX_OUTCOME = 4096
MAX_OUTCOMES = 1 << 16
"""Bytes of one outcome, and of all of a submission: more is not kept."""
VERSIONS = f"grader {__version__}, numpy {np.__version__}"
"""What the last bits of a student's arrays depend on beside the code; another version remembers nothing."""


class Head(msgspec.Struct, frozen=True):
    """What reading the file gave, as a Runner tells it."""

    loaded: Loaded | None
    keeps_state: bool
    structure: bytes


def source_print(submission: Submission) -> bytes:
    """SHA-256 of all that a worker reads of a submission."""
    import hashlib  # not needed, and slow to import, where a student checks

    return hashlib.sha256(pack([submission.main, sorted(submission.files.items())])).digest()


def load_memory(data: bytes) -> Memory | None:
    """What `pack` made of a Memory; None of nothing."""
    return unpack(data, Memory) if data else None


def _print_of(limits: Limits, language: str) -> bytes:
    import hashlib  # as above

    return hashlib.blake2b(pack([limits, language]), digest_size=8).digest()


class Recall:
    """What is known of one submission, and what is learnt of it in this run."""

    def __init__(self, memory: Memory | None) -> None:
        self.memory = memory
        self.known: Mapping[bytes, bytes] = memory.outcomes if memory else {}
        self.head = unpack(memory.head, Head) if memory else None
        self._outcomes: dict[bytes, bytes] = {}
        self._size = 0

    def keep(self, task: bytes, outcome: bytes) -> None:
        """Keep an outcome, unless there are too many bytes of them."""
        if len(outcome) <= MAX_OUTCOME and self._size + len(outcome) <= MAX_OUTCOMES:
            self._size += len(outcome)
            self._outcomes[task] = outcome

    def learnt(self, runner: Recalling, *, twice: bool) -> Memory:
        """What is to be remembered of the submission that `runner` ran."""
        return Memory(twice, pack(Head(runner.loaded, runner.keeps_state, runner.structure)), self._outcomes)


def begin(memory: Memory | None, *, drawn: bool) -> Recall:
    """What is known of a submission; nothing of one that was run once and is to be run twice.

    Parameters
    ----------
    drawn : whether it is run again in another order, whatever its text looks like.
    """
    recall = Recall(memory)
    once = memory is not None and not memory.twice
    if once and recall.head is not None and (recall.head.keeps_state or drawn):
        return Recall(None)
    return recall


class Recalling:
    """A Runner that runs only what is not known; see `Runner`.

    Parameters
    ----------
    language : of the sentences in outcomes.
    recall : what is known; without it everything is run, and nothing kept.
    """

    def __init__(self, runner: Runner, limits: Limits, language: str, recall: Recall | None) -> None:
        self._runner = runner
        self._recall = recall
        self._limits = b"" if recall is None else _print_of(limits, language)
        self._ran = recall is None or recall.head is None
        self.seconds: list[float] = []

    @property
    def loaded(self) -> Loaded | None:
        """As Runner.loaded."""
        head = self._head()
        return self._runner.loaded if head is None else head.loaded

    @property
    def keeps_state(self) -> bool:
        """As Runner.keeps_state."""
        head = self._head()
        return self._runner.keeps_state if head is None else head.keeps_state

    @property
    def structure(self) -> bytes:
        """As Runner.structure."""
        head = self._head()
        return self._runner.structure if head is None else head.structure

    def run(self, tasks: Sequence[Task]) -> list[Outcome]:
        """As Runner.run."""
        return [ran.outcome for ran in self.ran(tasks)]

    def ran(self, tasks: Sequence[Task]) -> list[Ran]:
        """As Runner.ran; what is known has no reply and took no time."""
        recall = self._recall
        if recall is None:
            came = self._runner.ran(tasks)
            self.seconds = self._runner.seconds
            return came
        prints = [task.print + self._limits for task in tasks]
        fresh = [task for task, name in zip(tasks, prints, strict=True) if name not in recall.known]
        outcomes = iter(self._runner.ran(fresh) if fresh else [])
        self._ran = self._ran or bool(fresh)
        times = iter(self._runner.seconds[-len(fresh) :] if fresh else [])
        result = []
        for task, name in zip(tasks, prints, strict=True):
            if name in recall.known:
                result.append(Ran(unpacked(recall.known[name], task)))
                recall.keep(name, recall.known[name])
                self.seconds.append(0.0)
                continue
            ran = next(outcomes)
            result.append(ran)
            self.seconds.append(next(times, 0.0))
            if ran.outcome.kind in KEPT:
                recall.keep(name, ran.packed)
        return result

    def _head(self) -> Head | None:
        """What is known of reading the file, while this runner has not read it itself."""
        return None if self._ran or self._recall is None else self._recall.head
