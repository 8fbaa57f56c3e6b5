"""Many submissions → Grades, over any engine of processes, in the order of the submissions.

Packed batches go out and packed grades come back; an engine's processes are trusted, hold the key,
and each starts workers of its own.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from grader.judging.judge import without_grade
from grader.keyfile import dump_key, load_key
from grader.model import NO_TIMES, AnswerKey, Limits, Status, Submission, Times
from grader.pipeline import Grading
from grader.recall import load_memory
from grader.reports.files import student_pages
from grader.sandbox.defences import Confinement, Tier
from grader.sandbox.launch import Launcher
from grader.sandbox.system import PR_SET_PDEATHSIG, prctl
from grader.sandbox.warm import ZygoteLauncher
from grader.wire import pack, unpack

BATCH = 8
"""Submissions in one task: large enough that handing it over costs little, small enough to be heard of soon."""
AHEAD = 3
"""Batches in flight for each process; more of the class is not held in memory."""
LOSSES = 5
"""So many processes may end while they grade a submission that is alone in its batch."""


class Done(msgspec.Struct, frozen=True):
    """A graded submission on its way back: the student's id, the packed grade, the student's own pages, and times.

    `memory` is a packed Memory for the next run; empty where there is nothing to remember.
    """

    id: str
    grade: bytes
    pages: dict[str, str]
    times: Times = NO_TIMES
    memory: bytes = b""


class Job(msgspec.Struct, frozen=True):
    """A submission to be graded, and the packed Memory of it; empty where nothing is remembered."""

    submission: Submission
    memory: bytes = b""


class LostError(Exception):
    """The process that graded a batch is gone, and nothing of the batch has come back."""


class Engine(Protocol):
    """Processes that grade packed batches; what it hands out is settled in any order."""

    def ahead(self) -> int:
        """How many batches should be under way just now."""

    def size(self) -> int:
        """How many submissions the next batch should have."""

    def submit(self, batch: bytes) -> Future[bytes]:
        """Have a batch graded by `grade_packed`."""

    def result(self, future: Future[bytes]) -> bytes:
        """What came of a batch.

        Raises
        ------
        LostError : its process is gone; the batch may be submitted again.
        """

    def close(self) -> None:
        """End the processes at once, with the batches that they are at; their workers end with them."""


Known = Callable[[Submission], Done | None]
Remembered = Callable[[Submission], bytes]


def nothing_known(_submission: Submission) -> Done | None:
    """Where nothing is kept, nothing is graded already."""
    return None


def nothing_remembered(_submission: Submission) -> bytes:
    """Where nothing is kept, nothing is remembered."""
    return b""


class Desk(NamedTuple):
    """What one process grades with: its launcher, and the gradings of the key that it has been given."""

    launcher: Launcher
    grading: Grading


def take_desk(key: bytes, launcher: Launcher) -> Desk:
    """A desk for the packed key."""
    return Desk(launcher, Grading(load_key(key, "the key"), launcher, structured=True))


def grade_jobs(desk: Desk, jobs: Sequence[Job]) -> bytes:
    """Grade a batch at a desk; the packed list of what came of it."""
    return pack([_done(desk.grading, job) for job in jobs])


# ------------------------------------------------------------------------ processes on this machine

_desks: list[Desk] = []
"""This process's own desk, in a pool's process."""


class LocalEngine:
    """Processes on this machine, each ready with the key; a pool that lost one is followed by a new pool."""

    def __init__(self, key: AnswerKey, jobs: int, tier: Tier) -> None:
        self._jobs = jobs
        self._tier = tier
        self._key = os.memfd_create("key")  # a process that dies while much is sent to it as it starts is waited for
        with os.fdopen(os.dup(self._key), "wb") as file:
            file.write(dump_key(key))
        self._pool = self._start()

    def ahead(self) -> int:
        """As Engine.ahead."""
        return AHEAD * self._jobs

    def size(self) -> int:
        """As Engine.size."""
        return BATCH

    def submit(self, batch: bytes) -> Future[bytes]:
        """As Engine.submit."""
        try:
            return self._pool.submit(_at_the_desk, batch)
        except BrokenExecutor:
            self._end()
            self._pool = self._start()
            return self._pool.submit(_at_the_desk, batch)

    def result(self, future: Future[bytes]) -> bytes:
        """As Engine.result."""
        try:
            return future.result()
        except BrokenExecutor as error:
            raise LostError(str(error)) from None

    def close(self) -> None:
        """As Engine.close."""
        self._end()
        os.close(self._key)

    def _start(self) -> ProcessPoolExecutor:
        ready = (f"/proc/{os.getpid()}/fd/{self._key}", int(self._tier))
        return ProcessPoolExecutor(self._jobs, get_context("spawn"), _sit_down, ready)

    def _end(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in active_children():
            process.kill()


def _sit_down(key: str, tier: int) -> None:
    """Make this process ready; the one that started it hears Ctrl-C, and this one ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    _desks.append(take_desk(Path(key).read_bytes(), ZygoteLauncher(Tier(tier))))
    gc.collect()
    gc.freeze()


