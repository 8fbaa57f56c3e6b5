"""Many short texts in few bytes: what is held of each student while a class is read must not count."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import overload

import numpy as np

RUN = 4096
"""So many are sorted at once, as Python's own objects."""


class Texts(Sequence[str]):
    """Texts one after the other, four bytes besides its own for each; half characters stay what they are."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._bytes = bytearray()
        self._ends = array("I", [0])
        for text in texts:
            self.append(text)

    def append(self, text: str) -> None:
        """Add one at the end."""
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = place if 0 <= place < len(self) else range(len(self))[place]
        return self._bytes[self._ends[at] : self._ends[at + 1]].decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        start = 0
        for end in islice(self._ends, 1, None):
            yield self._bytes[start:end].decode("utf-8", "surrogatepass")
            start = end

    def places(self) -> Iterator[int]:
        """Their places in the order of the texts; equal ones in their own."""
        if all(one <= other for one, other in pairwise(self)):
            return iter(range(len(self)))
        import heapq  # not needed where a student checks one file

        runs = [
            array("I", sorted(range(start, min(start + RUN, len(self))), key=self.__getitem__))
            for start in range(0, len(self), RUN)
        ]
        return heapq.merge(*runs, key=self.__getitem__)


class Marks:
    """Whether a text is one of many, in eight bytes for each.

    A text that is none of them is taken for one once in 2⁶⁴ times divided by their number. Nobody can bring this
    about, for the marks depend on a secret that is drawn each time.
    """

    def __init__(self, texts: Iterable[str] = (), secret: bytes = b"") -> None:
        self.secret = secret or os.urandom(16)
        self._marks = np.fromiter(map(self._mark, texts), np.uint64)
        self._marks.sort()

    @classmethod
    def load(cls, packed: bytes) -> Marks:
        """What `dump` wrote."""
        made = cls((), packed[:16])
        made._marks = np.frombuffer(packed[16:], np.uint64)
        return made

    def dump(self) -> bytes:
        """The same as bytes, for another process of this machine."""
        return self.secret + self._marks.tobytes()

    def _mark(self, text: str) -> int:
        import hashlib  # slow to import, and not needed where a student checks one file

        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=self.secret)
        return int.from_bytes(digest.digest(), "little")

    def __len__(self) -> int:
        return len(self._marks)

    def __contains__(self, text: str) -> bool:
        mark = np.uint64(self._mark(text))
        at = int(np.searchsorted(self._marks, mark))
        return at < len(self._marks) and bool(self._marks[at] == mark)
