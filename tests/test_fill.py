"""Marks go to the row whose they are, into one column, or nowhere: never to somebody else."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.exports.fill import Layout, fill, short
from grader.exports.row import Row, number, parsed
from grader.exports.table import Table

HEAD = b"id,name,mail,mark\n"
ADA = Row(student="ada", name="Ada Lovelace", email="ada@x.org", logins=["42"], mark=17.5, max_score=20.0)
BEN = Row(student="ben", name="Ben Nevis", mark=3.0, max_score=20.0)


def filled(body, rows=(ADA, BEN), scale=False, **changes):
    table = Table.read(HEAD + body, "f.csv")
    places = list(range(1, len(table.rows)))
    layout = Layout(**{"column": 3, "keys": [0, 2], "names": [[1]], "body": places} | changes)
    return fill(table, layout, rows, scale)


def refused(body, **more):
    with pytest.raises(UsageError) as told:
        filled(body, **more)
    return str(told.value)


@pytest.mark.parametrize(
    "line", [b"ada,,,", b"ADA ,,,", b"42,,,", b",,Ada@X.org,", b",Ada Lovelace,,", b',"Lovelace, Ada",,']
)
def test_a_row_is_known_by_an_id_an_address_or_a_name(line):
    assert filled(line + b"\n").data == HEAD + line + b"17.5\n"


def test_who_is_not_there_and_who_has_no_mark_is_told_and_left_alone():
    nobody = Row(student="cyd", max_score=20.0)
    done = filled(b"ada,,,4\nzoe,Zoe Q,,5\ncyd,,,6\n", rows=[ADA, BEN, nobody])
    assert done.data == HEAD + b"ada,,,17.5\nzoe,Zoe Q,,5\ncyd,,,6\n"
    assert done.told == [
        "mark: 1 of 2 marks are new",
        "no mark yet, left as they are: cyd",
        "in the gradebook, and not in the file: ben",
        "in the file, and not in the gradebook: Zoe Q",
    ]


def test_a_cell_that_says_the_same_number_keeps_its_bytes():
    done = filled(b'ada,,,"17.50"\nben,,,03\n')
    assert (done.data, done.written) == (HEAD + b'ada,,,"17.50"\nben,,,03\n', 0)


def test_a_locked_row_is_left_alone_and_told():
    done = filled(b"ada,,,EX\n", rows=[ADA], kept={1: "excused"})
    assert (done.data, done.told[1:]) == (HEAD + b"ada,,,EX\n", ["excused, left as they are: ada"])


def test_a_name_that_two_share_is_no_name():
    twin = Row(student="ada2", name="Lovelace Ada", mark=1.0, max_score=20.0)
    assert filled(b",Ada Lovelace,,\n", rows=[ADA, twin]).written == 0
    assert filled(b",Ada Lovelace,,\n,Lovelace Ada,,\n", rows=[ADA]).written == 0
    assert filled(b"ada,,,\n,Ada Lovelace,,\n", rows=[ADA]).data == HEAD + b"ada,,,17.5\n,Ada Lovelace,,\n"


def test_a_row_that_may_be_two_students_is_refused():
    assert refused(b"ada,,,\nben,,ada@x.org,\n") == (
        "f.csv:3: the ids of this row are those of ada and ben; say with --match which column tells who it is"
    )
    assert refused(b"ada,,,\n42,,,\n") == (
        "f.csv: lines 2 and 3 are both ada's; say with --match which column tells who it is"
    )


def test_other_full_marks_are_refused_or_converted():
    full = {1: 100.0}
    assert refused(b"ada,,,\n", full=full) == (
        "f.csv: full marks are 100 there and 20 here; give --scale to convert marks, or change the points there"
    )
    assert filled(b"ada,,,\n", full=full, scale=True).data == HEAD + b"ada,,,87.5\n"
    third = [Row(student="ada", mark=1.0, max_score=3.0)]
    assert filled(b"ada,,,\n", rows=third, full={1: 10.0}, scale=True).data == HEAD + b"ada,,,3.33\n"
    assert filled(b"ada,,,\n", rows=third, full={1: 3.0}).data == HEAD + b"ada,,,1\n"


def test_a_decimal_comma_is_written_where_the_file_has_one():
    assert filled(b'ben,,,"3,00"\nada,,,\n').data == HEAD + b'ben,,,"3,00"\nada,,,"17,5"\n'
    text = HEAD.replace(b",", b";") + b"x;1,5;;\nada;;;\n"
    places = Layout(column=3, keys=[0], body=[1, 2])
    assert fill(Table.read(text, "f.csv"), places, [ADA]).data == text[:-1] + b"17,5\n"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("HW1 (12345)", "HW1"),
        ("HW (late) (12)", "HW (late)"),
        ("HW1 [Total Pts: 20 Score] |123456", "HW1"),
        ("HW1 [Puntos totales: 20] |7", "HW1"),
        ("Assignment: HW1 (Real)", "Assignment: HW1"),
        ("HW1", "HW1"),
    ],
)
def test_a_title_without_what_the_lms_puts_behind_it(title, name):
    assert short(title) == name


@given(st.floats(0, 1000))
def test_a_mark_is_plain_digits_and_reads_back(mark):
    assert abs(parsed(number(mark)) - mark) <= 5.1e-5
    assert parsed(number(mark, comma=True)) == parsed(number(mark))
    assert "e" not in number(mark)


STUDENTS = st.lists(st.from_regex(r"[a-z]{1,4}[0-9]{0,2}", fullmatch=True), unique=True, max_size=6)


@given(STUDENTS, STUDENTS, st.data())
def test_only_marks_change_and_each_is_its_students_own(in_book, in_file, data):
    rows = [Row(student=s, mark=data.draw(st.none() | st.floats(0, 20)), max_score=20.0) for s in in_book]
    old = {s: data.draw(st.sampled_from(["", "-", "7", "7.25", "EX"])) for s in in_file}
    body = "".join(f'{s},"O\'Neil, ""{s}""",{s}@x.org,{old[s]}\r\n' for s in in_file)
    done = filled(body.encode(), rows=rows)
    after = list(csv.reader(io.StringIO(done.data.decode(), newline="")))[1:]
    assert [row[:3] for row in after] == [[s, f'O\'Neil, "{s}"', f"{s}@x.org"] for s in in_file]
    marks = {row.student: row.mark for row in rows}
    for row in after:
        mark = marks.get(row[0])
        assert row[3] == old[row[0]] if mark is None else abs(parsed(row[3]) - mark) <= 1e-4
    assert done.data.count(b"\r\n") == len(in_file)
