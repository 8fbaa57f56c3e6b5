"""One student's mark, as an export takes it; texts are fit to be shown, and come from the caller."""

from __future__ import annotations

import re

import msgspec

NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A student, who they are elsewhere, and their mark; `mark` is None where there is none.

    `late` counts begun `unit`s; `members` are the names under which an LMS gave the work out.
    """

    student: str
    max_score: float
    mark: float | None = None
    name: str = ""
    email: str = ""
    logins: list[str] = []
    section: str = ""
    status: str = ""
    attempt: int | None = None
    late: int = 0
    unit: str = "day"
    points: dict[str, float] = {}
    comments: list[str] = []
    members: list[str] = []


def shown(text: str, limit: int = 2000) -> str:
    """A text without control and formatting characters, cut to `limit` characters."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text[:limit])


def number(value: float, comma: bool = False) -> str:
    """A mark as plain digits, at most four of them behind the point (or the comma)."""
    text = f"{value + 0.0:.4f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def parsed(text: str) -> float | None:
    """The number in a cell, with a point or a comma; None where there is none."""
    found = NUMBER.fullmatch(text.strip())
    return float(found[0].replace(",", ".")) if found else None
