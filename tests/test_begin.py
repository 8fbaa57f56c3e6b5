"""`grader init` and `grader new`: what they write proves, releases, checks and grades as it is."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main

ROOT = Path(__file__).resolve().parent.parent


def run(*words):
    return CliRunner().invoke(main, [str(w) for w in words])


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_SEED", raising=False)
    assert run("init", "course").exit_code == 0
    monkeypatch.chdir("course")
    return tmp_path / "course"


def test_from_nothing_to_a_graded_class(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_SEED", raising=False)
    begun = run("init", "course")
    assert begun.exit_code == 0
    assert begun.output.splitlines() == [
        "course/.github/workflows/course.yml",
        "course/.gitignore",
        "course/.gitlab-ci.yml",
        "course/README.md",
        "course/pyproject.toml",
        "course/requirements.txt",
        "course/solutions/.gitkeep",
        "now: cd course, then grader new NAME",
    ]
    monkeypatch.chdir("course")
    made = run("new", "gradients")
    assert made.exit_code == 0
    assert made.output.splitlines() == [
        "solutions/gradients/cases.py",
        "solutions/gradients/equivalent.py",
        "solutions/gradients/gradients.py",
        "solutions/gradients/handout.md",
        "solutions/gradients/mistakes.py",
        "solutions/gradients/texts.de.toml",
        "solutions/gradients/variants.py",
        "it proves as it is: grader prove gradients; then make it yours",
    ]
    proven = run("prove")
    assert (proven.exit_code, proven.stdout.splitlines()[-1]) == (0, "all of it holds"), proven.output
    released = run("release", "--zip", "out.zip")
    assert (released.exit_code, released.stderr) == (0, "")
    assert run("release", "--check").exit_code == 0
    assert run("check", "assignments/gradients").exit_code == 1
    shutil.copy("solutions/gradients/gradients.py", "assignments/gradients/gradients.py")
    assert run("check", "assignments/gradients").exit_code == 0
    assert run("demo", "-a", "gradients", "-o", "class").exit_code == 0
    graded = run("grade", "class", "-a", "gradients", "-o", "report", "--format", "json=grades.json")
    assert graded.exit_code == 0
    assert "not proven" not in graded.stderr
    scores = {s["id"]: s for s in json.loads(Path("grades.json").read_text("utf-8"))["submissions"]}
    assert (scores["000_reference"]["score"], scores["001_stub"]["score"]) == (6, 0)
    for student, grade in scores.items():
        if student[0] != "0":
            assert {v["mistake"] for e in grade["exercises"] for v in e["verdicts"]} == {None, student}, student


def test_what_is_there_is_never_written_over(course):
    kept = (course / "pyproject.toml").read_bytes()
    again = run("init", ".")
    assert (again.exit_code, again.stderr) == (
        2,
        "grader: .github/workflows/course.yml: is there already, and nothing is written over; move it away first\n",
    )
    assert (course / "pyproject.toml").read_bytes() == kept
    assert run("new", "one").exit_code == 0
    assert run("new", "one").stderr == (
        "grader: solutions/one: is there already, and nothing is written over; take another name\n"
    )
    (course / "file").write_text("", "utf-8")
    assert (
        run("init", "file/x").stderr
        == "grader: file/x/.github/workflows/course.yml: cannot be written (Not a directory)\n"
    )


@pytest.mark.parametrize("name", ["Gradients", "two words", "2by2", "größe", "class", "../x", ""])
def test_a_name_that_no_module_can_have_is_told(course, name):
    assert run("new", name).stderr == (
        f"grader: new {name}: expected a name of small letters, digits and _, as a Python module has\n"
    )


@pytest.mark.parametrize("name", ["numpy", "random", "cases"])
def test_a_name_that_would_hide_a_module_is_told(course, name):
    assert run("new", name).stderr == (
        f"grader: new {name}: a module has this name already, which {name}.py would hide; take another\n"
    )


def test_new_outside_a_course_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("new", "gradients").stderr.startswith("grader: ")
    assert run("new", "gradients").exit_code == 2


def test_the_settings_hold_with_every_comment_taken_away(course):
    """What stands in comments is right too: uncommented, every command still takes the file."""
    text = (course / "pyproject.toml").read_text("utf-8")
    assert {"grader"} == tomllib.loads(text)["tool"].keys()
    bare = re.sub(r"^# (?=\[|\w+ = )", "", text, flags=re.MULTILINE).replace("NAME", "gradients")
    (course / "pyproject.toml").write_text(bare, "utf-8")
    settings = tomllib.loads(bare)["tool"]["grader"]
    assert {"timezone", "grace", "late_penalty", "attempts", "assignments", "grade"} <= settings.keys()
    (course / "roster.csv").write_text("id\n000_reference\n", "utf-8")
    run("new", "gradients")
    run("demo", "-a", "gradients", "-o", "class")
    (course / "class" / "001_stub").rename(course / "class" / "ada")
    done = run("grade", "class/000_reference", "-a", "gradients", "-o", "report")
    assert done.exit_code == 0, done.output


def test_ci_runs_commands_that_there_are(course):
    for file in (".github/workflows/course.yml", ".gitlab-ci.yml", "README.md"):
        text = (course / file).read_text("utf-8")
        said = re.findall(r"\bgrader ([a-z]+)", text)
        assert set(said) <= set(main.list_commands(None)), file
        assert {"prove", "release"} <= set(said)


def test_what_is_written_reads_as_the_project_does(course):
    run("new", "gradients")
    ruff = [sys.executable, "-m", "ruff"]
    line = ["--isolated", "--no-cache", "--line-length", "120"]
    for words in (["check", "--select", "E,F,W,I,UP,B,D1"], ["format", "--check"]):
        done = subprocess.run([*ruff, *words, *line, "solutions"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
