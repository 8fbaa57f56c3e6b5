"""grades.json and grades.csv: the same grades give the same bytes, whatever a student is called or wrote."""

import csv
import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import (
    AnswerKey,
    Evidence,
    ExerciseGrade,
    Finding,
    Grade,
    Limits,
    OutcomeKind,
    Status,
    Verdict,
)
from grader.reports.data import grades_csv, grades_json, student_json

KEY = AnswerKey(assignment="affine", title="", file="layers.py", grader="", hidden=True, limits=Limits(), exercises=[])


def verdict(**more):
    fields = {"case": "one", "visible": True, "output": "dx", "passed": False, "credit": 0.5} | more
    return Verdict(**fields)


def exercise(name="f", verdicts=(), **more):
    fields = {"score": 1.5, "max_score": 4.0, "outcome": OutcomeKind.RETURNED} | more
    return ExerciseGrade(id=name, verdicts=list(verdicts), **fields)


def grade(name="jdoe", exercises=(), **more):
    fields = {"files": ["layers.py"], "sha256": "ab", "status": Status.GRADED, "score": 1.5, "max_score": 4.0} | more
    return Grade(id=name, exercises=list(exercises), **fields)


WRONG = verdict(finding=Finding.VALUES, message="dx: no", mistake="averaged", hint="Sum.", remark="well")
CLASS = [
    grade("ada", [exercise("f", [WRONG, verdict(passed=True, credit=1.0)])]),
    grade("bob", status=Status.UNREADABLE, score=0.0, message="layers.py:3: invalid syntax\n    x =\n       ^"),
    grade("cyd", status=Status.UNGRADED, score=None, message="our fault"),
]


def text_of(grades):
    return "".join(grades_json(KEY, "c0ffee", grades))


def rows_of(grades, exercises=("f",)):
    return list(csv.reader(io.StringIO("".join(grades_csv(grades, list(exercises))), newline="")))


# ------------------------------------------------------------------------------------ grades.json


def test_the_same_grades_give_the_same_bytes():
    assert text_of(CLASS) == text_of(iter(CLASS))


def test_it_is_one_object_with_what_the_interface_promises():
    parsed = json.loads(text_of(CLASS))
    assert {"schema", "assignment", "key", "submissions"} == parsed.keys()
    assert ("grader/grades/v1", "affine", "c0ffee") == (parsed["schema"], parsed["assignment"], parsed["key"])
    ada, bob, cyd = parsed["submissions"]
    assert {"id", "files", "sha256", "status", "message", "score", "max_score", "exercises"} <= ada.keys()
    assert ("graded", None, 1.5, 4.0) == (ada["status"], ada["message"], ada["score"], ada["max_score"])
    assert ("unreadable", 0.0) == (bob["status"], bob["score"])
    assert ("ungraded", None, "our fault") == (cyd["status"], cyd["score"], cyd["message"])
    (shown,) = ada["exercises"]
    assert {"id", "score", "max_score", "outcome", "verdicts"} <= shown.keys()
    wrong, right = shown["verdicts"]
    assert {
        "case": "one",
        "visible": True,
        "output": "dx",
        "passed": False,
        "credit": 0.5,
        "finding": "values",
        "message": "dx: no",
        "mistake": "averaged",
        "hint": "Sum.",
        "remark": "well",
    } == wrong
    assert (None, None, None) == (right["finding"], right["mistake"], right["hint"])


def test_keys_are_sorted_on_every_level():
    pairs = []
    json.loads(text_of(CLASS), object_pairs_hook=lambda p: pairs.append([k for k, _v in p]))
    assert len(pairs) >= 6
    for keys in pairs:
        assert sorted(keys) == keys


def test_a_class_of_nobody_is_an_object_too():
    assert [] == json.loads(text_of([]))["submissions"]


def test_each_submission_has_a_line():
    assert 1 + len(CLASS) + 1 == text_of(CLASS).count("\n")


