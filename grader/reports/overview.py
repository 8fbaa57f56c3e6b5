"""A class on one page, as data: what it did not understand, and a row for every student."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from grader.model import AnswerKey, ExerciseGrade, OutcomeKind, Status
from grader.reports.clean import clean
from grader.reports.entry import Entry
from grader.reports.feedback import SIGNS, points, state_of
from grader.reports.similar import Structures
from grader.reports.tally import Repeated, Solved, Tally
from grader.wire import HEADER, frame, pack, unpack

IN_MEMORY = 1 << 20
NOTES = {
    OutcomeKind.RAISED: "raised",
    OutcomeKind.TIMED_OUT: "timed out",
    OutcomeKind.OUT_OF_MEMORY: "out of memory",
    OutcomeKind.OUTPUT_LIMIT: "printed without end",
    OutcomeKind.CRASHED: "crashed",
    OutcomeKind.MALFORMED: "unreadable answer",
    OutcomeKind.BLOCKED: "blocked",
    OutcomeKind.INTERNAL: "fault of ours",
}
STATUSES = {
    "graded": "graded",
    "unreadable": "could not be read",
    "ungraded": "not graded, by a fault of ours",
    "nothing handed in": "nothing handed in",
}


class Row(msgspec.Struct, frozen=True):
    """One student's line. `signs` has a sign for each exercise, `told` what to know; `sort` is the mark as a number."""

    id: str
    name: str
    page: str
    mark: str
    sort: float
    signs: str
    spoken: str
    told: str
    group: int = 0


class Near(msgspec.Struct, frozen=True):
    """A group of nearly identical submissions: (id, page) of each, and the least share of what is compared."""

    number: int
    members: list[tuple[str, str]]
    percent: int


class Survey:
    """A class, ready to be written: each entry is looked at once, its row kept in a temporary file."""

    def __init__(self, key: AnswerKey, entries: Iterable[Entry]) -> None:
        self.tally = Tally(key)
        self._kept = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (closed by __exit__)
        try:
            for entry in entries:
                self.tally.add(entry)
                self._kept.write(frame(pack(_Kept(_structure(entry), _row(entry)))))
        except BaseException:
            self._kept.close()
            raise
        self.exercises: list[Solved] = self.tally.exercises()
        self.mistakes: list[Repeated] = self.tally.mistakes()
        self.rarer = self.tally.kinds - len(self.mistakes)
        self.statuses = [(STATUSES[s], n) for s, n in _ranked(self.tally.statuses)]
        self.outcomes = [(NOTES[OutcomeKind(o)], n) for o, n in _ranked(self.tally.outcomes)]
        self._grouped: dict[int, int] = {}
        self.groups: list[Near] = self._near()

    def __enter__(self) -> Survey:
        return self

    def __exit__(self, *_error: object) -> None:
        self._kept.close()

    def _read(self) -> Iterator[_Kept]:
        self._kept.seek(0)
        for _ in range(self.tally.students):
            yield unpack(self._kept.read(HEADER.unpack(self._kept.read(HEADER.size))[0]), _Kept)

    def _near(self) -> list[Near]:
        table = Structures((k.structure for k in self._read()), self.tally.students)
        found = table.groups(k.structure for k in self._read())
        self._grouped = {place: number for number, group in enumerate(found, 1) for place in group.members}
        members: dict[int, list[tuple[str, str]]] = {}
        for place, kept in enumerate(self._read() if found else ()):
            if place in self._grouped:
                members.setdefault(self._grouped[place], []).append((kept.row.id, kept.row.page))
        return [Near(n, members[n], round(100 * g.share)) for n, g in enumerate(found, 1)]

    def rows(self) -> Iterator[Row]:
        """One row for each student."""
        for place, kept in enumerate(self._read()):
            group = self._grouped.get(place, 0)
            yield msgspec.structs.replace(kept.row, group=group) if group else kept.row


class _Kept(msgspec.Struct, frozen=True):
    structure: bytes
    row: Row


def _structure(entry: Entry) -> bytes:
    """What is compared of an entry; those who share a submission are compared once."""
    grade = entry.grade
    return b"" if grade is None or (grade.members and entry.id != min(grade.members)) else grade.structure


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def survey(key: AnswerKey, entries: Iterable[Entry]) -> Survey:
    """A class, ready to be written."""
    return Survey(key, entries)


def _row(entry: Entry) -> Row:
    grade = entry.grade
    exercises = [] if grade is None else grade.exercises
    states = [state_of(e) for e in exercises]
    return Row(
        id=_id(entry),
        name=clean(entry.name, 100, keep_lines=False),
        page=entry.page,
        mark=points(entry.mark),
        sort=-1.0 if entry.mark is None else entry.mark,
        signs="".join(SIGNS[s] for s in states),
        spoken=f"{states.count('solved')} of {len(states)} exercises solved" if states else "",
        told="; ".join(_notes(entry, exercises)),
    )


def _notes(entry: Entry, exercises: list[ExerciseGrade]) -> Iterator[str]:
    if entry.grade is None:
        yield STATUSES["nothing handed in"]
    elif entry.grade.status is not Status.GRADED:
        yield STATUSES[entry.grade.status.value]
    for outcome, note in NOTES.items():
        if any(e.outcome is outcome for e in exercises):
            yield note
    if exercises and all(e.outcome is OutcomeKind.NOT_ATTEMPTED for e in exercises):
        yield "nothing attempted"
    yield from (clean(text, 200, keep_lines=False) for text in entry.marked)


def _id(entry: Entry) -> str:
    return clean(entry.id, 100, keep_lines=False)
