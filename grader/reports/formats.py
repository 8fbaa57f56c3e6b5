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

from grader.errors import UsageError
from grader.reports.run import Run

Writers = Mapping[str, Callable[[], Iterable[str]]]
FORMATS = {
    "text": "grader.reports.text",
    "json": "grader.reports.data",
}
"""The formats of `check` and `grade`, and where each is written."""


def writers(run: Run) -> Writers:
    """Every format of FORMATS, ready to be written from a run."""
    return {name: partial(_pieces, name, run) for name in FORMATS}


def _pieces(name: str, run: Run) -> Iterable[str]:
    pieces: Iterable[str] = import_module(FORMATS[name]).write(run)
    return pieces


def _shown(name: str, pieces: Iterable[str]) -> Iterable[str]:
    """What is written for people, fitted to the terminal; every other format as it is."""
    if name != "text":
        return pieces
    from grader.reports.terminal import fitted, look_of

    return fitted(pieces, look_of(sys.stdout))


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
