"""What is read out of a gradebook: attempts, current marks, verdicts that still hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

import msgspec

from grader.gradebook.cases import case_hashes
from grader.gradebook.ledger import Ledger, Row
from grader.gradebook.records import Attempt, Basis, Extension, Override, Person, Standing
from grader.gradebook.rows import ATTEMPT, attempt_from, extension_from, moment, override_from, plain, stamp, unsqueeze
from grader.gradebook.rules import Rules
from grader.gradebook.schema import TABLES
from grader.gradebook.standing import Hand, Result, by_hand, standing_of
from grader.model import AnswerKey, Grade, Limits, Status, Verdict


def limits_text(limits: Limits) -> str:
    """A key's limits as text; the same limits give the same text."""
    return msgspec.json.encode(limits, order="sorted").decode()


READ = " AND (? = '' OR EXISTS (SELECT 1 FROM reading WHERE reading.result = result.id AND mark = ?)) "


def find(ledger: Ledger, sha256: str, basis: Basis, student: str, variant: int, mark: str) -> Grade | None:
    """As Gradebook.find."""
    row = ledger.one(
        "SELECT result.grade FROM attempt JOIN result ON result.attempt = attempt.id "
        "JOIN key ON key.id = result.key WHERE attempt.sha256 = ? AND key.sha256 = ? AND result.grader = ? "
        "AND result.variant = ? AND (status = 'graded' OR (status = 'unreadable' AND student = ?))"
        + READ
        + "ORDER BY student = ? DESC, result.id DESC LIMIT 1",
        *(sha256, basis.key, basis.grader, variant, plain(student), mark, mark, plain(student)),
    )
    return None if row is None else unsqueeze(row[0], student, str(ledger.path))


def read_and_graded(ledger: Ledger, basis: Basis) -> Iterator[tuple[int, str, str]]:
    """As Gradebook.read_and_graded."""
    yield from ledger.rows(
        "SELECT variant, attempt.sha256, mark FROM result JOIN key ON key.id = result.key "
        "JOIN attempt ON attempt.id = result.attempt JOIN reading ON reading.result = result.id "
        "WHERE key.sha256 = ? AND grader = ? AND status = 'graded'",
        *(basis.key, basis.grader),
    )


def files_of(ledger: Ledger, sha256: str) -> dict[str, str]:
    """As Gradebook.files_of."""
    row = ledger.one("SELECT files FROM attempt WHERE sha256 = ? ORDER BY id DESC LIMIT 1", sha256)
    return {} if row is None else json.loads(row[0])


def state(ledger: Ledger) -> list[int]:
    """As Gradebook.state."""
    newest = ", ".join(f"(SELECT coalesce(max(rowid), 0) FROM {t})" for t in (*TABLES, "forgotten") if t != "key_case")
    return list(ledger.one(f"SELECT {newest}") or ())


def attempt_row(ledger: Ledger, attempt: Attempt) -> int | None:
    """The row of an attempt: with a time the same work of that time, else the last of the student if it is the same."""
    student, sha256 = plain(attempt.student), attempt.sha256
    if attempt.handed_in is not None:
        same = "SELECT id FROM attempt WHERE student = ? AND sha256 = ? AND handed_in = ?"
        row = ledger.one(same, student, sha256, stamp(attempt.handed_in))
    else:
        row = ledger.one("SELECT id, sha256 FROM attempt WHERE student = ? ORDER BY number DESC LIMIT 1", student)
        row = row if row is not None and row[1] == sha256 else None
    return None if row is None else int(row[0])


def holds(ledger: Ledger, attempt: Attempt, basis: Basis, mark: str) -> bool:
    """As Gradebook.holds."""
    row = attempt_row(ledger, attempt)
    result = (
        "SELECT 1 FROM result JOIN key ON key.id = key WHERE attempt = ? AND sha256 = ? AND grader = ? AND variant = ?"
        + READ
    )
    return row is not None and ledger.one(result, row, basis.key, basis.grader, attempt.variant, mark, mark) is not None


def grade_of(ledger: Ledger, standing: Standing) -> Grade | None:
    """As Gradebook.grade."""
    if standing.basis is None:
        return None
    row = ledger.one(
        "SELECT grade FROM result JOIN attempt ON attempt.id = result.attempt JOIN key ON key.id = result.key "
        "WHERE student = ? AND number = ? AND key.sha256 = ? AND grader = ? ORDER BY result.id DESC LIMIT 1",
        *(standing.student, standing.attempt, standing.basis.key, standing.basis.grader),
    )
    return None if row is None else unsqueeze(row[0], standing.student, str(ledger.path))


def attempts(ledger: Ledger, student: str) -> list[Attempt]:
    """As Gradebook.attempts."""
    query = f"SELECT {ATTEMPT} FROM attempt WHERE student = ? ORDER BY number"
    return [attempt_from(row) for row in ledger.rows(query, plain(student))]


def students(ledger: Ledger) -> Iterator[str]:
    """Everybody of whom the gradebook knows, sorted by id: SQLite compares bytes of UTF-8, which is Python's order."""
    tables = " UNION ".join(f"SELECT student FROM {t}" for t in ("attempt", "person", "override", "extension"))
    return (row[0] for row in ledger.rows(f"{tables} ORDER BY student"))


