"""A student's entry → its Python files and notebooks by name, each read under a cap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.intake.archive import MAX_ARCHIVE, REFUSED, SUFFIXES, is_archive, open_bytes
from grader.intake.box import Box, Item, Kind, UnreadableError, is_litter, shown
from grader.intake.layouts import Entry, Piece, join
from grader.intake.names import as_text, is_wanted, notebook_of, original, plain_name
from grader.texts import say

MAX_FILE = 48 << 20
"""Bytes of one file; a notebook of plots and arrays takes tens of megabytes, which are passed over unread."""
MAX_FILES = 200
MAX_TOTAL = 64 << 20
MAX_ITEMS = 50_000
MAX_DEPTH = 32
NOT_THE_STUDENTS = ("node_modules", "site-packages")
ENVIRONMENT = "pyvenv.cfg"


@dataclass
class Gathered:
    """What an entry holds: files by name, remarks on what was passed over, and what else was seen."""

    files: dict[str, bytes] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    _total: int = 0

    def add(self, name: str, data: bytes) -> None:
        """Take in a file; of two with one name the first stays.

        Raises
        ------
        UnreadableError : all files together are too large.
        """
        self._total += len(data)
        if self._total > MAX_TOTAL:
            raise UnreadableError(say("unread.together", size=MAX_TOTAL >> 20))
        self.files.setdefault(name, data)


def gather(entry: Entry, file: str) -> Gathered:
    """The files of an entry. Of two with one name the one nearest to the top stays; links are not followed.

    Where it holds archives and no file to grade, they are looked into, one level deep.

    Raises
    ------
    UnreadableError : something of it is refused; names it.
    OSError : a folder cannot be listed.
    """
    got = Gathered()
    archives: list[tuple[Box, Piece]] = []
    box = entry.box
    for piece in reversed(entry.pieces):  # of two uploads of one name the later one stays
        refusal = box.refusal(piece.path)
        if refusal is not None:
            raise UnreadableError(refusal)
        if piece.name:
            if as_text(plain_name(piece.name)) in got.files:
                got.remarks.append(say("files.twice", name=shown(piece.name)))
            _take(box, piece, got, archives)
        else:
            for path in _walk(box, piece.path, got):
                _take(box, path, got, archives)
    if entry.origin.layout in ("canvas", "moodle"):
        _last_upload(got, file)
    if not got.files:
        for box, piece in archives[:MAX_FILES]:
            _look_into(box, piece, got)
    else:
        got.others += [piece.name for _box, piece in archives]
    _without_checkpoints(got)
    return got


def _take(box: Box, piece: Piece, got: Gathered, archives: list[tuple[Box, Piece]] | None) -> None:
    """Read a file of interest, and put an archive by."""
    if is_wanted(piece.name):
        name = as_text(plain_name(piece.name))
        if name not in got.files and len(got.files) < MAX_FILES:
            got.add(name, box.read(piece.path, MAX_FILE))
    elif archives is not None and is_archive(piece.name):
        archives.append((box, piece))
    elif len(got.others) < MAX_FILES:
        got.others.append(piece.name)


def _look_into(box: Box, piece: Piece, got: Gathered) -> None:
    if piece.name.lower().endswith(REFUSED) and not piece.name.lower().endswith(SUFFIXES):
        raise UnreadableError(say("unread.kind", name=shown(piece.name)))
    inner = open_bytes(box.read(piece.path, MAX_ARCHIVE), piece.name)
    try:
        for refusal in inner.refused.values():
            raise UnreadableError(f"{shown(piece.name)}: {refusal}")
        archives: list[tuple[Box, Piece]] = []
        for path in _walk(inner, "", got):
            _take(inner, path, got, archives)
        for _box, nested in archives:
            got.others.append(say("unread.nested", name=nested.name))
    finally:
        inner.close()


def _walk(box: Box, folder: str, got: Gathered) -> Iterator[Piece]:
    """The files below a folder, those nearest to the top first; litter and virtual environments are passed over."""
    level, seen = [folder], 0
    for _depth in range(MAX_DEPTH):
        deeper: list[str] = []
        for place in level:
            items = box.items(place)
            if any(item.name == ENVIRONMENT for item in items):
                continue
            for item in items:
                seen += 1
                if seen > MAX_ITEMS:
                    got.remarks.append(say("files.too_many", most=f"{MAX_ITEMS:,}"))
                    return
                if is_litter(item.name) or item.name in NOT_THE_STUDENTS:
                    continue
                path = join(place, item.name)
                if item.kind is Kind.FOLDER:
                    deeper.append(path)
                elif item.kind is Kind.FILE:
                    yield Piece(path, item.name)
                else:
                    _refuse_link(item, got)
        level = deeper


def _refuse_link(item: Item, got: Gathered) -> None:
    if is_wanted(item.name) and len(got.remarks) < MAX_FILES:
        got.remarks.append(say("files.link", name=shown(item.name)))


def _last_upload(got: Gathered, file: str) -> None:
    """Of files that the LMS numbered because one was uploaded again, keep the last, under its first name."""
    uploads: dict[str, list[tuple[int, str]]] = {}
    for name in got.files:
        first, number = original(name)
        uploads.setdefault(first, []).append((number, name))
    for first, numbered in uploads.items():
        last = max(numbered)[1]
        if last == first:
            continue
        if len(numbered) > 1 and first not in got.files and first not in (file, notebook_of(file)):
            continue  # part-1.py and part-2.py: the student's own numbers
        if len(numbered) > 1:
            got.remarks.append(say("files.numbered", name=shown(first), count=len(numbered), last=shown(last)))
        data = got.files[last]
        for _number, name in numbered:
            del got.files[name]
        got.files[first] = data


def _without_checkpoints(got: Gathered) -> None:
    """A copy that Jupyter keeps counts only where it is all there is."""
    copies = [name for name in got.files if name.endswith(("-checkpoint.ipynb", "-checkpoint.py"))]
    if len(copies) < len(got.files):
        for name in copies:
            del got.files[name]
