"""Moodle's grading worksheet, the export of its gradebook, and a file for its import."""

import csv
import io

import pytest

from grader.errors import UsageError
from grader.exports.moodle import moodle, moodle_import
from grader.exports.row import Row

JANE = Row(student="S1", name="Jane Doe", email="jane@x.org", logins=["1001"], mark=17.5, max_score=20.0)
ROE = Row(student="S2", name="Richard Roe", mark=4.0, max_score=20.0)
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 1001,Jane Doe,j@other.org,"Submitted for grading - ",-,20.00,Yes,'
    '"Friday, 20 November 2026, 5:58 PM",-,"<p>a, ""b""</p>"\r\n'
    "Participant 1002,Richard Roe,r@x.org,No submission,,20.00,No,-,-,\r\n"
)
GRADEBOOK = (
    '"First name","Last name","ID number",Institution,Department,"Email address",'
    '"Assignment: affine (Real)","Course total (Real)","Last downloaded from this course"\n'
    "Jane,Doe,S1,,,jane@x.org,-,55.00,1790000000\n"
    "Richard,Roe,,,,r@x.org,-,-,1790000000\n"
)


def export(text, mark=b"", rows=(JANE, ROE), **more):
    return moodle(mark + text.encode(), "w.csv", rows, "affine", **more)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_grades_of_a_worksheet_change_and_no_other_byte(mark):
    done = export(WORKSHEET, mark)
    assert done.data == mark + WORKSHEET.replace('grading - ",-,20.00', 'grading - ",17.5,20.00').encode()
    assert done.told == ["Grade: 1 of 2 marks are new", "locked in Moodle, left as they are: S2"]


def test_a_worksheet_with_decimal_commas_gets_them():
    text = WORKSHEET.replace("20.00", '"20,00"')
    assert b',"17,5","20,00",' in export(text).data


def test_the_maximum_of_a_worksheet_is_heeded():
    text = WORKSHEET.replace("20.00", "100.00")
    with pytest.raises(UsageError, match=r"w.csv: full marks are 100 there and 20 here; give --scale"):
        export(text)
    assert b",87.5,100.00," in export(text, scale=True).data


def test_the_export_of_the_gradebook_is_filled_by_its_column():
    done = export(GRADEBOOK, column="Assignment: affine")
    expected = GRADEBOOK.replace("jane@x.org,-", "jane@x.org,17.5").replace("r@x.org,-,-", "r@x.org,4,-")
    assert done.data == expected.encode()
    assert export(GRADEBOOK).data == expected.encode()  # it is the only one


def test_a_worksheet_in_another_language_is_filled_by_the_names_of_its_columns():
    text = "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung\nTeilnehmer/in1001;Jane Doe;jane@x.org;Abgegeben;\n"
    with pytest.raises(UsageError) as told:
        export(text)
    assert str(told.value) == (
        "w.csv:1: which column tells who it is? Name it with --match: "
        "'ID', 'Vollständiger Name', 'E-Mail-Adresse', 'Status', 'Bewertung'"
    )
    done = export(text, match="E-Mail-Adresse", column="Bewertung")
    assert done.data == text.encode()[:-1] + b"17.5\n"


def test_a_file_for_the_import_holds_who_has_a_mark_and_no_formula():
    evil = Row(student="=1+1", email="@x", mark=-0.0, max_score=20.0, comments=["<b>well", "- done"])
    text = "".join(moodle_import([JANE, evil, Row(student="none", max_score=20.0)], "affine"))
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["username", "email", "idnumber", "affine", "affine feedback"],
        ["1001", "jane@x.org", "S1", "17.5", ""],
        ["'=1+1", "'@x", "'=1+1", "0", "<p>&lt;b&gt;well</p><p>- done</p>"],
    ]
    assert text.count("\r\n") == text.count("\n") == 3
