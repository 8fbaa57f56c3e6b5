"""The layouts in which LMSs hand over a class, each recognised by its exact rule, before anything else.

canvas: a flat folder of NAME_[LATE_]USER_ATTACHMENT_FILE. moodle: folders (or files) NAME_NUMBER_assignsubmission_….
gradescope: submission_NUMBER folders beside submission_metadata.yml. nbgrader: submitted/STUDENT/ASSIGNMENT,
or the exchange's STUDENT+ASSIGNMENT+TIME. clones: repositories ASSIGNMENT-LOGIN.

Source: the LMSs' own exporters (content_zipper.rb of Canvas, downloader.php and locallib.php of Moodle's assign).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from grader.intake.archive import is_archive
from grader.intake.box import Box, Item, Kind, UnreadableError, is_litter, listed, visible
from grader.intake.gradescope import METADATA, read_metadata
from grader.intake.names import base_name, is_wanted, tidy
from grader.intake.packed import Marks
from grader.model import Origin
from grader.texts import say

CANVAS = re.compile(
    r"(?:(?P<name>(?!LATE_|anon_).+?)_)?(?:(?P<late>LATE)_)?(?P<user>\d+|anon_[^_]+)_(?P<attachment>\d+)_(?P<file>.+)"
)
CANVAS_TEXT = re.compile(
    r"(?:(?P<name>(?!LATE_|anon_).+?)_)?(?:(?P<late>LATE)_)?(?P<user>\d+|anon_[^_]+)_(?P<kind>text|link)\.html"
)
MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?")
EXCHANGE = re.compile(
    r"(?P<student>[^+]+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^+]*)(?:\+.*)?"
)
SUBMISSION = re.compile(r"submission_\d+")
SUBMITTED = "submitted"
TIMESTAMP = "timestamp.txt"
MAX_TEXT = 1 << 12
ONLINE = "unread.online"


class Piece(NamedTuple):
    """A file of an entry and the name under which it counts; a folder's name is empty."""

    path: str
    name: str


class Entry:
    """A student's submission, found and not yet read."""

    __slots__ = ("box", "id", "members", "origin", "pieces", "problem", "remarks")

    def __init__(
        self,
        id: str,
        box: Box,
        pieces: Sequence[Piece],
        origin: Origin = Origin(),  # noqa: B008 frozen
        remarks: Sequence[str] = (),
        problem: str | None = None,
        members: Sequence[str] = (),
    ) -> None:
        self.id = id
        self.box = box
        self.pieces = pieces
        self.origin = origin
        self.remarks = remarks
        self.problem = problem
        self.members = members


def entries_of(box: Box, file: str) -> list[Entry] | None:
    """The class in a known layout; None where there is none of them."""
    top = visible(box, "")
    rules: list[Callable[[Box, str, Sequence[Item], str], list[Entry] | None]] = [
        _gradescope,
        _moodle,
        _exchange,
        _nbgrader,
        _canvas,
        _clones,
    ]
    for rule in rules:
        entries = rule(box, "", top, file)
        if entries is not None:
            return entries
    if len(top) == 1 and top[0].kind is Kind.FOLDER:
        inner = visible(box, top[0].name)
        for rule in rules:
            entries = rule(box, top[0].name, inner, file)
            if entries is not None:
                return entries
    return None


def plain_entries(box: Box, folder: str, items: Iterable[Item]) -> Iterator[Entry]:
    """One entry per folder, Python file, notebook or archive; other files are passed over."""
    for item in items:
        path = join(folder, item.name)
        wanted = is_wanted(item.name) or is_archive(item.name)
        if item.kind is Kind.LINK:
            problem = say("unread.link", name=item.name)
            yield Entry(tidy(base_name(item.name)), box, [], problem=problem)
        elif item.kind is Kind.FOLDER:
            yield Entry(tidy(item.name), box, [Piece(path, "")])
        elif wanted:
            yield Entry(tidy(base_name(item.name)), box, [Piece(path, item.name)])


def passed_over(box: Box, entries: Iterable[Entry]) -> list[str]:
    """The files beside a class's entries that are nobody's work here: no Python, notebook or archive."""
    places: set[str] = set()

    def paths() -> Iterator[str]:
        for entry in entries:
            for piece in entry.pieces:
                places.add(piece.path.rpartition("/")[0] if piece.path else piece.path + "/")
                yield piece.path
            if len(places) > 1:
                return

    own = Marks(paths())
    if len(places) != 1 or "/" in places:
        return []  # each student's own folder, or one student alone
    (folder,) = places
    return [
        item.name
        for item in box.items(folder)
        if item.kind is Kind.FILE and item.name != METADATA and not is_litter(item.name)
        if not any(rule.fullmatch(item.name) for rule in (CANVAS_TEXT, MOODLE)) and join(folder, item.name) not in own
    ]


