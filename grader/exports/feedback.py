"""Feedback as zips, under the names by which Canvas and Moodle know whose it is.

Canvas takes the first two parts of a name that are all digits for the student and the file that was
handed in, and shows the feedback under that file's own name: so it has to be a file of that kind.
Moodle takes a folder whose name is 'Full Name_123_assignsubmission_file'.
Source: the models of Canvas LMS, and the file feedback plugin of Moodle.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import IO

import msgspec

CANVAS = re.compile(r"(?:[^/\\]*_)?\d+_\d+_[^/\\]+")
MOODLE = re.compile(r"(?P<folder>[^_/\\]*_\d+_assignsubmission_(?:file|onlinetext)_?)(?P<file>.*)")
WHEN = (1980, 1, 1, 0, 0, 0)
KINDS = (".ipynb", ".py", ".html", ".htm", ".md", ".txt", ".zip")


class Feedback(msgspec.Struct, frozen=True):
    """What one student is told, as a page and as text; `members` are the LMS's names of the work."""

    student: str
    members: list[str]
    page: str
    text: str


def canvas_members(feedback: Iterable[Feedback], without: list[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each student's feedback; who has no name that Canvas takes is added to `without`."""
    for one in feedback:
        names = [PurePosixPath(member).name for member in one.members]
        fit = [n for kind in KINDS for n in names if n.lower().endswith(kind) and CANVAS.fullmatch(n)]
        if fit:
            yield fit[0], _of_kind(fit[0].lower(), one)
        else:
            without.append(one.student)


def moodle_members(feedback: Iterable[Feedback], without: list[str]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each student's feedback; who has no name that Moodle takes is added to `without`.

    It is feedback.html in the student's folder or, where files came without folders, behind the same beginning.
    """
    for one in feedback:
        parts = [part for member in one.members for part in PurePosixPath(member).parts]
        found = next((f for part in parts if (f := MOODLE.fullmatch(part))), None)
        if found is None:
            without.append(one.student)
        else:
            yield (
                found["folder"] + ("" if found["file"] else "/") + "feedback.html",
                one.page.encode("utf-8", "replace"),
            )


def write_zip(file: IO[bytes], members: Iterable[tuple[str, bytes]]) -> int:
    """Write a zip that is the same for the same members; how many there were."""
    done: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            if name in done:  # a group's, whose work has one name
                continue
            done.add(name)
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            archive.writestr(info, data)
    return len(done)


def _of_kind(name: str, feedback: Feedback) -> bytes:
    """The feedback as a file of the kind that its name says."""
    if name.endswith(".zip"):
        packed = io.BytesIO()
        write_zip(packed, [("feedback.html", feedback.page.encode("utf-8", "replace"))])
        return packed.getvalue()
    return _text_of_kind(name, feedback).encode("utf-8", "replace")


def _text_of_kind(name: str, feedback: Feedback) -> str:
    if name.endswith(".ipynb"):
        cell = {"cell_type": "markdown", "metadata": {}, "source": feedback.text.splitlines(keepends=True)}
        book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        return json.dumps(book, ensure_ascii=False, indent=1) + "\n"
    if name.endswith(".py"):
        return "".join(f"# {line}".rstrip() + "\n" for line in feedback.text.splitlines())
    return feedback.page if name.endswith((".html", ".htm")) else feedback.text
