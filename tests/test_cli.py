"""The command line: help with an example, exit codes, and one clear line for every bad input."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.keyfile import dump_key
from grader.reports.formats import FORMATS

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def course(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests" / "course" / "solutions", tmp_path / "solutions")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_SEED", "cli")
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.mark.parametrize("name", main.list_commands(None))
def test_every_command_has_help_with_an_example(name):
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert f"Example: grader {name}" in shown.output


def test_a_class_is_graded_and_its_report_is_the_same_twice(course):
    assert run("demo", "-a", "affine", "-o", "class").exit_code == 0
    assert run("grade", "class", "-a", "affine", "-o", "one").exit_code == 0
    assert run("grade", "class", "-a", "affine", "-o", "two", "--format", "json=again.json").exit_code == 0
    first = (course / "one" / "grades.json").read_bytes()
    assert first == (course / "two" / "grades.json").read_bytes() == (course / "again.json").read_bytes()
    report = json.loads(first)
    assert report["schema"] == "grader/grades/v1"
    assert [s["id"] for s in report["submissions"]] == sorted(s["id"] for s in report["submissions"])
    assert {"examples.json", "gradebook.sqlite", "grades.csv", "grades.json", "index.html", "run.json", "students"} == {
        p.name for p in (course / "one").iterdir()
    }


def test_exit_codes_of_one_submission(course):
    run("demo", "-a", "affine", "-o", "class")
    assert run("grade", "class/000_reference", "-a", "affine").exit_code == 0
    assert run("grade", "class/001_stub", "-a", "affine").exit_code == 1
    assert run("grade", "class/001_stub", "-a", "affine", "--exit-zero").exit_code == 0
    assert run("grade", "class", "-a", "affine", "--fail-under", "50").exit_code == 1
    (course / "broken.py").write_text("def f(:\n", "utf-8")
    assert run("grade", "broken.py", "-a", "affine").exit_code == 4


def test_check_tells_visible_cases_and_its_exit_codes(course):
    assert run("release").exit_code == 0
    assert run("release", "--check").exit_code == 0
    assert run("check", "assignments/affine").exit_code == 1
    shutil.copy("solutions/affine/layers.py", "assignments/affine/layers.py")
    done = run("check", "assignments/affine")
    assert done.exit_code == 0
    assert "Visible cases passed." in done.output
    assert run("release", "--check").exit_code == 1
    (course / "assignments" / "affine" / "layers.py").unlink()
    (course / "assignments" / "affine" / "layers.ipynb").unlink()
    assert run("check", "assignments/affine").exit_code == 4


def refused(*words):
    done = run(*words)
    assert done.exit_code == 2, done.output
    return done.stderr.strip()


def test_bad_input_is_one_line_that_says_where_what_and_what_to_do(course):
    (course / "empty").mkdir()
    (course / "work.py").write_text("", "utf-8")
    assert (
        refused("grade", "nothing", "-a", "affine")
        == "grader: nothing: expected a student's file, a student's folder or a folder of a class; there is nothing"
    )
    assert (
        refused("grade", "empty", "-a", "affine")
        == "grader: empty: expected one file or folder per student (or layers.py); it holds no submission"
    )
    assert (
        refused("grade", "work.py", "-a", "nope") == "grader: nope: expected one of this course's assignments (affine)"
    )
    assert (
        refused("grade", "work.py", "-a", "affine", "--format", "x")
        == f"grader: --format x: expected one of {', '.join(FORMATS)}"
    )
    assert refused("grade", "work.py", "-a", "affine", "-o", "/proc/nope").startswith(
        "grader: /proc/nope: cannot be written"
    )
    assert (
        refused("grade", "work.py", "-a", "affine", "--student", "me") == "grader: --student me: expected one of work"
    )
    assert refused("check", "empty").startswith("grader: empty/examples.json: expected the examples that came with")
    (course / "solutions" / "affine" / "cases.py").write_text("x = 1\ny = 1 / 0\n", "utf-8")
    assert (
        refused("grade", "work.py", "-a", "affine")
        == "grader: solutions/affine/cases.py:2: ZeroDivisionError: division by zero"
    )


def test_a_report_that_cannot_be_made_leaves_the_older_one(course):
    run("demo", "-a", "affine", "-o", "class")
    run("grade", "class/000_reference", "-a", "affine", "-o", "report")
    before = (course / "report" / "grades.json").read_bytes()
    assert run("grade", "nothing", "-a", "affine", "-o", "report").exit_code == 2
    assert (course / "report" / "grades.json").read_bytes() == before


def test_a_secret_seed_is_made_once_and_told(course, monkeypatch):
    monkeypatch.delenv("GRADER_SEED")
    run("demo", "-a", "affine", "-o", "class")
    first = run("grade", "class/000_reference", "-a", "affine", "--format", "json=a.json")
    assert "a new secret seed for hidden cases is in" in first.stderr
    second = run("grade", "class/000_reference", "-a", "affine", "--format", "json=b.json")
    assert "seed" not in second.stderr
    assert (course / "a.json").read_bytes() == (course / "b.json").read_bytes()
    assert (course / ".grader-seed").stat().st_mode & 0o077 == 0


# ---------------------------------------------------------------------------------- proofs and keys


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The folder of a small course that proves, and one submission of it, the reference."""
    from tests.conftest import Course

    course = Course(tmp_path / "course")
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADER_SEED", "cli")
    (course.root / "ada").mkdir()
    shutil.copy(course.folder / "work.py", course.root / "ada" / "work.py")
    return course


WARNING = (
    "small: these cases are not proven to tell right from wrong, so that a wrong answer may get full marks; "
    "run 'grader prove small' once"
)


