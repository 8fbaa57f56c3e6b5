"""What submissions' code gave, in a gradebook: every outcome once, however many students share it.

A class of many gives few different arrays in one case: right ones, and those of common mistakes. A memory
is a row of numbers. It is no record: without it everything is run again, and nothing else changes.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from array import array
from collections.abc import Mapping
from typing import Any, NamedTuple

from grader.errors import UsageError
from grader.gradebook.ledger import Ledger
from grader.model import Memory

PRINT = 24
"""Bytes of a task's fingerprint."""
PIECE = 150
"""Bytes that one held in memory takes besides its own."""
COLUMNS = "attempt, source, versions, twice, head, tasks, pieces"
CACHED = 1 << 14
"""Pieces whose numbers are held in memory."""
CACHED_BYTES = 4 << 20
"""Of pieces that are held in memory."""


class Kept(NamedTuple):
    """A memory to be kept: the fingerprint of all that a worker reads of the submission, the versions that ran it."""

    source: bytes
    versions: str
    memory: Memory


class Memories:
    """The memories of one gradebook."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._numbers: dict[bytes, int] = {}
        self._pieces: dict[int, bytes] = {}
        self._held = 0

    def keep(self, attempt: int, kept: Kept) -> None:
        """Keep a memory of an attempt; the same again is kept once. Inside of a transaction.

        Parameters
        ----------
        attempt : the row of the attempt, with which the memory is forgotten; who shares the work has
            a row of their own.
        """
        memory, db = kept.memory, self._ledger.db
        head, tasks = self._number(memory.head), self._number(b"".join(memory.outcomes))
        pieces = zlib.compress(array("I", map(self._number, memory.outcomes.values())).tobytes())
        row = (attempt, kept.source, kept.versions, int(memory.twice), head, tasks, pieces)
        last = db.execute(
            f"SELECT {COLUMNS} FROM memory WHERE attempt = ? AND source = ? AND versions = ? ORDER BY id DESC LIMIT 1",
            (attempt, kept.source, kept.versions),
        ).fetchone()
        if last != row:
            db.execute(f"INSERT INTO memory ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def lost(self) -> None:
        """A transaction was not kept: numbers given in it are free again."""
        self._numbers.clear()
        self._pieces.clear()
        self._held = 0

    def find(self, source: bytes, versions: str) -> Memory | None:
        """What was kept last of a submission; None where nothing was, by these versions."""
        row = self._ledger.one(
            "SELECT twice, head, tasks, pieces FROM memory WHERE source = ? AND versions = ? ORDER BY id DESC LIMIT 1",
            *(source, versions),
        )
        if row is None:
            return None
        return self.whole(dict(zip(("twice", "head", "tasks", "pieces"), row, strict=True)))

    def whole(self, row: Mapping[str, Any]) -> Memory:
        """A memory from the columns of its row."""
        twice, head, tasks, pieces = (row[name] for name in ("twice", "head", "tasks", "pieces"))
        names = self._piece(tasks)
        prints = [names[at : at + PRINT] for at in range(0, len(names), PRINT)]
        numbers = array("I", zlib.decompress(pieces))
        return Memory(bool(twice), self._piece(head), dict(zip(prints, map(self._piece, numbers), strict=True)))

    def _number(self, piece: bytes) -> int:
        """The number of a piece, which is added where it is new."""
        name = hashlib.blake2b(piece, digest_size=16).digest()
        number = self._numbers.get(name)
        if number is None:
            db = self._ledger.db
            row = db.execute("SELECT id FROM piece WHERE print = ?", (name,)).fetchone()
            if row is None:
                row = (db.execute("INSERT INTO piece (print, packed) VALUES (?, ?)", (name, piece)).lastrowid,)
            if len(self._numbers) >= CACHED:
                self._numbers.clear()
            number = self._numbers[name] = int(row[0])
        return number

    def _piece(self, number: int) -> bytes:
        piece = self._pieces.get(number)
        if piece is None:
            row = self._ledger.one("SELECT packed FROM piece WHERE id = ?", number)
            if row is None:
                raise UsageError(f"{self._ledger.path}: a piece of it is missing; put a copy in its place")
            if self._held >= CACHED_BYTES:
                self._pieces.clear()
                self._held = 0
            piece = self._pieces[number] = row[0]
            self._held += len(piece) + PIECE
        return piece


def forget_pieces(db: sqlite3.Connection, student: str) -> None:
    """Erase a student's memories, and the pieces that nobody else has. Inside of a transaction."""
    db.execute("DELETE FROM memory WHERE attempt IN (SELECT id FROM attempt WHERE student = ?)", (student,))
    used: set[int] = set()
    for head, tasks, pieces in db.execute("SELECT head, tasks, pieces FROM memory"):
        used |= {head, tasks, *array("I", zlib.decompress(pieces))}
    unused = [(n,) for (n,) in db.execute("SELECT id FROM piece").fetchall() if n not in used]
    db.executemany("DELETE FROM piece WHERE id = ?", unused)
