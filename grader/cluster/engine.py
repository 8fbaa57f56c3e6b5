"""A client of Dask's that grades packed batches: the key goes to each worker once, a lost worker's work to another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from distributed import Client, KilledWorker

from grader.batch import BATCH, Done, Known, LostError, Remembered, grade_over
from grader.cluster import desk
from grader.cluster.desk import Answer, Order
from grader.cluster.start import connected, local_cluster, slurm_cluster
from grader.errors import SandboxError, UsageError
from grader.keyfile import dump_key
from grader.model import AnswerKey, Submission
from grader.sandbox.defences import Tier
from grader.wire import pack, unpack

COUNT_SECONDS = 2.0
AHEAD = 2
"""Batches under way for each thread: one that it is at, and one that waits."""
SECONDS = 2.0
"""What a batch should take: a task costs Dask some 20 ms in all processes, and a lost worker's batch is lost whole."""
MOST = 32
"""Submissions in a batch; each has a tenth of a megabyte of results."""
PATIENCE = 30.0
"""Seconds after which a run without a single worker says so."""

AGAIN = "what is graded is kept, and the same command again grades the rest"
GONE = f"the scheduler is gone; {AGAIN}"

Say = Callable[[str], None]


@contextmanager
def open_cluster(
    kind: str, address: str, jobs: int, tier: Tier, folder: Path, say: Say, count: int | None = None
) -> Iterator[ClusterPlace]:
    """Workers that have the versions of this run and confine at the tier; see `engines.open_place`.

    Raises
    ------
    UsageError : no scheduler answers, it has no workers, or one of another version.
    SandboxError : a worker cannot confine at that tier.
    """
    left = _hope
    with ExitStack() as opened:
        if address:
            client = connected(address)
        elif kind == "slurm":
            client, left = opened.enter_context(slurm_cluster(folder, say))
        else:
            client = opened.enter_context(local_cluster(jobs))
        opened.callback(client.close)
        _same_versions(client)
        _tried(client, tier, say)
        yield ClusterPlace(client, tier, say, count, left)


def _hope() -> bool:
    """Of workers that end others may come: a nanny starts them again, or a person does."""
    return True


def _same_versions(client: Client) -> None:
    """Refuse a run in which a worker has another version of the grader or of NumPy."""
    ours = desk.own_versions()
    told = []
    for worker, answer in sorted(_asked(client, desk.packed_versions).items()):
        if isinstance(answer, OSError):
            continue  # it has ended; one that comes in its place is asked with its first batch
        if not isinstance(answer, bytes):
            told.append(f"worker {worker} has no grader {ours.grader} ({answer})")
        elif differs := desk.differing(ours, unpack(answer, desk.Versions)):
            told.append(f"worker {worker} has {differs}")
    if told:
        raise UsageError(f"{'; '.join(told)}: their grades may differ; install the same versions there")


def _asked(client: Client, question: Callable[..., Any], *words: object) -> dict[str, Any]:
    """Worker → its answer, or the error that came in its place; a client's workers may come and go."""
    answers: dict[str, Any] = client.run(question, *words, on_error="return")
    return answers


def _tried(client: Client, tier: Tier, say: Say) -> None:
    """Have every worker try to confine, and tell how they do."""
    tried = {w: told for w, told in _asked(client, desk.confined, int(tier)).items() if not isinstance(told, OSError)}
    for worker, (works, told) in sorted(tried.items()):
        if not works:
            raise SandboxError(
                f"submissions cannot be confined at tier {int(tier)} on worker {worker}: {told}. "
                "'grader doctor' tells there which tiers work; --allow-unsandboxed grades without, where there are no "
                "secrets"
            )
    for told in sorted({told for _works, told in tried.values()}):
        count = sum(told == other for _works, other in tried.values())
        say(f"{count} Dask worker{'s' * (count != 1)}, {told}")


class ClusterPlace:
    """The workers of one client."""

    def __init__(self, client: Client, tier: Tier, say: Say, count: int | None, left: Callable[[], bool]) -> None:
        self._client = client
        self._tier = tier
        self._say = say
        self._count = count
        self._left = left

    def grade(
        self, key: AnswerKey, submissions: Iterable[Submission], known: Known, remembered: Remembered
    ) -> Iterator[tuple[Submission, Done]]:
        """As Place.grade."""
        engine = DaskEngine(self._client, dump_key(key), self._tier, self._say, self._count, self._left)
        try:
            yield from grade_over(engine, key, submissions, known, remembered)
        finally:
            engine.close()


