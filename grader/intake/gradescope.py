"""submission_metadata.yml of a Gradescope export, read line by line: it can be larger than the class.

Only the keys that are needed are looked at, at the depth at which Gradescope writes them; what students'
programs printed stands deeper. Source: FORMATS 2.4, and programs that read such exports.
"""

from __future__ import annotations

import io
import re
from typing import NamedTuple

import msgspec

from grader.intake.box import Box

METADATA = "submission_metadata.yml"
MAX_METADATA = 256 << 20
MAX_PEOPLE = 100
KEY = re.compile(r"(?P<dash>  - |    )?(?P<gap>  )?:(?P<key>[a-z_]+):(?: (?P<value>.*))?")
NAME = re.compile(r"(submission_\d+):\s*")


class Submitter(NamedTuple):
    """One of those who handed in a submission."""

    name: str = ""
    sid: str = ""
    email: str = ""


class Told(NamedTuple):
    """What the metadata say of a submission."""

    people: list[Submitter]
    created: str


def read_metadata(box: Box, path: str) -> dict[str, Told]:
    """Submission folder → who handed it in, and when.

    Raises
    ------
    UnreadableError : the file cannot be read, and so nobody's name is known.
    """
    text = io.TextIOWrapper(io.BytesIO(box.read(path, MAX_METADATA)), "utf-8", "replace")
    told: dict[str, Told] = {}
    people: list[Submitter] = []
    name, within = "", ""
    for line in text:
        if (found := NAME.fullmatch(line)) is not None:
            name, within, people = found[1], "", []
            told[name] = Told(people, "")
            continue
        match = KEY.fullmatch(line.rstrip("\r\n"))
        if not name or match is None:
            continue
        key, value = match["key"], _scalar(match["value"] or "")
        if match["gap"] and not match["dash"]:
            within = key
            if key == "created_at":
                told[name] = Told(people, value)
        elif within == "submitters" and match["dash"] and not match["gap"]:
            _add(people, key, value, new=match["dash"] == "  - ")
    return told


def _add(people: list[Submitter], key: str, value: str, new: bool) -> None:
    if new and len(people) < MAX_PEOPLE:
        people.append(Submitter())
    if people and key in Submitter._fields:
        people[-1] = people[-1]._replace(**{key: value})


def _scalar(text: str) -> str:
    """A YAML scalar on one line."""
    text = text.strip()
    if text in ("", "~", "null", "''", '""'):
        return ""
    if text[0] == "'" == text[-1] and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text[0] == '"' == text[-1] and len(text) > 1:
        try:
            return msgspec.json.decode(re.sub(r"\\x([0-9a-fA-F]{2})", r"\\u00\1", text), type=str)
        except msgspec.DecodeError:
            return text[1:-1]
    return text
