"""`--format NAME[=FILE]`: several reports in one run, to files or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.reports.files import write_atomically

Writers = Mapping[str, Callable[[], Iterable[str]]]


def write_formats(formats: Sequence[str], writers: Writers) -> None:
    """Write every format that was asked for.

    Raises
    ------
    UsageError : a format that is not among the writers; told before anything is written.
    """
    asked = [text.partition("=") for text in formats]
    for name, _equals, _file in asked:
        if name not in writers:
            raise UsageError(f"--format {name}: expected one of {', '.join(writers)}")
    for name, _equals, file in asked:
        if file:
            write_atomically(Path(file), writers[name]())
        else:
            for piece in writers[name]():
                sys.stdout.write(piece)
    sys.stdout.flush()
