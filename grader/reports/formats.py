"""`--format NAME[=FILE]`: several reports in one run, to files or to standard output.

A format is a module with `write(run)`, which gives the report of a Run piece by piece; it is
imported where it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.reports.run import Run

Writers = Mapping[str, Callable[[], Iterable[str]]]
FORMATS = {
    "text": "grader.reports.text:write",
    "json": "grader.reports.data:write",
    "junit": "grader.reports.junit:write",
    "junit-strict": "grader.reports.junit:write_strict",
    "ctrf": "grader.reports.ctrf:write",
    "github": "grader.reports.github:write",
    "gitlab": "grader.reports.gitlab:write",
    "gradescope": "grader.reports.gradescope:write",
    "classroom50": "grader.reports.classroom50:write",
    "html": "grader.reports.html:write",
    "markdown": "grader.reports.markdown:write",
}
"""The formats of `check` and `grade`, and the function that makes each."""
APPENDED = {"github": "grader.reports.github:appended"}
"""Formats that also append to files which a CI names in the environment."""
FOR_ONE = ("gradescope", "classroom50")
"""Formats that tell of one submission alone."""


def writers(run: Run) -> Writers:
    """Every format of FORMATS, ready to be written from a run."""
    return {name: partial(_pieces, name, run) for name in FORMATS}


def _pieces(name: str, run: Run) -> Iterable[str]:
    pieces: Iterable[str] = _function(FORMATS[name])(run)
    return pieces


def _shown(name: str, pieces: Iterable[str]) -> Iterable[str]:
    """What is written for people, fitted to the terminal; every other format as it is."""
    if name != "text":
        return pieces
    from grader.reports.terminal import fitted, look_of

    return fitted(pieces, look_of(sys.stdout))


def _function(where: str) -> Any:
    module, _colon, name = where.partition(":")
    return getattr(import_module(module), name)


def publish(formats: Sequence[str], run: Run) -> None:
    """Write every format that was asked for, and what its CI wants appended; `text` where none was.

    Raises
    ------
    UsageError : an unknown format, or a file that cannot be written.
    """
    write_formats(formats or ("text",), writers(run))
    for name in {text.partition("=")[0]: None for text in formats}:
        for path, pieces in _function(APPENDED[name])(run) if name in APPENDED else ():
            try:
                with Path(path).open("a", encoding="utf-8", errors="replace", newline="") as file:
                    file.writelines(pieces)
            except OSError as error:
                raise UsageError(f"{path}: cannot be written ({error.strerror}); it is named for {name}") from None


def about_one(formats: Sequence[str]) -> str:
    """The first format asked for that tells of one submission alone; empty where there is none."""
    return next((name for text in formats if (name := text.partition("=")[0]) in FOR_ONE), "")


def known(formats: Sequence[str], names: Collection[str] = FORMATS.keys()) -> None:
    """Refuse a format that is not among `names`, before any work is done.

    Raises
    ------
    UsageError : an unknown format.
    """
    for text in formats:
        if text.partition("=")[0] not in names:
            raise UsageError(f"--format {text}: expected one of {', '.join(names)}")


def write_formats(formats: Sequence[str], writers: Writers) -> None:
    """Write every format that was asked for.

    Raises
    ------
    UsageError : a format that is not among the writers; told before anything is written.
    """
    known(formats, list(writers))
    for name, _equals, file in (text.partition("=") for text in formats):
        if file:
            from grader.reports.files import write_atomically  # not needed where nothing is written

            write_atomically(Path(file), writers[name]())
        else:
            for piece in _shown(name, writers[name]()):
                sys.stdout.write(piece)
    sys.stdout.flush()
