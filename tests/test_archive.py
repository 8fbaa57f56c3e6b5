"""Archives are read under caps and never extracted; what is wrong with one is a sentence with the member's name."""

import gzip
import io
import os
import random
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import cell, notebook, tarred, zipped

from grader.intake import archive
from grader.intake.archive import open_bytes
from grader.intake.box import Item, Kind, UnreadableError
from grader.intake.folder import read_submission, submissions
from grader.model import Submission
from grader.texts import speaking

FILE = "layers.py"
WORK = b"def f():\n    return 1\n"
SOAK = bool(os.environ.get("GRADER_SOAK"))
PACKERS = {"zip": zipped, "tar.gz": tarred, "tar": lambda tree: tarred(tree, "w")}


@pytest.fixture(params=PACKERS)
def pack(request):
    return PACKERS[request.param]


def opened(data, name="x"):
    return closing(open_bytes(data, name))


def told(data, name="hw.zip"):
    with pytest.raises(UnreadableError) as error, opened(data, name) as box:
        for path, _kind in walked(box):
            box.read(path, 1 << 20)
    return str(error.value)


def walked(box, folder=""):
    for item in box.items(folder):
        path = f"{folder}/{item.name}" if folder else item.name
        if item.kind is Kind.FOLDER:
            yield from walked(box, path)
        else:
            yield path, item.kind


def handed_in(tmp_path, data, name="jdoe.zip") -> Submission:
    (tmp_path / name).write_bytes(data)
    return read_submission(tmp_path / name, FILE, "jdoe")


