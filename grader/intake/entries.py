"""The entries of a class, sorted by id, in a file that has no name: memory hardly grows with the class."""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import overload

import msgspec

from grader.errors import UsageError
from grader.intake.box import Box, Disk, shown
from grader.intake.layouts import Entry, Piece
from grader.intake.names import base_name
from grader.intake.packed import Texts
from grader.model import Origin
from grader.texts import say


class _File:
    """A file that has no name; closed when the last that reads it is gone."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self.descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)

    def read(self, start: int, length: int) -> bytes:
        """So many bytes from a place on."""
        if hasattr(os, "pread"):  # where processes that were forked share the place in the file
            return os.pread(self.descriptor, length, start)
        os.lseek(self.descriptor, start, os.SEEK_SET)
        return os.read(self.descriptor, length)


class Entries(Sequence[Entry]):
    """Entries as they were added; each is made anew when it is asked for. Processes that are forked can read it too."""

    def __init__(self) -> None:
        self._boxes: list[Box] = []
        self._numbers: dict[int, int] = {}
        self._file = _File()
        self._starts = array("Q", [0])
        self._chosen: array[int] | None = None

    def append(self, entry: Entry) -> int:
        """Add one at the end; its place.

        Raises
        ------
        UsageError : there is no room for temporary files.
        """
        box = self._numbers.setdefault(id(entry.box), len(self._boxes))
        if box == len(self._boxes):
            self._boxes.append(entry.box)
        origin = msgspec.structs.astuple(entry.origin)
        told = [entry.id, box, entry.pieces, origin, list(entry.remarks), entry.problem, list(entry.members)]
        line = json.dumps(told).encode("ascii")
        try:
            written = os.write(self._file.descriptor, line)
        except OSError as error:
            raise _no_room(error.strerror) from None
        if written < len(line):
            raise _no_room("no space is left")
        self._starts.append(self._starts[-1] + len(line))
        return len(self._starts) - 2

    def chosen(self, places: Iterable[int]) -> Entries:
        """Those at some places, in this order; of the same file."""
        made = Entries.__new__(Entries)
        made._boxes, made._numbers, made._file, made._starts = self._boxes, self._numbers, self._file, self._starts
        made._chosen = array("I", map(self._at, places))
        return made

    def only(self, wanted: Callable[[Entry], bool]) -> Entries:
        """Those that are wanted."""
        return self.chosen(place for place, entry in enumerate(self) if wanted(entry))

    def __len__(self) -> int:
        return len(self._starts) - 1 if self._chosen is None else len(self._chosen)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> list[Entry]: ...
    def __getitem__(self, place: int | slice) -> Entry | list[Entry]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        at = self._at(range(len(self))[place])
        id_, box, pieces, origin, remarks, problem, members = json.loads(
            self._file.read(self._starts[at], self._starts[at + 1] - self._starts[at])
        )
        own = [Piece(*piece) for piece in pieces]
        return Entry(id_, self._boxes[box], own, Origin(*origin), remarks, problem, members)

    def __iter__(self) -> Iterator[Entry]:
        return map(self.__getitem__, range(len(self)))

    def _at(self, place: int) -> int:
        return place if self._chosen is None else self._chosen[place]


def _no_room(why: str | None) -> UsageError:
    return UsageError(f"the list of the class cannot be kept ({why}); free some space in {tempfile.gettempdir()}")


def by_id(found: Entries) -> Entries:
    """Entries sorted by their ids, one for each; what lies side by side under one student's name is one.

    Raises
    ------
    UsageError : two students have one id.
    """
    ids = Texts(entry.id for entry in found)
    twice: list[tuple[int, Entry, Entry]] = []

    def one_each() -> Iterator[int]:
        for _id, group in groupby(ids.places(), key=ids.__getitem__):
            places = list(group)
            if len(places) == 1:
                yield places[0]
                continue
            several = [found[place] for place in places]
            first, *others = joined(several)
            if others:
                twice.append((places[several.index(others[0])], others[0], first))
            yield found.append(first)

    sorted_ = array("I", one_each())
    if twice:
        _place, entry, other = min(twice, key=lambda found: found[0])
        raise _two_of_one(entry, other)
    return found.chosen(sorted_)


def joined(entries: Sequence[Entry]) -> list[Entry]:
    """One entry for what lies side by side under one student's name: jdoe.py and jdoe.ipynb.

    Two names that are one id only when tidied may be two persons': neither is taken.
    """
    first: dict[tuple[str, int], Entry] = {}
    for entry in entries:
        one = first.setdefault((entry.id, id(entry.box)), entry)
        if one is entry:
            continue
        names = [_own_name(e) for e in (one, entry)]
        if len({base_name(n) for n in names}) == 1 and one.problem is entry.problem is None:
            one.pieces = [*one.pieces, *entry.pieces]
            one.remarks = [*one.remarks, say("files.joined", first=names[0], second=names[1])]
        else:
            one.problem = say("unread.both", names=say("and").join(map(shown, names)), id=shown(one.id))
            one.pieces = []
    return list(first.values())


def _own_name(entry: Entry) -> str:
    return entry.pieces[0].path.rpartition("/")[2] if entry.pieces else entry.id


def only_one_each(entries: Sequence[Entry]) -> None:
    """Raise for two entries of one student."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        other = seen.setdefault(entry.id, entry)
        if other is not entry:
            raise _two_of_one(entry, other)


def _two_of_one(entry: Entry, other: Entry) -> UsageError:
    return UsageError(
        f"{_where(entry)}: expected one submission per student, but {_where(other)} is {entry.id}'s too; keep one"
    )


def _where(entry: Entry) -> str:
    path = entry.pieces[0].path if entry.pieces else entry.id
    if isinstance(entry.box, Disk):
        return str(entry.box.root / path)
    return f"{path} in {entry.box.label}"
