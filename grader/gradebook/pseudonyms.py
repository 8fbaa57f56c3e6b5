"""Stable pseudonyms, with the map from students to them in a file of its own.

    names = Pseudonyms.open(Path("pseudonyms.json"))
    submissions = [names.submission(s) for s in submissions]    # graded, kept and reported under pseudonyms
    grades = (names.grade(g, people.get(names.student(g.id))) for g in grades)

A pseudonym is a keyed hash of the id, and the key is drawn at random when the file is made: two runs
with one file agree without waiting for each other, and nobody without the file can try ids out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from grader.errors import UsageError
from grader.gradebook.records import Attempt, Person
from grader.gradebook.rows import plain
from grader.model import Grade, Origin, Submission

Record = TypeVar("Record", Grade, Attempt)

SCHEMA = "grader/pseudonyms/v1"
LETTERS = 10
WORD = re.compile(r"[^\W_]+")


class _Map(msgspec.Struct):
    """What the file holds: the secret in hexadecimal, and student by pseudonym."""

    schema: str
    secret: str
    students: dict[str, str]


class Pseudonyms:
    """Pseudonyms of students; made by `Pseudonyms.open`. New ones are in the file after `save`."""

    def __init__(self, path: Path, kept: _Map) -> None:
        self.path = path
        self._kept = kept
        self._saved = len(kept.students)
        self._known: dict[str, list[Person]] = {}

    @classmethod
    def open(cls, path: Path) -> Pseudonyms:
        """Read a map, or make one that its owner alone may read.

        Raises
        ------
        UsageError : it is no map, or it cannot be read or written.
        """
        try:
            if not path.exists():
                _create(path, _Map(SCHEMA, secrets.token_hex(16), {}))
            kept = msgspec.json.decode(path.read_bytes(), type=_Map)
        except OSError as error:
            raise UsageError(f"{path}: the map of pseudonyms cannot be read or made ({error.strerror})") from None
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: expected a map of pseudonyms, but {error}; name another file") from None
        if kept.schema != SCHEMA:
            raise UsageError(
                f"{path}: expected schema {SCHEMA}, got {kept.schema!r}; update grader or name another file"
            )
        return cls(path, kept)

    def of(self, student: str) -> str:
        """The pseudonym of a student; the same one whenever this file is used."""
        student = plain(student)
        digest = hmac.digest(bytes.fromhex(self._kept.secret), student.encode(), hashlib.sha256)
        pseudonym = f"p-{base64.b32encode(digest).decode().lower()[:LETTERS]}"
        if self._kept.students.setdefault(pseudonym, student) != student:
            raise UsageError(f"{self.path}: two students have the pseudonym {pseudonym}; delete the file to draw anew")
        return pseudonym

    def student(self, pseudonym: str) -> str | None:
        """Whose pseudonym it is; None where the map does not know it."""
        return self._kept.students.get(pseudonym)

    def submission(self, submission: Submission) -> Submission:
        """The submission under its student's pseudonym, and those who share it; give it its variant before."""
        known = submission.origin
        origin = Origin(known.layout, late=known.late, handed_in=known.handed_in)
        members = [self.of(member) for member in submission.members]
        return msgspec.structs.replace(submission, id=self.of(submission.id), members=members, origin=origin)

    def grade(self, grade: Grade, *persons: Person) -> Grade:
        """A grade of a pseudonymous submission without the ids, names, addresses or logins of persons in any text."""
        return self._hidden(grade, grade.id, persons)

    def attempt(self, attempt: Attempt, *persons: Person) -> Attempt:
        """An attempt of a pseudonymous submission without traces in its files' names, and without the LMS's names."""
        return self._hidden(msgspec.structs.replace(attempt, members=[]), attempt.student, persons)

    def know(self, persons: Iterable[Person]) -> None:
        """Look for these persons too in every text: students name their files after themselves and each other."""
        for person in persons:
            for word in _words(person):
                self._known.setdefault(word, []).append(person)

    def line(self, text: str) -> str:
        """A text in which every person who is known is named by the pseudonym."""
        persons = {p.student: p for word in WORD.findall(text.casefold()) for p in self._known.get(word, ())}
        for person in persons.values():
            text = _traces([person]).sub(self.of(person.student), text)
        return text

    def _hidden(self, record: Record, pseudonym: str, persons: Sequence[Person]) -> Record:
        wanted = _traces([Person(self.student(pseudonym) or ""), *persons])
        hidden: Record = _without(record, lambda text: self.line(wanted.sub(pseudonym, text)))
        return hidden

    def forget(self, student: str) -> bool:
        """Take a student out of the map, and save it; whether it had them."""
        mine = [p for p, s in self._kept.students.items() if s == plain(student)]
        for pseudonym in mine:
            del self._kept.students[pseudonym]
        if mine:
            _replace(self.path, self._kept)
        return bool(mine)

    def save(self) -> None:
        """Write new pseudonyms to the file, beside those that another run has written meanwhile."""
        if len(self._kept.students) > self._saved:
            theirs = Pseudonyms.open(self.path)._kept.students
            self._kept.students = theirs | self._kept.students
            _replace(self.path, self._kept)
            self._saved = len(self._kept.students)


