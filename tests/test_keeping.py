"""`grader grade -o` on whole classes: groups, pseudonyms, one student again, regrades, late work."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.gradebook import book
from grader.gradebook.book import FILE, Gradebook
from grader.sandbox.runner import Runner
from grader.sandbox.warm import ZygoteLauncher
from tests.trees import notebook, on_disk, zipped

RIGHT = "def double(x):\n    return x + x\n"
WRONG = "def double(x):\n    return x * 3\n"
ROSTER = (
    "id,name,email,section,group\n"
    "ada,Ada King Lovelace,ada.king@example.org,A,crew\n"
    "ben,Ben Ito,ben@example.org,A,crew\n"
    "cyd,Cyd Charisse,cyd@example.org,B,\n"
    "dora,Dora Diamant,dora@example.org,B,\n"
)


@pytest.fixture
def here(course, monkeypatch):
    """A course, the working directory, with a roster."""
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADER_SEED", "tests")
    monkeypatch.setenv("GRADER_WHO", "N. Bohr")
    Path("roster.csv").write_text(ROSTER, "utf-8")
    return course.root


def run(*words):
    ended = CliRunner().invoke(main, [str(w) for w in words])
    assert ended.exit_code == 0, ended.output
    return ended


def grade(*words):
    return run("grade", *words, "-a", "small", "-o", "report", "--exit-zero").stderr.splitlines()


def marks():
    return {s["id"]: s["score"] for s in json.loads(Path("report/grades.json").read_text("utf-8"))["submissions"]}


def kept():
    with Gradebook.open(Path("report") / FILE) as book:
        return {s.student: s.mark for s in book.standing()}


def files(folder="report"):
    return [p for p in Path(folder).rglob("*") if p.is_file()]


def test_a_group_shares_one_submission_and_each_has_a_mark_and_a_page(here):
    on_disk(here / "class", {"ada/work.py": RIGHT, "cyd/work.py": WRONG})
    told = grade("class", "--roster", "roster.csv")
    assert "group crew: what ada handed in counts for ada, ben" in told
    assert "dora: is in roster.csv and handed in nothing" in told
    assert {"ada": 2.0, "ben": 2.0, "cyd": 0.0} == marks() == kept()
    assert Path("report/students/ben/feedback.json").is_file()
    assert {"ada": "2", "ben": "2", "cyd": "0", "dora": ""} == {
        line.split(",")[0]: line.split(",")[5] for line in run("export", "csv", "report").stdout.splitlines()[1:]
    }
    before = Path("report/grades.json").read_bytes()
    assert "2 were graded before with the same key and are not run again" in grade("class", "--roster", "roster.csv")
    assert before == Path("report/grades.json").read_bytes()


def test_a_group_that_handed_in_under_its_own_name(here):
    on_disk(here / "class", {"crew/work.py": RIGHT})
    grade("class", "--roster", "roster.csv")
    assert {"ada": 2.0, "ben": 2.0} == marks() == kept()


def test_one_student_again_leaves_the_others_in_the_report(here):
    on_disk(here / "class", {"ada.py": RIGHT, "cyd.py": WRONG, "broken.ipynb": "{"})
    grade("class")
    (here / "class" / "ada.py").write_text(WRONG, "utf-8")
    (here / "class" / "cyd.py").write_text(RIGHT, "utf-8")  # not asked for: not looked at
    grade("class", "--student", "ada")
    assert {"ada": 0.0, "broken": 0.0} == marks()
    (here / "class" / "cyd.py").write_text(WRONG, "utf-8")
    grade("class", "--student", "ada")
    assert {"ada": 0.0, "broken": 0.0, "cyd": 0.0} == marks()


def test_no_file_and_no_line_of_a_run_under_pseudonyms_names_anybody(here):
    tree = {
        "lovelaceadaking_LATE_424242421_99_work.py": "# Ada King Lovelace, ada.king@example.org\n" + RIGHT,
        "charissecyd_424242422_98_LovelaceAda.ipynb": notebook(
            "def double(x):\n    return x * 3", "print Cyd Charisse"
        ),
        "quijanoalonso_424242423_97_QuijanoAlonso.pdf": "x",
    }
    (here / "class.zip").write_bytes(zipped(tree))
    told = grade("class.zip", "--roster", "roster.csv", "--pseudonyms", "map.json")
    assert "handed in nothing" in "".join(told)
    names = r"ada\b|lovelace|king|\bben\b|\bito\b|cyd|charisse|dora\b|diamant|quijano|alonso|example\.org|42424242\d"
    written = {str(p): p.read_bytes().decode("latin-1") for p in files()} | {"": "\n".join(told)}
    for path, text in written.items():
        assert re.findall(names, text.replace("roster.csv", "") + path, re.IGNORECASE) == [], path
    with sqlite3.connect("report/gradebook.sqlite") as book:
        assert re.findall(names, "\n".join(map(str, book.iterdump())), re.IGNORECASE) == []
    assert {"ada", "ben", "cyd", "dora", "424242423"} >= set(
        json.loads(Path("map.json").read_text("utf-8"))["students"].values()
    )
    assert 4 == len(kept())


def test_a_changed_key_shows_who_moves_and_moves_nobody_before_it_is_applied(here, course):
    on_disk(here / "class", {"ada.py": RIGHT, "cyd.py": WRONG, "dora.py": "def double(x):\n    return 2 * x\n"})
    grade("class")
    run("override", "report", "dora", "--mark", "1.5", "--why", "orally")
    course.edit("cases.py", 'points={"y": 2}', 'points={"y": 4}')
    told = grade("class")
    assert "the key or the grader has changed: 1 mark would move; the earlier ones stand" in told
    assert "  ada: +2" in told
    assert "grades.json, grades.csv and this run's list tell the new ones, pages and exports the earlier" in told
    assert 4.0 == json.loads(Path("report/grades.json").read_text("utf-8"))["submissions"][0]["score"]
    assert "**2 of 2 points**" in Path("report/students/ada/feedback.md").read_text("utf-8")
    assert {"ada": 2.0, "cyd": 0.0, "dora": 1.5} == kept()
    told = grade("class", "--apply", "more points")
    assert "the key or the grader has changed: 1 mark moves" in told and "applied: 1 mark moved" in told
    assert "stand" not in "".join(told)
    assert {"ada": 4.0, "cyd": 0.0, "dora": 1.5} == kept()
    history = run("history", "report").stdout
    assert "counts, by N. Bohr: more points" in history and "mark: 1.5 by hand, by N. Bohr: orally" in history


def test_work_that_came_late_loses_by_the_courses_clock_and_an_extension_undoes_it(here):
    Path("pyproject.toml").write_text(
        '[tool.grader]\ntimezone = "Europe/Berlin"\n[tool.grader.assignments.small]\n'
        'deadline = 2026-11-20T18:00:00\ngrace = "15 min"\nlate_penalty = { percent = 10 }\n',
        "utf-8",
    )
    tree = {}
    for student, when in {"ada": "17:14:59", "ben": "17:15:01", "cyd": "17:00:00"}.items():  # UTC
        tree[f"submitted/{student}/small/work.py"] = RIGHT
        tree[f"submitted/{student}/small/timestamp.txt"] = f"2026-11-20 {when} UTC"
    on_disk(here / "class", tree)
    grade("class")
    assert {"ada": 2.0, "ben": 1.8, "cyd": 2.0} == kept()
    run("extend", "report", "ben", "--until", "2026-11-21", "--why", "ill")
    assert {"ada": 2.0, "ben": 2.0, "cyd": 2.0} == kept()
    assert {"ada": 2.0, "ben": 2.0, "cyd": 2.0} == marks()


def test_who_is_late_by_the_lms_word_alone_is_told_and_loses_nothing(here):
    tree = {"lovelaceada_LATE_11_99_work.py": RIGHT, "charissecyd_12_98_work.py": WRONG}
    (here / "class.zip").write_bytes(zipped(tree))
    assert not any(line.startswith("late") for line in grade("class.zip"))
    Path("pyproject.toml").write_text(
        '[tool.grader]\ntimezone = "UTC"\n[tool.grader.assignments.small]\n'
        "deadline = 2026-11-20\nlate_penalty = { percent = 10 }\n",
        "utf-8",
    )
    assert (
        "late, as the LMS says, and it does not say when, so that no points are taken: 11; "
        "'grader override' sets a mark by hand" in grade("class.zip")
    )
    assert {"11": 2.0, "12": 0.0} == kept()
    assert ["11,lovelaceada", "12,charissecyd"] == [
        line.partition(",,")[0] for line in run("export", "csv", "report").stdout.splitlines()[1:]
    ]


def test_the_same_work_to_the_byte_is_run_once_and_told_as_that(here, monkeypatch):
    monkeypatch.setattr(book, "BATCH", 1)
    on_disk(here / "class", {f"s{number}/work.py": RIGHT for number in range(4)})
    assert "3 handed in the same as another, to the byte: run once" in grade("class")
    assert "4 were graded before with the same key and are not run again" in grade("class")


def test_every_attempt_is_kept_and_the_last_or_the_best_counts(here):
    settings = '[tool.grader]\n[tool.grader.assignments.small]\nattempts = "{}"\n'
    Path("pyproject.toml").write_text(settings.format("last"), "utf-8")
    on_disk(here / "class", {"ada.py": RIGHT})
    grade("class")
    on_disk(here / "class", {"ada.py": WRONG})
    grade("class")
    assert {"ada": 0.0} == kept()
    Path("pyproject.toml").write_text(settings.format("best"), "utf-8")
    grade("class")
    assert {"ada": 2.0} == kept()
    told = run("history", "report", "ada").stdout
    assert 2 == len(re.findall(r"attempt \d: work\.py", told)), told


def test_a_key_is_applied_although_work_of_earlier_attempts_is_gone(here, course):
    Path("pyproject.toml").write_text('[tool.grader]\nattempts = "best"\n', "utf-8")
    on_disk(here / "class", {"ada.py": RIGHT, "cyd.py": RIGHT})
    grade("class")
    on_disk(here / "class", {"ada.py": WRONG})
    course.edit("cases.py", 'points={"y": 2}', 'points={"y": 4}')
    told = grade("class", "--apply", "more points")
    assert "ada: keeps the result of the earlier key, because that work is not here any more" in told
    assert {"ada": 2.0, "cyd": 4.0} == kept()


def test_of_a_group_the_work_is_remembered_with_each_and_not_run_again_when_one_is_forgotten(here, course, monkeypatch):
    on_disk(here / "class", {"ada/work.py": RIGHT})
    grade("class", "--roster", "roster.csv")
    run("forget", "report", "ada", "--yes")
    asked, ran = [], Runner.ran
    monkeypatch.setattr(Runner, "ran", lambda self, tasks: asked.extend(tasks) or ran(self, tasks))
    course.edit("cases.py", 'points={"y": 2}', 'points={"y": 4}')
    grade("class", "--roster", "roster.csv", "--apply", "more points")
    assert ([], {"ada": 4.0, "ben": 4.0}) == (asked, kept())


@pytest.mark.parametrize("again", [False, True])
def test_a_run_in_this_process_starts_one_zygote_and_ends_it(here, monkeypatch, again):
    on_disk(here / "class", {"ada.py": RIGHT})
    if again:
        grade("class")
        (here / "class" / "zoe.py").write_text("def double(x):\n    return 4 * x\n", "utf-8")
    started, executed = [], ZygoteLauncher._executed
    monkeypatch.setattr(ZygoteLauncher, "_executed", lambda self, *rest: started.append(self) or executed(self, *rest))
    grade("class")
    assert 1 == len(started)
    assert started[0]._process is None
