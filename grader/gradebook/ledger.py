"""The open file of a gradebook: queries, transactions, the clock, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.gradebook.rows import stamp
from grader.gradebook.schema import connect, told, transaction

Row = tuple[Any, ...]


def now() -> datetime:
    """The time on this machine's clock."""
    return datetime.now(UTC)


class Ledger:
    """A connection to a gradebook; `clock` tells the time, `wait` is how long a lock is waited for, in seconds."""

    def __init__(self, path: Path, create: bool, clock: Callable[[], datetime], wait: float) -> None:
        self.path = path
        self.clock = clock
        self.wait = wait
        self.db = connect(path, create, wait)

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def one(self, query: str, *values: object) -> Row | None:
        """The first row of an answer, or None."""
        with self.told():
            row: Row | None = self.db.execute(query, values).fetchone()
        return row

    def rows(self, query: str, *values: object) -> Iterator[Row]:
        """The rows of an answer as they come."""
        with self.told():
            yield from self.db.execute(query, values)

    def add(self, table: str, **row: object) -> int:
        """Add a row, with the time where it brings none; returns its number."""
        row.setdefault("at", self.at())
        columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        done = self.db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(row.values()))
        assert done.lastrowid is not None
        return done.lastrowid

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Everything inside is kept, or nothing."""
        with self.told(), transaction(self.db):
            yield

    def key_id(self, key: str) -> int:
        """The row of a key that has been made known.

        Raises
        ------
        UsageError : it has not.
        """
        row = self.one("SELECT id FROM key WHERE sha256 = ?", key)
        if row is None:
            raise UsageError(f"{self.path}: has no grades with the key {key[:12]}; grade with that key first")
        return int(row[0])

    def at(self) -> str:
        """Now, as it is kept."""
        return stamp(self.clock())

    def told(self) -> AbstractContextManager[None]:
        """An error of SQLite becomes one that says what to do."""
        return told(self.path, self.wait)
