"""Feedback goes back under the names that Canvas and Moodle know, as a file of the kind that the name says."""

import ast
import io
import json
import zipfile

import nbformat
import pytest

from grader.exports.feedback import Feedback, canvas_members, moodle_members, write_zip

TEXT = "# affine\n\n17.5 of 20\n"


def one(*members, student="jdoe"):
    return Feedback(student, list(members), "<p>17.5</p>", TEXT)


def canvas(*members):
    without = []
    return list(canvas_members([one(*members)], without)), without


@pytest.mark.parametrize(
    "name",
    [
        "doejane_4242_99_layers.py",
        "doejane_LATE_4242_99_layers-1.py",
        "李雷_1_2_x.ipynb",
        "anna_b_7_8_work.html",
        "4_5_x.md",
    ],
)
def test_canvas_gets_the_name_that_it_gave(name):
    ((told, _data),), without = canvas(name)
    assert (told, without) == (name, [])


def test_what_comes_back_is_of_the_kind_that_the_name_says():
    ((_, script),), _ = canvas("doejane_4242_99_layers.py")
    assert script.decode() == "# # affine\n#\n# 17.5 of 20\n"
    assert ast.parse(script).body == []
    ((_, book),), _ = canvas("doejane_4242_99_layers.py", "doejane_4242_98_layers.ipynb")
    read = nbformat.reads(book.decode(), as_version=4)
    nbformat.validate(read)
    assert read.cells[0].source == TEXT
    assert canvas("a_1_2_x.html")[0][0][1] == b"<p>17.5</p>"
    assert canvas("a_1_2_x.txt")[0][0][1] == TEXT.encode()
    ((_, packed),), _ = canvas("a_1_2_x.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {"feedback.html": b"<p>17.5</p>"} == {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", ["layers.py", "doejane_4242_layers.py", "a_1_2_x.pdf", "link.html", ""])
def test_who_has_no_name_of_canvas_is_named(name):
    assert canvas(name) == ([], ["jdoe"])
    assert canvas() == ([], ["jdoe"])


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("Jane Doe_1001_assignsubmission_file/layers.py", "Jane Doe_1001_assignsubmission_file/feedback.html"),
        ("Jane Doe_1001_assignsubmission_file", "Jane Doe_1001_assignsubmission_file/feedback.html"),
        ("x/李雷_7_assignsubmission_file_/a/b.py", "李雷_7_assignsubmission_file_/feedback.html"),
        ("Jane Doe_1001_assignsubmission_file_layers.py", "Jane Doe_1001_assignsubmission_file_feedback.html"),
    ],
)
def test_moodle_gets_its_own_folder(member, name):
    without = []
    assert list(moodle_members([one(member)], without)) == [(name, b"<p>17.5</p>")]
    assert without == []


def test_names_that_lead_elsewhere_are_not_followed():
    without = []
    found = list(moodle_members([one("../../Jane Doe_1001_assignsubmission_file/x.py"), one("../x.py")], without))
    assert ([name for name, _ in found], without) == (["Jane Doe_1001_assignsubmission_file/feedback.html"], ["jdoe"])
    assert canvas("../../a_1_2_x.py")[0][0][0] == "a_1_2_x.py"


def test_a_zip_is_the_same_for_the_same_feedback():
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        assert write_zip(file, iter([("ä_1_2_x.py", b"x"), ("b_3_4_y.py", b"y" * 1000)])) == 2
    assert files[0].getvalue() == files[1].getvalue()
    with zipfile.ZipFile(files[0]) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["ä_1_2_x.py", "b_3_4_y.py"]


def test_a_notebook_with_a_surrogate_in_it_can_be_written():
    one_more = Feedback("a", ["a_1_2_x.ipynb"], "", "\udcff")
    ((_, data),) = canvas_members([one_more], [])
    assert json.loads(data)["cells"][0]["source"] == ["?"]
