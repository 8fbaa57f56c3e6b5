"""How a gradebook's file is opened: what is none is left alone, what is older is migrated."""

import sqlite3

import pytest

from grader.errors import UsageError
from grader.gradebook import schema
from grader.gradebook.book import FILE, Gradebook


def tables(path):
    """Every row of every table."""
    with sqlite3.connect(path) as db:
        names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        rows = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    db.close()
    return rows


def refused(path, assignment=None):
    with pytest.raises(UsageError) as told:
        Gradebook.open(path, assignment)
    return str(told.value).replace(str(path.parent), "DIR")


def test_what_is_no_gradebook_is_told_and_left_alone(small_class, tmp_path):
    path = tmp_path / "x.sqlite"
    assert refused(path) == "DIR/x.sqlite: expected a gradebook; 'grader grade … -o DIR' makes one"
    path.write_bytes(b"no database " * 100)
    assert refused(path, "small") == (
        "DIR/x.sqlite: expected a gradebook, but file is not a database; put a copy in its place, or name another folder"
    )
    assert path.read_bytes() == b"no database " * 100
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    before = path.read_bytes()
    told = "DIR/x.sqlite: expected a gradebook, and it is another program's database; name another folder"
    assert refused(path, "small") == told
    assert path.read_bytes() == before
    path.write_bytes(b"")
    assert refused(path) == "DIR/x.sqlite: this gradebook is empty; 'grader grade … -o DIR' fills it"
    assert refused(tmp_path / "no" / FILE, "small").startswith(
        f"DIR/{FILE}: the gradebook cannot be opened for writing (unable to open database file); look at the rights of "
    )


def test_a_gradebook_belongs_to_one_assignment(small_class):
    small_class.open().close()
    assert refused(small_class.path, "network") == (
        f"DIR/{FILE}: this is the gradebook of small, not of network; name another folder with -o"
    )
    with Gradebook.open(small_class.path) as book:
        assert book.assignment == "small"


def test_a_gradebook_of_a_newer_grader_is_left_alone(small_class, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, "CREATE TABLE later (x);\n"])
    small_class.open().close()
    monkeypatch.undo()
    assert refused(small_class.path) == f"DIR/{FILE}: a newer grader wrote this gradebook (version 4); update grader"


def test_an_older_gradebook_is_migrated_once_and_whole_or_not_at_all(small_class, monkeypatch):
    with small_class.open() as book:
        small_class.hand_in(book, "ada")
    before = tables(small_class.path)
    later = "CREATE TABLE later (x);\nINSERT INTO later VALUES (1);\n"
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, later + "INSERT INTO nowhere VALUES (1);\n"])
    assert refused(small_class.path) == f"DIR/{FILE}: the gradebook failed: no such table: nowhere"
    assert tables(small_class.path) == before
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS[:-1], later])
    for _ in range(2):
        with small_class.open() as book:
            assert small_class.mark(book, "ada") == 10.0
    assert tables(small_class.path) == before | {"later": [(1,)]}
