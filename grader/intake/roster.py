"""A course's roster: a CSV with a column id, and name, email, section and group where there are any."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec

from grader.errors import UsageError


class Person(msgspec.Struct, frozen=True):
    """One student of the roster."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    group: str = ""


def read_roster(path: Path) -> dict[str, Person]:
    """The students of a roster by id, in its order.

    Raises
    ------
    UsageError : it cannot be read, has no column id, or an id stands twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: expected a roster (CSV), but {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: expected a roster in UTF-8; save it again as 'CSV UTF-8'") from None
    rows = csv.DictReader(io.StringIO(text, newline=""))
    columns = {(name or "").strip().lower(): name for name in rows.fieldnames or ()}
    if "id" not in columns:
        raise UsageError(f"{path}:1: expected a column 'id', got {', '.join(columns) or 'nothing'}")
    people: dict[str, Person] = {}
    for row in rows:
        fields = {f: (row[columns[f]] or "").strip() for f in Person.__struct_fields__ if f in columns}
        if not fields["id"]:
            continue
        if fields["id"] in people:
            raise UsageError(f"{path}:{rows.line_num}: {fields['id']} stands in the roster twice; keep one line")
        people[fields["id"]] = Person(**fields)
    return people
