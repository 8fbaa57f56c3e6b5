"""texts.de.toml beside cases.py: what it says reaches the student, and each slip is told with its line."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.errors import AuthorError, UsageError

GERMAN = """# Kommentar
"Small" = "Klein"
"Twice" = "Zweimal"
"x is squared" = "x wird quadriert"
"Is twice x a square?" = "Ist das Doppelte von x ein Quadrat?"
"the tests" = "den Tests"
"ones only" = "nur Einsen"
"x is halved" = "x wird halbiert"
"More or less than x?" = "Mehr oder weniger als x?"
"""
WRONG = "import numpy\n\n\ndef double(x):\n    return x / 2\n"


@pytest.fixture
def small(course_in, tmp_path, monkeypatch):
    course = course_in(tmp_path / "course")
    (course.folder / "texts.de.toml").write_text(GERMAN, "utf-8")
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADER_SEED", "words")
    monkeypatch.delenv("GRADER_LANGUAGE", raising=False)
    return course


def run(*words, **environment):
    return CliRunner().invoke(main, [str(w) for w in words], env=environment)


def refused(course, old, new):
    path = course.folder / "texts.de.toml"
    path.write_text(GERMAN.replace(old, new), "utf-8")
    with pytest.raises(AuthorError) as error:
        course.load()
    return str(error.value)


def test_a_student_reads_in_the_language_that_they_ask_for(small, monkeypatch):
    monkeypatch.setenv("GRADER_LANGUAGE", "en")  # so that what the option sets does not stay
    assert run("release").stderr == ""
    Path("assignments/small/work.py").write_text(WRONG, "utf-8")
    english = run("check", "assignments/small")
    german = run("check", "assignments/small", "--language", "de")
    assert german.exit_code == 1
    assert "y: x is halved." in english.output
    assert german.output.splitlines() == [
        "small  ✗  0 von 1 fertig",
        "",
        "✗ double  Zweimal",
        "",
        "  y: x wird halbiert.",
        "  Ein Tipp: grader check --hint",
        "",
        "  Fall ones: nur Einsen",
        "  y  Form (2,) ✓  float64 ✓  Werte ✗",
        "      2 von 2 Einträgen weichen ab; am weitesten daneben liegt der bei [0]:",
        "      erwartet war 2, es kam 0.5",
        "      deines           erwartet",
        "        0.5 ✗  0.5 ✗     2  2",
    ]
    assert run("check", "assignments/small", GRADER_LANGUAGE="de").output == german.output
    assert run("check", "assignments/small", GRADER_LANGUAGE="fr").stderr == (
        "grader: GRADER_LANGUAGE: expected one of en, de, got 'fr'\n"
    )


def test_before_a_course_is_known_a_student_is_told_in_the_language_they_ask_for(small, tmp_path):
    (tmp_path / "empty").mkdir()
    told = run("check", tmp_path / "empty", GRADER_LANGUAGE="de").stderr
    assert told.endswith(
        "examples.json: erwartet waren die Beispiele, die mit der Aufgabe kamen; geh in ihren Ordner oder hol die Datei "
        "noch einmal (deine eigene Arbeit bleibt, wie sie ist)\n"
    )
    run("release")
    for path in Path("assignments/small").glob("work.*"):
        path.unlink()
    told = run("check", "assignments/small", GRADER_LANGUAGE="de").stderr
    assert told == (
        "grader: assignments/small/work.py: erwartet war hier deine Arbeit; hol die Vorlage noch einmal oder nenne "
        "deine Datei\n"
    )


def test_a_course_in_german_says_so_in_its_settings(small):
    (small.root / "ada").mkdir()
    (small.root / "ada" / "work.py").write_text(WRONG, "utf-8")
    english = json.loads(run("grade", "ada", "-a", "small", "--format", "json").stdout)
    (small.root / "pyproject.toml").write_text('[tool.grader]\nlanguage = "de"\n', "utf-8")
    first = run("grade", "ada", "-a", "small", "--format", "json").stdout
    assert first == run("grade", "ada", "-a", "small", "--format", "json", GRADER_LANGUAGE="en").stdout
    german = json.loads(first)
    (there,), (here,) = german["submissions"], english["submissions"]
    assert there["score"] == here["score"]
    for one, other in zip(there["exercises"][0]["verdicts"], here["exercises"][0]["verdicts"], strict=True):
        assert (one["case"], one["finding"], one["mistake"]) == (other["case"], other["finding"], other["mistake"])
        assert one["hint"] == "x wird halbiert. Mehr oder weniger als x?"
        assert one["message"] != other["message"]
    run("release")
    Path("assignments/small/work.py").write_text(WRONG, "utf-8")
    assert "0 von 1 fertig" in run("check", "assignments/small").output
    assert "0 of 1 done" in run("check", "assignments/small", GRADER_LANGUAGE="en").output


def test_a_key_file_carries_its_language(small, tmp_path, monkeypatch):
    (small.root / "pyproject.toml").write_text('[tool.grader]\nlanguage = "de"\n', "utf-8")
    assert run("key", "small", "-o", "small.key").exit_code == 0
    (tmp_path / "work.py").write_text(WRONG, "utf-8")
    shutil.move("small.key", tmp_path / "small.key")
    monkeypatch.chdir(tmp_path)
    graded = run("grade", "work.py", "--key", "small.key", "--format", "json")
    assert "x wird halbiert" in graded.stdout


def test_what_is_missing_is_told_and_read_in_english(small):
    path = small.folder / "texts.de.toml"
    path.write_text('"Twice" = "Zweimal"\n', "utf-8")
    assert run("release").stderr == (
        "solutions/small/texts.de.toml: 7 texts are read in English, the first one 'Small'\n"
    )


def test_slips_are_told_with_their_line(small):
    assert refused(small, '"Twice"', '"Thrice"') == (
        "solutions/small/texts.de.toml:3: no text of small reads 'Thrice'; translate what it reads now"
    )
    assert refused(small, '"Zweimal"', "2") == "solutions/small/texts.de.toml:3: expected a text for 'Twice', got 2"
    assert refused(small, '"Zweimal"', '""') == "solutions/small/texts.de.toml:3: expected a text for 'Twice', got ''"
    assert refused(small, '"Zweimal"', "Zweimal").startswith(
        'solutions/small/texts.de.toml: expected lines "English" = "…", but Invalid value (at line 3'
    )
    (small.folder / "texts.de.toml").unlink()
    (small.root / "pyproject.toml").write_text('[tool.grader]\nlanguage = "fr"\n', "utf-8")
    with pytest.raises(UsageError) as error:
        small.load()
    assert str(error.value).endswith("pyproject.toml: [tool.grader] language: expected one of en, de, got 'fr'")


def test_what_is_wrong_with_a_file_is_told_in_the_courses_language(small):
    (small.root / "pyproject.toml").write_text('[tool.grader]\nlanguage = "de"\n', "utf-8")
    (small.root / "ada").mkdir()
    (small.root / "ada" / "work.ipynb").write_text("[]", "utf-8")
    (entry,) = json.loads(run("grade", "ada", "-a", "small", "--format", "json").stdout)["submissions"]
    assert (entry["status"], entry["message"]) == (
        "unreadable",
        "work.ipynb: erwartet war ein Notebook (JSON mit Zellen); speichere es noch einmal in Jupyter",
    )


def test_how_a_mark_came_about_is_told_in_the_courses_language(small):
    (small.root / "pyproject.toml").write_text('[tool.grader]\nlanguage = "de"\n', "utf-8")
    (small.root / "ada").mkdir()
    (small.root / "ada" / "work.py").write_text(WRONG, "utf-8")
    run("grade", "ada", "-a", "small", "-o", "report")
    words = ("override", "report", "ada", "--exercise", "double", "--mark", "1", "--why", "x", "--who", "y")
    assert run(*words).exit_code == 0
    assert run("report", "report").exit_code == 0
    page = Path("report/students/ada/feedback.md").read_text("utf-8")
    assert "**1 von 2 Punkten**" in page
    assert "von Hand gesetzte Punkte: double" in page
