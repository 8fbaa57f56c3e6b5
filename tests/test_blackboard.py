"""Blackboard's download of the grade centre: UTF-16 with tabs, or a CSV, in the site's language."""

import pytest

from grader.errors import UsageError
from grader.exports.blackboard import blackboard
from grader.exports.row import Row

ROWS = [
    Row(student="jdoe", mark=17.5, max_score=20.0),
    Row(student="S101", name="Richard Roe", mark=2.0, max_score=20.0),
]
HEAD = '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"\t'
MARKS = '"Total [Total Pts: up to 100 Score] |11"\t"affine [Total Pts: 20 Score] |123456"\n'
BODY = '"Doe"\t"Jane"\t"jdoe"\t"S100"\t"2026-11-20 10:00:00"\t"Yes"\t"50"\t""\n"Roe"\t"Richard"\t"rroe"\t"S101"\t""\t"Yes"\t""\t"1"\n'
XLS = b"\xff\xfe" + (HEAD + MARKS + BODY).encode("utf-16-le")


def test_a_download_named_xls_keeps_its_encoding_tabs_and_quotes():
    done = blackboard(XLS, "gc.xls", ROWS, "affine")
    text = HEAD + MARKS + BODY.replace('"50"\t""', '"50"\t"17.5"').replace('""\t"1"', '""\t"2"')
    assert done.data == b"\xff\xfe" + text.encode("utf-16-le")
    assert done.told == ["affine [Total Pts: 20 Score] |123456: 2 of 2 marks are new"]


def test_another_language_is_read_by_the_order_of_its_columns():
    words = {"Last Name": "Apellidos", "First Name": "Nombre", "Username": "Nombre de usuario", "Student ID": "ID"}
    head = HEAD
    for english, spanish in words.items():
        head = head.replace(english, spanish)
    rows = '"Doe"\t"Jane"\t"jdoe"\t"S100"\t""\t"Sí"\t{}\n"Roe"\t"Richard"\t"rroe"\t"S101"\t""\t"Sí"\t{}\n'
    text = head + '"affine [Puntos totales: 20 Puntuación] |123456"\n' + rows
    done = blackboard(text.format('""', '"1"').encode(), "gc.csv", ROWS, "affine")
    assert done.data == text.format('"17.5"', '"2"').encode()


def test_full_marks_stand_in_the_title():
    with pytest.raises(UsageError, match=r"gc.xls: full marks are 100 there and 20 here"):
        blackboard(XLS, "gc.xls", ROWS, "affine", column="Total")
    assert '"87.5"' in blackboard(XLS, "gc.xls", ROWS, "affine", column="Total", scale=True).data.decode("utf-16")


def test_what_is_no_download_is_told():
    with pytest.raises(UsageError) as told:
        blackboard(b"a,b\n1,2\n", "gc.csv", ROWS, "affine")
    assert str(told.value) == (
        "gc.csv:1: expected the download of Blackboard's grade centre, with columns such as "
        "'HW1 [Total Pts: 20 Score] |123456', got a, b"
    )
