"""To erase a person from a gradebook: the rows, the file's free pages and its log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

import msgspec

from grader.errors import UsageError
from grader.gradebook.book import Gradebook
from grader.gradebook.ledger import Ledger
from grader.gradebook.memories import forget_pieces
from grader.gradebook.rows import plain, squeeze, texts, to_json, unsqueeze
from grader.gradebook.schema import KEEPERS

OF_A_STUDENT = ("person", "attempt", "override", "extension")


def forget(book: Gradebook, student: str) -> bool:
    """Erase a student: attempts, results, names, marks by hand, extensions, and the bytes they stood in.

    Returns
    -------
    whether the gradebook knew of the student.

    Raises
    ------
    UsageError : another program has the gradebook open, so that its log cannot be emptied; what is
        left to do is told.
    """
    book.flush()
    ledger, own = book.ledger, (plain(student),)
    with ledger.writing():
        for name in KEEPERS:
            ledger.db.execute(f"DROP TRIGGER {name}")
        _leave_groups(ledger, own[0])
        forget_pieces(ledger.db, own[0])
        ledger.db.execute(
            "DELETE FROM reading WHERE result IN "
            "(SELECT result.id FROM result JOIN attempt ON attempt.id = result.attempt WHERE student = ?)",
            own,
        )
        ledger.db.execute("DELETE FROM result WHERE attempt IN (SELECT id FROM attempt WHERE student = ?)", own)
        found = sum(ledger.db.execute(f"DELETE FROM {table} WHERE student = ?", own).rowcount for table in OF_A_STUDENT)
        for statement in KEEPERS.values():
            ledger.db.execute(statement)
        if found:
            ledger.add("forgotten")
    _scour(book)
    return bool(found)


def _leave_groups(ledger: Ledger, student: str) -> None:
    """Take a student out of what is kept of others who share the work: among its members, and as who handed it in."""
    attempts = list(ledger.rows("SELECT sha256, members FROM attempt WHERE student = ?", student))
    entries = {entry for _sha256, members in attempts for entry in json.loads(members)}
    for sha256 in {sha256 for sha256, _members in attempts}:
        mates = list(ledger.rows("SELECT id, members FROM attempt WHERE sha256 = ? AND student != ?", sha256, student))
        for attempt, members in mates:
            kept = [entry for entry in json.loads(members) if entry not in entries]
            if kept != json.loads(members):
                ledger.db.execute("UPDATE attempt SET members = ? WHERE id = ?", (to_json(kept), attempt))
            for result, blob in list(ledger.rows("SELECT id, grade FROM result WHERE attempt = ?", attempt)):
                grade = unsqueeze(blob, "", str(ledger.path))
                if student in map(plain, grade.members):
                    alone = [one for one in grade.members if plain(one) != student]
                    origin = msgspec.structs.replace(grade.origin, entry="", name="", email="")
                    grade = msgspec.structs.replace(grade, members=alone, origin=origin)
                    ledger.db.execute("UPDATE result SET grade = ? WHERE id = ?", (squeeze(grade), result))


def whole_words(needles: Iterable[str]) -> re.Pattern[str]:
    """Finds any of some texts, in whatever case, where no letter or digit stands before or after it."""
    either = "|".join(sorted({re.escape(n) for n in needles if n}, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])" if either else r"(?!)", re.IGNORECASE)


def mentions(book: Gradebook, wanted: re.Pattern[str]) -> Iterator[str]:
    """Where a person still stands in what is kept of others, in words."""
    for student, number, files, members, blob in book.ledger.rows(
        "SELECT student, number, files, members, grade FROM attempt LEFT JOIN result ON attempt = attempt.id "
        "ORDER BY student, number"
    ):
        kept = texts(unsqueeze(blob, "", str(book.ledger.path))) if blob else []
        if any(wanted.search(text) for text in (files, members, *kept)):
            yield f"attempt {number} of {student}"
    for table, columns in (("override", "comment, why, who"), ("extension", "why, who"), ("applied", "why, who")):
        for row in book.ledger.rows(f"SELECT {columns} FROM {table}"):
            if wanted.search("\n".join(filter(None, row))):
                yield f"a note of {row[-1]}"


def _scour(book: Gradebook) -> None:
    """Write the file anew, without free pages, and empty its log."""
    ledger = book.ledger
    for command in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
        row = ledger.one(command)
        if row is not None and row[0]:
            raise UsageError(
                f"{ledger.path}: the rows are erased, but another program has the gradebook open and keeps their bytes "
                "in its log; close it and give the same command again"
            )
