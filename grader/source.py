"""Where a run's answer key comes from: solutions/ and the secret seed, or a file that `grader key` wrote."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from grader.authoring.course import find_course, load_assignment
from grader.authoring.key import build_key
from grader.authoring.release import HandedOut
from grader.errors import UsageError
from grader.keyfile import load_key, proof_hash
from grader.model import AnswerKey
from grader.proof.record import remembered
from grader.texts import ENGLISH, in_language

SEED_FILE, SEED_VARIABLE = ".grader-seed", "GRADER_SEED"

Say = Callable[[str], None]


@dataclass(frozen=True)
class KeySource:
    """A key before it is made: the student's file by name, those of earlier assignments, and how to make it.

    `course` is None for a key of its own, whose course need not be there; `released` are the files
    as they were handed out, where they are known; `language` is what students read; `mark` is another
    one when these files or the language are.
    """

    file: str
    used: Sequence[str]
    course: Path | None
    key: Callable[[Say], AnswerKey]
    released: Mapping[str, bytes] = field(default_factory=dict)
    language: str = ENGLISH
    mark: str = ""


def course_source(here: Path, assignment: str | None) -> KeySource:
    """solutions/ and the secret seed; says so where the suite is not proven.

    Raises
    ------
    UsageError : no course here, or no such assignment.
    AuthorError : the assignment itself is wrong.
    """
    if assignment is None:
        raise UsageError("expected the assignment with -a, or an answer key with --key")
    course = find_course(here)
    authored = load_assignment(course, assignment)

    def key(say: Say) -> AnswerKey:
        seed = secret_seed(course, say)
        mark = remembered(course, authored, seed)
        if not mark:
            say(
                f"{authored.name}: these cases are not proven to tell right from wrong, so that a wrong answer may get "
                f"full marks; run 'grader prove {authored.name}' once"
            )
        return in_language(msgspec.structs.replace(build_key(authored, seed), proof=mark), authored.language)

    known = HandedOut(authored, course)
    file, used = authored.assignment.file, list(authored.used)
    return KeySource(file, used, course, key, known, authored.language, known.mark)


def file_source(path: Path, assignment: str | None, *, unproven: bool) -> KeySource:
    """A key that `grader key` wrote.

    Raises
    ------
    UsageError : it cannot be read, is another assignment's, or carries no proof or another key's.
    """
    try:
        key = load_key(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); make one with 'grader key'") from None
    if assignment not in (None, key.assignment):
        raise UsageError(f"{path}: expected a key of {assignment}, got one of {key.assignment}")
    if not key.hidden:
        raise UsageError(f"{path}: expected an answer key with hidden cases; make one with 'grader key'")
    if key.proof != proof_hash(key) and not unproven:
        what = "was changed since it was proven, or proven by another version" if key.proof else "carries no proof"
        raise UsageError(
            f"{path}: {what}, so that a wrong answer may get full marks; make it again with "
            f"'grader key {key.assignment}', or grade with it all the same with --unproven"
        )
    said, used = in_language(key, key.language), sorted({e.file for e in key.required})
    return KeySource(key.file, used, None, lambda _say: said, {}, key.language, key.language)


def secret_seed(course: Path, say: Say) -> bytes:
    """The seed of hidden cases: the environment's, the course's own file, or a new one, told where.

    Raises
    ------
    UsageError : the file is empty or cannot be read or written.
    """
    if given := os.environ.get(SEED_VARIABLE):
        return given.encode("utf-8", "surrogateescape")
    path = course / SEED_FILE
    try:
        if path.exists():
            seed = path.read_bytes().strip()
            if not seed:
                raise UsageError(f"{path}: expected a seed, and it is empty; delete it and a new one is made")
            return seed
        seed = secrets.token_hex(16).encode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(seed + b"\n")
    except OSError as error:
        raise UsageError(
            f"{path}: the seed of hidden cases cannot be kept here ({error.strerror}); set {SEED_VARIABLE}"
        ) from None
    say(f"a new secret seed for hidden cases is in {path}: keep it, never commit it")
    return seed