def join(folder: str, name: str) -> str:
    """A path in a box."""
    return f"{folder}/{name}" if folder else name


# -------------------------------------------------------------------------------------- canvas


def _canvas(box: Box, folder: str, items: Sequence[Item], _file: str) -> list[Entry] | None:
    if not any(CANVAS.fullmatch(item.name) or CANVAS_TEXT.fullmatch(item.name) for item in items):
        return None
    students: dict[str, list[tuple[int, Piece, re.Match[str]]]] = {}
    others: list[Item] = []
    for item in items:
        match = CANVAS.fullmatch(item.name)
        text = CANVAS_TEXT.fullmatch(item.name)
        fits = match if match is not None and _as_canvas(match) else text
        if fits is None or item.kind is Kind.FOLDER:
            others.append(item)
            continue
        number, name = (int(fits["attachment"]), fits["file"]) if fits is match else (-1, "")
        students.setdefault(fits["user"], []).append((number, Piece(join(folder, item.name), name), fits))
    strangers = [i for i in others if is_wanted(i.name) or is_archive(i.name) or i.kind is Kind.FOLDER]
    if not students or len(strangers) >= sum(map(len, students.values())):
        return None
    entries = []
    for user, files in students.items():
        files.sort(key=lambda f: f[:2])
        match = files[-1][2]
        pieces = [piece for number, piece, _match in files if number >= 0]
        origin = Origin("canvas", files[-1][1].path.rpartition("/")[2], match["name"] or "", late=bool(match["late"]))
        entries.append(Entry(user, box, pieces, origin, problem=None if pieces else say(ONLINE)))
    return [*entries, *plain_entries(box, folder, others)]


def _as_canvas(match: re.Match[str]) -> bool:
    """Canvas writes names in small letters, and numbers without a zero before them."""
    name = match["name"] or ""
    numbers = (match["user"], match["attachment"])
    return (
        name == name.lower()
        and bool(name or match["user"].startswith("anon_"))
        and not any(n[0] == "0" for n in numbers)
    )


# -------------------------------------------------------------------------------------- moodle


def _moodle(box: Box, folder: str, items: Sequence[Item], _file: str) -> list[Entry] | None:
    if not any(MOODLE.fullmatch(item.name) for item in items):
        return None
    students: dict[str, list[tuple[Piece, re.Match[str]]]] = {}
    others: list[Item] = []
    for item in items:
        match = MOODLE.fullmatch(item.name)
        if match is None or item.kind is Kind.LINK:
            others.append(item)
            continue
        path = join(folder, item.name)
        piece = Piece(path, "" if item.kind is Kind.FOLDER else match["file"] or "")
        students.setdefault(match["number"] or match["name"], []).append((piece, match))
    if not students:
        return None
    entries = []
    for number, parts in students.items():
        files = [(p, m) for p, m in parts if m["plugin"] == "file"]
        piece, match = (files or parts)[0]
        origin = Origin("moodle", _moodle_folder(match), match["name"])
        problem = None if files else say(ONLINE)
        entries.append(Entry(tidy(number), box, [p for p, _match in files], origin, problem=problem))
    return [*entries, *plain_entries(box, folder, others)]


def _moodle_folder(match: re.Match[str]) -> str:
    """The folder's name, under which Moodle takes feedback back."""
    last = match["file"]
    return match.string if not last else match.string[: -len(last)].rstrip("_")


# ---------------------------------------------------------------------------------- gradescope


def _gradescope(box: Box, folder: str, items: Sequence[Item], _file: str) -> list[Entry] | None:
    if Item(METADATA, Kind.FILE) not in items:
        return None
    own = [i for i in items if SUBMISSION.fullmatch(i.name) and i.kind is Kind.FOLDER]
    told = read_metadata(box, join(folder, METADATA))
    if not own and not told:
        return None
    entries = []
    there = {i.name for i in own}
    for name in sorted(there | told.keys()):
        one = told.get(name)
        people = one.people if one is not None else []
        ids = [tidy(p.sid or p.email or p.name) for p in people if p.sid or p.email or p.name]
        first = people[0] if people else None
        origin = Origin(
            "gradescope",
            name,
            first.name if first else "",
            first.email if first else "",
            handed_in=iso_time(one.created) if one is not None else None,
        )
        pieces = [Piece(join(folder, name), "")] if name in there else []
        problem = None if pieces else say("unread.not_exported")
        entries.append(
            Entry(ids[0] if ids else name, box, pieces, origin, problem=problem, members=ids if len(ids) > 1 else ())
        )
    others = [i for i in items if i.name not in there and i.name != METADATA]
    return [*entries, *plain_entries(box, folder, others)]


