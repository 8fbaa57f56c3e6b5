"""`--format NAME[=FILE]`: several reports in one run, to files or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.reports.files import write_atomically

Writers = Mapping[str, Callable[[], Iterable[str]]]


def known(formats: Sequence[str], names: Sequence[str]) -> None:
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
            write_atomically(Path(file), writers[name]())
        else:
            for piece in writers[name]():
                sys.stdout.write(piece)
    sys.stdout.flush()
