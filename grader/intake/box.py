"""A place that holds files: a folder on disk, or an archive, which is read and never extracted.

Names inside are texts with "/" between them; "" is the place itself. No link is followed.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple, Protocol, overload

from grader.intake.packed import RUN, Texts
from grader.texts import say

MAX_NAME = 255
MAX_PATH = 1000
MAX_DEPTH = 32
GIT = ".git"
OF_INTEREST = (".py", ".ipynb", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2")
"""An odd name elsewhere (macOS has files named Icon and a carriage return) is nobody's trouble."""


class UnreadableError(ValueError):
    """What a student handed in cannot be read; the text is a sentence that names it."""


class Kind(StrEnum):
    """What an item is; what is none of these (a pipe, a device) is not listed."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


class Item(NamedTuple):
    """One thing in a folder."""

    name: str
    kind: Kind


class Listing(Sequence[Item]):
    """Items in few bytes, for a folder of a hundred thousand."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._texts = Texts(f"{KINDS.index(item.kind)}{item.name}" for item in items)

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        return _item(self._texts[place])

    def __iter__(self) -> Iterator[Item]:
        return map(_item, self._texts)


KINDS = list(Kind)


def _item(text: str) -> Item:
    return Item(text[1:], KINDS[int(text[0])])


def sorted_items(found: Iterable[Item]) -> Sequence[Item]:
    """Items by their names: a list, or a Listing where they are many."""
    coming = iter(found)
    first = sorted(islice(coming, RUN))
    if len(first) < RUN:
        return first
    names = Listing(chain(first, coming))
    order = Texts(item.name for item in names).places()
    return Listing(names[place] for place in order)


class Box(Protocol):
    """What intake asks of a folder or an archive.

    `refused` are members that are not taken in, each with a sentence; `claimed` are those of them
    that were told of a student.
    """

    label: str
    refused: dict[str, str]
    claimed: set[str]

    def items(self, folder: str) -> Sequence[Item]:
        """What lies directly in a folder, sorted by name; nothing where there is no such folder."""

    def read(self, path: str, cap: int) -> bytes:
        """A file's bytes.

        Raises
        ------
        UnreadableError : it is larger than `cap`, or not readable; names it.
        """

    def refusal(self, path: str) -> str | None:
        """Why a file, or what lies in a folder, is refused: a sentence, or None."""

    def is_clone(self, folder: str) -> bool:
        """Whether a folder is a repository's."""

    def begin(self) -> None:
        """Must be called before a process that was forked reads: the place in an open file is shared."""

    def close(self) -> None:
        """Let go of the archive."""


class Disk:
    """A folder on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.label = root.resolve().name
        self.refused: dict[str, str] = {}
        self.claimed: set[str] = set()

    def items(self, folder: str) -> Sequence[Item]:
        """What lies directly in a folder, sorted by name."""
        with os.scandir(self.root / folder) as entries:
            kinds = ((entry.name, _kind(entry)) for entry in entries)
            return sorted_items(Item(name, kind) for name, kind in kinds if kind is not None)

    def read(self, path: str, cap: int) -> bytes:
        """A file's bytes; see `Box`."""
        return read_file(self.root / path, cap)

    def refusal(self, path: str) -> str | None:
        """Nothing on disk is refused by its name."""
        return None

    def is_clone(self, folder: str) -> bool:
        """Whether a folder holds .git."""
        return os.path.lexists(self.root / folder / GIT)

    def begin(self) -> None:
        """Nothing is held open."""

    def close(self) -> None:
        """Nothing is held open."""


