"""Who is forgotten leaves no byte in the gradebook, and nobody else loses anything."""

import contextlib
import json
import sqlite3
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.errors import UsageError
from grader.gradebook.forgetting import forget, mentions, whole_words
from grader.gradebook.records import Attempt, Extension, Override, Person
from tests.trees import zipped

NAMES = [b"quixote", b"Quijano", b"dulcinea"]


def fill(small_class, book):
    basis = small_class.basis(book)
    for number in range(200):
        small_class.hand_in(book, f"s{number:03}")
    book.enrol([Person("quixote", "Alonso Quijano", "quixote@example.org"), Person("s001", "Sancho")])
    for number in range(3):
        work = f"{number}" * 64
        attempt = Attempt(
            student="quixote", sha256=work, files={"dulcinea.py": work}, members=["quijanoalonso_1_2_x.py"]
        )
        book.record(attempt, small_class.grade("quixote", message=f"dulcinea {number}"), basis)
    book.override(Override(student="quixote", exercise="f", mark=1.0, why="dulcinea", who="N. Bohr"))
    book.extend(Extension(student="quixote", until=small_class.time, why="Quijano is ill", who="N. Bohr"))
    book.flush()


def left(small_class):
    whole = b"".join(p.read_bytes() for p in small_class.path.parent.iterdir() if p.is_file())
    return [name for name in NAMES if name.lower() in whole.lower()]


def test_no_byte_is_left_and_the_others_stay(small_class):
    with small_class.open() as book:
        fill(small_class, book)
        assert left(small_class) == NAMES
        before = [s for s in book.standing() if s.student != "quixote"]
        forget(book, "quixote")
        assert left(small_class) == []
        assert list(book.standing()) == before
        assert book.people().keys() == {"s001"}
        assert [e.what for e in book.history()][-1] == "a student was forgotten"
        assert next(book.history("quixote")).what == "gradebook of small"
        assert all(e.student is None for e in book.history("quixote"))
    assert left(small_class) == []


def test_the_file_still_refuses_changes_afterwards(small_class):
    with small_class.open() as book:
        fill(small_class, book)
        forget(book, "quixote")
        small_class.hand_in(book, "quixote")
        assert [a.number for a in book.attempts("quixote")] == [1]
    db = sqlite3.connect(small_class.path)
    with pytest.raises(sqlite3.IntegrityError, match="a gradebook is only added to"):
        db.execute("DELETE FROM attempt")
    db.close()


