"""The entries of a class in a file: the same as they were added, in few bytes, for processes that are forked too."""

import gc
import os
import sys
import tracemalloc
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import box as boxes
from grader.intake import entries as entries_
from grader.intake import packed
from grader.intake.box import Disk, Item, Kind, Listing
from grader.intake.entries import Entries, by_id
from grader.intake.folder import survey
from grader.intake.layouts import Entry, Piece
from grader.model import Origin

PLACE = Disk(Path("/one"))


def entry(name, *pieces, box=PLACE, **words):
    return Entry(name, box, [Piece(piece, piece) for piece in pieces], **words)


def plain(one):
    return one.id, one.box, list(one.pieces), one.origin, list(one.remarks), one.problem, list(one.members)


EVERY = [
    entry("jdoe", "jdoe.py"),
    entry("Zoë", "Zo\udceb.py", "b/\U0001f600.ipynb", box=Disk(Path("/two")), remarks=["seen"]),
    entry(
        "g7", origin=Origin("canvas", "x", "J. Doe", "j@x.org", True, "2026-11-20T17:00:00+00:00"), members=["a", "b"]
    ),
    entry("none", problem="cannot be read"),
]


def test_entries_are_as_they_were_added():
    kept = Entries()
    assert list(range(4)) == [kept.append(one) for one in EVERY]
    assert list(map(plain, EVERY)) == list(map(plain, kept))
    assert plain(EVERY[-1]) == plain(kept[-1]) and [plain(EVERY[1])] == list(map(plain, kept[1:2]))
    with pytest.raises(IndexError):
        kept[4]


def test_some_of_them_are_of_the_same_file():
    kept = Entries()
    for one in EVERY:
        kept.append(one)
    some = kept.only(lambda one: one.id != "Zoë").chosen([2, 0])
    del kept
    assert ["none", "jdoe"] == [one.id for one in some]


@pytest.mark.skipif(sys.platform != "linux", reason="open files are listed as on Linux")
def test_the_file_is_closed_when_the_last_is_gone_without_a_collection():
    gc.disable()  # as where what a run holds is frozen
    try:
        before = set(os.listdir("/proc/self/fd"))
        kept = Entries()
        kept.append(EVERY[0])
        some = kept.chosen([0])
        del kept
        assert ["jdoe"] == [one.id for one in some]
        del some
        assert before == set(os.listdir("/proc/self/fd"))
    finally:
        gc.enable()


def test_a_process_that_is_forked_reads_them_without_moving_our_place():
    kept = Entries()
    for number in range(100):
        kept.append(entry(f"s{number}", f"s{number}.py"))
    coming = iter(kept)
    assert "s0" == next(coming).id
    child = os.fork()
    if child == 0:
        os._exit(0 if [f"s{n}" for n in range(100)] == [one.id for one in kept] else 1)
    rest = [one.id for one in coming]
    assert 0 == os.waitpid(child, 0)[1]
    assert [f"s{n}" for n in range(1, 100)] == rest


def test_where_two_students_have_one_id_the_first_is_named():
    kept = Entries()
    two = Disk(Path("/two"))
    for one in [entry("zoe", "zoe.py"), entry("ada", "ada.py"), entry("zoe", "z", box=two), entry("ada", "a", box=two)]:
        kept.append(one)
    with pytest.raises(UsageError) as told:
        by_id(kept)
    assert "/two/z: expected one submission per student, but /one/zoe.py is zoe's too; keep one" == str(told.value)


def test_a_full_disk_is_told(monkeypatch):
    def full(*_what):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(entries_.os, "write", full)
    with pytest.raises(
        UsageError, match=r"the list of the class cannot be kept \(No space left on device\); free some"
    ):
        Entries().append(EVERY[0])
    monkeypatch.setattr(entries_.os, "write", lambda _file, line: len(line) - 1)
    with pytest.raises(UsageError, match=r"cannot be kept \(no space is left\); free some space in /"):
        Entries().append(EVERY[0])


class Found:
    """What a scan gives of one thing in a folder."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder

    def is_symlink(self):
        return False

    def is_dir(self, **_words):
        return self.folder

    def is_file(self, **_words):
        return not self.folder


class Scan:
    """A folder of so many, in no order."""

    def __init__(self, count, folders):
        self.names = (Found(f"{n * 7919 % count:05}{'' if folders else '.py'}", folders) for n in range(count))

    def __enter__(self):
        return self.names

    def __exit__(self, *_error):
        pass


@pytest.mark.parametrize("folders", [True, False])
def test_listing_a_class_takes_little_for_each_student(monkeypatch, tmp_path, folders):
    count = 3000
    monkeypatch.setattr(packed, "RUN", 256)
    monkeypatch.setattr(boxes, "RUN", 256)
    monkeypatch.setattr(boxes.os, "scandir", lambda _path: Scan(count, folders))
    survey([tmp_path], "layers.py").close()  # what is imported and kept once
    tracemalloc.start()
    found = survey([tmp_path], "layers.py")
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with found:
        assert [f"{n:05}" for n in range(count)] == found.ids
    assert now < 40 * count
    assert peak < 100 * count + 256 * 400


def test_a_large_folder_is_listed_as_a_small_one_is(monkeypatch):
    monkeypatch.setattr(boxes.os, "scandir", lambda _path: Scan(5000, False))
    many = PLACE.items("")
    assert isinstance(many, Listing) and [Item(f"{n:05}.py", Kind.FILE) for n in range(5000)] == list(many)
    assert Item("00007.py", Kind.FILE) in many and Item("00007.py", Kind.FOLDER) not in many
    assert (many[0], many[-1], 2) == (Item("00000.py", Kind.FILE), Item("04999.py", Kind.FILE), len(many[3:5]))
    monkeypatch.setattr(boxes.os, "scandir", lambda _path: Scan(50, False))
    assert isinstance(PLACE.items(""), list) and list(many[:50]) == [*PLACE.items("")]