def _traces(persons: Sequence[Person]) -> re.Pattern[str]:
    """Finds ids as whole words, and a name in either order, however its parts are joined or run together."""
    patterns: set[str] = set()
    for person in persons:
        patterns |= {re.escape(i) for i in (person.student, person.email, *person.logins) if i}
        parts = [re.escape(part) for part in re.split(r"[\W_]+", person.name) if part]
        patterns |= {r"[\W_]{0,3}".join(order) for order in _orders(parts) if len(parts) > 1}
        patterns |= {re.escape(person.name)} if len(parts) == 1 else set()
    longest_first = sorted(patterns, key=lambda p: (-len(p), p))
    return re.compile(
        rf"(?<![^\W_])(?:{'|'.join(longest_first)})(?![^\W_])" if longest_first else r"(?!)", re.IGNORECASE
    )


def _orders(parts: list[str]) -> set[tuple[str, ...]]:
    """The orders in which the parts of a name are written; parts between the first and the last are left out too."""
    ends = parts[:1] + parts[-1:]
    return {tuple(o) for o in (parts, parts[::-1], parts[-1:] + parts[:-1], ends, ends[::-1])}


def _words(person: Person) -> set[str]:
    """Words of which one stands in each text that names the person."""
    parts = WORD.findall(person.name.casefold())
    joined = {"".join(order) for order in _orders(parts)}
    ids = (WORD.findall(text.casefold())[:1] for text in (person.student, person.email, *person.logins))
    return {word for word in (*parts, *joined, *(w for own in ids for w in own)) if word}


def _without(value: Any, hide: Callable[[str], str]) -> Any:
    """The same value with every text in it as `hide` gives it."""
    if type(value) is str:
        return hide(value)
    if isinstance(value, list):
        return [_without(v, hide) for v in value]
    if isinstance(value, dict):
        return {_without(k, hide): _without(v, hide) for k, v in value.items()}
    if isinstance(value, msgspec.Struct):
        return type(value)(**{f: _without(getattr(value, f), hide) for f in value.__struct_fields__})
    return value


def _create(path: Path, kept: _Map) -> None:
    """Make the file whole, unless another run was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _write(path, kept)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(beside, path)
        return
    beside.unlink()


def _replace(path: Path, kept: _Map) -> None:
    try:
        os.replace(_write(path, kept), path)
    except OSError as error:
        raise UsageError(f"{path}: the map of pseudonyms cannot be written ({error.strerror})") from None


def _write(path: Path, kept: _Map) -> Path:
    """The map in a file beside its place, for its owner's eyes."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        table = {"schema": kept.schema, "secret": kept.secret, "students": dict(sorted(kept.students.items()))}
        file.write(json.dumps(table, ensure_ascii=True, indent=1) + "\n")
    return beside
