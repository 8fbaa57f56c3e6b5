"""The gradebook of one assignment: SQLite in one file, only added to, shared by runs that take turns.

    with Gradebook.open(folder / "gradebook.sqlite", "affine") as book:
        basis = book.basis(key, key_hash(key), __version__)
        for submission in submissions:
            grade = book.find(submission.sha256, basis, submission.id, submission.variant)
            book.record(attempt_of(submission), grade or grade_submission(key, submission, launcher), basis)

What `record` takes is kept for good once its batch is written: after a second, 64 grades, `flush`
or the end of the `with`. A process that is killed loses the batch that it gathered, nothing else.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec

from grader.errors import UsageError
from grader.gradebook import history, reading
from grader.gradebook.cases import case_hashes
from grader.gradebook.ledger import Ledger, now
from grader.gradebook.memories import Kept, Memories
from grader.gradebook.records import Attempt, Basis, Event, Extension, Override, Person, Standing
from grader.gradebook.rows import dump_rules, load_rules, plain, squeeze, stamp, to_json
from grader.gradebook.rules import DECIMALS, Rules
from grader.gradebook.schema import WAIT
from grader.model import AnswerKey, Grade, Verdict

FILE = "gradebook.sqlite"
BATCH, SECONDS = 64, 1.0


class _Pending(msgspec.Struct, frozen=True):
    """A grade that waits for its batch."""

    attempt: Attempt
    basis: Basis
    status: str
    score: float | None
    points: str
    grade: bytes
    at: str
    kept: Kept | None
    mark: str


class Gradebook:
    """Every attempt and result, and what was set by hand; made by `Gradebook.open`."""

    def __init__(self, ledger: Ledger, assignment: str) -> None:
        self.ledger = ledger
        self.assignment = assignment
        self.memories = Memories(ledger)
        self._pending: list[_Pending] = []
        self._since = 0.0

    @classmethod
    def open(
        cls, path: Path, assignment: str | None = None, *, clock: Callable[[], datetime] = now, wait: float = WAIT
    ) -> Gradebook:
        """Open a gradebook; with an assignment's name one that is not there is made.

        Parameters
        ----------
        clock : what time it is; tests have their own.
        wait : seconds to wait for another program's lock.

        Raises
        ------
        UsageError : there is none, it is another assignment's, no gradebook, too new, or locked.
        """
        ledger = Ledger(path, assignment is not None, clock, wait)
        try:
            return cls(ledger, _claimed(ledger, assignment))
        except BaseException:
            ledger.close()
            raise

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits, and close the file."""
        try:
            self.flush()
        finally:
            self.ledger.close()

    # ------------------------------------------------------------------------------- recording

    def basis(self, key: AnswerKey, key_hash: str, grader: str) -> Basis:
        """Make a key known, and return the basis that it is with this version of the grader.

        The first basis of a gradebook counts at once; a later one counts when it is applied.
        """
        known = "SELECT id FROM key WHERE sha256 = ?"
        hashes = {} if self.ledger.one(known, key_hash) else case_hashes(key)
        points = {e.id: round(sum(e.points.values()), DECIMALS) for e in key.exercises}
        with self.ledger.writing():
            if self.ledger.one(known, key_hash) is None:
                row = self.ledger.add(
                    "key", sha256=key_hash, limits=reading.limits_text(key.limits), points=to_json(points)
                )
                rows = [(row, exercise, case, digest) for (exercise, case), digest in hashes.items()]
                self.ledger.db.executemany("INSERT INTO key_case VALUES (?, ?, ?, ?)", rows)
            if self.ledger.one("SELECT id FROM applied LIMIT 1") is None:
                row = self.ledger.key_id(key_hash)
                self.ledger.add("applied", key=row, grader=grader, who="grader", why="the first key")
        return Basis(key_hash, grader)

    def find(self, sha256: str, basis: Basis, student: str = "", variant: int = 0, mark: str = "") -> Grade | None:
        """The grade of the same files on the same basis, as the grade of `student`; None where there is none.

        Work that could not be read is found for the same student only, because its message names
        files; work that we failed to grade is never found. Ask only for work that has a file to grade.

        Parameters
        ----------
        mark : only what was read as by this mark.
        """
        return reading.find(self.ledger, sha256, basis, student, variant, mark)

    def read_and_graded(self, basis: Basis) -> Iterator[tuple[int, str, str]]:
        """Variant, SHA-256 of the files and mark of the reading of all that is graded on a basis."""
        self.flush()
        return reading.read_and_graded(self.ledger, basis)

    def any_result(self) -> bool:
        """Whether anything has been graded."""
        self.flush()
        return self.ledger.one("SELECT 1 FROM result LIMIT 1") is not None

    def files_of(self, sha256: str) -> dict[str, str]:
        """The files that an attempt with this hash had, by name the SHA-256 of each."""
        return reading.files_of(self.ledger, sha256)

    def holds(self, attempt: Attempt, basis: Basis, mark: str = "") -> bool:
        """Whether there is a grade of this very attempt on this basis already: recording it again would add nothing."""
        return reading.holds(self.ledger, attempt, basis, mark)

    def record(self, attempt: Attempt, grade: Grade, basis: Basis, kept: Kept | None = None, mark: str = "") -> None:
        """Keep a grade. The same grade of the same attempt is kept once, however often it comes.

        It is a new attempt when its files differ from the student's last one, or its time does.

        Parameters
        ----------
        kept : what is to be remembered of the attempt.
        mark : what reading the attempt depended on.
        """
        points = to_json({e.id: e.score for e in grade.exercises})
        self._pending.append(
            _Pending(
                attempt, basis, grade.status.value, grade.score, points, squeeze(grade), self.ledger.at(), kept, mark
            )
        )
        if len(self._pending) == 1:
            self._since = time.monotonic()
        if len(self._pending) >= BATCH or time.monotonic() - self._since >= SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what waits, whole or not at all."""
        if self._pending:
            try:
                with self.ledger.writing():
                    for pending in self._pending:
                        attempt = _keep(self.ledger, pending)
                        if pending.kept is not None:
                            self.memories.keep(attempt, pending.kept)
            except BaseException:
                self.memories.lost()
                raise
            self._pending.clear()

    # --------------------------------------------------------------------- settings and by hand

    def apply(self, basis: Basis, who: str, why: str) -> None:
        """Let the results on another basis count from now on."""
        with self.ledger.writing():
            self.ledger.add("applied", key=self.ledger.key_id(basis.key), grader=basis.grader, who=who, why=why)

    def set_rules(self, rules: Rules) -> None:
        """Let these rules hold from now on; the same ones again are no change."""
        text = dump_rules(rules)
        with self.ledger.writing():
            if self.ledger.one("SELECT rules FROM settings ORDER BY id DESC LIMIT 1") != (text,):
                self.ledger.add("settings", rules=text)

    def enrol(self, persons: Iterable[Person]) -> None:
        """Keep who the students are elsewhere; what is known already is not kept twice."""
        with self.ledger.writing():
            known = reading.people(self.ledger)
            for person in persons:
                person = msgspec.structs.replace(person, student=plain(person.student))
                if known.get(person.student) != person:
                    row = msgspec.structs.asdict(person) | {"logins": to_json(person.logins)}
                    self.ledger.add("person", **row)

    def override(self, given: Override) -> None:
        """Keep a mark or a comment by hand."""
        with self.ledger.writing():
            self.ledger.add("override", **msgspec.structs.asdict(given))

    def extend(self, given: Extension) -> None:
        """Keep a deadline of one student's own."""
        row = msgspec.structs.asdict(given) | {"until": stamp(given.until)}
        with self.ledger.writing():
            self.ledger.add("extension", **row)

    # --------------------------------------------------------------------------------- reading

    @property
    def current(self) -> Basis | None:
        """The basis that counts."""
        row = self.ledger.one(
            "SELECT sha256, grader FROM applied JOIN key ON key.id = applied.key ORDER BY applied.id DESC LIMIT 1"
        )
        return None if row is None else Basis(*row)

    @property
    def rules(self) -> Rules:
        """The rules that hold."""
        row = self.ledger.one("SELECT rules FROM settings ORDER BY id DESC LIMIT 1")
        return Rules() if row is None else load_rules(row[0])

    def exercises(self, basis: Basis | None = None) -> dict[str, float]:
        """Exercise → the points that it is worth, in the key's order."""
        return reading.exercises(self.ledger, basis or self.current)

    def students(self) -> Iterator[str]:
        """Everybody of whom the gradebook knows, sorted by id."""
        self.flush()
        return reading.students(self.ledger)

    def require(self, student: str) -> None:
        """Refuse an id of which the gradebook knows nothing.

        Raises
        ------
        UsageError : names the ids that are nearest.
        """
        known = list(self.students())
        if student not in known:
            near = difflib.get_close_matches(student, known, 3) or known[:3]
            told = f"such as {', '.join(near)}" if near else "it has none yet"
            raise UsageError(f"{student}: expected a student of {self.ledger.path} ({told})")

    def people(self) -> dict[str, Person]:
        """Who the students are elsewhere, by id."""
        return reading.people(self.ledger)

    def attempts(self, student: str) -> list[Attempt]:
        """Everything that a student handed in, in the order of the numbers."""
        self.flush()
        return reading.attempts(self.ledger, student)

    def standing(self, trial: Basis | None = None) -> Iterator[Standing]:
        """The current mark of each student, sorted by id.

        Parameters
        ----------
        trial : a basis that does not count yet: marks are told as if it did. An attempt without a
            result on it keeps the one that counts now.
        """
        self.flush()
        yield from reading.standings(self.ledger, self.exercises(trial), self.rules, trial)

    def standing_of(self, student: str) -> Standing | None:
        """The current mark of one student; None of whom there is nothing to mark."""
        return next((s for s in self.standing() if s.student == plain(student)), None)

    def grade(self, standing: Standing) -> Grade | None:
        """The grade on which a standing rests, as the grader gave it; None where nothing was handed in."""
        return reading.grade_of(self.ledger, standing)

    def verdicts(
        self, sha256: str, key: AnswerKey, grader: str, variant: int = 0
    ) -> dict[tuple[str, str], list[Verdict]]:
        """(exercise, case) → verdicts that hold under `key` too: of the same files, case, limits and version.

        The newest result that has a case gives its verdicts; what is missing here is to be run.
        """
        self.flush()
        return reading.verdicts(self.ledger, sha256, key, grader, variant)

    def state(self) -> list[int]:
        """Numbers that differ whenever anything was added, or somebody forgotten, in between."""
        self.flush()
        return reading.state(self.ledger)

    def history(self, student: str | None = None) -> Iterator[Event]:
        """Everything that happened, in the order of time; of one student, or of all."""
        self.flush()
        yield from history.events(self.ledger, student)


