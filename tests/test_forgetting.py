"""Who is forgotten leaves no byte in the gradebook, and nobody else loses anything."""

import sqlite3

import pytest

from grader.errors import UsageError
from grader.gradebook.forgetting import forget, mentions, whole_words
from grader.gradebook.records import Attempt, Extension, Override, Person

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
