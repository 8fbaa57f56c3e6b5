"""A run's part in the gradebook: what is graded already, what is kept, and the marks that stand afterwards."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from grader import __version__
from grader.batch import Done
from grader.gradebook.book import FILE, Gradebook
from grader.gradebook.pseudonyms import Pseudonyms
from grader.gradebook.records import Basis, Person, attempt_of
from grader.gradebook.regrade import apply, movements
from grader.gradebook.settings import read_rules
from grader.intake import roster
from grader.keyfile import key_hash
from grader.model import AnswerKey, Grade, Submission
from grader.reports.files import has_pages, student_pages
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
        pseudonyms: Path | None = None,
    ) -> None:
        self._folder = folder
        self._key = key
        self._people = {p.id: Person(p.id, p.name, p.email, [], p.section, p.group) for p in people.values()}
        self._names = None if pseudonyms is None else Pseudonyms.open(pseudonyms)
        self.book = Gradebook.open(folder / FILE, key.assignment)
        try:
            if course is not None:
                self.book.set_rules(read_rules(course, key.assignment))
            if self._names is None:
                self.book.enrol(self._people.values())
            self.basis: Basis = self.book.basis(key, key_hash(key), __version__)
        except BaseException:
            self.book.close()
            raise
        self.reused = 0

    def __enter__(self) -> Keeping:
        return self

    def __exit__(self, *_error: object) -> None:
        self.book.close()

    def hidden(self, submission: Submission) -> Submission:
        """The submission under its student's pseudonym, where pseudonyms are asked for."""
        return submission if self._names is None else self._names.submission(submission)

    def known(self, submission: Submission) -> Done | None:
        """The grade that the gradebook has for this very work; None where it is to be run."""
        if submission.problem is not None or submission.main is None:
            return None
        grade = self.book.find(submission.sha256, self.basis, submission.id, submission.variant)
        if grade is None:
            return None
        self.reused += 1
        pages = {} if has_pages(self._folder, grade.id) else student_pages(self._key, grade)
        return Done(grade.id, pack(grade), pages)

    def keep(self, submission: Submission, done: Done) -> Done:
        """Keep a graded submission as an attempt; what is to be reported of it."""
        grade = unpack(done.grade, Grade)
        handed_in = submission.origin.handed_in
        entry = [submission.origin.entry] if submission.origin.entry else []
        attempt = attempt_of(submission, datetime.fromisoformat(handed_in) if handed_in else None, entry)
        if self._names is not None:
            person = self._people.get(self._names.student(submission.id) or "")
            grade = self._names.grade(grade, person)
            attempt = self._names.attempt(attempt, person)
            done = Done(grade.id, pack(grade), student_pages(self._key, grade), done.times)
        self.book.record(attempt, grade, self.basis)
        return done

    def close_run(self, why: str | None, say: Callable[[str], None]) -> None:
        """Write what waits, and tell who moves where the key has changed; nothing counts before it is applied.

        Parameters
        ----------
        why : let the new marks count, for this reason; None only tells.
        """
        self.book.flush()
        if self._names is not None:
            self._names.save()
        if self.reused:
            say(f"{self.reused} were graded before with the same key and are not run again")
        if self.book.current == self.basis:
            return
        moving = list(movements(self.book, self.basis))
        say(f"the key or the grader has changed: {len(moving)} marks would move; the earlier ones stand")
        for movement in moving[:MAX_TOLD]:
            change = "no mark" if movement.change is None else f"{movement.change:+g}"
            say(f"  {movement.student}: {change}")
        if len(moving) > MAX_TOLD:
            say(f"  … and {len(moving) - MAX_TOLD} more")
        if why is None:
            say("the same command with --apply WHY lets the new ones count")
        else:
            moved = apply(self.book, self.basis, os.environ.get("GRADER_WHO") or getpass.getuser(), why)
            say(f"applied: {moved} marks moved")
