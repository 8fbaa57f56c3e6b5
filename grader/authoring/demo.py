"""A demo class on disk: the reference, the stub and one submission per known mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from grader.authoring.course import Authored, relative
from grader.authoring.exercise import Exercise, Mistake
from grader.authoring.forms import is_number
from grader.authoring.key import PUBLIC_SEED, case_inputs
from grader.authoring.splice import with_function, with_value
from grader.authoring.stub import stub_source
from grader.errors import UsageError

REFERENCE, STUB = "000_reference", "001_stub"


def demo_sources(authored: Authored, course: Path) -> dict[str, str]:
    """Student id → the text of its file. A mistake's id is its submission's."""
    where = relative(authored.folder / authored.assignment.file, course)
    exercises = {e.id: e for e in authored.assignment.exercises}
    sources = {REFERENCE: authored.source, STUB: stub_source(authored.source, where)}
    for mistake in authored.mistakes:
        sources[mistake.id] = mistaken_source(authored, exercises[mistake.of], mistake)
    return sources


def mistaken_source(authored: Authored, exercise: Exercise, mistake: Mistake) -> str:
    """The reference's text with one exercise done the mistaken way."""
    if not is_number(exercise.plan):
        return with_function(authored.source, exercise.id, authored.mistakes_source, mistake.wrong.__name__)
    value = mistake.wrong(**example_inputs(authored, exercise))
    return with_value(authored.source, exercise.id, repr(np.asarray(value).tolist()))


def twin_source(authored: Authored, exercise: Exercise, twin: Callable[..., Any]) -> str:
    """The reference's text with one exercise done the mistaken way, by the mistake's twin."""
    if not is_number(exercise.plan):
        return with_function(authored.source, exercise.id, authored.twins_source, twin.__name__)
    return with_value(
        authored.source, exercise.id, repr(np.asarray(twin(**example_inputs(authored, exercise))).tolist())
    )


def example_inputs(authored: Authored, exercise: Exercise) -> dict[str, Any]:
    """The inputs to which the reference's own number is the answer: those of variant 0, where there are any."""
    case = exercise.visible[0] if exercise.visible else exercise.hidden[0]
    return case_inputs(authored, case, PUBLIC_SEED, "variant 0" if exercise.variants else exercise.id)


def write_demo(authored: Authored, course: Path, folder: Path) -> int:
    """Write the class; how many submissions.

    Raises
    ------
    UsageError : the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder}: expected an empty or new folder; name another with -o")
    sources = demo_sources(authored, course)
    for student, text in sources.items():
        own = folder / student
        own.mkdir(parents=True)
        (own / authored.assignment.file).write_text(text, "utf-8")
        for file, used in authored.used.items():
            (own / file).write_text(used, "utf-8")
    return len(sources)
