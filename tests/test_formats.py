"""Formats by name: several in one run, to files or to standard output, each imported where it is asked for."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from grader import __version__
from grader.errors import UsageError
from grader.model import (
    AnswerKey,
    ExerciseGrade,
    Grade,
    KeyCase,
    KeyExercise,
    Limits,
    OutcomeKind,
    Shape,
    Status,
    Times,
)
from grader.plan import Plan, Result
from grader.reports.files import run_json, write_atomically
from grader.reports.formats import FOR_ONE, FORMATS, about_one, known, publish, write_formats, writers
from grader.reports.github import summary
from grader.reports.run import One, Run, visible_part
from grader.spool import Spool
from grader.wire import pack
from tests.samples import one_graded, own_check, run, whole_class

ROOT = Path(__file__).resolve().parent.parent


def test_what_is_no_file_is_written_to_and_stays_what_it_is():
    ours, theirs = os.openpty()
    path = Path(os.ttyname(theirs))
    write_atomically(path, ["a report\n"])
    assert b"a report\r\n" == os.read(ours, 100)
    assert path.is_char_device()
    os.close(ours)
    os.close(theirs)


def case(id, visible):
    return KeyCase(id, id, visible, "main", {}, Plan([], Result(0)), {})


EXERCISE = KeyExercise("f", "F", "f()", "", Shape.ONE, {"y": 1}, {"main": 1}, [case("seen", True), case("not", False)])
KEY = AnswerKey(
    assignment="a", title="A", file="work.py", grader="0", hidden=True, limits=Limits(), exercises=[EXERCISE]
)
GRADE = Grade(
    id="ada",
    files=["work.py"],
    sha256="0",
    status=Status.GRADED,
    score=1.0,
    max_score=1.0,
    exercises=[ExerciseGrade(id="f", score=1.0, max_score=1.0, outcome=OutcomeKind.RETURNED)],
)


def test_the_visible_part_of_a_key_has_no_hidden_case():
    seen = visible_part(KEY)
    assert [c.id for e in seen.exercises for c in e.cases] == ["seen"]
    assert visible_part(seen) == seen


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_of_a_check_and_of_a_class(name):
    for own in (True, False):
        pieces = writers(Run(visible_part(KEY), One(GRADE), own=own))[name]()
        assert all(isinstance(piece, str) for piece in pieces)


def test_several_formats_go_to_files_and_to_standard_output_in_their_order(tmp_path, capsys):
    wanted = ["text", f"json={tmp_path / 'out' / 'check.json'}", "text"]
    write_formats(wanted, writers(Run(KEY, One(GRADE), own=True)))
    assert '"id": "ada"' in (tmp_path / "out" / "check.json").read_text("utf-8")
    assert capsys.readouterr().out.count("Visible cases passed") == 2


MACHINES = ["junit", "junit-strict", "ctrf", "github", "gitlab", "gradescope", "classroom50"]
GOLDEN = ROOT / "tests" / "golden" / "formats"
RUNS = {"check": own_check(), "one": one_graded(), "class": whole_class()}


@pytest.mark.parametrize(("name", "kind"), [(n, k) for n in MACHINES for k in RUNS if k != "class" or n not in FOR_ONE])
def test_reports_for_machines_are_as_they_were(name, kind):
    """GRADER_GOLDEN=write writes them anew, to be looked at."""
    shown = "".join(writers(RUNS[kind])[name]()).replace(f'"{__version__}"', '"VERSION"')
    file = GOLDEN / f"{kind}.{name}"
    if os.environ.get("GRADER_GOLDEN") == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(shown, "utf-8")
    assert file.read_text("utf-8") == shown


def test_the_summary_for_github_is_as_it_was():
    for kind, made in RUNS.items():
        file = GOLDEN / f"{kind}.github-summary.md"
        if os.environ.get("GRADER_GOLDEN") == "write":
            file.write_text("".join(summary(made)), "utf-8")
        assert file.read_text("utf-8") == "".join(summary(made))


def test_a_format_about_one_submission_is_found_among_the_formats():
    assert about_one(["text", "gradescope=results.json", "classroom50"]) == "gradescope"
    assert about_one(["text", "junit=gradescope"]) == ""


def test_a_file_that_a_ci_names_and_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UsageError) as refused:
        publish([f"github={tmp_path / 'out'}"], run(One(GRADE), environ={"GITHUB_OUTPUT": str(tmp_path / "no" / "x")}))
    assert str(refused.value).endswith("/no/x: cannot be written (No such file or directory); it is named for github")


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    for text in ("nope", "nope=x", "", "Text"):
        with pytest.raises(UsageError) as refused:
            known([f"json={tmp_path / 'x'}", text])
        assert str(refused.value) == f"--format {text}: expected one of {', '.join(FORMATS)}"
    assert not list(tmp_path.iterdir())


def test_a_format_that_is_not_asked_for_is_not_imported():
    line = (
        "import sys, grader.reports.formats; print(*sorted(m for m in sys.modules if m.startswith('grader.reports')))"
    )
    shown = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True).stdout.split()
    assert shown == ["grader.reports", "grader.reports.formats", "grader.reports.run"]


def test_grades_are_read_as_often_as_reports_need_them_with_their_times():
    times = Times(0.5, {"f": [0.25, 0.125]})
    with Spool() as grades:
        grades.add(pack(GRADE), times)
        grades.add(pack(GRADE))
        for _ in range(2):
            assert list(grades) == [GRADE, GRADE]
            assert list(grades.timed()) == [(GRADE, times), (GRADE, Times())]


def test_run_json_tells_the_times_one_line_a_submission():
    hostile = msgspec.structs.replace(GRADE, id="##[error]\n::error::x\x1b[31m")
    with Spool() as grades:
        grades.add(pack(hostile), Times(0.5, {"f": [0.25, 0.125]}))
        grades.add(pack(GRADE))
        pieces = list(run_json(Run(KEY, grades, started=1.0, ended=3.5)))
    told = json.loads("".join(pieces))
    assert told["times"] == [
        {"id": hostile.id, "seconds": 0.5, "cases": {"f": [0.25, 0.125]}},
        {"id": "ada", "seconds": 0.0, "cases": {}},
    ]
    assert (told["started"], told["ended"], told["seconds"], told["submissions"]) == (1.0, 3.5, 2.5, 2)
    assert len(pieces) == 4
    assert "##[" not in "".join(pieces) and "\x1b" not in "".join(pieces)
