"""Clients of Dask's: of workers started here, of a scheduler that runs already, of jobs that Slurm starts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dask
from distributed import Client, LocalCluster, Security

from grader.cluster.jobs import Wait, jobs_left, slurm_jobs, try_job
from grader.cluster.settings import read_slurm
from grader.errors import UsageError

CONFIGURATION = {
    "distributed.scheduler.allowed-failures": 10,  # so many workers may end with a batch before it comes back
    "distributed.scheduler.active-memory-manager.start": False,  # it would take the key from workers again
    "distributed.scheduler.http.routes": [],  # no pages that another user of this machine could look at
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,  # what follows looks at itself all the time, and nobody reads it
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.nanny.pre-spawn-environ": {  # without Dask's order to give every freed piece of memory back at once
        "OMP_NUM_THREADS": 1,
        "MKL_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
    },
    "distributed.admin.low-level-log-length": 100,  # and this would grow with the class
    "distributed.admin.log-length": 100,
    "distributed.scheduler.dashboard.tasks.task-stream-length": 100,
}
CONNECT_SECONDS = 20.0
MOMENT = 1.0
"""Seconds after which a run that waits for its first Slurm job looks whether Slurm refused one."""

Say = Callable[[str], None]


@contextmanager
def local_cluster(jobs: int) -> Iterator[Client]:
    """Processes on this machine, one thread each, behind TLS: other users of it may not give them work.

    Raises
    ------
    UsageError : they did not start: ended from outside, or no memory is left.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with ExitStack() as opened:
        opened.enter_context(dask.config.set(CONFIGURATION))
        try:
            cluster = opened.enter_context(_processes(jobs))
            client = opened.enter_context(Client(cluster, timeout=CONNECT_SECONDS, direct_to_workers=True))
        except (OSError, RuntimeError) as error:
            raise UsageError(
                f"--executor dask: {jobs} workers could not be started ({error}); give fewer by -j, or leave "
                "--executor out"
            ) from None
        yield client


def _processes(jobs: int) -> LocalCluster:
    return LocalCluster(
        n_workers=jobs,
        threads_per_worker=1,
        processes=True,
        security=Security.temporary(),
        protocol="tls",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        memory_limit=None,
        preload=["grader.cluster.desk"],
        silence_logs=logging.CRITICAL,
    )


def connected(address: str) -> Client:
    """The client of a scheduler that runs already; certificates are those of Dask's own configuration.

    Raises
    ------
    UsageError : none answers there, or it has no worker.
    """
    told = f"--executor dask:{address}"
    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{told}: no scheduler answers there ({error}); start one with 'dask scheduler', and "
            "workers with 'dask worker'"
        ) from None
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError:
        client.close()
        raise UsageError(f"{told}: the scheduler has no worker; start some with 'dask worker {address}'") from None
    return client


@contextmanager
def slurm_cluster(folder: Path, say: Say) -> Iterator[tuple[Client, Callable[[], bool]]]:
    """Workers in jobs that Slurm starts, and whether one of the jobs is left; the scheduler runs in this process.

    Raises
    ------
    UsageError : the settings are wrong, dask-jobqueue is missing, Slurm refuses every job, or every job ended and none
        brought a worker.
    """
    settings = read_slurm(folder)
    refusals: list[str] = []
    submitted: list[str | None] = []
    with (
        dask.config.set(CONFIGURATION),
        slurm_jobs(settings, folder, refusals, submitted) as cluster,
        Client(cluster, timeout=CONNECT_SECONDS) as client,
    ):
        try_job(cluster.job_script())
        cluster.scale(jobs=settings.jobs)
        say(f"waiting for the first of {settings.jobs} Slurm jobs to start")
        wait = Wait(lambda: [job.job_id for job in cluster.workers.values()], settings.jobs, refusals, say)
        while not _has_worker(client):
            wait.look()
        wait.tell_refusals()
        yield client, lambda: jobs_left(submitted)


def _has_worker(client: Client) -> bool:
    """Whether there is a worker, or comes one within a moment."""
    try:
        client.wait_for_workers(1, timeout=MOMENT)
    except TimeoutError:
        return False
    return True
