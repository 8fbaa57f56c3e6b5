"""Many submissions → Grades, over any concurrent.futures.Executor, in the order of the submissions.

Batches go out and packed grades come back; the executor's processes are trusted, hold the key, and
each starts workers of its own.
"""

from __future__ import annotations

import gc
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import active_children, get_context
from typing import NamedTuple

from grader.keyfile import dump_key, load_key
from grader.model import NO_TIMES, AnswerKey, Limits, Submission, Times
from grader.pipeline import Grading
from grader.reports.files import student_pages
from grader.sandbox.confine import PR_SET_PDEATHSIG, prctl
from grader.sandbox.defences import Confinement, Tier
from grader.sandbox.launch import Launcher
from grader.sandbox.warm import ZygoteLauncher
from grader.wire import pack

BATCH = 8
"""Submissions in one task: large enough that handing it over costs little, small enough to be heard of soon."""
AHEAD = 3
"""Batches in flight for each process; more of the class is not held in memory."""


class Done(NamedTuple):
    """A graded submission on its way back: the student's id, the packed grade, the student's own pages, and times."""

    id: str
    grade: bytes
    pages: dict[str, str]
    times: Times = NO_TIMES


Known = Callable[[Submission], Done | None]


def nothing_known(_submission: Submission) -> Done | None:
    """Where nothing is kept, nothing is graded already."""
    return None


class Desk(NamedTuple):
    """What one process grades with: its launcher, and the gradings of the keys that it has been given."""

    launcher: Launcher
    grading: Grading


_desks: list[Desk] = []
"""This process's own desk, in a pool's process."""


def local_executor(key: AnswerKey, jobs: int, tier: Tier) -> ProcessPoolExecutor:
    """Processes on this machine, each ready with the key."""
    return ProcessPoolExecutor(jobs, get_context("spawn"), _sit_down, (dump_key(key), int(tier)))


def stop(executor: ProcessPoolExecutor) -> None:
    """End the processes at once, with the batches that they are at; their workers end with them."""
    executor.shutdown(wait=False, cancel_futures=True)
    for process in active_children():
        process.kill()


def _sit_down(key: bytes, tier: int) -> None:
    """Make this process ready; the one that started it hears Ctrl-C, and this one ends with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    launcher = ZygoteLauncher(Tier(tier))
    _desks.append(Desk(launcher, Grading(load_key(key, "the key"), launcher, structured=True)))
    gc.collect()
    gc.freeze()


def grade_batch(submissions: Sequence[Submission]) -> list[Done]:
    """Grade some submissions at this process's desk."""
    return [_done(_desks[0].grading, submission) for submission in submissions]


def grade_over(
    executor: Executor, processes: int, submissions: Iterable[Submission], known: Known = nothing_known
) -> Iterator[tuple[Submission, Done]]:
    """Grade submissions by an executor's processes as `grade_batch`; what comes is in their order.

    Parameters
    ----------
    known : what is graded already and need not be run; None for the rest.
    """
    coming = iter(submissions)
    flying: deque[tuple[list[tuple[Submission, Done | None]], Future[list[Done]] | None]] = deque()
    while True:
        while len(flying) < AHEAD * processes and (batch := [(s, known(s)) for s in islice(coming, BATCH)]):
            left = [s for s, done in batch if done is None]
            flying.append((batch, executor.submit(grade_batch, left) if left else None))
        if not flying:
            return
        batch, future = flying.popleft()
        fresh = iter(future.result() if future is not None else [])
        yield from ((submission, done or next(fresh)) for submission, done in batch)


def grade_here(
    key: AnswerKey, submissions: Iterable[Submission], launcher: Launcher, known: Known = nothing_known
) -> Iterator[tuple[Submission, Done]]:
    """Grade submissions by this process, in their order; `known` as of `grade_over`."""
    grading = Grading(key, launcher, structured=True)
    return ((submission, known(submission) or _done(grading, submission)) for submission in submissions)


def _done(grading: Grading, submission: Submission) -> Done:
    grade, times = grading.timed(submission)
    return Done(grade.id, pack(grade), student_pages(grading.key, grade), times)


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
