"""A CSV is read as Python's own reader reads it, and changed in the cells that change and nowhere else."""

import codecs
import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.exports.table import MAX_BYTES, Table

CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8
) | st.sampled_from(["", '"', '""', ",", ";", "a\r\nb", "a\nb", " x ", "1,5", "Müller", "李雷", "'", "\t"])
ENCODINGS = st.sampled_from(
    [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)


@st.composite
def files(draw):
    """(bytes, rows, delimiter) of a CSV with a head of plain words."""
    width = draw(st.integers(2, 4))
    rows = [[f"c{n}" for n in range(width)]]
    rows += draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5))
    delimiter, end = draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\r\n", "\n"]))
    text = io.StringIO()
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    whole = text.getvalue() if draw(st.booleans()) else text.getvalue().removesuffix(end)
    mark, encoding = draw(ENCODINGS)
    return mark + whole.encode(encoding), rows, delimiter


@given(files())
def test_cells_are_those_that_the_csv_module_reads(file):
    data, rows, delimiter = file
    table = Table.read(data, "f.csv")
    assert (table.delimiter, [[c.text for c in row] for row in table.rows]) == (delimiter, rows)


@given(files(), CELLS, st.data())
def test_one_cell_changes_and_every_other_byte_stays(file, new, data):
    before, rows, _delimiter = file
    assume(len(rows) > 1)
    table = Table.read(before, "f.csv")
    row, column = data.draw(st.integers(1, len(rows) - 1)), data.draw(st.integers(0, len(rows[0]) - 1))
    after = table.written({(row, column): new})
    cell, unit = table.rows[row][column], len(table.mark)
    start = unit + len(table.text[: cell.start].encode(table.encoding))
    end = len(before) - unit - len(table.text[: cell.end].encode(table.encoding))
    assert after[:start] == before[:start]
    assert after[len(after) - end :] == before[len(before) - end :] if end else True
    again = Table.read(after, "f.csv")
    rows[row][column] = new
    assert [[c.text for c in r] for r in again.rows] == rows


@given(files())
def test_a_file_in_which_nothing_changes_is_the_same(file):
    assert Table.read(file[0], "f.csv").written({}) == file[0]


def test_a_cell_keeps_its_quotes_and_takes_new_ones_where_it_must():
    table = Table.read(b'a,b,c\r\n"1",2,\r\n', "f.csv")
    assert table.written({(1, 0): "3", (1, 1): "2,5", (1, 2): "x"}) == b'a,b,c\r\n"3","2,5",x\r\n'


def test_windows_1252_and_bytes_that_are_nothing_stay():
    for data in (b"name,mark\nM\xfcller,1\n", b"name,mark\n\x81\x9d,1\n"):
        assert Table.read(data, "f.csv").written({(1, 1): "2"}) == data[:-2] + b"2\n"


def test_line_ends_of_every_kind_are_kept_and_counted():
    table = Table.read(b'a,b\r1,2\n"x\r\ny",4\r\n5,6', "f.csv")
    assert table.lines == [1, 2, 3, 5]
    assert table.written({(3, 1): "7"}) == b'a,b\r1,2\n"x\r\ny",4\r\n5,7'


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "f.csv: expected a CSV with several columns; export it from the LMS again"),
        (b"just text\n", "f.csv: expected a CSV with several columns; export it from the LMS again"),
        (b'a,b\n1,"2\n3,4\n', "f.csv:2: a quote is opened and never closed; export it from the LMS again"),
        (codecs.BOM_UTF16_LE + b"a\0,\0b", "f.csv: expected a CSV in UTF-8 or UTF-16; export it from the LMS again"),
        (bytes(MAX_BYTES + 1), "f.csv: expected a table of at most 64 MiB"),
    ],
)
def test_what_is_no_table_is_told(data, told):
    with pytest.raises(UsageError) as error:
        Table.read(data, "f.csv")
    assert str(error.value) == told


def test_a_row_that_is_too_short_is_told_with_its_line():
    with pytest.raises(UsageError) as error:
        Table.read(b"a,b,c\n1,2,3\n1,2\n", "f.csv").cell(2, 2)
    assert str(error.value) == ("f.csv:3: expected 3 cells as in the first line, got 2; export it from the LMS again")
