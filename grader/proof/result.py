"""What a proof says, as data."""

from __future__ import annotations

import msgspec

from grader.model import PROOF_SCHEMA, Effect


class Problem(msgspec.Struct, frozen=True):
    """What does not hold: where to look, as `file:line`, and a sentence that says what to do."""

    where: str
    what: str


class MutantResult(msgspec.Struct, frozen=True):
    """One mutant and what became of it.

    `exercises` are those that call what was edited, the first one its own. `killed_by` names the
    cases that told it from the reference, as exercise/case; `by_remark` says that it cost a remark
    only. `equivalent` is the author's reason why none could; `named` tells by exercise/output the
    mistake or relation that it was told.
    """

    id: str
    kind: str
    unit: str
    line: int
    before: str
    after: str
    exercises: list[str]
    killed_by: list[str]
    by_remark: bool = False
    equivalent: str = ""
    named: dict[str, str] = {}

    @property
    def survives(self) -> bool:
        """Whether no case killed it and nobody gave a reason for that."""
        return not self.killed_by and not self.equivalent


class MistakeResult(msgspec.Struct, frozen=True):
    """A known mistake. `margin` is how far its worst case lies off, in tolerances; null where it returns
    another shape or nothing at all. `forms` counts it with other constants and in every variant."""

    id: str
    exercise: str
    effect: Effect
    forms: int
    margin: float


class RightResult(msgspec.Struct, frozen=True):
    """A right answer. `margin` is the part of the tolerance at which its worst case lies."""

    title: str
    exercise: str
    margin: float


class Naming(msgspec.Struct, frozen=True):
    """How well mistakes are named. A twin is a known mistake in another hand; a pair has two of them in two outputs.

    `others` are mutants and made-up wrong answers that are no known mistake, `related` those of them
    that were told a relation or a mistake that is true of them on inputs drawn anew, and `falsely`
    those for which it is not.
    """

    twins: int = 0
    twins_named: int = 0
    pairs: int = 0
    pairs_named: int = 0
    others: int = 0
    related: int = 0
    falsely: int = 0


class ExerciseProof(msgspec.Struct, frozen=True):
    """One exercise. `oracle` is the part of what is allowed at which the oracle lies, in its worst case;
    `degenerate` holds symmetries that no case breaks, with the author's reasons. `tolerances` counts how
    they came: derived from rounding, computed by the case from its inputs, or fixed. `laddered` is how
    many of the mistakes that a hidden case finds a rung of the ladder shows, and `hidden` how many they are."""

    id: str
    cases: list[str]
    oracle: float
    mistakes: list[MistakeResult]
    right: list[RightResult]
    degenerate: dict[str, str] = {}
    tolerances: dict[str, int] = {}
    laddered: int = 0
    hidden: int = 0


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an assignment's suite tells right from wrong.

    `generated` is on how many inputs each equivalent mutant agreed with the reference; `proof` is the
    mark that a key carries, empty where something does not hold or only some exercises were looked at.
    """

    schema: str = PROOF_SCHEMA
    assignment: str
    title: str
    grader: str
    generated: int
    exercises: list[ExerciseProof]
    mutants: list[MutantResult]
    naming: Naming
    problems: list[Problem]
    proof: str = ""

    @property
    def holds(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.problems
