"""The history of a gradebook: every row that was ever added, as a sentence, in the order of time."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator
from datetime import datetime

from grader.gradebook.ledger import Ledger, Row
from grader.gradebook.records import Event
from grader.gradebook.rows import load_rules, moment, plain
from grader.gradebook.rules import Rules, zone_of

SHORT = 8
"""Digits of a hash that are shown."""


def events(ledger: Ledger, student: str | None) -> Iterator[Event]:
    """Everything that happened to one student, or to all; what concerns the whole gradebook in either case."""
    row = ledger.one("SELECT rules FROM settings ORDER BY id DESC LIMIT 1")
    zone = zone_of(load_rules(row[0]).timezone if row else None)

    def shown(text: str) -> str:
        return f"{moment(text).astimezone(zone):%Y-%m-%d %H:%M:%S%z}"

    def told(columns: str, source: str, tell: Callable[[Row], str], own: bool = True) -> Iterator[Event]:
        """The rows of one table; `columns` after time and student, which is NULL for the whole gradebook."""
        name = source.split()[0]
        who, only = (
            (("student", " WHERE student = ?") if student is not None else ("student", "")) if own else ("NULL", "")
        )
        query = f"SELECT {name}.at, {who}, {columns} FROM {source}{only} ORDER BY {name}.at, {name}.rowid"
        for at, of, *rest in ledger.rows(query, *([plain(student)] if only and student is not None else [])):
            yield Event(moment(at).astimezone(zone), of, tell(tuple(rest)))

    results = "result JOIN attempt ON attempt.id = result.attempt JOIN key ON key.id = result.key"
    yield from heapq.merge(
        told("assignment", "book", lambda r: f"gradebook of {r[0]}", own=False),
        told("rules", "settings", lambda r: f"rules: {rules_text(load_rules(r[0]))}", own=False),
        told("name, email, section", "person", _person),
        told("number, files, attempt.sha256, handed_in", "attempt", lambda r: _attempt(r, shown)),
        told("number, status, score, key.sha256, grader", results, _result),
        told(
            "key.sha256, grader, who, why",
            "applied JOIN key ON key.id = applied.key",
            lambda r: f"key {r[0][:SHORT]} with grader {r[1]} counts, by {r[2]}: {r[3]}",
            own=False,
        ),
        told("exercise, mark, comment, withdrawn, who, why", "override", _override),
        told("until, who, why", "extension", lambda r: f"deadline {shown(r[0])}, by {r[1]}: {r[2]}"),
        told("id", "forgotten", lambda _r: "a student was forgotten", own=False),
        key=lambda event: event.at,
    )


def rules_text(rules: Rules) -> str:
    """Rules in one line."""
    if rules.deadline is None:
        told = "no deadline"
    else:
        told = f"deadline {_local(rules.deadline, rules)}"
        if rules.grace:
            told += f", grace {rules.grace / 60:g} min"
        if (penalty := rules.penalty) is not None:
            whole = "full marks" if penalty.of == "max" else "the mark"
            told += f", {penalty.percent:g} % of {whole} per {penalty.per} late, not below {penalty.floor:g} %"
    return f"{told}; the {rules.attempts} attempt counts"


def _local(when: datetime, rules: Rules) -> str:
    return f"{when.astimezone(zone_of(rules.timezone)):%Y-%m-%d %H:%M:%S%z}"


def _person(row: Row) -> str:
    name, email, section = row
    told = " ".join(part for part in (name, f"<{email}>" if email else "", section and f"in {section}") if part)
    return f"known as {told or 'nobody elsewhere'}"


def _attempt(row: Row, shown: Callable[[str], str]) -> str:
    number, files, sha256, handed_in = row
    when = f", handed in {shown(handed_in)}" if handed_in else ""
    return f"attempt {number}: {', '.join(json.loads(files)) or 'no file'} ({sha256[:SHORT]}){when}"


def _result(row: Row) -> str:
    number, status, score, key, grader = row
    points = "" if score is None else f", {score:g} points"
    return f"attempt {number} {status}{points} (key {key[:SHORT]}, grader {grader})"


def _override(row: Row) -> str:
    exercise, mark, comment, withdrawn, who, why = row
    place = exercise or "mark"
    told = [f"{place}: by hand withdrawn"] if withdrawn else []
    told += [f"{place}: {mark:g} by hand"] if mark is not None else []
    told += [f"{exercise + ': ' if exercise else ''}comment {comment!r}"] if comment else []
    return f"{', '.join(told)}, by {who}" + (f": {why}" if why else "")
