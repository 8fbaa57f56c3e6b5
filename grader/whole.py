"""Files written whole or not at all: beside their place first, then moved there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from grader.errors import UsageError


@contextmanager
def whole(path: Path, instead: str = "name another file with -o", *, private: bool = False) -> Iterator[IO[bytes]]:
    """A file to write, which is in its place when all is written; what is no file (/dev/null, a pipe) is written to.

    Parameters
    ----------
    instead : what to do where it cannot be written, for the error.
    private : for its owner's eyes alone.

    Raises
    ------
    UsageError : it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")  # two runs at once have their own
    try:
        if path.is_char_device() or path.is_fifo() or path.parent == Path("/dev"):  # /dev/stdout may lead to a file
            with path.open("wb") as there:
                yield there
            return
        beside.unlink(missing_ok=True)
        mode = 0o600 if private else 0o666
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            yield file
        os.replace(beside, path)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise UsageError(f"{path}: cannot be written ({error.strerror}); {instead}") from None