def _claimed(ledger: Ledger, assignment: str | None) -> str:
    """The assignment's name; a new gradebook takes it, an old one must have it."""
    own = ledger.one("SELECT assignment FROM book")
    if own is None and assignment is not None:
        with ledger.writing():
            own = ledger.one("SELECT assignment FROM book")  # of two runs at once the first has written it
            if own is None:
                ledger.add("book", assignment=assignment)
                own = (assignment,)
    if own is None:
        raise UsageError(f"{ledger.path}: this gradebook is empty; 'grader grade … -o {ledger.path.parent}' fills it")
    if assignment not in (None, own[0]):
        raise UsageError(
            f"{ledger.path}: this is the gradebook of {own[0]}, not of {assignment}; name another folder with -o"
        )
    return str(own[0])


def _keep(ledger: Ledger, pending: _Pending) -> int:
    """Add a result, and its attempt where it is a new one; the attempt's row."""
    attempt, key, grader = _attempt(ledger, pending.attempt, pending.at), pending.basis.key, pending.basis.grader
    row = {"attempt": attempt, "key": ledger.key_id(key), "grader": grader}
    own = {"variant": pending.attempt.variant, "status": pending.status, "grade": pending.grade}
    last = ledger.one(
        "SELECT id, variant, status, grade FROM result WHERE attempt = ? AND key = ? AND grader = ? "
        "ORDER BY id DESC LIMIT 1",
        *row.values(),
    )
    if last is None or last[1:] != tuple(own.values()):
        result = ledger.add("result", **row, **own, score=pending.score, points=pending.points, at=pending.at)
    else:
        result = last[0]
    if pending.mark:
        ledger.db.execute("INSERT OR IGNORE INTO reading VALUES (?, ?)", (result, pending.mark))
    return attempt


def _attempt(ledger: Ledger, attempt: Attempt, at: str) -> int:
    """The row of an attempt: one that is there, or a new one with the next number."""
    student, handed_in = plain(attempt.student), attempt.handed_in and stamp(attempt.handed_in)
    if (found := reading.attempt_row(ledger, attempt)) is not None:
        return found
    number = ledger.one("SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE student = ?", student)
    assert number is not None
    return ledger.add(
        "attempt",
        student=student,
        number=number[0],
        sha256=attempt.sha256,
        files=to_json({plain(name): digest for name, digest in attempt.files.items()}),
        members=to_json([plain(name) for name in attempt.members]),
        handed_in=handed_in,
        at=at,
    )
