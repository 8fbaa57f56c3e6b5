"""Marks into one column of a teacher's own export: which row is whose, and which cells change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from grader.errors import UsageError
from grader.exports.row import NUMBER, Row, number, parsed
from grader.exports.table import Table

TOLD = 10


class Layout(msgspec.Struct, kw_only=True):
    """Where what stands in an LMS's export.

    `keys` are columns with ids, user names or addresses; `names` groups of columns that make a name
    together; `body` the rows of students; `full` what the LMS takes for full marks, by row; `kept`
    why the cell of a row is left alone.
    """

    column: int
    keys: list[int]
    names: list[list[int]] = []
    body: list[int]
    full: dict[int, float] = {}
    kept: dict[int, str] = {}


class Filled(msgspec.Struct, frozen=True):
    """The bytes of the filled export, how many cells say something new, and what a teacher should know."""

    data: bytes
    written: int
    told: list[str]


def fill(table: Table, layout: Layout, rows: Sequence[Row], scale: bool = False) -> Filled:
    """The export with each student's mark in its column; cells of students without a mark stay as they are.

    Parameters
    ----------
    scale : convert marks where the LMS's full marks are others than ours.

    Raises
    ------
    UsageError : a row may be two students', a student two rows', or full marks differ.
    """
    matched = _matched(table, layout, rows)
    comma = _decimal_comma(table, layout)
    changes: dict[tuple[int, int], str] = {}
    kept: dict[str, list[str]] = {}
    for place, row in matched.items():
        old = table.cell(place, layout.column)
        if row.mark is None:
            kept.setdefault("no mark yet, left as they are", []).append(row.student)
        elif place in layout.kept:
            kept.setdefault(f"{layout.kept[place]}, left as they are", []).append(row.student)
        else:
            mark = _converted(table, layout, place, row, scale)
            if parsed(old) is None or abs((parsed(old) or 0.0) - mark) > 5e-5:
                changes[place, layout.column] = number(mark, comma)
    missing = {row.student for row in rows} - {row.student for row in matched.values()}
    others = [_named(table, layout, place) for place in layout.body if place not in matched]
    kept["in the gradebook, and not in the file"] = [r.student for r in rows if r.student in missing]
    kept["in the file, and not in the gradebook"] = others
    title = table.header()[layout.column]
    told = [f"{title}: {len(changes)} of {len(matched)} marks are new"]
    told += [f"{why}: {_some(names)}" for why, names in kept.items() if names]
    return Filled(table.written(changes), len(changes), told)


def column_named(table: Table, name: str, option: str, columns: Iterable[int] | None = None) -> int:
    """The one column with this title, or whose title without what LMSs put behind it is this.

    Raises
    ------
    UsageError : there is none, or there are several; `option` is where the name was given.
    """
    header = table.header()
    among = list(columns) if columns is not None else list(range(len(header)))
    for same in (lambda title: title == name, lambda title: short(title) == name.strip()):
        found = [i for i in among if same(header[i])]
        if len(found) == 1:
            return found[0]
        if found:
            break
    told = ", ".join(repr(header[i]) for i in among) or "none"
    raise UsageError(f"{table.where}: {option} {name!r}: expected one of its columns: {told}")


def short(title: str) -> str:
    """A column's title without what an LMS puts behind it: (123), (Real), or [Total Pts: 20 Score] |123."""
    return re.sub(r"\s*(?:\(\d+\)|\[[^\]]*\]\s*\|\d+|\((?:Real|Points)\))\s*$", "", title, flags=re.I).strip()


def only_column(table: Table, columns: Sequence[int], assignment: str) -> int:
    """The column for the marks where none was named: the only one, or the one that has the assignment's name.

    Raises
    ------
    UsageError : that leaves none, or several.
    """
    header = table.header()
    alike = [i for i in columns if assignment.casefold() == short(header[i]).rpartition(": ")[2].casefold()]
    chosen = columns if len(columns) == 1 else alike
    if len(chosen) != 1:
        told = ", ".join(repr(header[i]) for i in columns) or "it has none for marks"
        raise UsageError(f"{table.where}: which column takes the marks? Name it with --column: {told}")
    return chosen[0]