def test_grade_says_that_a_suite_is_not_proven_until_it_is(small):
    assert WARNING in run("grade", "ada", "-a", "small").stderr.splitlines()
    proven = run("prove", "small")
    assert proven.exit_code == 0
    assert proven.stdout.endswith("all of it holds\n")
    assert WARNING not in run("grade", "ada", "-a", "small").stderr.splitlines()
    small.edit("mistakes.py", "return x / 2", "return x / 3")
    assert WARNING in run("grade", "ada", "-a", "small").stderr.splitlines()


def test_prove_says_what_does_not_hold_and_ends_with_1(small):
    small.edit("mistakes.py", "return x / 2", "return x + x")
    done = run("prove", "--format", "json=proof.json", "--format", "text")
    assert done.exit_code == 1
    assert done.stdout.endswith("does not hold: small\n")
    assert json.loads((small.root / "proof.json").read_text("utf-8"))["holds"] is False
    assert WARNING in run("grade", "ada", "-a", "small").stderr.splitlines()


def test_a_proof_of_one_exercise_proves_no_suite(small):
    assert run("prove", "small", "-e", "double").exit_code == 0
    second = "DOUBLE,\n    Exercise('quadruple', title='', source='', plan=call('double', 'x'), points={'y': 1}, "
    small.edit(
        "cases.py", '"work.py", [DOUBLE]', f'"work.py", [{second} oracle=lambda x: x + x, visible=DOUBLE.visible)]'
    )
    assert run("prove", "small", "-e", "double").exit_code == 0
    assert WARNING in run("grade", "ada", "-a", "small").stderr.splitlines()


def test_a_key_is_proven_written_and_graded_with_where_there_is_no_course(small, tmp_path, monkeypatch):
    done = run("key", "small", "-o", "small.key")
    assert done.exit_code == 0, done.output
    assert done.stdout == "small.key: small, proven; it holds every answer, keep it from students\n"
    assert (small.root / "small.key").stat().st_mode & 0o077 == 0
    here = run("grade", "ada", "-a", "small", "--format", "json").stdout
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.move(small.root / "small.key", elsewhere / "small.key")
    shutil.move(small.root / "ada", elsewhere / "ada")
    monkeypatch.chdir(elsewhere)
    there = run("grade", "ada", "--key", "small.key", "--format", "json")
    assert 0 == there.exit_code
    (line,) = there.stderr.splitlines()
    assert line.startswith("confined at tier 1")
    assert there.stdout == here
    assert refused("grade", "ada", "--key", "small.key", "-a", "other") == (
        "grader: small.key: expected a key of other, got one of small"
    )


def test_a_key_of_a_suite_that_does_not_hold_is_not_written(small):
    small.edit("mistakes.py", "return x / 2", "return x + x")
    done = run("key", "small", "-o", "small.key")
    assert done.exit_code == 1
    assert "halved gets full marks" in done.stdout
    assert done.stderr.splitlines()[-1] == "small.key: not written, for the proof does not hold"
    assert not (small.root / "small.key").exists()


def test_grade_refuses_a_key_without_a_proof_or_with_another_ones(small):
    (small.root / "small.key").write_bytes(dump_key(small.key()))
    assert refused("grade", "ada", "--key", "small.key") == (
        "grader: small.key: carries no proof, so that a wrong answer may get full marks; make it again with "
        "'grader key small', or grade with it all the same with --unproven"
    )
    assert run("grade", "ada", "--key", "small.key", "--unproven").exit_code == 0
    (small.root / "small.key").write_bytes(dump_key(msgspec.structs.replace(small.key(), proof="made up")))
    assert refused("grade", "ada", "--key", "small.key").startswith(
        "grader: small.key: was changed since it was proven, or proven by another version, so that"
    )


def test_bad_words_for_proofs_and_keys_are_one_line(small):
    assert refused("grade", "ada") == "grader: expected the assignment with -a, or an answer key with --key"
    assert refused("grade", "ada", "--key", "nope").startswith("grader: nope: cannot be read (No such file")
    (small.root / "text.key").write_text("no key", "utf-8")
    assert refused("grade", "ada", "--key", "text.key").startswith("grader: text.key: expected an answer key (")
    (small.root / "open.key").write_bytes(dump_key(small.key(seed=None)))
    assert refused("grade", "ada", "--key", "open.key") == (
        "grader: open.key: expected an answer key with hidden cases; make one with 'grader key'"
    )
    assert refused("prove", "nope") == "grader: nope: expected one of this course's assignments (small)"
    assert refused("prove", "small", "-e", "nope") == "grader: nope: expected one of small's exercises (double)"
    assert refused("prove", "-e", "double") == (
        "grader: -e double: expected the assignment too, as in 'grader prove affine -e dL_dW'"
    )
    assert refused("prove", "--format", "html") == "grader: --format html: expected one of text, json"
    run("prove", "small")
    assert refused("key", "small", "-o", "/proc/nope").startswith("grader: /proc/nope: cannot be written")


def test_what_a_file_is_called_is_no_command_and_no_terminal_sequence_in_any_line(course):
    names = ["::error::x.py", "##[error]x.py", "a\x1b[31mred.py", "new\n::error::line.py"]
    (course / "class").mkdir()
    for name in names:
        (course / "class" / name).write_text("x = 1\n", "utf-8")
    (course / "roster.csv").write_text("id\nada\n", "utf-8")
    ran = run("grade", "class", "-a", "affine", "--roster", "roster.csv")
    assert "is not in roster.csv" in ran.stderr
    for line in (ran.stdout + ran.stderr).splitlines():
        assert not line.lstrip().startswith("::") and "##[" not in line and "\x1b" not in line
