"""Verdicts and Grades: outcomes held against the key, and what they are worth."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from grader.model.key import Value
from grader.model.outcome import OutcomeKind
from grader.model.submission import Origin

GRADES_SCHEMA = "grader/grades/v1"


class Finding(StrEnum):
    """What is wrong with one output of one case; the first that holds is told."""

    NOT_ATTEMPTED = "not_attempted"
    MISSING = "missing"
    COUNT = "count"
    TYPE = "type"
    SHAPE = "shape"
    NOT_FINITE = "not_finite"
    VALUES = "values"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_LIMIT = "output_limit"
    CRASHED = "crashed"
    MALFORMED = "malformed"
    CHANGED_INPUTS = "changed_inputs"
    UNSTEADY = "unsteady"
    BLOCKED = "blocked"
    INTERNAL = "internal"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One named output of one case, held against the key.

    `message` is a sentence: for a hidden case it holds nothing that a worker could have put there.
    `credit` is the part of the output's points in this case's group that is earned, 0 to 1.
    `hints` leads to the mistake step by step: what kind of thing is wrong, where in the handout its
    idea stands, and, where the mistake is recognised, what was done; of those, `hint` is the last one.
    `withheld` is how many more steps there are that the author does not give for a hidden case.
    """

    case: str
    visible: bool
    output: str
    passed: bool
    credit: float
    finding: Finding | None = None
    message: str | None = None
    mistake: str | None = None
    hint: str | None = None
    remark: str | None = None
    hints: list[str] = []
    withheld: int = 0


class Evidence(msgspec.Struct, frozen=True):
    """What a visible case returned, cropped, for a student to look at beside what was expected."""

    case: str
    output: str
    returned: Value
    expected: Value
    tolerance: float


class Agreement(msgspec.Struct, frozen=True):
    """Whether outputs are the derivatives of the student's own forward function; no expected value tells that.

    `message` says where they are not: the input's entry, how much it moves the function, and what was
    returned for it.
    """

    forward: str
    agrees: bool
    message: str = ""


class Place(msgspec.Struct, frozen=True):
    """A line of a student's file, counted from 1; of a notebook, a line of its code cell of that number."""

    file: str
    line: int
    cell: int = 0


class Smallest(msgspec.Struct, frozen=True, kw_only=True):
    """The smallest public input on which the same submission is wrong, in full.

    `rung` and `title` name the rung of the exercise's ladder. `inputs` are by name; `expected`,
    `tolerance`, `returned` and a `message` by named output, for those that are wrong. What was returned
    is left out where it is no array of numbers, or a large one.
    """

    rung: str
    title: str
    inputs: dict[str, Value]
    expected: dict[str, Value]
    tolerance: dict[str, float]
    returned: dict[str, Value] = {}
    message: dict[str, str] = {}


class ExerciseGrade(msgspec.Struct, frozen=True, kw_only=True):
    """Points for one exercise, from its verdicts.

    `place` is where to look first: the line that raised in a visible case, else where the function begins.
    `lines` are the texts of the student's own lines that `trace` names.
    `smallest` is there where a hidden case failed on values and a rung of the ladder fails too.
    """

    id: str
    score: float
    max_score: float
    outcome: OutcomeKind
    message: str | None = None
    verdicts: list[Verdict] = []
    evidence: list[Evidence] = []
    printed: str = ""
    trace: list[str] = []
    lines: list[str] = []
    agreement: Agreement | None = None
    place: Place | None = None
    smallest: Smallest | None = None


class Status(StrEnum):
    """Whether a submission was graded, could not be read, or failed through a fault of ours."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    UNGRADED = "ungraded"


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """One submission's points, per exercise and in all. UNGRADED is never 0 marks: it is no mark.

    `origin` and `members` are the submission's: whose it is besides the id, and who shares it.
    `structure` are hashes of the student's functions less the stub's, for a class's report.
    """

    id: str
    files: list[str]
    sha256: str
    status: Status
    score: float | None
    max_score: float
    message: str | None = None
    remarks: list[str] = []
    exercises: list[ExerciseGrade] = []
    origin: Origin = Origin()
    members: list[str] = []
    structure: bytes = b""


class Times(msgspec.Struct, frozen=True):
    """How long a submission took, in seconds: in all, and case by case in their order, by exercise.

    It goes beside the Grade and never into it: two runs over the same class give the same grades.
    """

    total: float = 0.0
    cases: dict[str, list[float]] = {}


NO_TIMES = Times()
"""Of what was not run this time."""
