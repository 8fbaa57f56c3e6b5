"""Moodle: the grading worksheet of an assignment, the export of the gradebook, and a file for its import.

Source: the CSV import of grades and the offline feedback plugin of Moodle.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from grader.errors import UsageError
from grader.exports.fill import Filled, Layout, column_named, fill, only_column, short
from grader.exports.plain import csv_line
from grader.exports.row import Row, number, parsed
from grader.exports.table import Table

WORKSHEET = ("Identifier", "Grade", "Last modified (grade)")
IDS = {"identifier", "id number", "idnumber", "email address", "email", "username", "user id"}
NAMES = ({"full name"}, {"first name", "last name"}, {"first name", "surname"}, {"firstname", "lastname"})
NO_MARKS = {
    "institution",
    "department",
    "last downloaded from this course",
    "course total",
    "status",
    "group",
    "marker",
}
PARTICIPANT = re.compile(r"\D*(\d+)")


def moodle(
    data: bytes,
    where: str,
    rows: Sequence[Row],
    assignment: str,
    column: str = "",
    match: str = "",
    scale: bool = False,
) -> Filled:
    """The marks in Moodle's own file: an assignment's grading worksheet, or the gradebook's export.

    Parameters
    ----------
    column : the title of the column for the marks; "Grade", the only one or the assignment's where "".
    match : the title of the column that tells who it is; needed where Moodle speaks another language.

    Raises
    ------
    UsageError : it is no such file, or what `fill` says.
    """
    table = Table.read(data, where)
    header = [title.casefold() for title in table.header()]
    body = [place for place in range(1, len(table.rows)) if any(cell.text.strip() for cell in table.rows[place])]
    names = [[header.index(n) for n in sorted(group)] for group in NAMES if group <= set(header)]
    keys = [column_named(table, match, "--match")] if match else [i for i, title in enumerate(header) if title in IDS]
    if not keys and not names:
        raise UsageError(
            f"{where}:1: which column tells who it is? Name it with --match: {', '.join(map(repr, table.header()))}"
        )
    layout = Layout(column=0, keys=keys, names=[] if match else names, body=body)
    if all(title in table.header() for title in WORKSHEET):
        layout.column = column_named(table, column or "Grade", "--column")
        _worksheet(table, header, layout)
    else:
        taken = {*keys, *(c for group in names for c in group)}
        known = NO_MARKS | {name for group in NAMES for name in group} | IDS
        marks = [i for i, title in enumerate(header) if i not in taken and short(title) not in known]
        layout.column = column_named(table, column, "--column") if column else only_column(table, marks, assignment)
    _number_participants(table, keys)
    return fill(table, layout, rows, scale)


def moodle_import(rows: Sequence[Row], assignment: str) -> Iterator[str]:
    """A file for the import of the gradebook, of those who have a mark; a blank would take one away."""
    yield csv_line(["username", "email", "idnumber", assignment, f"{assignment} feedback"])
    for row in rows:
        if row.mark is not None:
            comment = "".join(f"<p>{html.escape(c)}</p>" for c in row.comments)
            username = next(iter(row.logins), row.student)
            yield csv_line([username, row.email, row.student, number(row.mark), comment], guard=[0, 1, 2])


def _worksheet(table: Table, header: list[str], layout: Layout) -> None:
    """What a worksheet says of each row: full marks, and whether the mark can be changed."""
    if "maximum grade" in header:
        cells = {place: parsed(table.cell(place, header.index("maximum grade"))) for place in layout.body}
        layout.full = {place: full for place, full in cells.items() if full is not None}
    if "grade can be changed" in header:
        column = header.index("grade can be changed")
        said = {place: table.cell(place, column).strip().casefold() for place in layout.body}
        layout.kept = {place: "locked in Moodle" for place, word in said.items() if word == "no"}


def _number_participants(table: Table, keys: Sequence[int]) -> None:
    """Let cells that say 'Participant 123' say 123; their bytes stay."""
    header = table.header()
    for column in keys:
        if header[column] == "Identifier":
            for row in table.rows[1:]:
                if column < len(row) and (found := PARTICIPANT.fullmatch(row[column].text.strip())):
                    row[column] = row[column]._replace(text=found[1])
