"""Canvas: the gradebook's export, and names of downloaded submissions.

Source: the importer, exporter and content zipper of Canvas LMS.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.exports.fill import Filled, Layout, column_named, fill, only_column
from grader.exports.row import Row, parsed
from grader.exports.table import Table

POINTS = "points possible"
TOTALS = re.compile(r"(current|final)\s+(score|points|grade)|override\s+(score|grade|status)", re.IGNORECASE)
READ_ONLY = re.compile(r"read\s+only", re.IGNORECASE)
NO_STUDENTS = {"", "muted", "manual posting"}
IDS = ("ID", "SIS User ID", "SIS Login ID")


def canvas(
    data: bytes,
    where: str,
    rows: Sequence[Row],
    assignment: str,
    column: str = "",
    match: str = "",
    scale: bool = False,
) -> Filled:
    """The marks in Canvas's own export of its gradebook.

    Parameters
    ----------
    column : the title of the column for the marks; the only one, or the assignment's, where "".
    match : the title of the column that tells who it is; ids and then names where "".

    Raises
    ------
    UsageError : it is no such export, or what `fill` says.
    """
    table = Table.read(data, where)
    header = table.header()
    section = next((i for i, title in enumerate(header) if "Section" in title), None)
    if len(header) < 4 or "Student" not in header[0] or "ID" not in header[1] or section is None:
        raise UsageError(
            f"{where}:1: expected the gradebook that Canvas exports (Student, ID, …, Section, …), "
            f"got {', '.join(header[:6])}"
        )
    points, body = _rows(table)
    open_columns = [
        i
        for i in range(section + 1, len(header))
        if not TOTALS.search(header[i]) and not (points is not None and READ_ONLY.search(table.cell(points, i)))
    ]
    chosen = (
        column_named(table, column, "--column", open_columns)
        if column
        else only_column(table, open_columns, assignment)
    )
    full = None if points is None else parsed(table.cell(points, chosen))
    ids = [i for i in range(1, section) if header[i] in IDS]
    layout = Layout(
        column=chosen,
        keys=[column_named(table, match, "--match", range(section))] if match else ids,
        names=[] if match else [[0]],
        body=body,
        full={} if full is None else dict.fromkeys(body, full),
        kept={place: "excused" for place in body if table.cell(place, chosen).strip().casefold() == "ex"},
    )
    return fill(table, layout, rows, scale)


def _rows(table: Table) -> tuple[int | None, list[int]]:
    """The row of Points Possible, and those of students."""
    points, body = None, []
    for place in range(1, len(table.rows)):
        cells = [cell.text.strip().casefold() for cell in table.rows[place]]
        if POINTS in cells[0]:
            points = place
        elif set(cells) - NO_STUDENTS:
            body.append(place)
    return points, body
