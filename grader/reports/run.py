"""What every report is made of: the grades of a run, their times, and the visible part of the key."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from grader.model import NO_TIMES, AnswerKey, Grade, Times


class Grades(Protocol):
    """Grades in their order; they may be read as often as a report needs, one reader at a time."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Grade]: ...

    def timed(self) -> Iterator[tuple[Grade, Times]]:
        """Each grade with its times."""


class One:
    """The grades of a run over one submission."""

    def __init__(self, grade: Grade, times: Times = NO_TIMES) -> None:
        self._pair = grade, times

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Grade]:
        yield self._pair[0]

    def timed(self) -> Iterator[tuple[Grade, Times]]:
        """The grade with its times."""
        yield self._pair


class Telling(msgspec.Struct, frozen=True):
    """What a student's check tells besides the grade.

    Parameters
    ----------
    width : characters in a line.
    every : tell every exercise, not the next unfinished one alone.
    chosen : tell this exercise in place of the next one.
    steps : by exercise, how many steps of the hint have been asked for.
    advice : by exercise, what a tutor would say before anything else.
    asked : a hint was asked for.
    ask : how to ask for the next hint; empty for the command.
    """

    width: int = 80
    every: bool = False
    chosen: str = ""
    steps: Mapping[str, int] = {}
    advice: Mapping[str, str] = {}
    asked: bool = False
    ask: str = ""


class Run(msgspec.Struct, frozen=True):
    """A run as reports see it.

    Parameters
    ----------
    key : the visible part of the key: titles, points, and no hidden case.
    key_hash : the whole key's; empty where a student checks.
    own : a student's own check, of visible cases; else submissions were graded with all cases.
    started, ended : seconds since 1970.
    folder : where the student's files are, seen from the repository's top; empty where that is not known.
    environ : the environment variables; what a CI tells of itself stands there.
    telling : what a student's own check tells besides the grade.
    """

    key: AnswerKey
    grades: Grades
    key_hash: str = ""
    own: bool = False
    started: float = 0.0
    ended: float = 0.0
    folder: str = ""
    environ: Mapping[str, str] = {}
    telling: Telling | None = None


def visible_part(key: AnswerKey) -> AnswerKey:
    """The key without its hidden cases: all of it that a report may know."""
    exercises = [msgspec.structs.replace(e, cases=[c for c in e.cases if c.visible]) for e in key.exercises]
    return msgspec.structs.replace(key, exercises=exercises, required=[], sampling="")


def seen_from_top(folder: Path) -> str:
    """A folder seen from the top of the repository that a CI has checked out, else from the current folder."""
    top = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or "."
    own = folder.resolve()
    return next((own.relative_to(t).as_posix() for t in (Path(top).resolve(), Path.cwd()) if own.is_relative_to(t)), "")
