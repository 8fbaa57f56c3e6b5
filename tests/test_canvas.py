"""Canvas's export of its gradebook, as teachers have it."""

import pytest

from grader.errors import UsageError
from grader.exports.canvas import canvas
from grader.exports.row import Row

ROWS = [
    Row(student="jdoe", mark=17.5, max_score=20.0),
    Row(student="4243", mark=12.0, max_score=20.0),
    Row(student="S102", mark=0.0, max_score=20.0),
    Row(student="li", name="李 雷", mark=20.0, max_score=20.0),
]
HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,affine (12345),Old (99),Current Score,Unposted Final Grade\r\n"
BODY = (
    ",,,,,Manual Posting,,,\r\n"
    "    Points Possible,,,,,20.00,10,(read only),(read only)\r\n"
    '"Doe, Jane",4242,S100,jdoe,ML-01,3.00,7,55.5,F\r\n'
    '"Roe, Richard",4243,S101,rroe,ML-01,,EX,,\r\n'
    '"O\'Hara, Müller",4244,S102,om,ML-02,EX,1,,\r\n'
    "李 雷,4245,S103,x,ML-02,,2,,\r\n"
    "Test Student,4246,,abcdef,ML-01,,,,\r\n"
)


def export(text=HEAD + BODY, mark=b"", rows=ROWS, **more):
    return canvas(mark + text.encode(), "e.csv", rows, "affine", **more)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_scores_of_one_column_change_and_no_other_byte(mark):
    done = export(mark=mark)
    expected = (HEAD + BODY).replace("ML-01,3.00,7", "ML-01,17.5,7").replace("ML-01,,EX", "ML-01,12,EX")
    assert done.data == mark + expected.replace("ML-02,,2", "ML-02,20,2").encode()
    assert done.told == [
        "affine (12345): 3 of 4 marks are new",
        "excused, left as they are: S102",
        "in the file, and not in the gradebook: Test Student",
    ]


def test_every_legal_head_is_known():
    for head in (
        "Student,ID,Section",
        "Student,ID,SIS Login ID,Section",
        "Student,ID,SIS User ID,SIS Login ID,Integration ID,Section",
        "Student,ID,SIS User ID,SIS Login ID,Root Account,Section",
    ):
        width = head.count(",")
        text = f'{head},HW\n"Doe, Jane",4243{"," * (width - 1)},\n'
        assert export(text).data == text.encode()[:-1] + b"12\n"


def test_semicolons_and_decimal_commas_stay():
    text = (HEAD + BODY).replace(",", ";").replace("Doe;", "Doe,").replace(".00", ",00").replace("55.5", "55,5")
    assert ";17,5;7;" in export(text).data.decode()


def test_the_column_can_be_named_with_or_without_its_id():
    rows = [Row(student="jdoe", mark=8.0, max_score=10.0)]
    for column in ("Old (99)", "Old"):
        assert b",3.00,8,55.5" in export(rows=rows, column=column).data


def test_matching_can_be_held_to_one_column():
    rows = [
        Row(student="4243", mark=1.0, max_score=20.0),
        Row(student="jdoe", logins=["4243"], mark=2.0, max_score=20.0),
    ]
    with pytest.raises(UsageError, match="are those of 4243 and jdoe"):
        export(rows=rows[::-1])
    assert b"jdoe,ML-01,2,7" in export(rows=rows[1:], match="SIS Login ID").data


def refused(text=HEAD + BODY, **more):
    with pytest.raises(UsageError) as told:
        export(text, **more)
    return str(told.value)


def test_what_cannot_be_filled_is_told():
    assert refused("id,mark\n1,2\n") == (
        "e.csv:1: expected the gradebook that Canvas exports (Student, ID, …, Section, …), got id, mark"
    )
    assert refused(column="Current Score") == (
        "e.csv: --column 'Current Score': expected one of its columns: 'affine (12345)', 'Old (99)'"
    )
    assert refused(HEAD.replace("affine", "HW1") + BODY) == (
        "e.csv: which column takes the marks? Name it with --column: 'HW1 (12345)', 'Old (99)'"
    )
    assert refused(HEAD.replace("Old (99)", "affine (99)") + BODY) == (
        "e.csv: which column takes the marks? Name it with --column: 'affine (12345)', 'affine (99)'"
    )
    assert refused(HEAD + BODY.replace("20.00", "100")) == (
        "e.csv: full marks are 100 there and 20 here; give --scale to convert marks, or change the points there"
    )
    assert refused("Student,ID,Section,Final Score\nx,1,a,2\n") == (
        "e.csv: which column takes the marks? Name it with --column: it has none for marks"
    )
