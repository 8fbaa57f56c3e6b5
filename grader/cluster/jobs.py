"""Jobs of Slurm's, through dask-jobqueue: submitted, refused, asked for, and cancelled when the run ends."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from distributed import Security, Status

from grader.cluster.settings import Slurm
from grader.errors import UsageError

if TYPE_CHECKING:
    from dask_jobqueue.slurm import SLURMCluster

UNHEARD = "setsid --wait "
"""Before a command: Ctrl-C is not for it. A job whose sbatch ended before it told its number could not be cancelled."""
CERTIFICATES = ("ca_file", "cert", "key")
"""What dask-jobqueue has open until it is collected, which at the end of a process it is not: closed it is deleted."""
LOOK_SECONDS = 30.0
"""So often a run that waits for its first Slurm job looks whether there is one left."""

Say = Callable[[str], None]


@contextmanager
def slurm_jobs(
    settings: Slurm, course: Path, refusals: list[str], submitted: list[str | None]
) -> Iterator[SLURMCluster]:
    """A scheduler in this process that has Slurm start workers; none is started yet. Its certificates go with it.

    Parameters
    ----------
    refusals : takes what Slurm says of each job that it refuses, when it is submitted.
    submitted : takes the numbers of the jobs that it took.
    """
    jobs = _jobs_class(refusals, submitted)
    shared = Path(settings.folder) if settings.folder else course
    cluster = jobs(
        cores=settings.cores,
        processes=settings.cores,
        memory=settings.memory,
        queue=settings.queue,
        account=settings.account,
        walltime=settings.walltime,
        job_extra_directives=settings.directives,
        job_script_prologue=settings.prologue,
        python=settings.python,
        interface=settings.interface,
        log_directory=str(shared / "slurm-logs"),
        shared_temp_directory=str(shared),
        security=Security.temporary(),
        protocol="tls",
        job_name="grader",
        scheduler_options={"dashboard_address": ":0"},
        worker_extra_args=["--no-dashboard"],
    )
    try:
        with cluster:
            yield cluster
    finally:
        for name in CERTIFICATES:
            if (file := getattr(cluster, f"_job_{name}", None)) is not None:
                file.close()


def _jobs_class(refusals: list[str], submitted: list[str | None]) -> type[SLURMCluster]:
    """dask-jobqueue's class, with jobs whose refusal is told in a line; its loop would print where it was raised."""
    heard = signal.getsignal(signal.SIGINT)
    from dask_jobqueue.slurm import SLURMCluster, SLURMJob  # and Ctrl-C now ends the process, with exit code 0

    signal.signal(signal.SIGINT, heard)

    class Job(SLURMJob):
        submit_command = UNHEARD + SLURMJob.submit_command
        cancel_command = UNHEARD + SLURMJob.cancel_command

        async def start(self) -> None:
            try:
                await super().start()
                submitted.append(self.job_id)
            except (OSError, RuntimeError, ValueError) as error:
                refusals.append(_in_slurms_words(error))
                self.status = Status.running  # with no job, and closed like the others

    class Jobs(SLURMCluster):
        job_cls = Job

    return Jobs


def _in_slurms_words(error: Exception) -> str:
    """What sbatch wrote, out of dask-jobqueue's report of it; or the report, on one line."""
    report = str(error)
    return " ".join((report.partition("stderr:\n")[2].strip() or report).split())


def try_job(script: str) -> None:
    """Ask Slurm whether it would take a job.

    Raises
    ------
    UsageError : it would not; in its words.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".sh", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        tried = subprocess.run(["sbatch", "--test-only", file.name], capture_output=True, text=True)
    if tried.returncode:
        raise UsageError(f"Slurm takes no such job: {tried.stderr.strip()}; mend [tool.grader.slurm]")


def jobs_left(jobs: Sequence[str | None]) -> bool:
    """Whether one of these jobs waits or runs; True, too, where Slurm does not say.

    Parameters
    ----------
    jobs : their numbers, None for one that Slurm did not take; empty while they are being submitted.
    """
    numbers = ",".join(number for number in jobs if number)
    if not numbers:
        return not jobs
    try:
        asked = subprocess.run(
            ["squeue", "--noheader", "--format=%i", f"--jobs={numbers}"], capture_output=True, text=True
        )
    except OSError:
        return True
    if asked.returncode:
        return "Invalid job id" not in asked.stderr
    return bool(asked.stdout.strip())


class Wait:
    """A run waits for its first worker as long as a job may still bring one, and says now and then what for."""

    def __init__(
        self, job_ids: Callable[[], Sequence[str | None]], jobs: int, refusals: Sequence[str], say: Say
    ) -> None:
        self._job_ids = job_ids
        self._jobs = jobs
        self._refusals = refusals
        self._say = say
        self._began = self._looked = time.monotonic()
        self._told = 0.0
        self._refused = 0

    def look(self) -> None:
        """Look at what Slurm refused, and from time to time whether a job is left.

        Raises
        ------
        UsageError : there is none any more.
        """
        if len(self._refusals) == self._jobs:
            raise UsageError(f"--executor slurm: {self._refusal()}; mend [tool.grader.slurm]")
        self.tell_refusals()
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        if not jobs_left(self._job_ids()):
            raise UsageError(
                f"--executor slurm: of {self._jobs} jobs none is left, and none brought a worker; their output in "
                "slurm-logs tells why; mend [tool.grader.slurm]"
            )
        waited = now - self._began
        if waited >= 2 * self._told:
            self._told = waited
            self._say(
                f"still waiting for the first of {self._jobs} Slurm jobs, {waited:.0f} s so far; squeue shows them, "
                "Ctrl-C ends the run and them"
            )

    def tell_refusals(self) -> None:
        """Say once more when Slurm refused more."""
        if len(self._refusals) > self._refused:
            self._refused = len(self._refusals)
            self._say(f"{self._refusal()}; the others grade")

    def _refusal(self) -> str:
        words = "; ".join(sorted(set(self._refusals)))
        return f"Slurm refused {len(self._refusals)} of {self._jobs} jobs: {words}"
