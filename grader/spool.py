"""Grades on their way to the reports: kept packed in a temporary file, read as often as reports need them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.errors import UsageError
from grader.model import NO_TIMES, Grade, Status, Times
from grader.wire import HEADER, frame, pack, unpack

IN_MEMORY = 1 << 20
"""Bytes; beyond them the system's folder for temporary files is used."""


class Mark(msgspec.Struct, frozen=True):
    """Of a packed grade what an exit code needs; reading that alone takes a fifth of the time."""

    status: Status
    score: float | None
    max_score: float


class Spool:
    """The grades of a run in the order in which they were added; memory does not grow with them.

    Parameters
    ----------
    folder : where the temporary file is made; the system's own folder for them without.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY, dir=None if folder is None else str(folder))  # noqa: SIM115 (closed by __exit__)
        self._count = 0

    def add(self, packed: bytes, times: Times = NO_TIMES) -> None:
        """Keep one packed grade, and how long it took.

        Raises
        ------
        UsageError : the disk is full, or there is no folder for temporary files.
        """
        try:
            self._file.write(frame(packed) + frame(pack(times)))
        except OSError as error:
            raise UsageError(
                f"grade {self._count + 1} cannot be kept ({error.strerror}); free some space, or name a folder with -o"
            ) from None
        self._count += 1

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Grade]:
        """The grades; one reader at a time, and none while grades are added."""
        for packed, _times in self._pairs():
            yield unpack(packed, Grade)

    def marks(self) -> Iterator[Mark]:
        """What the grades come to; one reader at a time, as of the grades."""
        for packed, _times in self._pairs():
            yield unpack(packed, Mark)

    def timed(self) -> Iterator[tuple[Grade, Times]]:
        """The grades with their times; one reader at a time, as of the grades alone."""
        for packed, times in self._pairs():
            yield unpack(packed, Grade), unpack(times, Times)

    def _pairs(self) -> Iterator[tuple[bytes, bytes]]:
        self._file.seek(0)
        for _ in range(self._count):
            yield self._next(), self._next()

    def _next(self) -> bytes:
        length = HEADER.unpack(self._file.read(HEADER.size))[0]
        return self._file.read(length)