def test_a_gradebook_that_another_program_reads_is_told_and_forgotten_the_next_time(small_class):
    with small_class.open(wait=0.1) as book:
        fill(small_class, book)
        reader = sqlite3.connect(small_class.path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM attempt").fetchone()
        with pytest.raises(UsageError) as told:
            forget(book, "quixote")
        assert str(told.value) == (
            f"{small_class.path}: the rows are erased, but another program has the gradebook open and keeps their bytes "
            "in its log; close it and give the same command again"
        )
        reader.execute("ROLLBACK")
        reader.close()
        forget(book, "quixote")
        assert left(small_class) == []


def test_what_others_wrote_of_the_person_is_named_and_stays(small_class):
    with small_class.open() as book:
        fill(small_class, book)
        shared = Attempt(student="s001", sha256="9" * 64, files={"quixote_and_me.py": "1"})
        book.record(shared, small_class.grade("s001", message="with QUIXOTE"), small_class.basis(book))
        book.override(Override(student="s002", comment="see Quixote", why="", who="N. Bohr"))
        book.flush()
        forget(book, "quixote")
        assert list(mentions(book, whole_words(["quixote"]))) == ["attempt 2 of s001", "a note of N. Bohr"]
        assert list(mentions(book, whole_words([]))) == []


def test_words_are_found_whole_and_in_any_case():
    wanted = whole_words(["ann", "", "a.b"])
    assert [bool(wanted.search(t)) for t in ("Ann:", "annotation", "x_ann", "a.b", "a_b", "(ANN)")] == [
        True, False, True, True, False, True,
    ]  # fmt: skip


# ----------------------------------------------------------------------------- the whole command

WHO = ["quijano", "alonso", "Alonso Quijano", "quixote@uni.example", "12345605"]
WORK = "# quixote_wrote_this\ndef double(x):\n    print('quixote_printed', x.shape)\n    raise ValueError('quixote_said')\n"
ROSTER = (
    "id,name,email,section,group\n"
    "quijanoalonso,Alonso Quijano,quixote@uni.example,A,crew\n"
    "sancho,Sancho Panza,sancho@uni.example,A,crew\n"
    "rosa,Rosa Peral,rosa@uni.example,B,\n"
)


WORDS = ["quixote_wrote", "quixote_printed", "quixote_said", "quixote"]


def standing(texts):
    """Text → the files here in whose bytes or name it stands, as UTF-8 or UTF-16, squeezed or not."""
    found = {}
    for path in [p for p in Path().rglob("*") if p.is_file()]:
        data = path.read_bytes()
        data += str(path).encode() + b"".join(unpacked(path, data))
        for text in texts:
            cases = {text, text.lower(), text.upper()}
            if any(t.encode(way) in data for t in cases for way in ("utf-8", "utf-16-le", "utf-16-be")):
                found.setdefault(text, []).append(path.name)
    return found


def unpacked(path, data):
    """What stands squeezed in a gradebook's rows."""
    if path.suffix == ".sqlite":
        db = sqlite3.connect(path)
        for table, column in (("result", "grade"), ("memory", "pieces")):
            yield from (zlib.decompress(row[0]) for row in db.execute(f"SELECT {column} FROM {table}"))
        db.close()
    at = data.find(b"x\x9c")
    while at >= 0:  # and what is left of it in free pages, and in the log
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj().decompress(data[at : at + 65536])
        at = data.find(b"x\x9c", at + 1)


def graded_class(course, monkeypatch, group):
    """A class as Canvas gives it, graded with two keys; with a group that work has another owner too."""
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADER_SEED", "tests")
    monkeypatch.setenv("GRADER_WHO", "N. Bohr")
    Path("roster.csv").write_text(ROSTER.replace("crew", group), "utf-8")
    tree = {
        "quijanoalonso_LATE_12345605_991_work.py": WORK,
        "rosaperal_12345606_992_work.py": "def double(x):\n    return x + x\n",
    }
    Path("class.zip").write_bytes(zipped(tree))
    words = ("grade", "class.zip", "-a", "small", "-o", "report", "--exit-zero", "--roster", "roster.csv")
    command(*words)
    course.edit("cases.py", 'points={"y": 2}', 'points={"y": 4}')
    command(*words, "--apply", "more points")
    Path("class.zip").unlink()
    Path("roster.csv").unlink()


def command(*words):
    ended = CliRunner().invoke(main, [str(w) for w in words])
    assert ended.exit_code == 0, ended.output
    return ended.output


@pytest.mark.parametrize("open_elsewhere", [False, True])
@pytest.mark.parametrize("group", ["", "crew"])
def test_after_the_command_no_byte_names_the_person_or_is_of_their_file(course, monkeypatch, group, open_elsewhere):
    graded_class(course, monkeypatch, group)
    command("override", "report", "quijanoalonso", "--mark", "1", "--comment", "Alonso was ill", "--why", "alonso")
    reader = sqlite3.connect("report/gradebook.sqlite") if open_elsewhere else None  # so that -wal and -shm stay
    if reader is not None:
        reader.execute("SELECT count(*) FROM attempt").fetchone()
    assert {*WHO, "quixote_said", "quixote_printed"} <= standing([*WHO, *WORDS]).keys()
    command("forget", "report", "quijanoalonso", "--yes")
    theirs = WHO if group else [*WHO, *WORDS]  # what a group handed in is its other members' work too
    assert ({}, open_elsewhere) == (standing(theirs), Path("report/gradebook.sqlite-wal").is_file())
    if reader is not None:
        reader.close()
    command("report", "report")
    assert {} == standing(theirs)
    if group:
        assert "Sancho Panza" in Path("report/students/sancho/feedback.md").read_text("utf-8")
    assert {"rosa": 4.0} | ({"sancho": 0.0} if group else {}) == {
        s["id"]: s["score"] for s in json.loads(Path("report/grades.json").read_bytes())["submissions"]
    }
