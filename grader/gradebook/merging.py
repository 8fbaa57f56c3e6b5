"""Gradebooks of parts of one class → one gradebook, whose rows are those that one run would have written."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.gradebook.book import FILE, Gradebook
from grader.gradebook.ledger import Ledger
from grader.gradebook.memories import Kept, Memories
from grader.gradebook.rows import unsqueeze
from grader.model import Grade

Cells = dict[str, Any]


def merge_books(folders: Sequence[Path], into: Path, assignment: str) -> None:
    """Make `into`'s gradebook of those in `folders`; whole, or not at all.

    Raises
    ------
    UsageError : `into` has one already, a part has none or another assignment's, two have the same student, or
        the marks of different keys count in them.
    """
    if (into / FILE).exists():
        raise UsageError(f"{into}: has a gradebook already; name a new folder with -o")
    parts: list[Gradebook] = []
    try:
        for folder in folders:
            if not (folder / FILE).is_file():
                raise UsageError(f"{folder}: has no {FILE}; grade the shard again")
            parts.append(Gradebook.open(folder / FILE, assignment))
        _count_alike(parts)
        with Gradebook.open(into / FILE, assignment) as book, book.ledger.writing():
            _merge([part.ledger for part in parts], book.ledger)
    except BaseException:
        if parts:
            discard_book(into)
        raise
    finally:
        for part in parts:
            part.close()


def discard_book(folder: Path) -> None:
    """Delete the gradebook that `merge_books` made: what was to be made of it came to nothing."""
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
        (folder / name).unlink(missing_ok=True)


def _count_alike(parts: Sequence[Gradebook]) -> None:
    """Refuse parts in which the marks of different keys count: in one class they do not.

    Raises
    ------
    UsageError : there are such; names two.
    """
    first, own = parts[0].ledger.path.parent, parts[0].current
    for part in parts[1:]:
        if part.current != own:
            told = [f"{c.key[:12]} of grader {c.grader}" if c else "none" for c in (own, part.current)]
            raise UsageError(
                f"{first} and {part.ledger.path.parent}: the marks of different keys count ({told[0]} and {told[1]}); "
                "grade the one that keeps earlier marks again, with --apply WHY"
            )


def _merge(parts: Sequence[Ledger], into: Ledger) -> None:
    keys = [_keys(part, into) for part in parts]
    for table in ("applied", "settings", "person"):
        for row in _told(parts, keys, table):
            _add(into, table, row)
    whole, memories = Memories(into), [Memories(part) for part in parts]
    for _student, number, attempts in _by_student(parts):
        for attempt in attempts:
            own = _add(into, "attempt", attempt)
            for result in _rows(parts[number], "SELECT * FROM result WHERE attempt = ? ORDER BY id", attempt["id"]):
                new = _add(into, "result", result | {"attempt": own, "key": keys[number][result["key"]]})
                for mark in _rows(parts[number], "SELECT * FROM reading WHERE result = ?", result["id"]):
                    _put(into, "reading", mark | {"result": new})
            for kept in _memories(parts[number], memories[number], attempt["id"]):
                whole.keep(own, kept)
    for table in ("override", "extension", "forgotten"):
        rows = [row for part in parts for row in _rows(part, f"SELECT * FROM {table} ORDER BY id")]
        for row in sorted(rows, key=itemgetter("at")):
            _add(into, table, row)


def _told(parts: Sequence[Ledger], keys: Sequence[Mapping[int, int]], table: str) -> Iterator[Cells]:
    """Rows of a table of which the newest holds, the newest last; what several parts were told alike is one row.

    What a part was told twice, with something else in between, is two: a deadline moved and moved back.
    """
    newest: dict[tuple[object, ...], str] = {}
    names: list[str] = []
    for part, known in zip(parts, keys, strict=True):
        times = Counter[tuple[object, ...]]()
        for row in _rows(part, f"SELECT * FROM {table} ORDER BY id"):
            at = row.pop("at")
            del row["id"]
            names = list(row)
            what = tuple(known[value] if name == "key" else value for name, value in row.items())
            times[what] += 1
            one = (*what, times[what])
            newest[one] = max(at, newest.get(one, at))
    for one, at in sorted(newest.items(), key=itemgetter(1)):
        yield dict(zip(names, one[:-1], strict=True)) | {"at": at}


def _memories(part: Ledger, memories: Memories, attempt: int) -> Iterator[Kept]:
    """What a part remembers of an attempt."""
    for row in _rows(part, "SELECT * FROM memory WHERE attempt = ? ORDER BY id", attempt):
        yield Kept(row["source"], row["versions"], memories.whole(row))


def _keys(part: Ledger, into: Ledger) -> Mapping[int, int]:
    """A part's numbers of keys → those that they have in the whole."""
    numbers = {}
    for row in _rows(part, "SELECT * FROM key ORDER BY id"):
        known = into.one("SELECT id FROM key WHERE sha256 = ?", row["sha256"])
        numbers[row["id"]] = known[0] if known else _add(into, "key", row)
        if known is None:
            for case in _rows(part, "SELECT * FROM key_case WHERE key = ?", row["id"]):
                _put(into, "key_case", case | {"key": numbers[row["id"]]})
    return numbers


def _by_student(parts: Sequence[Ledger]) -> Iterator[tuple[str, int, list[Cells]]]:
    """Every student with the part's number and the attempts, in the order of the ids.

    Raises
    ------
    UsageError : two parts have the same student.
    """
    rows = heapq.merge(*(_numbered(part, number) for number, part in enumerate(parts)), key=itemgetter(0, 1))
    for student, group in groupby(rows, key=itemgetter(0)):
        attempts = list(group)
        numbers = sorted({number for _student, number, _row in attempts})
        if len(numbers) > 1:
            first, second = (parts[n].path.parent for n in numbers[:2])
            raise UsageError(f"{student} is in {first} and in {second}: parts of one class have no student in common")
        yield student, numbers[0], [row for _student, _number, row in attempts]


def _numbered(part: Ledger, number: int) -> Iterator[tuple[str, int, Cells]]:
    for row in _rows(part, "SELECT * FROM attempt ORDER BY student, number"):
        yield row["student"], number, row


def _rows(ledger: Ledger, query: str, *values: object) -> Iterator[Cells]:
    with ledger.told():
        found = ledger.db.execute(query, values)
        names = [column[0] for column in found.description]
        for row in found:
            yield dict(zip(names, row, strict=True))


def _add(into: Ledger, table: str, row: Cells) -> int:
    """Add a row under a new number."""
    return into.add(table, **{name: value for name, value in row.items() if name != "id"})


def _put(into: Ledger, table: str, row: Cells) -> None:
    """Add a row as it is."""
    columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    into.db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))


def graded_with(book: Gradebook, key_hash: str, grader: str, handed_in: Iterator[tuple[str, str]]) -> Iterator[Grade]:
    """The newest grade on a basis of each (student, SHA-256 of the submission), in their order."""
    for student, sha256 in handed_in:
        row = book.ledger.one(
            "SELECT result.grade FROM attempt JOIN result ON result.attempt = attempt.id "
            "JOIN key ON key.id = result.key WHERE student = ? AND attempt.sha256 = ? AND key.sha256 = ? "
            "AND result.grader = ? ORDER BY result.id DESC LIMIT 1",
            *(student, sha256, key_hash, grader),
        )
        if row is None:
            raise UsageError(f"{book.ledger.path}: has no grade of {student} with this key; grade the shard again")
        yield unsqueeze(row[0], student, str(book.ledger.path))
