"""Groups of submissions that are nearly the same: a pointer to look at, not an accusation.

A grade carries hashes of the structure of its functions, less the stub's. What many students share
is how the exercise is written, and is left out too: only hashes that few have are compared. Of each
student SAMPLE of these are kept, with the order in which to find them: 100 bytes.
"""

from __future__ import annotations

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
        rows = np.zeros((self._size, SAMPLE), np.uint32)
        for place, structure in enumerate(structures):
            rare = self._rare(hashes_of(structure))
            rows[place, : len(rare)] = rare
        return _joined(rows)

    def _rare(self, hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """The smallest of the hashes that few students have: those that nobody else has are of a student's own work."""
        count = self._counts[hashes % BUCKETS]
        return hashes[(count <= self._limit) & (hashes > 0)][:SAMPLE]


def _joined(rows: NDArray[np.uint32]) -> list[Group]:
    """Students joined where they share enough; who is joined to one of a group is of the group."""
    leader = np.arange(len(rows), dtype=np.uint32)
    least: dict[int, float] = {}
    for one, other, share in _links(rows):
        a, b = _root(leader, one), _root(leader, other)
        together = min(share, least.pop(a, 1.0), least.pop(b, 1.0)) if a != b else min(share, least.pop(a, 1.0))
        leader[max(a, b)] = min(a, b)
        least[min(a, b)] = together
    members: dict[int, list[int]] = {root: [] for root in least}
    if members:
        for place in range(len(rows)):
            if (root := _root(leader, place)) in members:
                members[root].append(place)
    return sorted((Group(m, least[r]) for r, m in members.items()), key=lambda g: (-len(g.members), g.members))


def _links(rows: NDArray[np.uint32]) -> Iterator[tuple[int, int, float]]:
    """Pairs of students, the later one first, that share LEAST rare hashes and SHARE of the fewer."""
    flat = rows.ravel()
    order = np.argsort(flat, kind="stable").astype(np.uint32)
    sizes = np.count_nonzero(rows, axis=1)
    for start in range(0, len(rows), BLOCK):
        block = start + np.flatnonzero(sizes[start : start + BLOCK] >= LEAST)
        own = rows[block]
        hashes, places = own[own > 0], np.repeat(block, sizes[block])
        first = np.searchsorted(flat, hashes, "left", sorter=order)
        held = np.searchsorted(flat, hashes, "right", sorter=order) - first
        at = np.arange(held.sum()) + np.repeat(first - np.cumsum(held) + held, held)
        places, others = np.repeat(places, held), order[at] // SAMPLE
        earlier = others < places
        pairs, shared = np.unique(places[earlier] * len(rows) + others[earlier], return_counts=True)
        places, others = np.divmod(pairs, len(rows))
        fewer = np.minimum(sizes[others], sizes[places])
        enough = shared >= np.maximum(LEAST, SHARE * fewer)
        found = zip(places[enough], others[enough], shared[enough] / fewer[enough], strict=True)
        yield from ((int(place), int(other), float(share)) for place, other, share in found)


def _root(leader: NDArray[np.uint32], place: int) -> int:
    while leader[place] != place:
        leader[place] = leader[leader[place]]
        place = int(leader[place])
    return int(place)
