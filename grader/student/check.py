"""`grader check`: the visible cases of examples.json, on the student's own machine.

The worker is forked before the examples are read, so that not even here an expected value is in the
process that runs the student's code.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from grader.errors import SubmissionError, UsageError
from grader.intake.folder import read_submission
from grader.keyfile import load_examples
from grader.model import AnswerKey, Limits, Status
from grader.pipeline import Grading, only
from grader.reports.run import One, Run
from grader.sandbox.launch import ForkLauncher, ReadyLauncher, Starter

EXAMPLES = "examples.json"
SPAWN_VARIABLE = "GRADER_SPAWN"


def check(path: Path, exercises: Sequence[str]) -> Run:
    """Check a stub folder, file or notebook; the run's one grade holds visible cases only.

    Parameters
    ----------
    path : the folder with examples.json, or a file in it.
    exercises : ids to check; none means all of them.

    Raises
    ------
    UsageError : no examples.json, or an exercise that it does not have.
    SubmissionError : the student's file is not there or cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    started = time.time()
    launcher = ReadyLauncher(own_launcher(), Limits())
    try:
        key = _examples(folder, exercises)
        key = only(key, exercises) if exercises else key
        own = path if path.is_file() else _main(folder, key)
        own = folder if key.required else own
        submission = read_submission(own, key.file, folder.resolve().name, hashed=False)
        if submission.problem is not None:
            raise SubmissionError(submission.problem)
        grade, times = Grading(key, launcher, again=False, at_home=True).timed(submission)
    finally:
        launcher.close()
    if grade.status is Status.UNREADABLE:
        raise SubmissionError(grade.message or "the file cannot be read")
    return Run(
        key, One(grade, times), own=True, started=started, ended=time.time(), folder=str(folder), environ=os.environ
    )


def own_launcher() -> Starter:
    """A fork of this process on Linux; elsewhere, or with GRADER_SPAWN set, a fresh process of Python."""
    if sys.platform == "linux" and not os.environ.get(SPAWN_VARIABLE):
        return ForkLauncher()
    from grader.sandbox.spawn import SpawnLauncher  # not needed, and slow to import, on Linux

    return SpawnLauncher()


def _examples(folder: Path, exercises: Sequence[str]) -> AnswerKey:
    path = folder / EXAMPLES
    try:
        return load_examples(path.read_bytes(), str(path), exercises)
    except FileNotFoundError:
        raise UsageError(
            f"{path}: expected the examples that came with the assignment; go into its folder, or fetch the file again"
        ) from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None


def _main(folder: Path, key: AnswerKey) -> Path:
    """The stub; where there is none, its notebook."""
    for name in (key.file, f"{Path(key.file).stem}.ipynb"):
        if (folder / name).is_file():
            return folder / name
    raise SubmissionError(f"{folder / key.file}: expected your work here; fetch the stub again or name your file")
