"""A class that is too large for one page goes on in further ones."""

import re

import pytest

from grader.publishing import publish
from grader.reports import html


@pytest.fixture
def folder_of(tmp_path, class_in, monkeypatch):
    """Publishes a class of so many into one folder, three students on a page."""
    monkeypatch.setattr(html, "PAGE", 3)

    def make(count):
        home = tmp_path / str(count)
        home.mkdir()
        made, folder = class_in(home), tmp_path / "report"
        with made.open() as book:
            made.basis(book)
            for number in range(count):
                made.hand_in(book, f"s{number}")
            publish(book, made.key(), folder, print)
        return folder

    return make


def ids(page):
    return re.findall(r'<th scope="row"><a href="students/(s\d)/feedback.html">', page.read_text("utf-8"))


def test_every_student_is_on_one_page_and_each_page_leads_to_the_others(folder_of):
    folder = folder_of(8)
    files = ["index.html", "students-2.html", "students-3.html"]
    assert files == sorted(p.name for p in folder.glob("*.html"))
    assert [["s0", "s1", "s2"], ["s3", "s4", "s5"], ["s6", "s7"]] == [ids(folder / name) for name in files]
    for name in files:
        text = (folder / name).read_text("utf-8")
        nav = re.search(r"<nav aria-label.*?</nav>", text, re.DOTALL)[0]
        assert set(files) - {name} == set(re.findall(r'href="([^"]*)"', nav))
        assert 1 == nav.count('aria-current="page"')
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
        assert "script-src" in policy and "http" not in policy
    assert "What to explain again" in (folder / "index.html").read_text("utf-8")
    assert "What to explain again" not in (folder / "students-2.html").read_text("utf-8")
    assert "<title>Small – students from s3</title>" in (folder / "students-2.html").read_text("utf-8")


def test_a_class_that_fits_has_one_page_and_those_of_a_larger_one_go(folder_of):
    folder_of(4)
    folder = folder_of(3)
    assert ["index.html"] == [p.name for p in folder.glob("*.html")]
    assert "<nav" not in (folder / "index.html").read_text("utf-8")


def test_a_class_of_nobody_has_a_page(folder_of):
    folder = folder_of(0)
    assert [] == ids(folder / "index.html") and ["index.html"] == [p.name for p in folder.glob("*.html")]
