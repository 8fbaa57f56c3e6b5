"""Clients of Dask's: of workers started here, of a scheduler that runs already, of jobs that Slurm starts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
from distributed import Client, LocalCluster, Security

from grader.cluster.settings import read_slurm, try_job
from grader.errors import UsageError

CONFIGURATION = {
    "distributed.scheduler.allowed-failures": 10,  # so many workers may end with a batch before it comes back
    "distributed.scheduler.active-memory-manager.start": False,  # it would take the key from workers again
    "distributed.scheduler.http.routes": [],  # no pages that another user of this machine could look at
    "distributed.worker.http.routes": [],
}
CONNECT_SECONDS = 20.0

Say = Callable[[str], None]


@contextmanager
def local_cluster(jobs: int) -> Iterator[Client]:
    """Processes on this machine, one thread each, behind TLS: other users of it may not give them work."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with (
        dask.config.set(CONFIGURATION),
        LocalCluster(
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
        ) as cluster,
        Client(cluster, timeout=CONNECT_SECONDS) as client,
    ):
        yield client


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
def slurm_cluster(folder: Path, say: Say) -> Iterator[Client]:
    """Workers in jobs that Slurm starts; the scheduler runs in this process.

    Raises
    ------
    UsageError : the settings are wrong, dask-jobqueue is missing, or Slurm refuses a job.
    """
    settings = read_slurm(folder)
    with settings.cluster(folder) as cluster, Client(cluster, timeout=CONNECT_SECONDS) as client:
        try_job(cluster.job_script())
        cluster.scale(jobs=settings.jobs)
        say(f"waiting for the first of {settings.jobs} Slurm jobs to start")
        client.wait_for_workers(1)
        yield client
