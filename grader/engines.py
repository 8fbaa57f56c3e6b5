"""Where a class is graded: in this process, in several beside it, or by an engine that runs on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from grader import batch
from grader.batch import Done, Engine, Known, Remembered
from grader.errors import SandboxError, UsageError
from grader.model import AnswerKey, Limits, Submission
from grader.sandbox.defences import Confinement, Tier
from grader.sandbox.warm import ZygoteLauncher

NAMES = "local, dask, dask:ADDRESS or slurm"

Say = Callable[[str], None]


class Place(Protocol):
    """Somewhere to grade, whose confinement has been tried."""

    def grade(
        self, key: AnswerKey, submissions: Iterable[Submission], known: Known, remembered: Remembered
    ) -> Iterator[tuple[Submission, Done]]:
        """Graded submissions in their order; `known` and `remembered` as of `batch.grade_over`."""


@contextmanager
def open_place(
    name: str, jobs: int, tier: Tier, folder: Path, say: Say, *, later: bool = False, count: int | None = None
) -> Iterator[Place]:
    """The place of that name, confining at a tier, which is told as the run's first line.

    Parameters
    ----------
    name : local, dask, dask:ADDRESS or slurm.
    jobs : processes; an engine that runs already has its own number.
    folder : where the course's pyproject.toml is.
    later : on this machine, try to confine, and tell it, when the first submission has to be run.
    count : how many submissions will come, where that is known.

    Raises
    ------
    UsageError : no such engine, its packages are not installed, or its settings are wrong.
    SandboxError : it cannot confine at that tier.
    """
    if name == "local":
        local = Here(tier) if jobs == 1 else Beside(jobs, tier)
        try:
            if not later:
                _try_here(local, tier, say)
            yield Later(local, tier, say) if later else local
        finally:
            local.close()
        return
    with _cluster(name, jobs, tier, folder, say, count) as place:
        yield place


def _cluster(
    name: str, jobs: int, tier: Tier, folder: Path, say: Say, count: int | None
) -> AbstractContextManager[Place]:
    kind, colon, address = name.partition(":")
    if kind not in ("dask", "slurm") or (colon and not (kind == "dask" and address)):
        raise UsageError(f"--executor {name}: expected {NAMES}")
    try:
        from grader.cluster import engine
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--executor {name}: {error.name} is not installed; pip install 'nabla-grader[cluster]' brings it"
        ) from None
    return engine.open_cluster(kind, address, jobs, tier, folder, say, count)


class Here:
    """This process."""

    def __init__(self, tier: Tier) -> None:
        self._tier = tier
        self._launcher: ZygoteLauncher | None = None

    def try_out(self) -> Confinement:
        """As `batch.try_out`, by the zygote that is to grade."""
        return self._started().confinement(Limits())

    def grade(
        self, key: AnswerKey, submissions: Iterable[Submission], known: Known, remembered: Remembered
    ) -> Iterator[tuple[Submission, Done]]:
        """As Place.grade."""
        try:
            yield from batch.grade_here(key, submissions, self._started(), known, remembered)
        finally:
            self.close()

    def close(self) -> None:
        """End the zygote."""
        if self._launcher is not None:
            self._launcher.close()
            self._launcher = None

    def _started(self) -> ZygoteLauncher:
        if self._launcher is None:
            self._launcher = ZygoteLauncher(self._tier)
        return self._launcher


class Beside:
    """Processes on this machine."""

    def __init__(self, jobs: int, tier: Tier) -> None:
        self._jobs = jobs
        self._tier = tier

    def try_out(self) -> Confinement:
        """As `batch.try_out`."""
        return batch.try_out(Limits(), self._tier)

    def close(self) -> None:
        """Nothing is left open."""

    def grade(
        self, key: AnswerKey, submissions: Iterable[Submission], known: Known, remembered: Remembered
    ) -> Iterator[tuple[Submission, Done]]:
        """As Place.grade."""
        engine: Engine = batch.LocalEngine(key, self._jobs, self._tier)
        try:
            yield from batch.grade_over(engine, key, submissions, known, remembered)
        finally:
            engine.close()


class Later:
    """A place on this machine that is tried when the first submission has to be run."""

    def __init__(self, place: Here | Beside, tier: Tier, say: Say) -> None:
        self._place = place
        self._tier = tier
        self._say = say

    def grade(
        self, key: AnswerKey, submissions: Iterable[Submission], known: Known, remembered: Remembered
    ) -> Iterator[tuple[Submission, Done]]:
        """As Place.grade."""
        tried = False

        def known_or_tried(submission: Submission) -> Done | None:
            nonlocal tried
            done = known(submission)
            if done is None and submission.main is not None and not tried:
                _try_here(self._place, self._tier, self._say)
                tried = True
            return done

        yield from self._place.grade(key, submissions, known_or_tried, remembered)
        if not tried:
            self._say("nothing had to be run, and whether submissions can be confined here was not tried")


def _try_here(place: Here | Beside, tier: Tier, say: Say) -> None:
    try:
        say(place.try_out().told())
    except SandboxError as error:
        raise SandboxError(
            f"submissions cannot be confined at tier {int(tier)} here: {error}. "
            "'grader doctor' tells which tiers work; --allow-unsandboxed grades without, on a machine with no secrets"
        ) from None
