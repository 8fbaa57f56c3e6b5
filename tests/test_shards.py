"""A class in parts: who is in which, and that the parts joined are what one run writes."""

import json
import re
import shutil
import sqlite3
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.cli import main
from grader.commands.merge import _times
from grader.errors import UsageError
from grader.keyfile import dump_key
from grader.reports.files import run_json
from grader.reports.run import Run
from grader.shards import Shard, parse_shard

ROSTER = "id,name,email\n" + "".join(f"s{n:02},Name {n},s{n}@example.org\n" for n in range(14))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="hidden grading is Linux's")


@settings(max_examples=30)
@given(st.text(), st.integers(1, 20))
def test_everybody_is_in_exactly_one_shard(student, of):
    assert 1 == sum(Shard(number, of).has(student) for number in range(1, of + 1))


def test_who_is_in_which_shard_never_changes():
    assert [1, 2, 1, 1, 1] == [n for s in ("jdoe", "asmith", "ü", "", "s01") for n in (1, 2) if Shard(n, 2).has(s)]


def test_shards_are_of_like_size():
    sizes = [sum(Shard(n, 8).has(f"student{i}") for i in range(8000)) for n in range(1, 9)]
    assert all(900 < size < 1100 for size in sizes)


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2", " 1/2", "1/2000000", "١/2"])
def test_what_is_no_shard_is_told(text):
    with pytest.raises(UsageError) as error:
        parse_shard(text)
    assert f"--shard {text}: expected K/N, such as 3/8 for the third of eight parts" == str(error.value)


def grader(*words, code=0):
    run = CliRunner().invoke(main, [str(word) for word in words])
    assert code == run.exit_code, run.output
    return run.stderr


class Parts:
    """A class of fourteen, graded whole and in three parts."""

    def __init__(self, folder, course):
        self.folder, self.key, self.students, self.roster = folder, folder / "key", folder / "class", folder / "r.csv"
        self.key.write_bytes(dump_key(course.key()))
        self.roster.write_text(ROSTER, "utf-8")
        source = (course.folder / "work.py").read_text("utf-8")
        texts = [source, source.replace("2 * x", "x / 2"), "def broken(:\n", source.replace("2 * x", "1 / 0")]
        for number in range(13):  # the roster's last one handed in nothing
            own = self.students / f"s{number:02}"
            own.mkdir(parents=True)
            (own / "work.py").write_text(f"# {number}\n{texts[number % 4]}", "utf-8")

    def grade(self, name, *words, code=0):
        words = (
            "--key",
            self.key,
            "--unproven",
            "--exit-zero",
            "--roster",
            self.roster,
            "-o",
            self.folder / name,
            *words,
        )
        grader("grade", self.students, *words, code=code)
        return self.folder / name

    def merge(self, *parts, into, code=0):
        return grader("merge", *(self.folder / p for p in parts), "-o", self.folder / into, code=code)


@pytest.fixture(scope="module")
def parts(tmp_path_factory, course_in):
    made = Parts(tmp_path_factory.mktemp("parts"), course_in(tmp_path_factory.mktemp("course")))
    made.grade("whole")
    for number in (1, 2, 3):
        made.grade(f"part{number}", "--shard", f"{number}/3", *(["-j", 2] if number == 2 else []))
    return made


def content(report):
    """Every file of a report folder but those that tell of a single run, by name."""
    files = [p for p in report.rglob("*") if p.is_file() and not p.name.startswith(("run.", "gradebook.", "shard."))]
    return {str(p.relative_to(report)): p.read_bytes() for p in files}


