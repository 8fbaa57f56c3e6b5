"""How far the hints have gone, kept in the student's folder; from the start again when the finding changes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.model import ExerciseGrade
from grader.reports.text import hints_of

FOLDER, FILE = ".grader", "hints.json"


class Step(msgspec.Struct, frozen=True):
    """How many steps of the hint to one finding have been given."""

    finding: str
    step: int


def steps_of(folder: Path, exercises: list[ExerciseGrade]) -> dict[str, int]:
    """Exercise → the steps given so far, where the finding is still the one that they were given for."""
    kept = _read(folder)
    return {e.id: kept[e.id].step for e in exercises if e.id in kept and kept[e.id].finding == finding_of(e)}


def next_step(folder: Path, exercise: ExerciseGrade) -> int:
    """Go one step further with an exercise's hint; the steps given now. 0 where there is no hint.

    A folder that cannot be written in is no reason to give none: then the first step is given again.
    """
    most = max((len(hints_of(v)) for v in exercise.verdicts if not v.passed), default=0)
    step = min(most, steps_of(folder, [exercise]).get(exercise.id, 0) + 1)
    if step:
        _write(folder, _read(folder) | {exercise.id: Step(finding_of(exercise), step)})
    return step


def finding_of(exercise: ExerciseGrade) -> str:
    """What is wrong with an exercise, in a word for each output that is wrong."""
    first = {v.output: v.mistake or v.finding or "" for v in reversed(exercise.verdicts) if not v.passed}
    return " ".join(f"{output}:{what}" for output, what in sorted(first.items()))


def _read(folder: Path) -> dict[str, Step]:
    try:
        return msgspec.json.decode((folder / FOLDER / FILE).read_bytes(), type=dict[str, Step])
    except (OSError, msgspec.DecodeError, ValueError):
        return {}


def _write(folder: Path, steps: dict[str, Step]) -> None:
    place = folder / FOLDER
    try:
        place.mkdir(exist_ok=True)
        ignore = place / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
        (place / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(steps), indent=1) + b"\n")
    except OSError:
        return
