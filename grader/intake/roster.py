"""A course's roster: a CSV with a column id, and name, email, section and group where there are any.

It may be what a spreadsheet or an LMS wrote: commas, semicolons or tabs, UTF-8 or UTF-16, with or
without a byte-order mark, and a few other words for the columns.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.errors import UsageError
from grader.intake.names import tidy

if TYPE_CHECKING:
    from grader.intake.layouts import Entry

MAX_ROSTER = 64 << 20
DELIMITERS = ",;\t"
COLUMNS = {
    "id": ("id", "student id", "student_id", "id number", "idnumber", "sid", "sis login id", "username", "identifier"),
    "name": ("name", "full name", "fullname", "student", "student name"),
    "email": ("email", "email address", "e-mail", "mail"),
    "section": ("section", "sections"),
    "group": ("group", "groups", "group name", "team"),
}
"""Of several words that stand in a header the first counts."""
FIRST, LAST = ("first name", "firstname", "given name"), ("last name", "lastname", "surname", "family name")


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
    lines = io.StringIO(_text(path), newline="")
    first = lines.readline()
    if not re.fullmatch(r"sep=.\s*", first):  # a line that Excel writes and hides
        lines.seek(0)
        header = first
    else:
        header = lines.readline()
        lines.seek(len(first))
    delimiter = max(DELIMITERS, key=header.count)
    rows = csv.reader(lines, delimiter=delimiter)
    people: dict[str, Person] = {}
    try:
        names = [re.sub(r"\s+", " ", cell).strip().lower() for cell in next(rows, [])]
        places = _places(names)
        if "id" not in places:
            raise UsageError(f"{path}:1: expected a column 'id', got {', '.join(n for n in names if n) or 'nothing'}")
        for row in rows:
            person = _person(row, names, places)
            if not person.id:
                continue
            if person.id in people:
                raise UsageError(f"{path}:{rows.line_num}: {person.id} stands in the roster twice; keep one line")
            people[person.id] = person
    except csv.Error as error:
        raise UsageError(f"{path}:{rows.line_num}: expected a roster (CSV), but {error}; save it again") from None
    return people


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_ROSTER + 1)
    except OSError as error:
        raise UsageError(f"{path}: expected a roster (CSV), but {error.strerror}") from None
    if len(data) > MAX_ROSTER:
        raise UsageError(f"{path}: expected a roster (CSV) of at most {MAX_ROSTER >> 20} MiB")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise UsageError(f"{path}: expected a roster in UTF-8; save it again as 'CSV UTF-8'") from None


def _places(names: Sequence[str]) -> dict[str, int]:
    """Field → its column."""
    places = {}
    for field, words in COLUMNS.items():
        for word in words:
            if word in names:
                places[field] = names.index(word)
                break
    return places


def _person(row: Sequence[str], names: Sequence[str], places: Mapping[str, int]) -> Person:
    fields = {field: row[at].strip() for field, at in places.items() if at < len(row)}
    if "name" not in places:
        parts = [
            row[names.index(w)].strip() for ws in (FIRST, LAST) for w in ws if w in names and names.index(w) < len(row)
        ]
        fields["name"] = " ".join(p for p in parts if p)
    own = fields.get("id", "")
    return Person(**{**fields, "id": tidy(own) if own else ""})


# ------------------------------------------------------------------------------------ matching


class Matched(msgspec.Struct):
    """A class held against its roster; a stranger is an entry that is nobody's of the roster."""

    strangers: list[str]
    missing: list[Person]
    told: list[str]


