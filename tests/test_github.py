"""GitHub Actions: at most nine errors, one per exercise; a summary that is never too long; no command of a student's."""

import re

import msgspec
import pytest

from grader.reports import github
from grader.reports.formats import publish
from grader.reports.github import appended, outputs, summary, write
from grader.reports.run import One
from tests.samples import CLASS, HOSTILE, Graded, grade, hostile_runs, one_graded, own_check, run, whole_class, wrong

COMMAND = re.compile(r"::(error|notice) (?:[a-z]+=[^:,\s][^:,]*,)*title=[^:,]+::[^\r\n]+\n")


def lines(made):
    return "".join(write(made)).splitlines()


def test_an_exercise_is_one_error_at_its_line_and_the_one_that_lost_most_comes_first():
    assert lines(own_check()) == [
        "::error file=work/affine/layers.py,line=12,title=forward (0 of 4 points)::"
        "raised ValueError: shapes (2,3) and (2,3) in line 12",
        "::error file=work/affine/layers.py,line=30,title=backward (3 of 6 points)::"
        "Which of x and dout is transposed?%0Adw[0, 1] is 20, expected 32",
        "::notice title=not attempted yet::bias",
        "::notice title=grader::3 of 12.5 points of the visible cases",
    ]


def test_full_marks_are_no_error():
    assert lines(own_check(CLASS[0])) == ["::notice title=grader::12.5 of 12.5 points of the visible cases"]


def test_a_notebooks_line_is_told_in_the_message():
    notebook = msgspec.structs.replace(wrong(), place=msgspec.structs.replace(wrong().place, file="l.ipynb", cell=7))
    first = lines(own_check(grade("ada", [notebook])))[0]
    assert first.startswith("::error file=work/affine/l.ipynb,title=backward (3 of 6 points)::code cell 7, line 30: ")


def test_at_most_nine_errors_and_how_many_more():
    many = [msgspec.structs.replace(wrong(), id=f"f{i}", score=6 - i / 10) for i in range(1, 13)]
    shown = lines(one_graded(grade("ada", many)))
    errors = [line for line in shown if line.startswith("::error")]
    assert [re.findall(r"\.(f\d+)", line)[0] for line in errors] == [f"f{i}" for i in range(12, 3, -1)]
    assert "::notice title=grader::3 more are in the summary" in shown


def test_a_class_is_told_by_how_its_submissions_ended():
    shown = lines(whole_class())
    assert shown[-1] == "::notice title=grader::1 full marks, 2 graded, 1 ungraded, 1 unreadable"
    assert len([line for line in shown if line.startswith("::error")]) == 5
    assert shown[0].startswith("::error title=dan::layers.py, line 1: invalid syntax%0A")


def test_the_summary_shows_points_what_is_wrong_and_what_was_printed():
    text = "".join(summary(own_check()))
    assert text.startswith("## The affine layer: 3 of 12\\.5 points of the visible cases\n")
    assert "| ❌ | backward | 3 of 6 | 1 of 2 |" in text
    assert "| ⬜ | bias | 0 of 2.5 | 1 of 1 |" in text
    assert "- dw\\: worked: Which of x and dout is transposed\\? dw\\[0\\, 1\\] is 20\\, expected 32\n" in text
    assert "```text\nlayers.py:12 in forward\nraised ValueError" in text
    assert text.endswith("\nHidden cases are run when your work is graded.\n")


def test_the_summary_is_cut_before_it_is_too_long(monkeypatch):
    many = run(Graded([grade(f"s{i}", [wrong()]) for i in range(200)]))
    whole = "".join(summary(many))
    assert whole.count("| 3 of 12.5 |") == 200
    monkeypatch.setattr(github, "MAX_SUMMARY", 10_000)
    text = "".join(summary(many))
    assert len(text.encode()) < 10_000
    assert re.search(r"\n… and more, which there is no room for here \(after \d+ entries\)\.\n$", text)


def test_outputs_are_numbers():
    assert "".join(outputs(own_check())) == "score=3\nmax=12.5\nsubmissions=1\nnot-graded=0\n"
    assert "".join(outputs(whole_class())) == "score=22.5\nmax=62.5\nsubmissions=5\nnot-graded=2\n"


def test_summary_and_outputs_are_appended_where_github_says(tmp_path, capsys):
    files = {name: str(tmp_path / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    (tmp_path / "GITHUB_OUTPUT").write_text("before=1\n", "utf-8")
    made = run(One(CLASS[1]), environ=files)
    publish(["github", "github"], made)
    assert (tmp_path / "GITHUB_OUTPUT").read_text("utf-8").startswith("before=1\nscore=3\n")
    assert (tmp_path / "GITHUB_OUTPUT").read_text("utf-8").count("score=") == 1
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text("utf-8").startswith("## The affine layer")
    assert capsys.readouterr().out.count("::notice title=grader::") == 2
    assert not list(appended(run(One(CLASS[1]))))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_student_is_a_command_or_markup(text):
    for made in hostile_runs(text):
        pieces = list(write(made))
        assert all(COMMAND.fullmatch(piece) for piece in pieces), pieces
        shown = "".join(summary(made))
        fence = ""
        for line in shown.splitlines():
            assert not re.match(r"\s*::", line) and "##[" not in line and "##vso" not in line
            assert not any(c in line for c in "\x1b\x9b\x07\x00\u202e\u2066\ufeff")
            if fence:
                fence = "" if line == fence else fence
            elif found := re.match("(`{3,})text$", line):
                fence = found[1]
            else:
                bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", line)
                assert not re.search(r"<(?!/?details|/?summary)", bare) and not re.search(r"[`\[\]]", bare), line
        assert not fence
        assert re.fullmatch(r"score=[\d.]+\nmax=[\d.]+\nsubmissions=\d\nnot-graded=\d\n", "".join(outputs(made)))


def test_a_german_students_own_check_is_told_in_german_and_a_class_in_english():
    german = {"key": msgspec.structs.replace(own_check().key, language="de")}
    own, of_class = (msgspec.structs.replace(made, **german) for made in (own_check(), whole_class()))
    assert lines(own)[-2:] == [
        "::notice title=noch nicht versucht::bias",
        "::notice title=grader::3 von 12.5 Punkten der sichtbaren Fälle",
    ]
    assert "title=forward (0 von 4 Punkten)::" in lines(own)[0]
    text = "".join(summary(own))
    assert "| | Aufgabe | Punkte | falsch |" in text
    assert text.endswith("\nVerborgene Fälle laufen, wenn deine Arbeit bewertet wird.\n")
    assert "".join(summary(of_class)) == "".join(summary(whole_class()))
