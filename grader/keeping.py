"""A run's part in the gradebook: what is graded already, what is kept, and the marks that stand afterwards."""

from __future__ import annotations

import getpass
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from grader import __version__
from grader.batch import Done
from grader.errors import UsageError
from grader.gradebook.book import FILE, Gradebook
from grader.gradebook.memories import Kept
from grader.gradebook.pseudonyms import Pseudonyms
from grader.gradebook.records import Attempt, Basis, Person, attempt_of
from grader.gradebook.regrade import apply, movements
from grader.gradebook.settings import read_rules
from grader.intake import roster
from grader.keyfile import key_hash
from grader.model import AnswerKey, Grade, Submission
from grader.recall import VERSIONS, load_memory, source_print
from grader.reports.files import has_pages, page_names, student_pages
from grader.wire import pack, unpack

MAX_TOLD = 20


class Keeping:
    """Keeps what a run grades; a submission whose files, key and grader are known is not run again."""

    def __init__(
        self,
        folder: Path,
        key: AnswerKey,
        course: Path | None,
        people: Mapping[str, roster.Person],
        names: Pseudonyms | None = None,
    ) -> None:
        self._folder = folder
        self._pages = page_names()
        self._key = key
        self._people = {p.id: Person(p.id, p.name, p.email, [], p.section, p.group) for p in people.values()}
        self._names = names
        self._real: dict[str, Submission] = {}
        self._reused: dict[str, Grade] = {}
        digest = key_hash(key)
        self._first = True
        self._seen = hashlib.sha256(f"{__version__} {digest}".encode())
        self.book = Gradebook.open(folder / FILE, key.assignment)
        try:
            if course is not None:
                self.book.set_rules(read_rules(course, key.assignment))
            if self._names is None:
                self.book.enrol(self._people.values())
            self._first = not self.book.any_result()
            self.basis: Basis = self.book.basis(key, digest, __version__)
        except BaseException:
            self.book.close()
            raise
        self.reused = 0
        self._late: list[str] = []  # the first of them, and one more than are told
        self.applied = False

    def __enter__(self) -> Keeping:
        return self

    def __exit__(self, *_error: object) -> None:
        self.book.close()

    def hidden(self, submission: Submission) -> Submission:
        """The submission under its student's pseudonym, where pseudonyms are asked for; `keep` undoes it for itself."""
        if self._names is None:
            return submission
        hidden = self._names.submission(submission)
        self._real[hidden.id] = submission
        return hidden

    def is_known(self, submission: Submission) -> bool:
        """Whether there is nothing to run for it."""
        return submission.main is None or self._found(submission) is not None

    def known(self, submission: Submission) -> Done | None:
        """The grade that the gradebook has for this very work; None where it is to be run."""
        grade = self._found(submission)
        if grade is None:
            return None
        self.reused += 1
        self._reused[grade.id] = grade
        pages = {} if has_pages(self._folder, grade.id, self._pages) else student_pages(self._key, grade)
        return Done(grade.id, pack(grade), pages)

    def _found(self, submission: Submission) -> Grade | None:
        if submission.problem is not None or submission.main is None:
            return None
        grade = self.book.find(submission.sha256, self.basis, submission.id, submission.variant, submission.reading)
        if grade is None and submission.unread:
            raise UsageError(
                f"{self.book.ledger.path}: the grade of {submission.id} was taken out of it while the class was read; "
                "give the same command again"
            )
        if grade is None:
            return None
        return msgspec.structs.replace(grade, origin=submission.origin, members=submission.members)

    def graded(self) -> Iterator[tuple[int, str, str]]:
        """What need not be read again; see `Gradebook.read_and_graded`."""
        return self.book.read_and_graded(self.basis)

    def remembered(self, submission: Submission) -> bytes:
        """What the gradebook remembers of the cases of this very work, packed."""
        if submission.problem is not None or submission.main is None:
            return b""
        memory = self.book.memories.find(source_print(submission), VERSIONS)
        return b"" if memory is None else pack(memory)

    def keep(self, submission: Submission, done: Done) -> list[Done]:
        """Keep a graded submission as an attempt of each who shares it; what is to be reported of each."""
        reused = self._reused.pop(submission.id, None)
        grade = reused or unpack(done.grade, Grade)
        handed_in = submission.origin.handed_in
        entry = [submission.origin.entry] if submission.origin.entry else []
        attempt = attempt_of(submission, datetime.fromisoformat(handed_in) if handed_in else None, entry)
        if submission.unread:
            attempt = msgspec.structs.replace(attempt, files=self.book.files_of(submission.sha256))
        if self._names is not None:
            grade, attempt = self._without_names(self._names, self._real.pop(submission.id, submission), grade, attempt)
        if submission.origin.late and not handed_in and len(self._late) <= MAX_TOLD:
            self._late.append(submission.id)
        kept, memory = [], self._memory(submission, done)
        for one in submission.members or [submission.id]:
            self._seen.update(f"{one}\0{submission.sha256}\0".encode("utf-8", "surrogateescape"))
            own = grade if one == grade.id else self._shared(grade, one)
            mine = msgspec.structs.replace(attempt, student=one)
            if reused is None or not self.book.holds(mine, self.basis, submission.reading):
                self.book.record(mine, own, self.basis, memory, submission.reading)
            if own is grade and self._names is None:
                kept.append(done)
            else:
                there = reused is not None and has_pages(self._folder, one, self._pages)
                kept.append(Done(one, pack(own), {} if there else student_pages(self._key, own), done.times))
        return kept

    def _shared(self, grade: Grade, student: str) -> Grade:
        """The grade as that of somebody else who shares the work, under their own name."""
        who = self._people.get(student, Person(student))
        return msgspec.structs.replace(
            grade, id=student, origin=msgspec.structs.replace(grade.origin, entry="", name=who.name, email=who.email)
        )

    def _memory(self, submission: Submission, done: Done) -> Kept | None:
        """What is to be remembered; nothing under pseudonyms, for what a student's code printed may name somebody."""
        memory = load_memory(done.memory) if self._names is None else None
        return None if memory is None else Kept(source_print(submission), VERSIONS, memory)

    def _without_names(
        self, names: Pseudonyms, real: Submission, grade: Grade, attempt: Attempt
    ) -> tuple[Grade, Attempt]:
        """The same without any of the persons' ids, names and addresses in a text."""
        ids = {real.id, *real.members}
        persons = [self._people.get(one, Person(one)) for one in sorted(ids)]
        persons.append(Person(real.id, real.origin.name, real.origin.email))
        return names.grade(grade, *persons), names.attempt(attempt, *persons)

    def _tell_late(self, say: Callable[[str], None]) -> None:
        """Who is late by the LMS's word alone: without a time no penalty can be taken."""
        if self._late and self.book.rules.penalty is not None:
            named = ", ".join(self._late[:MAX_TOLD]) + (" …" if len(self._late) > MAX_TOLD else "")
            say(
                f"late, as the LMS says, and it does not say when, so that no points are taken: {named}; "
                "'grader override' sets a mark by hand"
            )

    def mark(self) -> str:
        """A mark of all that a report is made of: who handed in what, the key, and what the gradebook has."""
        whole = self._seen.copy()
        whole.update(str(self.book.state()).encode())
        return whole.hexdigest()

    def close_run(self, why: str | None, say: Callable[[str], None], *, whole: bool = True) -> None:
        """Write what waits, and tell who moves where the key has changed; no mark moves before it is applied.

        Where nobody's would, only texts have changed, and the new results count at once.

        Parameters
        ----------
        why : let the new marks count, for this reason; None only tells.
        whole : the run is of the whole class, and not of a part, which does not know who moves elsewhere.
        """
        self.book.flush()
        if self._names is not None:
            self._names.save()
        if self.reused:
            if self._first:
                say(f"{self.reused} handed in the same as another, to the byte: run once")
            else:
                say(f"{self.reused} were graded before with the same key and are not run again")
        self._tell_late(say)
        if self.book.current == self.basis:
            return
        self.applied = True
        any_moves, moving = False, 0
        told: list[str] = []
        left: list[str] = []
        for movement in movements(self.book, self.basis):  # of a large class nearly all may move
            any_moves = True
            if not movement.regraded:
                left += [movement.student] if len(left) < MAX_TOLD else []
            elif movement.change != 0:
                moving += 1
                change = "no mark on one side" if movement.change is None else f"{movement.change:+g}"
                told += [f"  {movement.student}: {change}"] if moving <= MAX_TOLD else []
        if whole and not any_moves and self.book.exercises(self.basis) == self.book.exercises():
            self.book.apply(self.basis, "grader", "no mark moves")
            say("the key or the grader has changed, and no mark moves: the new texts count")
            return
        marks = "1 mark" if moving == 1 else f"{moving} marks"
        move = "would move; the earlier ones stand" if why is None else "moves" if moving == 1 else "move"
        say(f"the key or the grader has changed: {marks} {move}")
        for line in told:
            say(line)
        if moving > MAX_TOLD:
            say(f"  … and {moving - MAX_TOLD} more")
        for student in left:
            say(f"{student}: keeps the result of the earlier key, because that work is not here any more")
        if why is None:
            self.applied = False
            say("grades.json, grades.csv and this run's list tell the new ones, pages and exports the earlier")
            say("the same command with --apply WHY lets the new ones count")
        else:
            apply(self.book, self.basis, os.environ.get("GRADER_WHO") or getpass.getuser(), why, partly=True)
            say(f"applied: {marks} moved")
