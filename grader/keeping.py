"""A run's part in the gradebook: what is graded already, what is kept, and the marks that stand afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader import __version__
from grader.batch import Done
from grader.gradebook.book import FILE, Gradebook
from grader.gradebook.records import Basis, attempt_of
from grader.gradebook.regrade import movements
from grader.gradebook.settings import read_rules
from grader.keyfile import key_hash
from grader.model import AnswerKey, Grade, Submission
from grader.reports.files import has_pages, student_pages
from grader.wire import pack, unpack

MAX_TOLD = 20


class Keeping:
    """Keeps what a run grades; a submission whose files, key and grader are known is not run again."""

    def __init__(self, folder: Path, key: AnswerKey, course: Path | None) -> None:
        self._folder = folder
        self._key = key
        self.book = Gradebook.open(folder / FILE, key.assignment)
        try:
            if course is not None:
                self.book.set_rules(read_rules(course, key.assignment))
            self.basis: Basis = self.book.basis(key, key_hash(key), __version__)
        except BaseException:
            self.book.close()
            raise
        self.reused = 0

    def __enter__(self) -> Keeping:
        return self

    def __exit__(self, *_error: object) -> None:
        self.book.close()

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

    def keep(self, submission: Submission, done: Done) -> None:
        """Keep a graded submission as an attempt."""
        self.book.record(attempt_of(submission), unpack(done.grade, Grade), self.basis)

    def close_run(self, say: Callable[[str], None]) -> None:
        """Write what waits, and tell who moves where the key has changed; nothing counts before it is applied."""
        self.book.flush()
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
        say("'grader grade … --apply-regrade --why TEXT' lets the new ones count")
