"""A CSV for spreadsheets: one line per student with all that is known of the mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence

from grader.exports.row import Row, number, shown

COLUMNS = ["id", "name", "email", "section", "status", "mark", "max_score", "attempt", "late", "comments"]
TEXTS = [0, 1, 2, 3, 9]
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_csv(rows: Sequence[Row], exercises: Sequence[str]) -> Iterator[str]:
    """One line per student: who, the mark after penalties and marks by hand, and the points of each exercise."""
    yield csv_line([*COLUMNS, *exercises])
    for row in rows:
        known = [shown(text) for text in (row.student, row.name, row.email, row.section, row.status)]
        mark = "" if row.mark is None else number(row.mark)
        attempt = "" if row.attempt is None else str(row.attempt)
        points = [number(row.points[name]) if name in row.points else "" for name in exercises]
        late = str(row.late)
        cells = [*known, mark, number(row.max_score), attempt, late, shown("; ".join(row.comments)), *points]
        yield csv_line(cells, guard=TEXTS)


def csv_line(cells: Sequence[str], guard: Collection[int] = ()) -> str:
    """One line; texts at the places of `guard` that a spreadsheet would take for a formula get an apostrophe."""
    line = io.StringIO()
    csv.writer(line).writerow(
        [f"'{c}" if i in guard and c.lstrip(" ").startswith(FORMULA) else c for i, c in enumerate(cells)]
    )
    return line.getvalue()