class DaskEngine:
    """Workers that each take a desk for the key; see `batch.Engine`.

    Parameters
    ----------
    count : how many submissions come, where that is known: towards the end batches become smaller, so that no
        worker is left with one while the others have none.
    hope : whether a worker may come where none is.
    """

    def __init__(
        self,
        client: Client,
        key: bytes,
        tier: Tier,
        say: Say,
        count: int | None = None,
        hope: Callable[[], bool] = _hope,
    ) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)
        self._order = pack(Order(desk.key_digest(key), tier, desk.own_versions()))
        self._key = client.submit(desk.carry, key, pure=False)
        self._say = say
        self._refusing: set[str] = set()
        self._batches: dict[Future[bytes], bytes] = {}
        self._left = count
        self._hope = hope
        self._each = 0.0
        self._count, self._counted = 1, 0.0

    def ahead(self) -> int:
        """As Engine.ahead: for all of the workers' threads; they come and go."""
        if time.monotonic() - self._counted >= COUNT_SECONDS:
            self._count = max(1, self._threads())
            self._counted = time.monotonic()
        return AHEAD * self._count

    def size(self) -> int:
        """As Engine.size: as many as take SECONDS, by what was graded last."""
        size = min(MOST, max(1, round(SECONDS / self._each))) if self._each else BATCH
        if self._left is not None:
            size = min(size, max(BATCH, self._left // (2 * self._count)))
            self._left -= size
        return size

    def submit(self, batch: bytes) -> Future[bytes]:
        """As Engine.submit.

        Raises
        ------
        UsageError : the scheduler is gone.
        """
        with self._scheduler():
            future: Future[bytes] = self._executor.submit(desk.grade_at, self._order, self._key, batch)
        self._batches[future] = batch
        return future

    def result(self, future: Future[bytes]) -> bytes:
        """As Engine.result; what a worker refuses is submitted again, and that worker let go.

        Raises
        ------
        LostError : several workers in turn ended while they had the batch.
        UsageError : the scheduler is gone, the last worker refuses, or none is left and none can come.
        """
        while True:
            batch = self._batches.pop(future)
            answer = self._heard(future)
            if not answer.refused:
                self._each = answer.seconds if not self._each else (3 * self._each + answer.seconds) / 4
                return answer.done
            self._let_go(answer)
            future = self.submit(batch)

    def close(self) -> None:
        """As Engine.close; workers that live on give up their desks."""
        for future in list(self._batches):
            future.cancel()
        self._batches.clear()
        with suppress(Exception):  # the scheduler may be gone
            self._key.release()
            self._client.run(desk.leave, on_error="ignore")

    def _heard(self, future: Future[bytes]) -> Answer:
        told = False
        while True:
            try:
                return unpack(future.result(PATIENCE), Answer)
            except TimeoutError:
                if self._threads():
                    continue
                if not self._hope():
                    raise UsageError(f"no worker is left, and no job that could bring one; {AGAIN}") from None
                if not told:
                    told = True
                    self._say("no worker is left; waiting for one to come")
            except KilledWorker as error:
                raise LostError(str(error)) from None
            except CancelledError:
                raise UsageError(GONE) from None

    def _let_go(self, answer: Answer) -> None:
        if answer.worker in self._refusing:
            return
        self._refusing.add(answer.worker)
        told = f"worker {answer.worker} {answer.refused}"
        with self._scheduler():
            self._client.retire_workers([answer.worker])
        if not self._threads():
            raise UsageError(f"{told}; no other worker is left")
        self._say(f"{told}; it gets no more work")

    def _threads(self) -> int:
        with self._scheduler():
            return sum(self._client.nthreads().values())

    @contextmanager
    def _scheduler(self) -> Iterator[None]:
        """What Dask raises of a scheduler that has ended, or of a client that has given it up, in a sentence.

        Raises
        ------
        UsageError : the scheduler is gone.
        """
        try:
            yield
        except Exception as error:
            if self._client.status == "running" and not isinstance(error, OSError):
                raise
            raise UsageError(GONE) from None