def rows(report):
    """All that a gradebook holds but the times at which it was written."""
    with sqlite3.connect(report / "gradebook.sqlite") as book:
        tables = [r[0] for r in book.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        kept = {}
        for table in tables:
            columns = [r[1] for r in book.execute(f"PRAGMA table_info({table})") if r[1] != "at"]
            named = ", ".join(f'"{c}"' for c in columns)
            kept[table] = book.execute(f"SELECT {named} FROM {table} ORDER BY {named}").fetchall()
        return kept


def test_parts_joined_are_what_one_run_writes_byte_by_byte(parts):
    sizes = [
        len(json.loads((parts.folder / f"part{n}" / "grades.json").read_text("utf-8"))["submissions"])
        for n in (1, 2, 3)
    ]
    assert 13 == sum(sizes) and all(0 < size < 13 for size in sizes)
    parts.merge("part3", "part1", "part2", into="joined")
    assert content(parts.folder / "whole") == content(parts.folder / "joined")
    whole, joined = rows(parts.folder / "whole"), rows(parts.folder / "joined")
    assert whole == joined
    assert 13 == len(whole["result"]) and 14 == len(whole["person"])


def test_what_was_set_by_hand_in_a_part_is_kept(parts, tmp_path):
    for number in (1, 2, 3):
        shutil.copytree(parts.folder / f"part{number}", tmp_path / f"part{number}")
    name = next(p.name for p in (tmp_path / "part2" / "students").iterdir())
    grader("override", tmp_path / "part2", name, "--mark", "1.5", "--why", "right on paper", "--who", "N. Bohr")
    grader("merge", *(tmp_path / f"part{n}" for n in (1, 2, 3)), "-o", tmp_path / "joined")
    assert [(name, 1.5, "right on paper")] == [(r[1], r[3], r[7]) for r in rows(tmp_path / "joined")["override"]]


def test_what_was_changed_and_changed_back_in_every_part_is_so_in_the_whole(parts, tmp_path):
    roster = tmp_path / "roster.csv"
    names = ("whole", "part1", "part2", "part3")
    for name in names:
        shutil.copytree(parts.folder / name, tmp_path / name)
        shard = ["--shard", f"{name[-1]}/3"] if name != "whole" else []
        for text in (ROSTER.replace("Name 3", "Nobody"), ROSTER):
            roster.write_text(text, "utf-8")
            parts.grade(tmp_path / name, "--roster", roster, *shard)
    parts.merge(*(tmp_path / name for name in names[1:]), into=tmp_path / "joined")
    assert content(tmp_path / "whole") == content(tmp_path / "joined")
    persons = rows(tmp_path / "joined")["person"]
    assert rows(tmp_path / "whole")["person"] == persons
    assert ["Name 3", "Nobody", "Name 3"] == [p[2] for p in sorted(persons) if p[1] == "s03"]


def test_parts_under_pseudonyms_and_of_groups_are_in_the_order_of_one_run_and_name_nobody(parts, tmp_path):
    crew = ROSTER.replace("email\n", "email,group\n").replace("s0@example.org", "s0@example.org,crew")
    (tmp_path / "crew.csv").write_text(crew.replace("s13@example.org", "s13@example.org,crew"), "utf-8")
    words = ("--roster", tmp_path / "crew.csv", "--pseudonyms", tmp_path / "map.json")
    parts.grade(tmp_path / "whole", *words)
    for number in (1, 2, 3):
        parts.grade(tmp_path / f"part{number}", *words, "--shard", f"{number}/3")
    parts.merge(*(tmp_path / f"part{n}" for n in (1, 2, 3)), into=tmp_path / "joined")
    assert content(tmp_path / "whole") == content(tmp_path / "joined")
    told = [json.loads((tmp_path / f"part{n}" / "shard.json").read_text("utf-8"))["groups"] for n in (1, 2, 3)]
    students = json.loads((tmp_path / "map.json").read_text("utf-8"))["students"]
    assert [("s13", "s00")] == [(students[one], students[own]) for groups in told for one, own in groups.items()]
    graded = [s["id"] for s in json.loads((tmp_path / "whole" / "grades.json").read_text("utf-8"))["submissions"]]
    alone = [one for one in graded if students[one] not in ("s00", "s13")]
    assert sorted(alone) == alone != sorted(alone, key=students.__getitem__)


def test_parts_in_which_marks_of_different_keys_count_are_no_class(parts, tmp_path, course_in):
    course = course_in(tmp_path / "course")
    course.edit("cases.py", 'points={"y": 2}', 'points={"y": 4}')
    (tmp_path / "key").write_bytes(dump_key(course.key()))
    for number in (1, 2, 3):
        if number == 1:  # it has been graded before, and keeps those marks until it is told otherwise
            shutil.copytree(parts.folder / "part1", tmp_path / "part1")
        parts.grade(tmp_path / f"part{number}", "--key", tmp_path / "key", "--shard", f"{number}/3")
    folders = [tmp_path / f"part{n}" for n in (1, 2, 3)]
    said = grader("merge", *folders, "-o", tmp_path / "joined", code=2)
    told = rf"grader: {folders[0]} and {folders[1]}: the marks of different keys count \(\w{{12}} of grader [\d.]+ and "
    rest = r"\w{12} of grader [\d.]+\); grade the one that keeps earlier marks again, with --apply WHY\n"
    assert re.fullmatch(told + rest, said)
    assert not (tmp_path / "joined" / "gradebook.sqlite").exists()
    parts.grade(folders[0], "--key", tmp_path / "key", "--shard", "1/3", "--apply", "twice the points")
    assert grader("merge", *folders, "-o", tmp_path / "joined") == ""


def test_a_class_that_was_joined_is_not_run_again(parts, tmp_path):
    parts.merge("part1", "part2", "part3", into="again")
    said = grader(
        "grade", parts.students, "--key", parts.key, "--unproven", "--exit-zero", "-o", parts.folder / "again"
    )
    assert "9 were graded before with the same key and are not run again" in said or "13 were graded" in said


def test_parts_that_do_not_fit_are_refused_by_name(parts, tmp_path, course_in):
    where = parts.folder
    said = parts.merge("part1", "part3", into="x", code=2)
    assert "grader: 1 of 3 shards are missing: 2/3; grade them, or name their folders\n" == said
    shutil.copytree(where / "part2", where / "copy")
    said = parts.merge("part1", "part2", "copy", "part3", into="x", code=2)
    assert f"grader: {where / 'part2'} and {where / 'copy'} are both shard 2/3; leave one out\n" == said
    said = parts.merge("part1", "whole", into="x", code=2)
    assert said.startswith(
        f"grader: {where / 'whole'}: expected the report folder of a finished shard, with shard.json"
    )
    parts.grade("halves", "--shard", "2/2")
    said = parts.merge("part1", "halves", into="x", code=2)
    assert (
        f"{where / 'part1'} and {where / 'halves'} are no parts of one run: their number of shards differ (3 and 2)"
        in said
    )
    other = Parts(tmp_path, course_in(tmp_path / "course"))
    other.key.write_bytes(dump_key(course_in(tmp_path / "other").key(b"another seed")))
    other.grade("part2", "--shard", "2/3")
    said = grader("merge", where / "part1", tmp_path / "part2", where / "part3", "-o", where / "x", code=2)
    assert f"{where / 'part1'} and {tmp_path / 'part2'} are no parts of one run: their answer key differ (" in said
    assert not (where / "x").exists()


def test_what_was_not_joined_whole_can_be_joined_by_the_same_command(parts, tmp_path):
    shutil.copytree(parts.folder / "part2", tmp_path / "part2")
    (tmp_path / "part2" / "grades.json").unlink()
    words = ("merge", parts.folder / "part1", tmp_path / "part2", parts.folder / "part3", "-o", tmp_path / "joined")
    said = grader(*words, code=2)
    assert "grades.json: cannot be read (" in said and "grade the shard again" in said
    shutil.copy(parts.folder / "part2" / "grades.json", tmp_path / "part2")
    grader(*words)
    assert content(parts.folder / "whole") == content(tmp_path / "joined")


def test_a_student_in_two_parts_is_named(parts, tmp_path):
    for number in (1, 2, 3):
        shutil.copytree(parts.folder / f"part{number}", tmp_path / f"part{number}")
    name = min(p.name for p in (tmp_path / "part2" / "students").iterdir())
    with sqlite3.connect(tmp_path / "part3" / "gradebook.sqlite") as book:
        book.execute(f"INSERT INTO attempt VALUES (100, '{name}', 1, 'a', '{{}}', '[]', NULL, '')")
    book.close()
    said = grader("merge", *(tmp_path / f"part{n}" for n in (1, 2, 3)), "-o", tmp_path / "x", code=2)
    assert (
        f"grader: {name} is in {tmp_path / 'part2'} and in {tmp_path / 'part3'}: "
        "parts of one class have no student in common\n" == said
    )
    assert not (tmp_path / "x" / "gradebook.sqlite").exists()


def test_a_shards_folder_takes_no_other_shard_and_no_gradebook_is_written_over(parts):
    parts.grade("mine", "--shard", "1/3")
    said = grader(
        *("grade", parts.students, "--key", parts.key, "--unproven", "-o", parts.folder / "mine", "--shard", "2/3"),
        code=2,
    )
    assert f"grader: {parts.folder / 'mine'}: this is shard 1/3, not 2/3; name another folder with -o\n" == said
    said = parts.merge("part1", "part2", "part3", into="whole", code=2)
    assert f"grader: {parts.folder / 'whole'}: has a gradebook already; name a new folder with -o\n" == said
    said = parts.merge("part1", "part2", "part3", into="part1", code=2)
    assert f"grader: {parts.folder / 'part1'}: is one of the parts; name a new folder with -o\n" == said
    said = grader("grade", parts.students, "--key", parts.key, "--shard", "1/2", "--student", "s01", code=2)
    assert "grader: --shard and --student: expected one of them; a student needs no parts\n" == said


class Many:
    """Grades whose times are long, none of them JSON: they are not read."""

    def __len__(self):
        return 3

    def timed(self):
        return iter(())


def test_the_whole_began_with_the_first_part_and_ended_with_the_last(tmp_path):
    for name, started, ended in (("a", 5.25, 9.0), ("b", 3.5, 7.125)):
        (tmp_path / name).mkdir()
        head = "".join(run_json(Run(None, Many(), started=started, ended=ended), "x" * 300)).removesuffix("\n]}\n")
        (tmp_path / name / "run.json").write_text(head + "\n" + "x" * 10_000, "utf-8")
    assert (3.5, 9.0) == _times([tmp_path / "a", tmp_path / "b"])
    assert (0.0, 0.0) == _times([tmp_path])
