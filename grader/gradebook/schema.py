"""The tables of a gradebook, as numbered migrations, and how its file is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import UsageError

APPLICATION = 0x67726472  # "grdr", in the file's header
WAIT = 30.0

TABLES = ("book", "key", "key_case", "person", "attempt", "result", "applied", "settings", "override", "extension")

FIRST = """
CREATE TABLE book (assignment TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE key (
    id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, limits TEXT NOT NULL, points TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE TABLE key_case (
    key INTEGER NOT NULL REFERENCES key, exercise TEXT NOT NULL, id TEXT NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (key, exercise, id)) WITHOUT ROWID;
CREATE TABLE person (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, logins TEXT NOT NULL,
    section TEXT NOT NULL, "group" TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX person_student ON person (student);
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, number INTEGER NOT NULL, sha256 TEXT NOT NULL,
    files TEXT NOT NULL, members TEXT NOT NULL, handed_in TEXT, at TEXT NOT NULL, UNIQUE (student, number));
CREATE INDEX attempt_sha256 ON attempt (sha256);
CREATE TABLE result (
    id INTEGER PRIMARY KEY, attempt INTEGER NOT NULL REFERENCES attempt, key INTEGER NOT NULL REFERENCES key,
    grader TEXT NOT NULL, variant INTEGER NOT NULL, status TEXT NOT NULL, score REAL, points TEXT NOT NULL,
    grade BLOB NOT NULL, at TEXT NOT NULL);
CREATE INDEX result_attempt ON result (attempt, key, grader);
CREATE TABLE applied (
    id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES key, grader TEXT NOT NULL, who TEXT NOT NULL,
    why TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE settings (id INTEGER PRIMARY KEY, rules TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE override (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, exercise TEXT, mark REAL, comment TEXT, withdrawn INTEGER NOT NULL,
    who TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX override_student ON override (student);
CREATE TABLE extension (
    id INTEGER PRIMARY KEY, student TEXT NOT NULL, until TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE INDEX extension_student ON extension (student);
CREATE TABLE forgotten (id INTEGER PRIMARY KEY, at TEXT NOT NULL);
"""

KEEPERS = {
    f"{table}_is_not_{what}": f"CREATE TRIGGER {table}_is_not_{what} BEFORE {verb} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'a gradebook is only added to'); END;\n"
    for table in TABLES
    for verb, what in (("UPDATE", "changed"), ("DELETE", "deleted"))
}
"""Triggers that refuse to change or delete a row; `forget` alone lifts them, for its own transaction."""

MEMORIES = """
CREATE TABLE piece (id INTEGER PRIMARY KEY, print BLOB NOT NULL UNIQUE, packed BLOB NOT NULL);
CREATE TABLE memory (
    id INTEGER PRIMARY KEY, attempt INTEGER NOT NULL REFERENCES attempt, source BLOB NOT NULL, versions TEXT NOT NULL,
    twice INTEGER NOT NULL, head INTEGER NOT NULL REFERENCES piece, tasks INTEGER NOT NULL REFERENCES piece,
    pieces BLOB NOT NULL);
CREATE INDEX memory_source ON memory (source);
CREATE INDEX memory_attempt ON memory (attempt);
"""

READINGS = """
CREATE TABLE reading (
    result INTEGER NOT NULL REFERENCES result, mark TEXT NOT NULL, PRIMARY KEY (result, mark)) WITHOUT ROWID;
"""

MIGRATIONS = [FIRST + "".join(KEEPERS.values()), MEMORIES, READINGS]
"""Number n brings a gradebook from user_version n − 1 to n. Written ones never change: append."""


def connect(path: Path, create: bool, wait: float = WAIT) -> sqlite3.Connection:
    """Open a gradebook's file and bring it to the newest version.

    Parameters
    ----------
    wait : seconds to wait for another program's lock.

    Raises
    ------
    UsageError : there is none, it is no gradebook, a newer grader wrote it, or it is locked.
    """
    if not create and not path.is_file():
        raise UsageError(f"{path}: expected a gradebook; 'grader grade … -o {path.parent}' makes one")
    with told(path, wait):
        connection = sqlite3.connect(path, timeout=wait, isolation_level=None)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version, application = (connection.execute(f"PRAGMA {p}").fetchone()[0] for p in ("user_version", "application_id"))
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION and (application or tables):
        raise UsageError(f"{path}: expected a gradebook, and it is another program's database; name another folder")
    if version > len(MIGRATIONS):
        raise UsageError(f"{path}: a newer grader wrote this gradebook (version {version}); update grader")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # for the forgotten, should VACUUM fail
    connection.execute("PRAGMA trusted_schema = OFF")
    if version < len(MIGRATIONS) or not application:
        _migrate(connection)


def _migrate(connection: sqlite3.Connection) -> None:
    """All migrations that are missing, or none of them."""
    with transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]  # another run may have been first
        for script in MIGRATIONS[version:]:
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: executescript would commit in their midst."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything inside is kept, or nothing. The lock for writing is taken at once: two runs take turns."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def told(path: Path, wait: float = WAIT) -> Iterator[None]:
    """An error of SQLite becomes one that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise UsageError(f"{path}: {_advice(error, path, wait)}") from None


def _advice(error: sqlite3.Error, path: Path, wait: float) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return (
            f"another program has kept the gradebook locked for {wait:g} s; close it and give the same command again: "
            "what is recorded stays"
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return (
            f"the gradebook cannot be written ({error}); make room on the disk and give the same command again: "
            "what is recorded stays"
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"expected a gradebook, but {error}; put a copy in its place, or name another folder"
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        return f"the gradebook cannot be opened for writing ({error}); look at the rights of {path.parent}"
    return f"the gradebook failed: {error}"
