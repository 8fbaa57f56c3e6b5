"""Blackboard: the download of the grade centre, CSV or tab-separated UTF-16 that is named .xls.

A column of marks is known by what stands behind its title, '[Total Pts: 20 Score] |123456', whose
words are in the site's language and whose number is the column's id.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.exports.fill import Filled, Layout, column_named, fill, only_column
from grader.exports.row import Row, parsed
from grader.exports.table import Table

MARKS = re.compile(r".*\[(?P<words>[^\[\]]*)\]\s*\|\s*\d+", re.DOTALL)
POINTS = re.compile(r"\d+(?:[.,]\d+)?")
PEOPLE = ("last name", "first name", "username", "student id")


def blackboard(
    data: bytes,
    where: str,
    rows: Sequence[Row],
    assignment: str,
    column: str = "",
    match: str = "",
    scale: bool = False,
) -> Filled:
    """The marks in the grade centre's own download.

    Parameters
    ----------
    column : the title of the column for the marks; the only one, or the assignment's, where "".
    match : the title of the column that tells who it is; user name, student id and names where "".

    Raises
    ------
    UsageError : it is no such download, or what `fill` says.
    """
    table = Table.read(data, where)
    header = table.header()
    marks = [i for i, title in enumerate(header) if MARKS.fullmatch(title)]
    if not marks or marks[0] < 1:
        raise UsageError(
            f"{where}:1: expected the download of Blackboard's grade centre, with columns such as "
            f"'HW1 [Total Pts: 20 Score] |123456', got {', '.join(header[:6])}"
        )
    chosen = column_named(table, column, "--column", marks) if column else only_column(table, marks, assignment)
    people = [title.casefold() for title in header[: marks[0]]]
    if any(name in people for name in PEOPLE[2:]):
        keys = [i for i, title in enumerate(people) if title in PEOPLE[2:]]
        names = [[i for i, title in enumerate(people) if title in PEOPLE[:2]]]
    else:  # another language: the columns stand in the same order
        keys, names = [i for i in (2, 3) if i < marks[0]], [[0, 1]]
    body = [place for place in range(1, len(table.rows)) if any(cell.text.strip() for cell in table.rows[place])]
    full = _full(header[chosen])
    layout = Layout(
        column=chosen,
        keys=[column_named(table, match, "--match")] if match else keys,
        names=[] if match else names,
        body=body,
        full={} if full is None else dict.fromkeys(body, full),
    )
    return fill(table, layout, rows, scale)


def _full(title: str) -> float | None:
    """The points in 'HW1 [Total Pts: 20 Score] |123456'."""
    words = MARKS.fullmatch(title)
    found = POINTS.search(words["words"]) if words else None
    return parsed(found[0]) if found else None