# ------------------------------------------------------------------------------------ nbgrader


def _nbgrader(box: Box, folder: str, items: Sequence[Item], file: str) -> list[Entry] | None:
    if Item(SUBMITTED, Kind.FOLDER) in items:
        folder = join(folder, SUBMITTED)
    elif (folder or box.label).rpartition("/")[2] != SUBMITTED:
        return None
    entries = []
    for student in box.items(folder):
        if is_litter(student.name) or student.kind is not Kind.FOLDER:
            continue
        home = join(folder, student.name)
        inside = [i for i in box.items(home) if i.kind is Kind.FOLDER and not is_litter(i.name)]
        chosen = [i for i in inside if _holds(box, join(home, i.name), file)] or inside
        if len(chosen) == 1:
            path = join(home, chosen[0].name)
            origin = Origin("nbgrader", f"{student.name}/{chosen[0].name}", handed_in=_timestamp(box, path))
            entries.append(Entry(tidy(student.name), box, [Piece(path, "")], origin))
        else:
            problem = say("unread.one_folder", file=file, found=listed(i.name for i in chosen))
            entries.append(Entry(tidy(student.name), box, [], Origin("nbgrader", student.name), problem=problem))
    return entries or None


def _exchange(box: Box, folder: str, items: Sequence[Item], _file: str) -> list[Entry] | None:
    """nbgrader's exchange keeps every attempt: the last one counts."""
    if not any(EXCHANGE.fullmatch(item.name) for item in items):
        return None
    attempts: dict[str, list[tuple[str, str]]] = {}
    others = []
    for item in items:
        match = EXCHANGE.fullmatch(item.name)
        if match is None or item.kind is not Kind.FOLDER:
            others.append(item)
        else:
            attempts.setdefault(match["student"], []).append((match["time"], item.name))
    if not attempts:
        return None
    entries = []
    for student, of_student in attempts.items():
        time, name = max(of_student)
        count = len(of_student)
        remarks = [say("files.attempts", count=count, time=time)] if count > 1 else []
        origin = Origin("nbgrader", name, handed_in=iso_time(time))
        entries.append(Entry(tidy(student), box, [Piece(join(folder, name), "")], origin, remarks))
    return [*entries, *plain_entries(box, folder, others)]


def _holds(box: Box, folder: str, file: str) -> bool:
    wanted = {file, f"{file.removesuffix('.py')}.ipynb"}
    return any(item.name in wanted for item in box.items(folder))


def _timestamp(box: Box, folder: str) -> str | None:
    if not any(item == Item(TIMESTAMP, Kind.FILE) for item in box.items(folder)):
        return None
    try:
        return iso_time(box.read(join(folder, TIMESTAMP), MAX_TEXT).decode("utf-8", "replace"))
    except UnreadableError:
        return None


def iso_time(text: str) -> str | None:
    """A time as LMSs write it ("2023-09-14 21:18:22.41 Z", "… UTC", "… +0200") in ISO 8601; None where it is none.

    A time without a zone is UTC's, as nbgrader's is.
    """
    match = re.fullmatch(
        r"\s*(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?\s*", text[:60]
    )
    if match is None:
        return None
    zone = match[3] or "Z"
    zone = "+00:00" if zone.isalpha() else f"{zone[:3]}:{zone[-2:]}"
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}").astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None


# -------------------------------------------------------------------------------------- clones


def _clones(box: Box, folder: str, items: Sequence[Item], _file: str) -> list[Entry] | None:
    """Repositories side by side; the login is what follows the assignment's name."""
    home = (folder or box.label).rpartition("/")[2]
    slug = home.removesuffix("-submissions")
    cloned = all(box.is_clone(join(folder, i.name)) for i in items if i.kind is Kind.FOLDER)
    of_slug = all(i.name.startswith(f"{slug}-") for i in items if i.kind is Kind.FOLDER)
    if not cloned and not of_slug:
        return None
    own = [i for i in items if i.kind is Kind.FOLDER]
    if not own or (not (cloned and (of_slug or len(own) > 1)) and not (of_slug and slug != home)):
        return None
    prefix = f"{slug}-" if of_slug else _common([i.name for i in own])
    entries = []
    for item in own:
        login = item.name.removeprefix(prefix) if item.name != prefix else item.name
        entries.append(Entry(tidy(login), box, [Piece(join(folder, item.name), "")], Origin("clones", item.name)))
    return [*entries, *plain_entries(box, folder, [i for i in items if i.kind is not Kind.FOLDER])]


def _common(names: Sequence[str]) -> str:
    """The longest beginning of all names that ends in a hyphen."""
    first, last = min(names), max(names)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[: first.rfind("-", 0, same) + 1]
