"""Records ↔ the columns of a gradebook's tables."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from grader.errors import UsageError, WireError
from grader.gradebook.records import Attempt, Extension, Override
from grader.gradebook.rules import Rules
from grader.model import Grade
from grader.wire import pack, unpack

MAX_GRADE = 64 << 20
"""Bytes that a grade may take when it is unpacked; a whole one takes 20 kB."""
ATTEMPT = "attempt.student, attempt.number, attempt.sha256, attempt.files, attempt.members, attempt.handed_in"


def stamp(when: datetime) -> str:
    """A moment as text that sorts by time: UTC, microseconds."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """What `stamp` wrote."""
    return datetime.fromisoformat(text)


def plain(text: str) -> str:
    """A student's id or a file's name as a database takes it: half characters, of undecodable names, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def squeeze(grade: Grade) -> bytes:
    """A grade as compressed bytes, without the student's id, which stands in the attempt."""
    nameless = msgspec.structs.replace(grade, id="")
    try:
        packed = pack(nameless)
    except UnicodeEncodeError:
        packed = pack(_encodable(nameless))
    return zlib.compress(packed, 6)


def _encodable(value: Any) -> Any:
    """The same value without half characters, which reports leave out as well."""
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [_encodable(v) for v in value]
    if isinstance(value, dict):
        return {_encodable(k): _encodable(v) for k, v in value.items()}
    if isinstance(value, msgspec.Struct):
        return type(value)(**{f: _encodable(getattr(value, f)) for f in value.__struct_fields__})
    return value


def texts(value: Any) -> Iterator[str]:
    """Every text in a record."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        yield from (text for v in value for text in texts(v))
    elif isinstance(value, dict):
        yield from (text for item in value.items() for text in texts(item))
    elif isinstance(value, msgspec.Struct):
        yield from (text for f in value.__struct_fields__ for text in texts(getattr(value, f)))


def unsqueeze(data: bytes, student: str, where: str) -> Grade:
    """What `squeeze` wrote, as the grade of `student`.

    Raises
    ------
    UsageError : the bytes are none; `where` names the gradebook.
    """
    try:
        reader = zlib.decompressobj()
        whole = reader.decompress(data, MAX_GRADE)
        if not reader.eof:
            raise WireError(f"it is longer than {MAX_GRADE} bytes, or cut off")
        return msgspec.structs.replace(unpack(whole, Grade), id=student)
    except (zlib.error, WireError) as error:
        raise UsageError(f"{where}: the grade of {student} cannot be read ({error}); put a copy in its place") from None


def attempt_from(row: Any, variant: int = 0) -> Attempt:
    """An attempt from the columns ATTEMPT."""
    student, number, sha256, files, members, handed_in = row
    return Attempt(
        student=student,
        number=number,
        sha256=sha256,
        files=json.loads(files),
        members=json.loads(members),
        handed_in=handed_in and moment(handed_in),
        variant=variant,
    )


def override_from(row: Any) -> Override:
    """An override from (student, exercise, mark, comment, withdrawn, who, why)."""
    student, exercise, mark, comment, withdrawn, who, why = row
    return Override(
        student=student, exercise=exercise, mark=mark, comment=comment, withdrawn=bool(withdrawn), who=who, why=why
    )


def extension_from(row: Any) -> Extension:
    """An extension from (student, until, who, why)."""
    student, until, who, why = row
    return Extension(student=student, until=moment(until), who=who, why=why)


def dump_rules(rules: Rules) -> str:
    """Rules as JSON; the same rules give the same text."""
    return msgspec.json.encode(rules, order="sorted").decode()


def load_rules(text: str) -> Rules:
    """What `dump_rules` wrote."""
    return msgspec.json.decode(text, type=Rules)


def to_json(value: Any) -> str:
    """A small value as JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
