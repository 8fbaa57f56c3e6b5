"""What a gradebook takes in and gives out, frozen and typed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from grader.model import Status, Submission


class Basis(msgspec.Struct, frozen=True):
    """What a grade rests on: an answer key, by its hash, and the version of the grader that judged."""

    key: str
    grader: str


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Work that one student handed in once.

    `sha256` is the submission's, `files` the SHA-256 of each file by its name. `handed_in` knows its
    time zone; None when nobody knows the time. `members` are the names under which an LMS gave the
    work out, and takes feedback back. `number` counts a student's attempts from 1; 0 before it is
    recorded.
    """

    student: str
    sha256: str
    files: dict[str, str] = {}
    handed_in: datetime | None = None
    variant: int = 0
    members: list[str] = []
    number: int = 0


class Person(msgspec.Struct, frozen=True):
    """Who a student is elsewhere; `logins` are other ids, an LMS's number or a user name."""

    student: str
    name: str = ""
    email: str = ""
    logins: list[str] = []
    section: str = ""
    group: str = ""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A mark or a comment by hand, kept through regrades and later attempts.

    `exercise` is None for the mark as a whole, which then is final: no late penalty is taken from
    it. `mark` is None for a comment alone. `withdrawn` takes back the earlier mark of the same place.
    """

    student: str
    exercise: str | None = None
    mark: float | None = None
    comment: str | None = None
    withdrawn: bool = False
    why: str = ""
    who: str = ""


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline of one student's own; the last one given holds. `until` knows its time zone."""

    student: str
    until: datetime
    why: str = ""
    who: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One student's current mark, and how it came about.

    `status` and `attempt` are None where nothing was handed in. `points` are by exercise, marks by
    hand included; `graded` is their sum, `penalty` what lateness takes from it, `mark` what is left;
    None where there is no mark (a fault of ours, and no mark by hand). `late` counts the days or
    hours for which the penalty is taken. `by_hand` names the exercises with a mark by hand, "" for
    the mark as a whole.
    """

    student: str
    attempt: int | None
    attempts: int
    status: Status | None
    handed_in: datetime | None
    due: datetime | None
    late: int
    points: dict[str, float]
    graded: float | None
    penalty: float
    mark: float | None
    max_score: float
    by_hand: list[str]
    comments: list[str]
    basis: Basis | None


class Movement(msgspec.Struct, frozen=True):
    """How one student's mark would move under another basis.

    `exercises` are (points before, points after) of those that move. `regraded` is False where the
    counting attempt has no result under the new basis: its old one stands.
    """

    student: str
    before: Standing
    after: Standing
    exercises: dict[str, tuple[float, float]]
    regraded: bool

    @property
    def change(self) -> float | None:
        """Points gained or lost; None where there is no mark on one side."""
        if self.before.mark is None or self.after.mark is None:
            return None
        return round(self.after.mark - self.before.mark, 4)


class Event(msgspec.Struct, frozen=True):
    """One line of the history: when, about whom (None: the whole gradebook), what."""

    at: datetime
    student: str | None
    what: str


def attempt_of(submission: Submission, handed_in: datetime | None = None, members: Sequence[str] = ()) -> Attempt:
    """The attempt that a submission is."""
    hashes = {name: hashlib.sha256(text).hexdigest() for name, text in sorted(submission.files.items())}
    return Attempt(
        student=submission.id,
        sha256=submission.sha256,
        files=hashes,
        handed_in=handed_in,
        variant=submission.variant,
        members=list(members),
    )
