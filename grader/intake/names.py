"""Names of files and students as LMSs, browsers and file systems change them."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from grader.intake.archive import is_archive, stem

SUFFIXES = (".py", ".ipynb")
ADDED = (".txt", ".json")
"""What browsers and mail put behind a notebook's name, or Windows behind any."""
COPY = re.compile(r"(?P<stem>.+?)(?: ?\((?P<n>\d{1,3})\)|-(?P<m>\d{1,3})|-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
UNSEEN = {"\u200b", "\u2060", "\ufeff", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def tidy(name: str) -> str:
    """A name as an id: composed (NFC), without control characters and what cannot be seen.

    Both forms of an umlaut are one id; joiners that scripts and emoji need stay.
    """
    kept = (c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) != "Cc" and c not in UNSEEN)
    return as_text("".join(kept).strip()) or "?"


def as_text(name: str) -> str:
    """A name that can be written down: one whose bytes are no UTF-8 shows them as \\udcff."""
    return name.encode("utf-8", "backslashreplace").decode()


def plain_name(name: str) -> str:
    """A file's name without what was put behind it: layers.ipynb.txt → layers.ipynb, layers.PY → layers.py."""
    lower = name.lower()
    for added in ADDED:
        if lower.endswith(added) and lower.removesuffix(added).endswith(SUFFIXES):
            name, lower = name[: -len(added)], lower[: -len(added)]
    for suffix in SUFFIXES:
        if lower.endswith(suffix):
            return name[: -len(suffix)] + suffix
    return name


def is_wanted(name: str) -> bool:
    """Whether a file is a Python file or a notebook by its name."""
    return plain_name(name).endswith(SUFFIXES)


def base_name(name: str) -> str:
    """A file's name without its suffix."""
    return stem(name) if is_archive(name) else PurePath(plain_name(name)).stem


def original(name: str) -> tuple[str, int]:
    """The name that a file had before an LMS or a browser numbered it, and its number.

    layers-1.py → layers.py, 1; "layers (2).py" → layers.py, 2; layers.py → layers.py, 0.
    """
    name = plain_name(name)
    path = PurePath(name)
    match = COPY.fullmatch(path.stem)
    if match is None:
        return name, 0
    return f"{match['stem']}{path.suffix}", int(match["n"] or match["m"] or 999)


def notebook_of(file: str) -> str:
    """The name of the notebook that a stub is handed out as."""
    return f"{PurePath(file).stem}.ipynb"
