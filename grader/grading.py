"""`grader grade`: the key, from solutions/ and the secret seed or from a file, the class, the report folder."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.authoring.course import find_course, load_assignment
from grader.authoring.key import build_key
from grader.errors import UsageError
from grader.intake.folder import submissions, with_earlier
from grader.intake.roster import read_roster
from grader.keyfile import key_hash, load_key, proof_hash
from grader.model import AnswerKey, Grade, Status, Submission
from grader.pipeline import grade_class
from grader.proof.record import remembered
from grader.reports.files import prepare, write_reports, write_run
from grader.sandbox.warm import ZygoteLauncher
from grader.values import variant_of

SEED_FILE, SEED_VARIABLE = ".grader-seed", "GRADER_SEED"


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    paths: Sequence[Path]
    assignment: str | None
    folder: Path | None
    student: str | None
    here: Path
    roster: Path | None = None
    earlier: Path | None = None
    key: Path | None = None
    unproven: bool = False


@dataclass(frozen=True)
class Graded:
    """A class and its grades, in the order of the students' ids."""

    key: AnswerKey
    key_hash: str
    grades: list[Grade]


def run(request: Request, say: Callable[[str], None]) -> Graded:
    """Grade a class; `say` takes lines for the instructor that are no report.

    Raises
    ------
    UsageError : no course, no such assignment, no submissions, no such student.
    AuthorError : the assignment itself is wrong.
    """
    source = _key_file(request) if request.key is not None else _course(request)
    found = list(submissions(request.paths, source.file))
    if request.student is not None:
        ids = [s.id for s in found]
        found = [s for s in found if s.id == request.student]
        if not found:
            raise UsageError(
                f"--student {request.student}: expected one of {', '.join(ids[:10])}{' …' if ids[10:] else ''}"
            )
    if request.folder is not None:
        prepare(request.folder)
    if request.earlier is not None:
        found = [with_earlier(s, request.earlier, list(source.used)) for s in found]
    key = source.key(say)
    found = _with_variants(found, key, request, say)
    launcher = ZygoteLauncher()
    started = time.monotonic()
    try:
        grades = list(grade_class(key, found, launcher))
    finally:
        launcher.close()
    graded = Graded(key, key_hash(key), grades)
    if request.folder is not None:
        write_reports(request.folder, key, graded.key_hash, grades)
        write_run(request.folder, time.monotonic() - started, len(grades))
        say(f"report: {request.folder}")
    return graded


@dataclass(frozen=True)
class _Source:
    """Where a key comes from: the student's file by name, those of earlier assignments, and the key itself."""

    file: str
    used: Sequence[str]
    key: Callable[[Callable[[str], None]], AnswerKey]


def _course(request: Request) -> _Source:
    """solutions/ and the secret seed; says so where the suite is not proven."""
    if request.assignment is None:
        raise UsageError("expected the assignment with -a, or an answer key with --key")
    course = find_course(request.here)
    authored = load_assignment(course, request.assignment)

    def key(say: Callable[[str], None]) -> AnswerKey:
        seed = secret_seed(course, say)
        mark = remembered(course, authored, seed)
        if not mark:
            say(
                f"{authored.name}: these cases are not proven to tell right from wrong, so that a wrong answer may get "
                f"full marks; run 'grader prove {authored.name}' once"
            )
        return msgspec.structs.replace(build_key(authored, seed), proof=mark)

    return _Source(authored.assignment.file, list(authored.used), key)


def _key_file(request: Request) -> _Source:
    """A key that `grader key` wrote.

    Raises
    ------
    UsageError : it cannot be read, is another assignment's, or carries no proof or another key's.
    """
    assert request.key is not None
    try:
        key = load_key(request.key.read_bytes(), str(request.key))
    except OSError as error:
        raise UsageError(f"{request.key}: cannot be read ({error.strerror}); make one with 'grader key'") from None
    if request.assignment not in (None, key.assignment):
        raise UsageError(f"{request.key}: expected a key of {request.assignment}, got one of {key.assignment}")
    if not key.hidden:
        raise UsageError(f"{request.key}: expected an answer key with hidden cases; make one with 'grader key'")
    if key.proof != proof_hash(key) and not request.unproven:
        what = "was changed since it was proven, or proven by another version" if key.proof else "carries no proof"
        raise UsageError(
            f"{request.key}: {what}, so that a wrong answer may get full marks; make it again with "
            f"'grader key {key.assignment}', or grade with it all the same with --unproven"
        )
    return _Source(key.file, sorted({e.file for e in key.required}), lambda _say: key)


def _with_variants(
    found: list[Submission], key: AnswerKey, request: Request, say: Callable[[str], None]
) -> list[Submission]:
    """Each submission with the variant that the roster's id picks; without a roster, variant 0."""
    if request.roster is None:
        return found
    people = read_roster(request.roster)
    for one in found:
        if one.id not in people:
            say(f"{one.id}: is not in {request.roster}" + ("; graded as variant 0" if key.variants else ""))
    for name in sorted(people.keys() - {s.id for s in found}):
        say(f"{name}: is in {request.roster} and handed in nothing")
    return [msgspec.structs.replace(s, variant=variant_of(s.id, key.variants) if s.id in people else 0) for s in found]


def secret_seed(course: Path, say: Callable[[str], None]) -> bytes:
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


def exit_code(grades: Sequence[Grade], fail_under: float | None) -> int:
    """0 all full marks (a class: every submission graded), 1 not, 3 our fault, 4 unreadable."""
    if any(g.status is Status.UNGRADED for g in grades):
        return 3
    if fail_under is not None:
        under = any((g.score or 0.0) < fail_under / 100 * g.max_score for g in grades)
        return 1 if under else 0
    if len(grades) > 1:
        return 0
    if grades[0].status is Status.UNREADABLE:
        return 4
    return 0 if grades[0].score == grades[0].max_score else 1
