"""Groups of submissions that are nearly the same: a pointer to look at, not an accusation.

A grade carries hashes of the structure of its functions, less the stub's. What many students share
is how the exercise is written, and is left out too: only hashes that few have are compared. Of each
student SAMPLE of these are kept in a file, and in memory those of them that somebody else has: at most 100 bytes.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.structure import hashes_of

SAMPLE = 12
BUCKETS = 1 << 20
LEAST = 6
"""So many rare hashes must be shared."""
SHARE = 0.75
"""And such a part of those that the one with fewer has."""
FEW, MOST = 3, 20
"""A hash that more than a tenth of the class has is common; never fewer than FEW, never more than MOST."""


PLACE, LAST = np.uint64(32), np.uint64(0xFFFFFFFF)
"""A hash and a student's place in the class are one number: the hash in front."""
BLOCK = 64
"""So many students are held against all at once: 12 hashes that 20 have are 2 kB of work for each."""


class Group(msgspec.Struct, frozen=True):
    """Places of nearly identical submissions in the class, and the least share that joins one to another."""

    members: list[int]
    share: float


class Structures:
    """The similarity table of a class; the structures are read twice, in the same order.

    Parameters
    ----------
    class_size : how many structures come.
    """

    def __init__(self, structures: Iterable[bytes], class_size: int) -> None:
        self._limit = min(MOST, max(FEW, class_size // 10))
        self._counts = np.zeros(BUCKETS, np.uint8)
        self._size = class_size
        for structure in structures:
            buckets = hashes_of(structure) % BUCKETS  # one that comes twice is counted once by what follows
            self._counts[buckets] += self._counts[buckets] < 255

    def groups(self, structures: Iterable[bytes]) -> list[Group]:
        """The groups, the largest first."""
        with Rows(self._size) as rows:
            for structure in structures:
                rare = self._rare(hashes_of(structure))
                rows.add(rare, self._counts[rare % BUCKETS] > 1)
            return _joined(rows)

    def _rare(self, hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The smallest of the hashes that few students have: those that nobody else has are of a student's own work."""
        count = self._counts[hashes % BUCKETS]
        return hashes[(count <= self._limit) & (hashes > 0)][:SAMPLE]


class Rows:
    """The rare hashes of each student in a temporary file; in memory those that somebody else has, with the student."""

    def __init__(self, class_size: int) -> None:
        self.sizes = np.zeros(class_size, np.uint8)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._count = 0
        self._shared = array("Q")
        self._sorted = np.zeros(0, np.uint64)

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def add(self, rare: NDArray[np.uint32], shared: NDArray[np.bool_]) -> None:
        """The next student's."""
        self.sizes[self._count] = len(rare)
        self._file.write(rare.tobytes())
        self._shared.frombytes(((rare[shared].astype(np.uint64) << PLACE) | np.uint64(self._count)).tobytes())
        self._count += 1

    def sort(self) -> None:
        """Must follow the last `add`."""
        self._file.seek(0)
        self._sorted = np.frombuffer(self._shared, np.uint64)
        self._sorted.sort()

    def read(self, block: NDArray[np.uint8]) -> NDArray[np.uint32]:
        """The hashes of the next students, whose sizes are given, one after the other."""
        return np.frombuffer(self._file.read(4 * int(block.sum())), np.uint32)

    def students(self, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many students have each hash of those that are shared, and they, hash by hash."""
        least = hashes.astype(np.uint64) << PLACE
        first = np.searchsorted(self._sorted, least, "left")
        held = np.searchsorted(self._sorted, least | LAST, "right") - first
        at = np.arange(held.sum()) + np.repeat(first - np.cumsum(held) + held, held)
        return held, (self._sorted[at] & LAST).astype(np.int64)


def _joined(rows: Rows) -> list[Group]:
    """Students joined where they share enough; who is joined to one of a group is of the group."""
    rows.sort()
    leader = np.arange(len(rows.sizes), dtype=np.uint32)
    least: dict[int, float] = {}
    for one, other, share in _links(rows):
        a, b = _root(leader, one), _root(leader, other)
        together = min(share, least.pop(a, 1.0), least.pop(b, 1.0)) if a != b else min(share, least.pop(a, 1.0))
        leader[max(a, b)] = min(a, b)
        least[min(a, b)] = together
    members: dict[int, list[int]] = {root: [] for root in least}
    if members:
        for place in range(len(leader)):
            if (root := _root(leader, place)) in members:
                members[root].append(place)
    return sorted((Group(m, least[r]) for r, m in members.items()), key=lambda g: (-len(g.members), g.members))


def _links(rows: Rows) -> Iterator[tuple[int, int, float]]:
    """Pairs of students, the later one first, that share LEAST rare hashes and SHARE of the fewer."""
    sizes, size = rows.sizes, len(rows.sizes)
    for start in range(0, size, BLOCK):
        block = sizes[start : start + BLOCK]
        places = start + np.repeat(np.arange(len(block)), block)
        held, others = rows.students(rows.read(block))
        places = np.repeat(places, held)
        earlier = (others < places) & (sizes[places] >= LEAST)
        pairs, shared = np.unique(places[earlier] * size + others[earlier], return_counts=True)
        places, others = np.divmod(pairs, size)
        fewer = np.minimum(sizes[others], sizes[places])
        enough = shared >= np.maximum(LEAST, SHARE * fewer)
        found = zip(places[enough], others[enough], shared[enough] / fewer[enough], strict=True)
        yield from ((int(place), int(other), float(share)) for place, other, share in found)


def _root(leader: NDArray[np.uint32], place: int) -> int:
    while leader[place] != place:
        leader[place] = leader[leader[place]]
        place = int(leader[place])
    return int(place)