def test_it_comes_piece_by_piece():
    def endless():
        while True:
            yield grade()

    pieces = grades_json(KEY, "c0ffee", endless())
    assert next(pieces) + next(pieces) + next(pieces)


def test_letters_of_all_languages_stand_as_they_are():
    assert "Jörg 李" in text_of([grade("Jörg 李")])


def test_escape_sequences_of_a_student_are_gone():
    bad = "\x1b[31m\u202e"
    told = exercise("f", [verdict(message=f"raised {bad}E: x")], message=f"raised {bad}E: x", printed=bad, trace=[bad])
    for text in (text_of([grade("a", [told], files=[f"{bad}.py"], message=bad)]), student_json(grade("a", [told]))):
        parsed = json.loads(text)
        assert "\x1b" not in repr(parsed)
        assert "\u202e" not in str(parsed)


def test_a_number_that_json_has_not_is_our_bug_and_no_broken_file():
    with pytest.raises(ValueError, match="not JSON compliant"):
        text_of([grade(score=float("nan"))])


@given(st.text(), st.text())
def test_every_text_gives_a_file_that_parses(name, message):
    told = exercise("f", [verdict(message=message)], message=message)
    parsed = json.loads(text_of([grade(name, [told], message=message)]))
    assert name == parsed["submissions"][0]["id"]


# ------------------------------------------------------------------------------ a student's own


def test_a_student_sees_what_was_printed_and_the_trace():
    shown = exercise("f", [WRONG], printed="x = 3\n", trace=["layers.py:3 in f"])
    parsed = json.loads(student_json(grade("ada", [shown])))["exercises"][0]
    assert ("x = 3\n", ["layers.py:3 in f"]) == (parsed["printed"], parsed["trace"])


def test_the_class_file_holds_no_output_of_students():
    shown = exercise("f", [WRONG], printed="I was printed", trace=["a trace"])
    assert "I was printed" not in text_of([grade("ada", [shown])])
    assert "a trace" not in text_of([grade("ada", [shown])])


def test_evidence_of_any_kind_does_not_stop_a_report():
    evidence = [Evidence("one", "dx", np.array([1 + 2j, np.nan]), np.zeros(2), 1e-6)]
    assert json.loads(student_json(grade("ada", [exercise("f", [WRONG], evidence=evidence)])))


# ------------------------------------------------------------------------------------ grades.csv


def test_the_table_has_a_line_for_every_student():
    assert [
        ["id", "status", "score", "max_score", "f", "g"],
        ["ada", "graded", "1.5", "4.0", "1.5", ""],
        ["bob", "unreadable", "0.0", "4.0", "", ""],
        ["cyd", "ungraded", "", "4.0", "", ""],
    ] == rows_of(CLASS, ["f", "g"])


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "=cmd|' /C calc'!A0",
        "\x00=1",
        "\ufeff=1",
        "\uff1d1",
        "a;=1",
        "a; -1",
    ],
)
def test_no_students_name_is_a_formula(name):
    cell = rows_of([grade(name)])[1][0]
    for part in cell.split(";"):  # where some spreadsheets split
        assert not part.lstrip().startswith(("=", "+", "-", "@", "\uff1d")), cell


def test_no_students_name_is_a_command_to_the_log_of_a_ci():
    assert "##[" not in text_of([grade("##[error]x")])
    assert "##[error]x" == json.loads(text_of([grade("##[error]x")]))["submissions"][0]["id"]


@pytest.mark.parametrize("name", ['say "hi"', "a,b", "a;b", "a\nb", "Jörg 李", "=1,2", '"=1"'])
def test_a_name_with_separators_stays_one_cell(name):
    rows = rows_of([grade(name)])
    assert 2 == len(rows)
    assert len(rows[0]) == len(rows[1])


@given(st.text())
def test_every_name_gives_one_row_of_as_many_cells(name):
    rows = rows_of([grade(name), grade("last")])
    assert [5, 5, 5] == [len(row) for row in rows]
    assert "last" == rows[2][0]
