"""The command line: help with an example, exit codes, and one clear line for every bad input."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def course(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "tests" / "course" / "solutions", tmp_path / "solutions")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_SEED", "cli")
    return tmp_path


def run(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.mark.parametrize("name", sorted(main.commands))
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
    assert {"grades.csv", "grades.json", "run.json", "students"} == {p.name for p in (course / "one").iterdir()}


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
        refused("grade", "work.py", "-a", "affine", "--format", "x") == "grader: --format x: expected one of text, json"
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
