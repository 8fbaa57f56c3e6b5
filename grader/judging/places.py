"""Where in a student's file to look: found in its text, which is not run for it and need not be Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from grader.model import KeyExercise, Notebook, Outcome, Place

MAX_LINES, MAX_TEXT = 5, 200
NAMES = re.compile(rb"^(?:(?:async[ \t]+)?def[ \t]+|class[ \t]+)?([A-Za-z_]\w{0,99})(?=[ \t]*[(:=])", re.MULTILINE)
"""What begins a line at the left edge: a function, a class, or a name that is given a value."""


def name_lines(source: bytes) -> dict[str, int]:
    """Name → the line that defines it; the last one counts, as in Python."""
    lines, line, at = {}, 1, 0
    for found in NAMES.finditer(source):
        line += source.count(b"\n", at, found.start())
        at = found.start()
        lines[found[1].decode("ascii", "replace")] = line
    return lines


def place_of(
    exercise: KeyExercise, outcomes: Iterable[Outcome], lines: Mapping[str, int], file: str, notebook: Notebook | None
) -> Place | None:
    """The student's line that raised in the first visible case that did, else where the function begins.

    Parameters
    ----------
    outcomes : those of the exercise's cases, in their order.
    lines : the file's `name_lines`.
    notebook : what the file was made of, if it was made of one.
    """
    frames = _frames(exercise, outcomes)
    names = [exercise.id, *(target for case in exercise.cases[:1] for target in reversed(case.plan.targets()))]
    line = frames[-1][0] if frames else next((lines[name] for name in names if name in lines), 0)
    return _place(line, file, notebook) if line else None


def own_lines(
    exercise: KeyExercise, outcomes: Iterable[Outcome], source: bytes, lines: Mapping[str, int], alone: bool
) -> list[str]:
    """The texts of the lines that led to what raised in the first visible case that did, outermost first.

    Parameters
    ----------
    lines : the file's `name_lines`.
    alone : it is the student's only file. A frame tells no file: among several, its text is told only
        where its function is one of this file.
    """
    frames = _frames(exercise, outcomes)[-MAX_LINES:]
    texts = source.split(b"\n", max((line for line, _name in frames), default=0)) if frames else []
    return [
        texts[line - 1].strip()[:MAX_TEXT].decode("utf-8", "replace")
        if line <= len(texts) and (alone or lines.get(name, line + 1) <= line)
        else ""
        for line, name in frames
    ]


def _frames(exercise: KeyExercise, outcomes: Iterable[Outcome]) -> list[tuple[int, str]]:
    """The student's own frames in the first visible case that raised."""
    for case, outcome in zip(exercise.cases, outcomes, strict=True):
        if case.visible and outcome.error is not None and outcome.error.frames:
            return outcome.error.frames
    return []


def _place(line: int, file: str, notebook: Notebook | None) -> Place:
    for cell in notebook.cells if notebook is not None else ():
        if cell.first <= line < cell.first + cell.lines:
            return Place(notebook.name if notebook is not None else file, line - cell.first + 1, cell.number)
    return Place(file if notebook is None else notebook.name, line)
