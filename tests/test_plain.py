"""The CSV for spreadsheets: every mark, and no cell that is a formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from grader.exports.plain import plain_csv
from grader.exports.row import Row


def read(rows, exercises=()):
    return list(csv.reader(io.StringIO("".join(plain_csv(rows, list(exercises))), newline="")))


def test_one_line_per_student():
    ada = Row(
        student="ada", name="Ada", email="a@x", section="B", status="graded", mark=7.5, max_score=10.0, attempt=2, late=1,
        comments=["late bus", "ok"], points={"f": 4.0},
    )  # fmt: skip
    assert read([ada, Row(student="ben", max_score=10.0)], ["f", "g"]) == [
        ["id", "name", "email", "section", "status", "mark", "max_score", "attempt", "late", "comments", "f", "g"],
        ["ada", "Ada", "a@x", "B", "graded", "7.5", "10", "2", "1", "late bus; ok", "4", ""],
        ["ben", "", "", "", "", "", "10", "", "0", "", "", ""],
    ]


@given(st.text(max_size=10), st.text(max_size=10))
def test_no_text_is_a_formula_and_none_breaks_a_line(name, comment):
    _head, row = read([Row(student="ada", name=name, comments=[comment], max_score=1.0)])
    assert len(row) == 10
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@")) for cell in row)
