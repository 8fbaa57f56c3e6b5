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

from grader.errors import GraderError, SandboxError, SubmissionError, UsageError
from grader.model import AnswerKey, ExerciseGrade, Grade, Limits, Status, Submission
from grader.pipeline import Grading
from grader.reports.run import One, Run, Telling, seen_from_top
from grader.sandbox.launch import ForkLauncher, Launcher, ReadyLauncher, Starter
from grader.schedule import only
from grader.student.home import read_examples, read_work, require_numpy
from grader.texts import say, speaking, wanted_language

SPAWN_VARIABLE = "GRADER_SPAWN"
ALL = "all"


def check(path: Path, exercises: Sequence[str] = (), *, hint: bool = False, width: int = 80) -> Run:
    """Check a stub folder, file or notebook; the run's one grade holds visible cases only.

    Parameters
    ----------
    path : the folder with examples.json, or a file in it.
    exercises : ids to check; none means all of them, and to tell the next unfinished one; "all" means
        to tell every unfinished one.
    hint : go one step further with the hint to the exercise that is told.
    width : of the report's lines, in characters.

    Raises
    ------
    UsageError : no examples.json, an exercise that it does not have, or a NumPy too old.
    SubmissionError : the student's file is not there or cannot be read.
    SandboxError : our own fault.
    """
    require_numpy()
    if not path.exists():
        with speaking(wanted_language()):
            raise UsageError(say("home.nothing", path=path))
    launcher = ReadyLauncher(own_launcher(), Limits())
    try:
        chosen = () if ALL in exercises else exercises
        key = read_examples(path if path.is_dir() else path.parent, chosen)
        return checked(path, only(key, chosen) if chosen else key, launcher, exercises, hint=hint, width=width)
    finally:
        launcher.close()


def checked(
    path: Path,
    key: AnswerKey,
    launcher: Launcher,
    exercises: Sequence[str] = (),
    *,
    hint: bool = False,
    width: int = 80,
) -> Run:
    """As `check`, with the examples read and a launcher of workers at hand."""
    folder = path if path.is_dir() else path.parent
    return check_work(folder, key, read_work(path, key), launcher, exercises, hint=hint, width=width)


def check_work(
    folder: Path,
    key: AnswerKey,
    submission: Submission,
    launcher: Launcher,
    exercises: Sequence[str] = (),
    *,
    hint: bool = False,
    width: int = 80,
    ask: str = "",
) -> Run:
    """As `checked`, with the student's work read.

    Parameters
    ----------
    folder : where examples.json is, and where the steps of hints are kept.
    """
    started = time.time()
    grade, times = Grading(key, launcher, again=False, at_home=True).timed(submission)
    if grade.status is Status.UNREADABLE:
        from grader.student.advice import tutored

        with speaking(key.language):
            raise SubmissionError(tutored(grade.message or "the file cannot be read"))
    if grade.status is Status.UNGRADED:
        raise SandboxError(grade.message or "the file could not be checked")
    advised: dict[str, str] = {}
    if grade.score != grade.max_score:
        from grader.student.advice import advice, with_lines  # not needed where all is right

        grade = with_lines(grade, submission)
        with speaking(key.language):
            advised = advice(key, submission, grade, lambda: [e.id for e in read_examples(folder).exercises])
    told = told_exercise(grade, exercises)
    telling = Telling(
        width=width,
        every=ALL in exercises or len(exercises) > 1,
        chosen=told.id if told is not None else "",
        steps=_steps(folder, grade, told, hint),
        advice=advised,
        asked=hint,
        ask=ask,
    )
    return Run(
        *(key, One(grade, times)),
        own=True,
        started=started,
        ended=time.time(),
        folder=seen_from_top(folder),
        environ=os.environ,
        telling=telling,
    )


def unread(path: Path, exercises: Sequence[str], error: GraderError) -> Run:
    """The run of a check that found no work it could read (SubmissionError), or failed by a fault of ours.

    Raises
    ------
    UsageError : as of `check`.
    """
    from grader.judging.judge import without_grade

    folder = path if path.is_dir() else path.parent
    chosen = () if ALL in exercises else exercises
    key = read_examples(folder, chosen)
    key = only(key, chosen) if chosen else key
    status = Status.UNREADABLE if isinstance(error, SubmissionError) else Status.UNGRADED
    name = key.file if path.is_dir() else path.name
    grade = without_grade(key, Submission(folder.resolve().name, {name: b""}, name, ""), status, str(error))
    now = time.time()
    where = seen_from_top(folder)
    return Run(key, One(grade), own=True, started=now, ended=now, folder=where, environ=os.environ)


def told_exercise(grade: Grade, exercises: Sequence[str]) -> ExerciseGrade | None:
    """The exercise that a check tells of: the one that was named, else the next unfinished one."""
    from grader.reports.text import next_unfinished

    if len(exercises) == 1 and exercises[0] != ALL:
        return grade.exercises[0]
    return next_unfinished(grade)


def _steps(folder: Path, grade: Grade, told: ExerciseGrade | None, hint: bool) -> dict[str, int]:
    """Exercise → how many steps of its hint are told."""
    if not hint and not (folder / ".grader").is_dir():
        return {}
    from grader.student.memory import next_step, steps_of

    steps = steps_of(folder, grade.exercises)
    if hint and told is not None:
        steps[told.id] = next_step(folder, told)
    return steps


def own_launcher() -> Starter:
    """A fork of this process on Linux; elsewhere, with GRADER_SPAWN or beside threads, a fresh process of Python."""
    threads = sys.modules.get("threading")
    alone = threads is None or threads.active_count() == 1
    if sys.platform == "linux" and alone and not os.environ.get(SPAWN_VARIABLE):
        return ForkLauncher()
    from grader.sandbox.spawn import SpawnLauncher  # not needed, and slow to import, on Linux

    return SpawnLauncher()
