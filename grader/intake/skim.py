"""What need not be read: raw files that are graded already are known by their hash, before anything parses them."""

from __future__ import annotations

import contextlib
import os
from array import array
from collections.abc import Iterable, Mapping, Sequence

from grader import __version__
from grader.intake.packed import Marks
from grader.wire import pack, unpack


def reading_mark(file: str, released: str, files: Mapping[str, bytes], remarks: Sequence[str] = ()) -> str:
    """A mark of all that what is read of raw files depends on beside them, in hexadecimal.

    Parameters
    ----------
    file : the stub's name.
    released : a mark of the files as they were handed out, which notebooks are compared with, and of the language.
    remarks : what is told of how the files were found.
    """
    import hashlib  # slow to import, and not needed where a student checks one file

    rest = released if any(name.endswith(".ipynb") for name in files) else ""
    told = "\0".join([__version__, file, rest, *remarks])
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32]


class Skim:
    """Tells the process that reads which raw files are graded already. Make it before that process is forked."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.pipe()
        self._open = {self._ours, self._theirs}
        self._variants: Sequence[int] = ()
        self._known = Marks()

    def tell(self, variants: Sequence[int], known: Iterable[tuple[int, str, str]]) -> None:
        """Once: the variant of each entry, and what is graded: variant, SHA-256 of the files, mark of the reading."""
        self._variants = variants
        self._known = Marks(f"{v} {sha} {mark}" for v, sha, mark in known)
        self._close(self._ours)
        with contextlib.suppress(BrokenPipeError):  # the process that reads is gone, which is told elsewhere
            view = memoryview(pack([array("I", variants).tobytes(), self._known.dump()]))
            while view:
                view = view[os.write(self._theirs, view) :]
        self._close(self._theirs)

    def wait(self) -> None:
        """In the process that reads: until it is told.

        Raises
        ------
        EOFError : the run has ended.
        """
        self._close(self._theirs)
        with os.fdopen(self._ours, "rb") as pipe:
            told = pipe.read()
        self._open.clear()
        if not told:
            raise EOFError
        variants, known = unpack(told, tuple[bytes, bytes])
        self._variants, self._known = array("I", variants), Marks.load(known)

    def has(self, number: int, sha256: str, mark: str) -> bool:
        """Whether entry `number` with these files is graded already."""
        return number < len(self._variants) and f"{self._variants[number]} {sha256} {mark}" in self._known

    def close(self) -> None:
        """Let go of the pipe."""
        for end in list(self._open):
            self._close(end)

    def __enter__(self) -> Skim:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _close(self, end: int) -> None:
        if end in self._open:
            self._open.discard(end)
            os.close(end)