def _at_the_desk(batch: bytes) -> bytes:
    return grade_jobs(_desks[0], unpack(batch, list[Job]))


# --------------------------------------------------------------------------------------- the class


def grade_over(
    engine: Engine,
    key: AnswerKey,
    submissions: Iterable[Submission],
    known: Known = nothing_known,
    remembered: Remembered = nothing_remembered,
) -> Iterator[tuple[Submission, Done]]:
    """Grade submissions by an engine's processes; what comes is in their order.

    Parameters
    ----------
    known : what is graded already and need not be run; None for the rest.
    remembered : what is remembered of one that is to be run.
    """
    coming = iter(submissions)
    flying: deque[tuple[list[tuple[Submission, Done | None]], list[Job], Future[bytes] | None]] = deque()
    while True:
        while len(flying) < engine.ahead() and (batch := [(s, known(s)) for s in islice(coming, engine.size())]):
            jobs = [Job(s, remembered(s)) for s, done in batch if done is None]
            flying.append((batch, jobs, engine.submit(pack(jobs)) if jobs else None))
        if not flying:
            return
        batch, jobs, future = flying.popleft()
        fresh = iter(_heard(engine, key, jobs, future) if future else [])
        yield from ((submission, done or next(fresh)) for submission, done in batch)


def _heard(engine: Engine, key: AnswerKey, jobs: Sequence[Job], future: Future[bytes]) -> list[Done]:
    """What came of a batch; where its process was lost, each submission is graded alone."""
    try:
        return unpack(engine.result(future), list[Done])
    except LostError:
        return [_alone(engine, key, job) for job in jobs]


def _alone(engine: Engine, key: AnswerKey, job: Job) -> Done:
    """Grade one submission, whatever becomes of the processes; one that none of them survives is UNGRADED."""
    for _ in range(LOSSES):
        try:
            (done,) = unpack(engine.result(engine.submit(pack([job]))), list[Done])
            return done
        except LostError:
            continue
    told = f"our fault, not the student's: {LOSSES} processes in turn ended while they graded it"
    grade = without_grade(key, job.submission, Status.UNGRADED, told)
    return Done(grade.id, pack(grade), student_pages(key, grade))


def grade_here(
    key: AnswerKey,
    submissions: Iterable[Submission],
    launcher: Launcher,
    known: Known = nothing_known,
    remembered: Remembered = nothing_remembered,
) -> Iterator[tuple[Submission, Done]]:
    """Grade submissions by this process, in their order; `known` and `remembered` as of `grade_over`."""
    grading = Grading(key, launcher, structured=True)
    return ((one, known(one) or _done(grading, Job(one, remembered(one)))) for one in submissions)


def _done(grading: Grading, job: Job) -> Done:
    grade, times, memory = grading.recalled(job.submission, load_memory(job.memory))
    pages = student_pages(grading.key, grade)
    return Done(grade.id, pack(grade), pages, times, b"" if memory is None else pack(memory))


def try_out(limits: Limits, tier: Tier) -> Confinement:
    """How this machine confines at a tier, found by confining a worker.

    Raises
    ------
    SandboxError : it cannot.
    """
    launcher = ZygoteLauncher(tier)
    try:
        return launcher.confinement(limits)
    finally:
        launcher.close()