def read_file(path: Path, cap: int) -> bytes:
    """The bytes of a file on disk.

    Raises
    ------
    UnreadableError : it is larger than `cap`, no file, or cannot be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableError(say("unread.no_file", name=shown(path.name)))
        with path.open("rb") as file:
            data = file.read(cap + 1)
    except OSError as error:
        raise UnreadableError(say("unread.cannot", why=error.strerror or error)) from None
    if len(data) > cap:
        raise too_large(path.name, cap)
    return data


def too_large(name: str, cap: int) -> UnreadableError:
    """The refusal of a file that is larger than may be read."""
    sentence = "unread.too_large_book" if name.lower().endswith(".ipynb") else "unread.too_large"
    return UnreadableError(say(sentence, name=shown(name.rpartition("/")[2]), size=cap >> 20))


class Members:
    """The names in an archive, sorted, and what of them is refused."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.refused: dict[str, str] = {}
        self.claimed: set[str] = set()
        self._kinds: dict[str, Kind] = {}
        self._names: list[str] = []
        self._refused: list[str] = []
        self._clones: set[str] = set()

    def add(self, raw: str, kind: Kind) -> str | None:
        """Take a member in; its clean name, or None for one that is refused or of no interest."""
        path = raw.replace("\\", "/")
        parts = [p for p in path.split("/") if p not in ("", ".")]
        wrong = _leads_out(path) or (_is_absurd(path) if path.lower().endswith(OF_INTEREST) else None)
        if wrong is not None:
            inside = "/".join(parts[: parts.index("..")] if ".." in parts else parts)
            place = inside if not path.startswith("/") and inside else path
            self.refused.setdefault(place, say(wrong, name=shown(raw)))
            return None
        if GIT in parts[1:]:
            self._clones.add("/".join(parts[: parts.index(GIT)]))
        if not parts or any(is_litter(p) for p in parts) or _is_absurd(path):
            return None
        name = "/".join(parts)
        self._kinds[name] = kind
        return name

    def sort(self) -> None:
        """Must follow the last `add`."""
        self._names = sorted(self._kinds)
        self._refused = sorted(self.refused)

    def items(self, folder: str) -> list[Item]:
        """What lies directly in a folder, sorted by name; folders need no member of their own."""
        start = f"{folder}/" if folder else ""
        kinds: dict[str, Kind] = {}
        at = bisect_left(self._names, start)
        while at < len(self._names) and self._names[at].startswith(start):
            child, inner, _rest = self._names[at][len(start) :].partition("/")
            kinds[child] = Kind.FOLDER if inner else self._kinds[self._names[at]]
            at = bisect_left(self._names, f"{start}{child}0", at) if inner else at + 1  # "0" comes after "/"
        return sorted(Item(name, kind) for name, kind in kinds.items())

    def refusal(self, path: str) -> str | None:
        """Why a file, or what lies in a folder, is refused."""
        for name in islice(self._refused, bisect_left(self._refused, path), None):
            if not name.startswith(path):
                return None
            if not path or name[len(path) :].startswith(("/", "\\")) or name == path:
                self.claimed.add(name)
                return self.refused[name]
        return None

    def is_clone(self, folder: str) -> bool:
        """Whether a folder holds .git."""
        return folder in self._clones


def visible(box: Box, folder: str) -> Sequence[Item]:
    """What lies directly in a folder, without litter."""
    items = box.items(folder)
    kept = (item for item in items if not is_litter(item.name))
    return Listing(kept) if isinstance(items, Listing) else list(kept)


def is_litter(name: str) -> bool:
    """Hidden files and what machines leave: __MACOSX, .ipynb_checkpoints, __pycache__."""
    return name.startswith((".", "__"))


def shown(name: str) -> str:
    """A name fit for a sentence: bounded, without control characters."""
    text = "".join(c if c.isprintable() else "?" for c in name[:200])
    return text if len(text) <= 80 else f"{text[:60]}…{text[-15:]}"


def _kind(entry: os.DirEntry[str]) -> Kind | None:
    if entry.is_symlink():
        return Kind.LINK
    if entry.is_dir():
        return Kind.FOLDER
    return Kind.FILE if entry.is_file() else None


def _leads_out(path: str) -> str | None:
    """Why a member's place is refused, by a sentence's name."""
    out = path.startswith("/") or ".." in path.split("/") or path[1:3] == ":/"
    return "unread.member_out" if out else None


def _is_absurd(path: str) -> str | None:
    """Why a member's name is refused, by a sentence's name."""
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in path):
        return "unread.member_control"
    parts = path.split("/")
    if len(parts) > MAX_DEPTH or len(path) > MAX_PATH or any(len(p) > MAX_NAME for p in parts):
        return "unread.member_long"
    return None


def listed(items: Iterable[str]) -> str:
    """The names of a few things, for a sentence."""
    names = sorted(items)
    told = ", ".join(shown(n) for n in names[:10]) or say("unread.nothing")
    return say("unread.more", names=told, count=len(names) - 10) if len(names) > 10 else told