def match(entries: Sequence[Entry], people: Mapping[str, Person]) -> Matched:
    """Give each entry the id of the one whose it is, and a group's entry its members.

    An entry is matched by its id, its e-mail address, its address's local part, or its name, in this
    order, and only where exactly one of the roster fits; two entries that fit one person by more
    than the id are both left as they are, and told.
    """
    told: list[str] = []
    several: dict[str, set[str]] = {}
    ways = _ways(people)
    for entry in entries:
        if entry.members:
            entry.members = [_known(member, people, ways) for member in entry.members]
            entry.id = entry.members[0]
    taken = {member for e in entries for member in (e.members or [e.id]) if member in people}
    for keys_of, keys in ways:
        claims: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.id in people or entry.members:
                continue
            fitting = {i for key in keys_of(entry) for i in keys.get(key, ())} - taken
            if len(fitting) > 1:
                several[entry.id] = fitting
            if len(fitting) == 1:
                claims.setdefault(fitting.pop(), []).append(entry)
        for one, claimed in claims.items():
            taken.add(one)
            if len(claimed) == 1:
                claimed[0].id = one
            else:
                names = ", ".join(e.origin.entry or e.id for e in claimed)
                told.append(f"{one}: {names} could each be this student's; name one of them by the id, or remove one")
    for entry in entries:
        if left := several.get(entry.id, set()) - taken:
            who = f"{entry.id} ({entry.origin.name})" if entry.origin.name else entry.id
            told.append(f"{who}: could be each of {', '.join(sorted(left))}; name it by the id of one of them")
    _share(entries, people, told)
    there = {member for e in entries for member in (e.members or [e.id])}
    return Matched(sorted(there - people.keys()), [p for p in people.values() if p.id not in there], told)


def _known(text: str, people: Mapping[str, Person], ways: Ways) -> str:
    """The roster's id of a member of a group, or the text itself."""
    if text in people:
        return text
    for key, (_keys_of, keys) in zip((text.casefold(),) * 3 + (plain_letters(text),), ways, strict=True):
        if len(fitting := keys.get(key, [])) == 1:
            return fitting[0]
    return text


Ways = list[tuple["Callable[[Entry], list[str]]", dict[str, list[str]]]]


def _ways(people: Mapping[str, Person]) -> Ways:
    """How an entry can be matched: what to look at in it → the ids of the roster that fit."""
    by_id: dict[str, list[str]] = {}
    by_email: dict[str, list[str]] = {}
    by_local: dict[str, list[str]] = {}
    by_name: dict[str, list[str]] = {}
    for one in people.values():
        by_id.setdefault(one.id.casefold(), []).append(one.id)
        if one.email:
            by_email.setdefault(one.email.casefold(), []).append(one.id)
            by_local.setdefault(one.email.casefold().partition("@")[0], []).append(one.id)
        for form in name_forms(one.name):
            by_name.setdefault(form, []).append(one.id)
    return [
        (lambda e: [e.id.casefold()], by_id),
        (lambda e: [t.casefold() for t in (e.origin.email, e.id) if "@" in t], by_email),
        (lambda e: [e.id.casefold()], by_local),
        (lambda e: [plain_letters(e.origin.name or e.id)], by_name),
    ]


def plain_letters(name: str) -> str:
    """A name's letters and digits alone, without case, accents or order marks: "Doe, Jané" → "doejane"."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in letters if c.isalnum())


def name_forms(name: str) -> set[str]:
    """The ways in which an LMS may write a name: every turn of its words ("Jane van Doe" → "van Doe, Jane")."""
    words = [w for w in re.split(r"[\s,]+", name) if plain_letters(w)]
    turned = (words[i:] + words[:i] for i in range(min(len(words), 8)))
    return {plain_letters("".join(w)) for w in turned}


def _share(entries: Sequence[Entry], people: Mapping[str, Person], told: list[str]) -> None:
    """Make one submission of a group count for all its members."""
    groups: dict[str, list[str]] = {}
    for one in people.values():
        if one.group:
            groups.setdefault(tidy(one.group), []).append(one.id)
    own = {e.id: e for e in entries if not e.members}
    by_name: dict[str, list[Entry]] = {}
    for entry in own.values():
        by_name.setdefault(plain_letters(entry.origin.name or entry.id), []).append(entry)
    for group, members in groups.items():
        handed = [m for m in members if m in own]
        fitting = [own[group]] if group in own else by_name.get(plain_letters(group), [])
        if len(fitting) == 1 and fitting[0].id not in people:
            fitting[0].id, fitting[0].members = group, [m for m in members if m not in handed]
        elif len(handed) == 1 and len(members) > 1:
            own[handed[0]].members = members
            told.append(f"group {group}: what {handed[0]} handed in counts for {', '.join(members)}")
        elif len(handed) > 1:
            rest = ", ".join(m for m in members if m not in own)
            none = f", and {rest} handed in nothing" if rest else ""
            told.append(f"group {group}: {', '.join(handed)} each handed in; each one's own counts{none}")