def member(name, system=3, mode=0o644, data=b"x", **options):
    """A zip of one member whose header is set by hand."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as file:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = system, mode << 16
        file.writestr(info, data)
    return buffer.getvalue()


# -------------------------------------------------------------------------------------- reading


def test_what_is_in_an_archive_is_listed_and_read(pack):
    with opened(pack({"a/b/c.py": "1", "a/d.py": "22", "e.py": "", "a-z/f.py": "", "a.py": ""})) as box:
        top = [Item("a", Kind.FOLDER), Item("a-z", Kind.FOLDER), Item("a.py", Kind.FILE), Item("e.py", Kind.FILE)]
        assert top == box.items("")
        assert [Item("b", Kind.FOLDER), Item("d.py", Kind.FILE)] == box.items("a")
        assert [] == box.items("nowhere")
        assert (b"1", b"22", b"") == tuple(box.read(name, 9) for name in ("a/b/c.py", "a/d.py", "e.py"))


def test_an_archive_is_known_by_its_bytes_not_its_name(tmp_path, pack):
    assert WORK == handed_in(tmp_path, pack({FILE: WORK}), "jdoe.zip").files[FILE]


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("name", ["layers.py", "é" * 20 + "/Übung/layers.py", "a" * 90 + "/" + "b" * 90 + "/layers.py"])
def test_every_dialect_of_tar_is_read(format_, name):
    box = open_bytes(tarred({name: WORK, "z.py": b"z"}, "w", format=format_), "x.tar")
    assert (WORK, b"z") == (box.read(name, 99), box.read("z.py", 9))


def test_a_tar_from_before_ustar_is_read():
    header = bytearray(512)
    header[:9], header[100:108], header[124:136] = b"layers.py", b"0000644\0", b"00000000003\0"
    header[148:156] = b"%06o\0 " % (sum(header) + 8 * 32)
    assert b"abc" == open_bytes(bytes(header) + b"abc".ljust(512, b"\0") + bytes(1024), "x.tar").read("layers.py", 9)


@pytest.mark.parametrize(
    ("raw", "flag", "name"),
    [
        ("Übung.py".encode(), 0x800, "Übung.py"),
        ("Übung.py".encode(), 0, "Übung.py"),
        ("Übung.py".encode("cp437"), 0, "Übung.py"),
        ("李明.py".encode(), 0, "李明.py"),
        (b"\x8e\x9a\xe1.py", 0, "ÄÜß.py"),
    ],
)
def test_names_in_a_zip_are_utf8_or_of_the_dos_code_page(raw, flag, name):
    data = member("x" * len(raw))
    data = data.replace(b"x" * len(raw), raw)
    for at in (6, data.index(b"PK\x01\x02") + 8):  # the flags of the member and of the list
        data = data[:at] + struct.pack("<H", flag) + data[at + 2 :]
    assert [name] == [item.name for item in open_bytes(data, "x.zip").items("")]


def test_a_backslash_is_a_separator():
    assert [Item("hw", Kind.FOLDER)] == open_bytes(member("hw\\layers.py"), "x.zip").items("")


def test_of_two_members_of_one_name_the_last_counts():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr(FILE, "old")
        file.writestr(FILE, "new")
    assert b"new" == open_bytes(buffer.getvalue(), "x.zip").read(FILE, 9)


def test_what_machines_leave_in_an_archive_is_not_seen(pack):
    tree = {
        "__MACOSX/._a.py": "",
        ".git/config": "",
        "hw/.ipynb_checkpoints/a.ipynb": "",
        "hw/a.py": "",
        "hw/Icon\r": "",
    }
    with opened(pack(tree)) as box:
        assert [("hw/a.py", Kind.FILE)] == list(walked(box))
        assert {} == box.refused


@given(st.dictionaries(st.text(max_size=20), st.binary(max_size=30), max_size=6), st.sampled_from(sorted(PACKERS)))
def test_any_names_are_read_or_refused_and_never_lead_out(tree, packer):
    try:
        data = PACKERS[packer](tree)
    except (ValueError, IndexError):  # names that the packer itself refuses
        return
    with opened(data) as box:
        for path, _kind in walked(box):
            assert ".." not in path.split("/")
            assert not path.startswith("/")
            assert box.read(path, 99) in tree.values()
        for sentence in box.refused.values():
            assert sentence.endswith("; pack your files again without it")
            assert sentence.isprintable()


plain = st.text(st.characters(categories=["L", "N", "So"]), min_size=1, max_size=12)


@given(st.dictionaries(st.tuples(plain, plain).map("/".join), st.binary(max_size=30), max_size=6))
def test_names_in_any_language_come_back(tree):
    for pack in PACKERS.values():
        with opened(pack(tree)) as box:
            assert tree == {path: box.read(path, 99) for path, _kind in walked(box)}


# ------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "name", ["../layers.py", "/etc/layers.py", "a/../../layers.py", "C:/layers.py", "..\\layers.py"]
)
def test_a_member_that_leads_out_is_refused_by_its_name(tmp_path, pack, name):
    got = handed_in(tmp_path, pack({name: WORK, FILE: WORK}))
    shown = name
    assert f"jdoe.zip: the member {shown} leads out of the archive; pack your files again without it" == (got.problem)


@pytest.mark.parametrize(
    ("name", "shown", "why"),
    [
        ("a\x1b[2J.py", "a?[2J.py", "has control characters in its name"),
        ("a" * 300 + ".py", "a" * 60 + "…" + "a" * 15, "has a name too long or too deep"),
        ("a/" * 40 + "x.py", "a/" * 30 + "…" + ("a/" * 40 + "x.py")[-15:], "has a name too long or too deep"),
    ],
)
def test_an_absurd_name_is_refused(tmp_path, name, shown, why):
    problem = handed_in(tmp_path, tarred({name: WORK, FILE: WORK})).problem
    assert f"jdoe.zip: the member {shown} {why}; pack your files again without it" == problem


def test_a_link_is_not_followed_and_told(tmp_path):
    for data in (
        tarred({"x.txt": ""}, links=[(FILE, "/etc/passwd")]),
        member(FILE, mode=stat.S_IFLNK | 0o777, data=b"/etc/passwd"),
    ):
        problem = handed_in(tmp_path, data).problem
        assert problem.endswith("; layers.py is a link, which is not followed; hand in the file itself")


def test_a_link_beside_the_work_is_a_remark(tmp_path):
    got = handed_in(tmp_path, tarred({FILE: WORK}, links=[("helpers.py", "../x.py"), ("venv", "/usr")]))
    assert (WORK, None) == (got.files[FILE], got.problem)
    assert ["helpers.py is a link, which is not followed; hand in the file itself"] == got.remarks


def test_a_device_or_a_pipe_is_not_there():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for name, kind in ((FILE, tarfile.FIFOTYPE), ("b.py", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type = kind
            file.addfile(info)
    assert [] == open_bytes(buffer.getvalue(), "x.tar").items("")


def test_a_bomb_is_refused_by_its_name_and_not_unpacked(tmp_path):
    bomb = zipped({FILE: bytes(300 << 20)})
    packed = gzip.compress(bytes(300 << 20), 1)
    tracemalloc.start()
    try:
        assert (
            "jdoe.zip: layers.py is larger than 48 MiB; hand in your own .py or .ipynb alone"
            == handed_in(tmp_path, bomb).problem
        )
        assert "jdoe.zip unpacks to more than 256 MiB; pack your .py or .ipynb files alone" == (
            handed_in(tmp_path, packed).problem
        )
        assert tracemalloc.get_traced_memory()[1] < 150 << 20
    finally:
        tracemalloc.stop()


def test_what_is_not_python_may_be_as_large_as_it_likes(tmp_path):
    assert WORK == handed_in(tmp_path, zipped({FILE: WORK, "data.bin": bytes(50 << 20)})).files[FILE]


def test_a_lie_about_the_size_does_not_help(tmp_path):
    data = zipped({FILE: bytes(30 << 20)})
    at = data.index(b"PK\x01\x02")
    data = data[: at + 24] + struct.pack("<L", 10) + data[at + 28 :]
    assert "is damaged" in handed_in(tmp_path, data).problem


def test_an_archive_of_a_great_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "STUDENT", archive.Bounds(50, 1 << 20))
    tree = {f"{n}.txt": "" for n in range(51)}
    for pack in PACKERS.values():
        assert "x holds more than 50 files; pack your .py or .ipynb files alone" == told(pack(tree), "x")


def test_an_encrypted_member_is_told(tmp_path):
    data = bytearray(zipped({FILE: WORK}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "jdoe.zip: layers.py in jdoe.zip is encrypted; hand it in without a password" == (
        handed_in(tmp_path, bytes(data)).problem
    )


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_method_whose_room_cannot_be_bounded_is_not_used(tmp_path, method):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.writestr(FILE, WORK)
    assert handed_in(tmp_path, buffer.getvalue()).problem == (
        "jdoe.zip: layers.py in jdoe.zip is compressed in a way that is not read here; pack it as an ordinary zip"
    )


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"Rar!\x1a\x07\0", "is a RAR archive, which is not read here; pack your files as zip"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive, which is not read here; pack your files as zip"),
        (b"\xfd7zXZ\0", "is an xz archive, which is not read here; pack your files as zip"),
        (b"", "is no archive that can be read, or is damaged (File is not a zip file); pack your files again, as zip"),
        (b"\x1f\x8b", "is no archive that can be read, or is damaged"),
        (
            gzip.compress(WORK),
            "is no archive that can be read, or is damaged (no tar in it); pack your files again, as zip",
        ),
        (tarred({FILE: WORK}, "w")[:520], "layers.py in hw.zip is cut off; pack it again"),
        (tarred({FILE: WORK}, "w")[:512] + b"\1" * 1024, "is damaged at byte"),
        (
            zipped({FILE: WORK})[:-30],
            "is no archive that can be read, or is damaged (File is not a zip file); pack your files again, as zip",
        ),
    ],
    ids=["rar", "7z", "xz", "empty", "gz", "gz of no tar", "cut tar", "torn tar", "cut zip"],
)
def test_what_is_no_archive_is_told(head, what):
    assert what in told(head)


def test_an_archive_in_an_archive_is_not_opened(tmp_path):
    got = handed_in(tmp_path, zipped({"inner.zip": zipped({FILE: WORK})}))
    assert "inner.zip (an archive in an archive is not opened)" in got.problem
    assert WORK == handed_in(tmp_path, zipped({"inner.zip": b"", FILE: WORK})).files[FILE]


def test_an_environment_that_was_packed_along_is_not_the_students(tmp_path):
    tree = {"hw/work.py": WORK, "hw/env/pyvenv.cfg": "", "hw/env/lib/site.py": "", "hw/node_modules/x/gyp.py": ""}
    assert WORK == handed_in(tmp_path, zipped(tree)).files[FILE]


# ------------------------------------------------------------------------------------- fuzzing


def seeds():
    book = notebook("import numpy as np\n%matplotlib inline", "def f(x):\n    return x", cell(["a = 1\n", "b"], id="x"))
    return {
        "a.zip": zipped({"hw/layers.py": WORK, "hw/layers.ipynb": book, "x/é.py": b""}),
        "b.tar": tarred({"hw/layers.py": WORK, "é" * 60 + "/x.py": b"x"}, "w", links=[("l.py", "/etc")]),
        "c.tar.gz": tarred({"hw/layers.py": WORK, "long" * 30 + "/x.py": b"x"}, format=tarfile.GNU_FORMAT),
        "d.ipynb": book,
        "e.py": WORK * 10,
    }


def mutated(data, draw):
    """A few random edits: bytes changed, cut out, doubled, numbers made large, the end lost."""
    data = bytearray(data)
    for _edit in range(draw.choice([1, 1, 2, 5, 20])):
        at = draw.randrange(len(data) + 1)
        match draw.randrange(6):
            case 0:
                data[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del data[at : at + draw.choice([1, 4, 100])]
            case 2:
                data[at:at] = data[at : at + draw.choice([1, 8, 512])]
            case 3:
                data[at : at + 4] = draw.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"7777", b"\x80\0\0\xff"])
            case 4:
                data[at:at] = draw.choice([b'"', b"{", b"[" * 2000, b"\\ud800", b"NaN", b"PK\x01\x02", b"%%bash\n"])
            case _:
                del data[at:]
    return bytes(data)


def test_mutated_files_end_as_a_submission_or_as_one_with_a_problem(tmp_path):
    """From a seed; the class is read to its end whatever is in it."""
    draw = random.Random(20261124)
    whole = seeds()
    for number in range(5000 if SOAK else 500):
        name = draw.choice(sorted(whole))
        (tmp_path / f"{number}_{name}").write_bytes(mutated(whole[name], draw))
    tracemalloc.start()
    try:
        got = list(submissions([tmp_path], FILE))
        assert tracemalloc.get_traced_memory()[1] < 300 << 20
    finally:
        tracemalloc.stop()
    assert (5000 if SOAK else 500) == len(got)
    for one in got:
        assert (one.main is None) == (one.problem is not None)
        assert one.problem is None or len(one.problem) < 2000


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"Rar!\x1a\x07\0", "jdoe.zip ist ein RAR-Archiv, und das wird hier nicht gelesen: Pack deine Dateien als zip"),
        (b"x", "jdoe.zip ist kein lesbares Archiv oder beschädigt (File is not a zip file): Pack deine Dateien noch "
         "einmal, als zip"),
        (zipped({"../layers.py": WORK}), "jdoe.zip: der Eintrag ../layers.py führt aus dem Archiv hinaus: Pack deine "
         "Dateien noch einmal ohne ihn"),
        (zipped({"scan.pdf": b"x"}), "jdoe.zip: erwartet war layers.py oder genau ein Notebook, gefunden: scan.pdf"),
        (zipped({FILE: bytes(49 << 20)}), "jdoe.zip: layers.py ist größer als 48 MiB: Gib nur deine eigene .py- oder "
         ".ipynb-Datei ab"),
    ],
)  # fmt: skip
def test_a_student_of_a_german_course_is_told_in_german(tmp_path, data, sentence):
    with speaking("de"):
        assert sentence == handed_in(tmp_path, data).problem
