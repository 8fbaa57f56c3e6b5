"""What lies on disk becomes submissions; nothing of one student's stops the others."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake.earlier import with_earlier
from grader.intake.folder import MAX_FILE, read_submission, submissions, survey
from tests.trees import at

FILE = "layers.py"
WORK = b"def f():\n    return 1\n"


def write(path, data=WORK):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def notebook(source):
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def found(*paths):
    """Student → the text that is graded, or the problem."""
    return {s.id: s.problem or s.files[s.main] for s in submissions(list(paths), FILE)}


def refused(*paths):
    with pytest.raises(UsageError) as error:
        list(submissions(list(paths), FILE))
    return str(error.value)


# ------------------------------------------------------------------------------ what a path is


def test_a_file_is_one_submission(tmp_path):
    assert {"jdoe": WORK} == found(write(tmp_path / "jdoe.py"))


def test_a_folder_with_the_stub_is_one_submission(tmp_path):
    write(tmp_path / "jdoe" / FILE)
    write(tmp_path / "jdoe" / "extra.py")
    assert {"jdoe": WORK} == found(tmp_path / "jdoe")


def test_a_folder_with_one_notebook_alone_is_one_submission(tmp_path):
    write(tmp_path / "jdoe" / "anything.ipynb", notebook("x = 1"))
    write(tmp_path / "jdoe" / ".ipynb_checkpoints" / "anything-checkpoint.ipynb", notebook("x = 0"))
    assert ["jdoe"] == list(found(tmp_path / "jdoe"))


def test_any_other_folder_is_a_class_with_an_entry_per_student(tmp_path):
    write(tmp_path / "bob" / FILE, b"bob")
    write(tmp_path / "ada.py", b"ada")
    write(tmp_path / "cyd.ipynb", notebook("x = 1"))
    write(tmp_path / "dan" / "deep" / "down" / FILE, b"dan")
    write(tmp_path / "README.md")
    write(tmp_path / ".hidden" / FILE)
    write(tmp_path / "__pycache__" / FILE)
    got = found(tmp_path)
    assert ["ada", "bob", "cyd", "dan"] == list(got)
    assert (b"ada", b"bob", b"dan") == (got["ada"], got["bob"], got["dan"])


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize(
    ("names", "passed"),
    [
        (["ada.py", "bob.docx", "cyd/work.py", "notes.txt", ".DS_Store"], ["bob.docx", "notes.txt"]),
        (
            ["doejane_4242_99_layers.py", "doejohn_4243_text.html", "doejim_4244_98_scan.pdf", "grades.csv"],
            ["grades.csv"],
        ),
        (["Jane Doe_1_assignsubmission_file/layers.py", "list.csv"], ["list.csv"]),
        (["submission_1/layers.py", "submission_metadata.yml"], []),
        (["submitted/ada/affine/layers.py", "submitted/ada/affine/timestamp.txt"], []),
        (["layers.py", "README.md"], []),
    ],
)
def test_files_of_a_class_that_are_nobodys_work_are_named(tmp_path, kind, names, passed):
    path = at(tmp_path, kind, dict.fromkeys(names, WORK))
    with survey([path], "layers.py") as class_:
        assert passed == class_.passed


def test_several_paths_are_one_class(tmp_path):
    one, two = write(tmp_path / "a" / "ada.py"), write(tmp_path / "b" / "bob.py")
    write(tmp_path / "c" / "cyd" / FILE)
    assert ["ada", "bob", "cyd"] == list(found(two, tmp_path / "c", one))


def test_a_path_of_dots_has_its_folders_name(tmp_path, monkeypatch):
    write(tmp_path / "jdoe" / FILE)
    monkeypatch.chdir(tmp_path / "jdoe")
    assert ["jdoe"] == list(found(Path(".")))
    (tmp_path / "jdoe" / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "jdoe" / "deeper")
    assert ["jdoe"] == list(found(Path("..")))


def test_the_class_in_this_folder_is_read(tmp_path, monkeypatch):
    write(tmp_path / "jdoe" / FILE)
    monkeypatch.chdir(tmp_path)
    assert ["jdoe"] == list(found(Path(".")))


@pytest.mark.parametrize("name", ["Jörg 李", "o'neil", "a b", "-x", "=1+1", "dr. who"])
def test_every_name_of_a_folder_is_an_id(tmp_path, name):
    write(tmp_path / "class" / name / FILE)
    assert [name] == list(found(tmp_path / "class"))


# ------------------------------------------------------------------------------------- errors


def test_a_path_that_is_not_there_is_told(tmp_path):
    path = tmp_path / "nowhere"
    told = f"{path}: expected a student's file, a student's folder or a folder of a class; there is nothing"
    assert told == refused(path)


def test_an_empty_folder_is_told(tmp_path):
    told = f"{tmp_path}: expected one file or folder per student (or layers.py); it holds no submission"
    assert told == refused(tmp_path)
    write(tmp_path / "notes.txt")
    assert told == refused(tmp_path)


def test_a_file_and_a_notebook_of_one_student_are_one_submission(tmp_path):
    write(tmp_path / "jdoe.py", b"def f():\n    return None\n")
    write(
        tmp_path / "jdoe.ipynb",
        json.dumps({"cells": [{"cell_type": "code", "source": "def f():\n    return 2 * 3"}]}).encode(),
    )
    write(tmp_path / "zoe.py", b"z")
    one, other = submissions([tmp_path], FILE)
    assert ("jdoe", "zoe") == (one.id, other.id)
    assert b"return 2 * 3" in one.files[FILE]
    assert [
        "jdoe.ipynb and jdoe.py were taken as one submission",
        "jdoe.ipynb is graded: jdoe.py beside it has nothing done in it",
    ] == one.remarks


def test_a_folder_and_a_file_of_one_student_are_one_submission(tmp_path):
    write(tmp_path / "jdoe" / FILE, b"in the folder")
    write(tmp_path / "jdoe.py", b"beside it")
    (one,) = submissions([tmp_path], FILE)
    assert b"in the folder" == one.files[FILE]


def test_two_names_that_are_one_id_only_when_tidied_are_nobodys(tmp_path):
    write(tmp_path / "Jo\u0308rg" / FILE, b"a")
    write(tmp_path / "J\u00f6rg" / FILE, b"b")
    write(tmp_path / "zoe.py", b"z")
    told = {s.id: s.problem for s in submissions([tmp_path], FILE)}
    assert {"J\u00f6rg": "Jo\u0308rg and J\u00f6rg are both J\u00f6rg's; expected one of them", "zoe": None} == told


def test_one_path_given_twice_is_told(tmp_path):
    path = write(tmp_path / "jdoe.py")
    assert f"{path}: expected one submission per student, but {path} is jdoe's too; keep one" == refused(path, path)


def test_a_path_that_is_neither_file_nor_folder_is_told(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe").startswith(f"{tmp_path / 'pipe'}: expected a student's file")


# -------------------------------------------------------------------------- one student's problem


def problem(entry):
    return read_submission(entry, FILE, "jdoe").problem


def test_a_folder_without_python_is_told(tmp_path):
    write(tmp_path / "jdoe" / "answers.pdf")
    assert "jdoe: expected layers.py or one notebook, found answers.pdf" == problem(tmp_path / "jdoe")


def test_several_files_of_which_none_is_the_stub_are_told(tmp_path):
    write(tmp_path / "jdoe" / "one.py")
    write(tmp_path / "jdoe" / "two.py")
    assert "jdoe: expected layers.py or one notebook, found one.py, two.py" == problem(tmp_path / "jdoe")


def test_a_file_that_is_too_large_is_told(tmp_path):
    path = tmp_path / "jdoe.py"
    with path.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    assert "jdoe.py is larger than 48 MiB; hand in your own .py or .ipynb alone" == problem(path)
    with path.open("wb") as file:
        file.truncate(MAX_FILE)
    assert None is problem(path)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_file_that_cannot_be_read_is_told():
    assert "mem: cannot be read (Input/output error)" == problem(Path("/proc/self/mem"))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_one_unreadable_file_does_not_stop_the_class(tmp_path):
    assert {"jdoe": WORK, "mem": "mem: cannot be read (Input/output error)"} == found(
        Path("/proc/self/mem"), write(tmp_path / "jdoe.py")
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"cells": 3}',
        b'{"cells": [3]}',
        b'{"cells": [{"cell_type": "code"}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_notebook_that_is_none_is_told(tmp_path, data):
    path = write(tmp_path / "jdoe.ipynb", data)
    assert "jdoe.ipynb: expected a notebook (JSON with cells); save it again in Jupyter" == problem(path)


def test_a_problem_keeps_the_files_for_the_record(tmp_path):
    write(tmp_path / "jdoe" / "one.py")
    write(tmp_path / "jdoe" / "two.py")
    submission = read_submission(tmp_path / "jdoe", FILE, "jdoe")
    assert (["one.py", "two.py"], None) == (sorted(submission.files), submission.main)


# --------------------------------------------------------------------------------- which file


def text_of(folder):
    submission = read_submission(folder, FILE, "jdoe")
    assert None is submission.problem
    assert FILE == submission.main
    return submission.files[FILE]


def test_the_stubs_name_comes_first(tmp_path):
    write(tmp_path / FILE, b"right")
    write(tmp_path / "layers_old.py", b"old")
    write(tmp_path / "layers.ipynb", notebook("x = 1"))
    assert b"right" == text_of(tmp_path)


def test_the_only_python_file_is_taken_whatever_its_name(tmp_path):
    write(tmp_path / "homework-1 (final).py", b"right")
    write(tmp_path / "notes.ipynb", notebook("x = 1"))
    assert b"right" == text_of(tmp_path)


def test_of_several_notebooks_the_stubs_is_taken(tmp_path):
    write(tmp_path / "layers.ipynb", notebook("right = 1"))
    write(tmp_path / "Untitled.ipynb", notebook("wrong = 1"))
    assert b"right = 1" in text_of(tmp_path)


def test_of_two_files_with_one_name_the_nearest_to_the_top_is_taken(tmp_path):
    write(tmp_path / "a" / "backup" / FILE, b"old")
    write(tmp_path / "z" / FILE, b"right")
    assert b"right" == text_of(tmp_path)


def test_checkpoints_of_jupyter_are_not_read(tmp_path):
    write(tmp_path / ".ipynb_checkpoints" / "layers-checkpoint.ipynb", notebook("wrong = 1"))
    write(tmp_path / "work.ipynb", notebook("right = 1"))
    assert b"right = 1" in text_of(tmp_path)


@pytest.mark.parametrize(
    "litter", ["__MACOSX/._homework.py", "._homework.py", ".venv/lib/site.py", "__pycache__/x.py", ".git/hook.py"]
)
def test_what_machines_leave_is_not_the_students(tmp_path, litter):
    write(tmp_path / "homework.py", b"right")
    write(tmp_path / litter, b"\x00\x05\x16\x07")
    assert b"right" == text_of(tmp_path)


def test_other_python_files_come_along_and_notebooks_do_not(tmp_path):
    write(tmp_path / FILE)
    write(tmp_path / "helpers" / "own.py", b"own")
    write(tmp_path / "notes.ipynb", notebook("x = 1"))
    write(tmp_path / "data.csv")
    submission = read_submission(tmp_path, FILE, "jdoe")
    assert {FILE: WORK, "own.py": b"own"} == submission.files


def test_a_folder_named_as_a_file_is_no_file(tmp_path):
    (tmp_path / FILE).mkdir()
    write(tmp_path / FILE / "other.py", b"right")
    assert b"right" == text_of(tmp_path)


def test_a_link_in_a_class_leads_nowhere(tmp_path):
    write(tmp_path / "elsewhere" / FILE, b"a neighbour's")
    write(tmp_path / "class" / "ada" / FILE)
    (tmp_path / "class" / "bob").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "class" / "cyd.py").symlink_to(tmp_path / "elsewhere" / FILE)
    (tmp_path / "class" / "dan").mkdir()
    (tmp_path / "class" / "dan" / FILE).symlink_to(tmp_path / "elsewhere" / FILE)
    (tmp_path / "class" / "eve").mkdir()
    (tmp_path / "class" / "eve" / "inner").symlink_to(tmp_path / "elsewhere")
    assert b"a neighbour's" not in found(tmp_path / "class").values()


def test_a_link_that_the_instructor_names_is_followed(tmp_path):
    write(tmp_path / "class" / "ada" / FILE)
    (tmp_path / "link").symlink_to(tmp_path / "class")
    assert {"ada": WORK} == found(tmp_path / "link")


# -------------------------------------------------------------------------------------- the hash


def test_the_hash_is_of_names_and_bytes(tmp_path):
    def hash_of(name, files):
        for file, data in files.items():
            write(tmp_path / name / file, data)
        return read_submission(tmp_path / name, FILE, name).sha256

    first = hash_of("a", {FILE: b"x", "b.py": b"y"})
    assert first == hash_of("b", {"b.py": b"y", FILE: b"x"})
    assert first != hash_of("c", {FILE: b"x", "b.py": b"z"})
    assert first != hash_of("d", {FILE: b"x", "c.py": b"y"})
    assert first != hash_of("e", {FILE: b"xy", "b.py": b""})
    assert hashlib.sha256(b"layers.py\x001\x00x").hexdigest() == hash_of("f", {FILE: b"x"})


def test_a_check_has_no_use_for_a_hash(tmp_path):
    assert "" == read_submission(write(tmp_path / "jdoe.py"), FILE, "jdoe", hashed=False).sha256


# ------------------------------------------------------------------------------ earlier files


def test_a_file_that_lacks_is_taken_from_the_earlier_submission(tmp_path):
    submission = read_submission(write(tmp_path / "now" / "jdoe" / "network.py"), "network.py", "jdoe")
    write(tmp_path / "before" / "jdoe" / FILE, b"mine")
    write(tmp_path / "before" / "ada" / FILE, b"ada's")
    whole = with_earlier(submission, tmp_path / "before", [FILE, "activations.py"])
    assert {"network.py": WORK, FILE: b"mine"} == whole.files
    assert whole.sha256 != submission.sha256


def test_a_file_that_is_there_stays(tmp_path):
    write(tmp_path / "now" / "network.py")
    write(tmp_path / "now" / FILE, b"new")
    submission = read_submission(tmp_path / "now", "network.py", "jdoe")
    write(tmp_path / "before" / "jdoe" / FILE, b"old")
    assert submission == with_earlier(submission, tmp_path / "before", [FILE])


def test_an_earlier_submission_of_one_file_counts_by_the_students_id(tmp_path):
    submission = read_submission(write(tmp_path / "jdoe.py"), "network.py", "jdoe")
    write(tmp_path / "before" / "jdoe.py", b"mine")
    assert b"mine" == with_earlier(submission, tmp_path / "before", [FILE]).files[FILE]


def test_a_student_without_an_earlier_submission_has_none(tmp_path):
    submission = read_submission(write(tmp_path / "jdoe.py"), "network.py", "jdoe")
    (tmp_path / "before").mkdir()
    assert submission == with_earlier(submission, tmp_path / "before", [FILE])


def test_an_earlier_submission_that_cannot_be_read_does_not_stop_the_class(tmp_path):
    submission = read_submission(write(tmp_path / "jdoe.py"), "network.py", "jdoe")
    path = write(tmp_path / "before" / "jdoe" / FILE)
    with path.open("wb") as file:
        file.truncate(MAX_FILE + 1)
    assert submission.files == with_earlier(submission, tmp_path / "before", [FILE]).files


def test_an_earlier_submission_that_is_a_link_is_none(tmp_path):
    submission = read_submission(write(tmp_path / "jdoe.py"), "network.py", "jdoe")
    write(tmp_path / "elsewhere.py", b"a neighbour's")
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "jdoe.py").symlink_to(tmp_path / "elsewhere.py")
    assert submission.files == with_earlier(submission, tmp_path / "before", [FILE]).files


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are Linux's")
def test_a_name_that_is_no_text_is_shown_as_its_bytes(tmp_path):
    write(tmp_path / "class" / "ada" / FILE)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/class/ada/\xff.py")).write_bytes(WORK)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/class/\xfe.py")).write_bytes(WORK)
    read = {s.id: sorted(s.files) for s in submissions([tmp_path / "class"], FILE)}
    assert {"ada": ["\\udcff.py", FILE], "\\udcfe": [FILE]} == read
