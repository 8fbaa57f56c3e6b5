"""`grader grade`: the key from solutions/ and the secret seed, the class, the report folder."""

from __future__ import annotations

import gc
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader import batch
from grader.authoring.course import find_course, load_assignment
from grader.authoring.key import build_key
from grader.errors import SandboxError, UsageError
from grader.intake.folder import submissions, with_earlier
from grader.intake.roster import read_roster
from grader.keyfile import key_hash
from grader.model import AnswerKey, Grade, Status, Submission
from grader.progress import told
from grader.reports.files import prepare, write_reports, write_run
from grader.sandbox.defences import Tier
from grader.sandbox.warm import ZygoteLauncher
from grader.values import variant_of

SEED_FILE, SEED_VARIABLE = ".grader-seed", "GRADER_SEED"


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    paths: Sequence[Path]
    assignment: str
    folder: Path | None
    student: str | None
    here: Path
    roster: Path | None = None
    earlier: Path | None = None
    jobs: int = 1
    tier: int = 1
    unsandboxed: bool = False


@dataclass(frozen=True)
class Graded:
    """A class and its grades, in the order of the students' ids; `left` are those not graded when it was stopped."""

    key: AnswerKey
    key_hash: str
    grades: list[Grade]
    left: int = 0


def run(request: Request, say: Callable[[str], None]) -> Graded:
    """Grade a class; `say` takes lines for the instructor that are no report.

    Raises
    ------
    UsageError : no course, no such assignment, no submissions, no such student.
    AuthorError : the assignment itself is wrong.
    """
    course = find_course(request.here)
    authored = load_assignment(course, request.assignment)
    found = list(submissions(request.paths, authored.assignment.file))
    if request.student is not None:
        ids = [s.id for s in found]
        found = [s for s in found if s.id == request.student]
        if not found:
            raise UsageError(
                f"--student {request.student}: expected one of {', '.join(ids[:10])}{' …' if ids[10:] else ''}"
            )
    if request.folder is not None:
        prepare(request.folder)
    used = list(authored.used)
    if request.earlier is not None:
        found = [with_earlier(s, request.earlier, used) for s in found]
    key = build_key(authored, secret_seed(course, say))
    found = _with_variants(found, key, request, say)
    tier = _confined(key, request, say)
    gc.collect()
    gc.freeze()  # the key and the code stay; a collection need not look at them again
    started = time.monotonic()
    grades: list[Grade] = []
    try:
        for grade in told(_grades(key, found, request.jobs, tier), len(found), say):
            grades.append(grade)
    except KeyboardInterrupt:
        say(f"stopped: {len(grades)} of {len(found)} are graded and kept; the same command again grades the rest")
    graded = Graded(key, key_hash(key), grades, len(found) - len(grades))
    if request.folder is not None:
        write_reports(request.folder, key, graded.key_hash, grades)
        write_run(request.folder, time.monotonic() - started, len(grades))
        say(f"report: {request.folder}")
    return graded


def _grades(key: AnswerKey, found: Sequence[Submission], jobs: int, tier: Tier) -> Iterator[Grade]:
    """The grades in the order of the submissions, by so many processes."""
    if jobs == 1 or len(found) <= batch.BATCH:
        launcher = ZygoteLauncher(tier)
        try:
            yield from batch.grade_here(key, found, launcher)
        finally:
            launcher.close()
        return
    executor = batch.local_executor(key, jobs, tier)
    try:
        yield from batch.grade_over(executor, jobs, found)
    finally:
        batch.stop(executor)


def _confined(key: AnswerKey, request: Request, say: Callable[[str], None]) -> Tier:
    """The tier asked for, tried out and told in the run's first line.

    Raises
    ------
    SandboxError : this machine cannot confine at that tier.
    """
    tier = Tier.SPAWNED if request.unsandboxed else Tier(request.tier)
    try:
        say(batch.try_out(key, tier).told())
    except SandboxError as error:
        raise SandboxError(
            f"submissions cannot be confined at tier {int(tier)} here: {error}. "
            "'grader doctor' tells which tiers work; --allow-unsandboxed grades without, on a machine with no secrets"
        ) from None
    return tier


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