def _matched(table: Table, layout: Layout, rows: Sequence[Row]) -> dict[int, Row]:
    """Row of the file → whose it is, by ids first; where no id matches, by a name that nobody shares."""
    by_id: dict[str, dict[str, Row]] = {}
    by_name: dict[str, dict[str, Row]] = {}
    for row in rows:
        for key in {row.student, row.email, *row.logins} - {""}:
            by_id.setdefault(key.strip().casefold(), {})[row.student] = row
        if row.name:
            by_name.setdefault(_sorted_words(row.name), {})[row.student] = row
    matched: dict[int, Row] = {}
    for place in layout.body:
        keys = {table.cell(place, column).strip().casefold() for column in layout.keys}
        found = {s: row for key in keys - {""} for s, row in by_id.get(key, {}).items()}
        if len(found) > 1:
            raise UsageError(
                f"{table.where}:{table.lines[place]}: the ids of this row are those of {' and '.join(sorted(found))}; "
                "say with --match which column tells who it is"
            )
        if found:
            matched[place] = next(iter(found.values()))
    _by_name(table, layout, by_name, matched)
    lines: dict[str, int] = {}
    for place, row in sorted(matched.items()):
        if row.student in lines:
            raise UsageError(
                f"{table.where}: lines {lines[row.student]} and {table.lines[place]} are both {row.student}'s; "
                "say with --match which column tells who it is"
            )
        lines[row.student] = table.lines[place]
    return matched


def _by_name(table: Table, layout: Layout, names: dict[str, dict[str, Row]], matched: dict[int, Row]) -> None:
    """Add rows whose name is one student's alone, and that student's row alone."""
    taken = {row.student for row in matched.values()}
    found: dict[str, list[int]] = {}
    for place in layout.body:
        for columns in layout.names if place not in matched else []:
            word = _sorted_words(" ".join(table.cell(place, c) for c in columns))
            if place not in found.get(word, []):
                found.setdefault(word, []).append(place)
    for word, places in found.items():
        students = names.get(word, {})
        if len(places) == 1 and len(students) == 1 and not students.keys() & taken:
            matched[places[0]] = next(iter(students.values()))


def _sorted_words(name: str) -> str:
    """A name in any order of its parts: 'Doe, Jane' is 'Jane Doe'."""
    return " ".join(sorted(re.findall(r"[^\W_]+", name.casefold())))


def _converted(table: Table, layout: Layout, place: int, row: Row, scale: bool) -> float:
    full = layout.full.get(place)
    mark = row.mark or 0.0
    if full is None or abs(full - row.max_score) < 1e-6:
        return mark
    if not scale or not row.max_score:
        raise UsageError(
            f"{table.where}: full marks are {number(full)} there and {number(row.max_score)} here; "
            "give --scale to convert marks, or change the points there"
        )
    return round(mark * full / row.max_score, 2)


def _decimal_comma(table: Table, layout: Layout) -> bool:
    """Whether numbers have a comma: those of the column, or else of the whole file, say so."""
    for columns in ([layout.column], range(len(table.rows[0]))):
        cells = [row[c].text.strip() for row in table.rows for c in columns if c < len(row)]
        signs = {("," in cell) for cell in cells if NUMBER.fullmatch(cell) and not cell.isdigit()}
        if len(signs) == 1:
            return signs.pop()
    return False


def _named(table: Table, layout: Layout, place: int) -> str:
    """What a person reads of a row: its name or the first id that it has."""
    names = [" ".join(table.cell(place, c).strip() for c in columns).strip() for columns in layout.names]
    ids = [table.cell(place, c).strip() for c in layout.keys]
    return next((text for text in names + ids if text), f"line {table.lines[place]}")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:TOLD]) + (f" … ({len(names)} in all)" if len(names) > TOLD else "")
