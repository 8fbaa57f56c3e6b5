"""Many submissions → Grades, over any concurrent.futures.Executor, in the order of the submissions.

Batches go out and packed grades come back; the executor's processes are trusted, hold the key, and
each starts workers of its own.
"""

from __future__ import annotations

import gc
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import active_children, get_context
from typing import NamedTuple

from grader.keyfile import dump_key, load_key
from grader.model import AnswerKey, Submission
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
    """A graded submission on its way back: the student's id, the packed grade, and the student's own pages."""

    id: str
    grade: bytes
    pages: dict[str, str]


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
    _desks.append(Desk(launcher, Grading(load_key(key, "the key"), launcher)))
    gc.collect()
    gc.freeze()


def grade_batch(submissions: Sequence[Submission]) -> list[Done]:
    """Grade some submissions at this process's desk."""
    return [_done(_desks[0].grading, submission) for submission in submissions]


def grade_over(executor: Executor, processes: int, submissions: Iterable[Submission]) -> Iterator[Done]:
    """Grade submissions by an executor's processes as `grade_batch`; what comes is in their order."""
    coming = iter(submissions)
    flying: deque[Future[list[Done]]] = deque()
    while True:
        while len(flying) < AHEAD * processes and (batch := list(islice(coming, BATCH))):
            flying.append(executor.submit(grade_batch, batch))
        if not flying:
            return
        yield from flying.popleft().result()


def grade_here(key: AnswerKey, submissions: Iterable[Submission], launcher: Launcher) -> Iterator[Done]:
    """Grade submissions by this process, in their order."""
    grading = Grading(key, launcher)
    return (_done(grading, submission) for submission in submissions)


def _done(grading: Grading, submission: Submission) -> Done:
    grade = grading.grade(submission)
    return Done(grade.id, pack(grade), student_pages(grading.key, grade))


def try_out(key: AnswerKey, tier: Tier) -> Confinement:
    """How this machine confines at a tier, found by confining a worker.

    Raises
    ------
    SandboxError : it cannot.
    """
    launcher = ZygoteLauncher(tier)
    try:
        return launcher.confinement(key.limits)
    finally:
        launcher.close()
