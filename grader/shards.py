"""A class graded in parts, on machines that know nothing of one another: who is in which, and what a part tells."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np

from grader import __version__
from grader.errors import UsageError
from grader.reports.files import write_atomically

FILE = "shard.json"
SCHEMA = "grader/shard/v1"
WRITTEN = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})")


class Shard(msgspec.Struct, frozen=True):
    """Number `number` of `of` parts, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def has(self, student: str) -> bool:
        """Whether a student is in it: by the id alone, so that who comes or goes moves nobody else."""
        digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:8]) % self.of == self.number - 1


class Part(msgspec.Struct, frozen=True):
    """What a finished shard tells of itself.

    `submissions` and `ids`, a hash of them, are those of the whole class; `groups` are members of a
    shared submission and its id, by which it has its place in the class.
    """

    assignment: str
    key: str
    shard: Shard
    submissions: int
    ids: str
    groups: dict[str, str] = {}
    grader: str = __version__
    numpy: str = np.__version__
    schema: str = SCHEMA


def parse_shard(text: str) -> Shard:
    """K/N as a user writes it.

    Raises
    ------
    UsageError : it is not that, or K is more than N.
    """
    found = WRITTEN.fullmatch(text)
    if found is None or int(found[1]) > int(found[2]):
        raise UsageError(f"--shard {text}: expected K/N, such as 3/8 for the third of eight parts")
    return Shard(int(found[1]), int(found[2]))


def hash_ids(ids: Iterable[str]) -> str:
    """SHA-256 of the ids of a class, in their order."""
    digest = hashlib.sha256()
    for one in ids:
        digest.update(one.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def begin_part(folder: Path, shard: Shard | None) -> None:
    """Make ready for a run: what tells that the folder is a finished part goes until it is one again.

    Raises
    ------
    UsageError : the folder is another part.
    """
    if (folder / FILE).is_file():
        earlier = read_part(folder).shard
        if shard is not None and shard != earlier:
            raise UsageError(f"{folder}: this is shard {earlier}, not {shard}; name another folder with -o")
    (folder / FILE).unlink(missing_ok=True)


def finish_part(folder: Path, part: Part) -> None:
    """Say that the part is whole."""
    text = msgspec.json.format(msgspec.json.encode(part, order="sorted"), indent=1).decode()
    write_atomically(folder / FILE, [text + "\n"])


def read_part(folder: Path) -> Part:
    """What a finished part tells.

    Raises
    ------
    UsageError : the folder is none.
    """
    try:
        part = msgspec.json.decode((folder / FILE).read_bytes(), type=Part)
    except FileNotFoundError:
        raise UsageError(
            f"{folder}: expected the report folder of a finished shard, with {FILE}; 'grader grade … --shard K/N -o "
            f"{folder}' writes it when every submission of it is graded"
        ) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"{folder / FILE}: cannot be read ({error}); grade the shard again") from None
    if part.schema != SCHEMA:
        raise UsageError(f"{folder / FILE}: expected schema {SCHEMA}, got {part.schema!r}; update grader")
    return part


def check_parts(folders: Iterable[Path]) -> dict[Path, Part]:
    """The parts of one class, in the order of their numbers.

    Raises
    ------
    UsageError : one is missing or there twice, or they are not of one class, key and version; names them.
    """
    parts = sorted(((f, read_part(f)) for f in folders), key=lambda pair: pair[1].shard.number)
    first, own = parts[0]
    for folder, part in parts[1:]:
        for what, ours, theirs in (
            ("assignment", own.assignment, part.assignment),
            ("answer key", own.key[:12], part.key[:12]),
            ("grader", own.grader, part.grader),
            ("NumPy", own.numpy, part.numpy),
            ("number of shards", own.shard.of, part.shard.of),
            ("number of submissions in the class", own.submissions, part.submissions),
            ("class", own.ids[:12], part.ids[:12]),
        ):
            if ours != theirs:
                raise UsageError(
                    f"{first} and {folder} are no parts of one run: their {what} differ ({ours} and {theirs})"
                )
    by_number: dict[int, Path] = {}
    for folder, part in parts:
        if part.shard.number in by_number:
            raise UsageError(f"{by_number[part.shard.number]} and {folder} are both shard {part.shard}; leave one out")
        by_number[part.shard.number] = folder
    missing = [str(Shard(n, own.shard.of)) for n in range(1, own.shard.of + 1) if n not in by_number]
    if missing:
        told = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        raise UsageError(
            f"{len(missing)} of {own.shard.of} shards are missing: {told}; grade them, or name their folders"
        )
    return dict(parts)