def people(ledger: Ledger) -> dict[str, Person]:
    """Who the students are elsewhere, by id."""
    rows = ledger.rows('SELECT student, name, email, logins, section, "group" FROM person ORDER BY id')
    return {r[0]: Person(r[0], r[1], r[2], json.loads(r[3]), r[4], r[5]) for r in rows}


def exercises(ledger: Ledger, basis: Basis | None) -> dict[str, float]:
    """Exercise → the points that it is worth under a basis, in the key's order."""
    row = None if basis is None else ledger.one("SELECT points FROM key WHERE sha256 = ?", basis.key)
    return {} if row is None else json.loads(row[0])


def standings(ledger: Ledger, worth: dict[str, float], rules: Rules, trial: Basis | None) -> Iterator[Standing]:
    """As Gradebook.standing."""
    hands = _hands(ledger)
    for student, results in _results(ledger, trial):
        yield standing_of(student, results, worth, rules, hands.get(student, Hand()))


def verdicts(
    ledger: Ledger, sha256: str, key: AnswerKey, grader: str, variant: int
) -> dict[tuple[str, str], list[Verdict]]:
    """As Gradebook.verdicts."""
    wanted = case_hashes(key)
    found: dict[tuple[str, str], list[Verdict]] = {}
    rows = ledger.rows(
        "SELECT result.key, result.grade FROM attempt JOIN result ON result.attempt = attempt.id "
        "JOIN key ON key.id = result.key WHERE attempt.sha256 = ? AND key.limits = ? AND result.grader = ? "
        "AND result.variant = ? AND status = 'graded' ORDER BY result.id DESC",
        *(sha256, limits_text(key.limits), grader, variant),
    )
    for key_id, blob in rows:
        cases = ledger.rows("SELECT exercise, id, hash FROM key_case WHERE key = ?", key_id)
        same = {(e, c) for e, c, digest in cases if wanted.get((e, c)) == digest} - found.keys()
        if same:
            found |= _of_cases(unsqueeze(blob, "", str(ledger.path)), same)
    return found


def _of_cases(grade: Grade, cases: set[tuple[str, str]]) -> dict[tuple[str, str], list[Verdict]]:
    found: dict[tuple[str, str], list[Verdict]] = {}
    for exercise in grade.exercises:
        for verdict in exercise.verdicts:
            if (exercise.id, verdict.case) in cases:
                found.setdefault((exercise.id, verdict.case), []).append(verdict)
    return found


def _results(ledger: Ledger, trial: Basis | None) -> Iterator[tuple[str, list[Result]]]:
    """Each student with one result per attempt: of the basis applied last, and of that the newest.

    One who handed nothing in and has a mark by hand has no results.
    """
    order = _bases(ledger, trial)
    rows = ledger.rows(
        f"SELECT who.student, {ATTEMPT}, attempt.at, key.sha256, grader, status, score, result.points, variant "
        "FROM (SELECT student FROM attempt UNION SELECT student FROM override) AS who "
        "LEFT JOIN attempt ON attempt.student = who.student LEFT JOIN result ON result.attempt = attempt.id "
        "LEFT JOIN key ON key.id = result.key ORDER BY who.student, attempt.number, result.id"
    )
    for student, group in groupby(rows, key=lambda row: row[0]):
        best: dict[int, tuple[int, Row]] = {}
        for row in group:
            rank = order.get(Basis(row[8], row[9]), 0) if row[8] is not None else 0
            if rank and rank >= best.get(row[2], (0, row))[0]:
                best[row[2]] = (rank, row)
        yield student, [_result(row) for _rank, row in best.values()]


def _bases(ledger: Ledger, trial: Basis | None) -> dict[Basis, int]:
    """Basis → a number that is the greater the later it was applied; `trial` after all."""
    rows = ledger.rows("SELECT sha256, grader FROM applied JOIN key ON key.id = applied.key ORDER BY applied.id")
    order = {Basis(*row): number for number, row in enumerate(rows, 1)}
    return order if trial is None else order | {trial: max(order.values(), default=0) + 1}


def _result(row: Row) -> Result:
    return Result(
        attempt=attempt_from(row[1:7], row[13]),
        at=moment(row[7]),
        basis=Basis(row[8], row[9]),
        status=Status(row[10]),
        score=row[11],
        points=json.loads(row[12]),
    )


def _hands(ledger: Ledger) -> dict[str, Hand]:
    """What was set by hand, by student."""
    overrides: dict[str, list[Override]] = {}
    extensions: dict[str, list[Extension]] = {}
    for row in ledger.rows("SELECT student, exercise, mark, comment, withdrawn, who, why FROM override ORDER BY id"):
        overrides.setdefault(row[0], []).append(override_from(row))
    for row in ledger.rows("SELECT student, until, who, why FROM extension ORDER BY id"):
        extensions.setdefault(row[0], []).append(extension_from(row))
    return {s: by_hand(overrides.get(s, []), extensions.get(s, [])) for s in overrides.keys() | extensions.keys()}
