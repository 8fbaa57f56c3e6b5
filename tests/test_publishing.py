"""Pages from a gradebook: the marks that stand, by whatever rule or hand, and everybody in them."""

import errno
import json
import os
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from pages import make_key

from grader import publishing
from grader.cli import main
from grader.errors import UsageError
from grader.gradebook.records import Override, Person
from grader.publishing import entries, publish, published_key
from grader.reports.files import student_pages, write_atomically, write_pages
from grader.reports.run import visible_part


@pytest.fixture
def book(small_class):
    """Three students: ada with all points, bob with few and two attempts; cyd handed nothing in."""
    with small_class.open() as opened:
        opened.enrol([Person("ada", "Ada <b>Lovelace</b>", "", []), Person("cyd", "Cyd", "", [])])
        small_class.hand_in(opened, "ada")
        small_class.hand_in(opened, "bob", f=1.0)
        small_class.hand_in(opened, "bob", f=2.0, g=1.0, handed_in=datetime(2026, 11, 21, tzinfo=UTC))
        yield opened


def published(book, small_class, **more):
    said = []
    folder = small_class.path.parent
    written = publish(book, small_class.key(), folder, said.append, **more)
    return folder, written, said


def test_everybody_is_in_it_with_the_mark_that_stands(book):
    book.override(Override(student="ada", mark=7.0, comment="See me.", why="asked", who="t"))
    ada, bob, cyd = entries(book)
    assert ("ada", 7.0, "Ada <b>Lovelace</b>") == (ada.id, ada.mark, ada.name)
    assert ["the mark was set by hand", "See me."] == ada.marked
    assert (3.0, ["attempt 2 of 2 counts"]) == (bob.mark, bob.marked)
    assert ("cyd", None, None, "") == (cyd.id, cyd.grade, cyd.mark, cyd.page)


def test_pages_of_marks_that_are_more_than_points_are_written_and_the_others_left(book, small_class):
    folder, written, said = published(book, small_class)
    assert (1, []) == (written, said)
    assert ["bob"] == [p.name for p in (folder / "students").iterdir()]
    page = (folder / "index.html").read_text("utf-8")
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in page
    assert "nothing handed in" in page
    assert 2 == published(book, small_class, every=True)[1]


def test_a_mark_by_hand_that_is_taken_back_is_gone_from_the_page(book, small_class):
    book.override(Override(student="ada", mark=7.0, why="asked", who="t"))
    folder = published(book, small_class)[0]
    told = folder / "students" / "ada" / "feedback.json"
    assert 7.0 == json.loads(told.read_text("utf-8"))["mark"]
    book.override(Override(student="ada", withdrawn=True, why="no", who="t"))
    published(book, small_class)
    assert (10.0, []) == tuple(json.loads(told.read_text("utf-8"))[k] for k in ("mark", "marked"))


def test_points_by_hand_and_lateness_are_told():
    class Late:
        attempts, attempt, late, penalty, by_hand, comments = 1, 1, 2, 1.5, ["f"], []

    assert ["2 days late: 1.5 points less", "points set by hand: f"] == list(publishing.marked(Late(), "day"))


def test_the_key_that_is_left_in_the_folder_is_the_visible_part(book, small_class):
    folder, _written, _said = published(book, small_class)
    assert "drawn" not in (folder / "examples.json").read_text("utf-8")
    assert visible_part(small_class.key()) == published_key(folder)


def test_report_writes_everything_again(book, small_class):
    folder, _written, _said = published(book, small_class)
    before = (folder / "index.html").read_bytes()
    (folder / "index.html").unlink()
    book.flush()
    ended = CliRunner().invoke(main, ["report", str(folder)])
    assert (0, f"{folder}: 2 students' pages\n") == (ended.exit_code, ended.stderr)
    assert before == (folder / "index.html").read_bytes()
    assert {"ada", "bob"} == {p.name for p in (folder / "students").iterdir()}


def test_a_folder_without_its_key_is_told_how_to_get_one(tmp_path):
    with pytest.raises(UsageError) as told:
        published_key(tmp_path)
    assert str(told.value) == (
        f"{tmp_path}/examples.json: cannot be read (No such file or directory); "
        f"'grader grade … -o {tmp_path}' writes it again"
    )


def test_without_the_extra_all_but_the_pages_are_written_and_it_is_said(book, small_class, monkeypatch):
    monkeypatch.setattr(publishing, "available", lambda: False)
    monkeypatch.setattr("grader.reports.files.available", lambda: False)
    folder, written, said = published(book, small_class, every=True)
    assert 2 == written
    assert not (folder / "index.html").exists()
    assert {"feedback.json", "feedback.md"} == {p.name for p in (folder / "students" / "ada").iterdir()}
    assert said == [
        "index.html and feedback.html are not written: pages need Jinja2; "
        "install it with: pip install 'nabla-grader[class]'"
    ]


def test_a_students_pages_are_three(tmp_path):
    from pages import make_class

    write_pages(tmp_path, "a/b", student_pages(make_key(), make_class()[0]))
    (folder,) = (tmp_path / "students").iterdir()
    assert {"feedback.html", "feedback.md", "feedback.json"} == {p.name for p in folder.iterdir()}


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (KeyboardInterrupt(), ""),
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
            "index.html: cannot be written (No space left on device); name a folder that can with -o",
        ),
    ],
)
def test_a_file_that_is_not_finished_leaves_the_older_one_and_nothing_beside_it(tmp_path, ended, told):
    (tmp_path / "index.html").write_text("older", "utf-8")

    def pieces():
        yield "half"
        raise ended

    with pytest.raises((KeyboardInterrupt, UsageError)) as error:
        write_atomically(tmp_path / "index.html", pieces())
    assert str(error.value).endswith(told)
    assert {"index.html": "older"} == {p.name: p.read_text("utf-8") for p in tmp_path.iterdir()}
