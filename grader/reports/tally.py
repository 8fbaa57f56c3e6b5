"""What a class did, counted as its grades come by: marks, exercises, mistakes and outcomes; memory stays the same."""

from __future__ import annotations

import math
from collections import Counter

import msgspec

from grader.model import AnswerKey, ExerciseGrade, Finding, Grade, OutcomeKind, Status
from grader.reports.entry import Entry
from grader.reports.feedback import state_of

BINS = 10
MAX_MISTAKES = 30
STATES = ("solved", "partly", "wrong", "open")
FOUND = {
    Finding.MISSING: "returns nothing for an output",
    Finding.COUNT: "returns another number of values",
    Finding.TYPE: "returns no array of numbers",
    Finding.SHAPE: "returns another shape",
    Finding.NOT_FINITE: "returns nan or inf",
    Finding.VALUES: "returns wrong values, and no known mistake explains them",
    Finding.RAISED: "raises an exception",
    Finding.TIMED_OUT: "does not end in time",
    Finding.OUT_OF_MEMORY: "needs too much memory",
    Finding.OUTPUT_LIMIT: "prints without end",
    Finding.CRASHED: "ends the program",
    Finding.MALFORMED: "gives an answer that cannot be read",
    Finding.CHANGED_INPUTS: "changes its inputs",
    Finding.UNSTEADY: "gives another answer in another order of the cases",
    Finding.BLOCKED: "is blocked by an exercise of an earlier assignment",
    Finding.INTERNAL: "could not be graded, by a fault of ours",
}


class Repeated(msgspec.Struct, frozen=True):
    """A mistake of several students. `name` is what was done, `hint` what to say, `students` how many."""

    exercise: str
    title: str
    name: str
    hint: str
    students: int
    recognised: bool


class Solved(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise over the class.

    `states` are how many students are in each of STATES; `difficulty` the mean part of the points,
    `discrimination` the correlation (Pearson) of an exercise's points with the sum of all the other
    exercises' points: the corrected item–total correlation. None where one of them does not vary.
    """

    id: str
    title: str
    max_score: float
    states: dict[str, int]
    difficulty: float | None
    discrimination: float | None


class Tally:
    """Counts a class, one entry after the other."""

    def __init__(self, key: AnswerKey) -> None:
        self._key = key
        self.students = 0
        self.handed_in = 0
        self.statuses: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.bins = [0] * BINS
        self.full = 0
        self._marks: Counter[float] = Counter()
        self._sums = {e.id: _Sums() for e in key.exercises}
        self._states = {e.id: dict.fromkeys(STATES, 0) for e in key.exercises}
        self._mistakes: Counter[tuple[str, str, str]] = Counter()
        self._hints: dict[tuple[str, str, str], str] = {}

    def add(self, entry: Entry) -> None:
        """Count one student."""
        self.students += 1
        grade = entry.grade
        if grade is None:
            self.statuses["nothing handed in"] += 1
        else:
            self.handed_in += 1
            self.statuses[grade.status.value] += 1
        if entry.mark is not None and entry.max_score > 0 and grade is not None and grade.status is not Status.UNGRADED:
            part = entry.mark / entry.max_score
            self._marks[entry.mark] += 1
            self.bins[min(BINS - 1, max(0, int(part * BINS)))] += 1
            self.full += part >= 1
        if grade is not None and grade.status is Status.GRADED:
            self._count(grade)

    def _count(self, grade: Grade) -> None:
        total = sum(e.score for e in grade.exercises)
        for exercise in grade.exercises:
            if exercise.id not in self._sums:
                continue
            self._sums[exercise.id].add(exercise.score, total - exercise.score)
            self._states[exercise.id][state_of(exercise)] += 1
            if exercise.outcome not in (OutcomeKind.RETURNED, OutcomeKind.NOT_ATTEMPTED):
                self.outcomes[exercise.outcome.value] += 1
            for kind, hint in _made(exercise).items():
                self._mistakes[kind] += 1
                self._hints.setdefault(kind, hint)

    # ------------------------------------------------------------------------------ what came out

    @property
    def mean(self) -> float | None:
        """The mean mark."""
        count = sum(self._marks.values())
        return math.fsum(m * n for m, n in self._marks.items()) / count if count else None

    @property
    def median(self) -> float | None:
        """The middle mark; the mean of the two middle ones where their number is even."""
        middle: list[float] = []
        count, passed = sum(self._marks.values()), 0
        for mark, number in sorted(self._marks.items()):
            passed += number
            while len(middle) < 2 and passed > (count - 1 + len(middle)) // 2:
                middle.append(mark)
        return sum(middle) / 2 if middle else None

    def exercises(self) -> list[Solved]:
        """Each exercise, in the key's order."""
        return [
            Solved(
                id=e.id,
                title=e.title,
                max_score=round(sum(e.points.values()), 4),
                states=self._states[e.id],
                difficulty=self._sums[e.id].mean(sum(e.points.values())),
                discrimination=self._sums[e.id].correlation(),
            )
            for e in self._key.exercises
        ]

    @property
    def kinds(self) -> int:
        """How many different mistakes were made."""
        return len(self._mistakes)

    def mistakes(self) -> list[Repeated]:
        """Mistakes by how many students made them, the most frequent first, at most MAX_MISTAKES."""
        titles = {e.id: e.title for e in self._key.exercises}
        names = {(e.id, m.id): m for e in self._key.exercises for m in e.mistakes}
        ranked = sorted(self._mistakes.items(), key=lambda item: (-item[1], item[0]))
        made = []
        for kind, students in ranked[:MAX_MISTAKES]:
            exercise, mistake, finding = kind
            known = names.get((exercise, mistake))
            name = known.name if known else FOUND.get(Finding(finding), finding) if not mistake else ""
            hint = known.hint if known else self._hints[kind]
            made.append(
                Repeated(
                    exercise,
                    titles.get(exercise, exercise),
                    name or hint,
                    hint if name else "",
                    students,
                    bool(mistake),
                )
            )
        return made


def _made(exercise: ExerciseGrade) -> dict[tuple[str, str, str], str]:
    """(exercise, mistake or nothing, finding) → hint; each once for a student, findings only without a mistake."""
    made: dict[tuple[str, str, str], str] = {}
    for verdict in exercise.verdicts:
        if verdict.passed or verdict.finding in (None, Finding.NOT_ATTEMPTED):
            continue
        if verdict.mistake:
            made.setdefault((exercise.id, verdict.mistake, ""), verdict.hint or "")
    if not made:
        first = next((v for v in exercise.verdicts if not v.passed and v.finding), None)
        if first is not None and first.finding is not Finding.NOT_ATTEMPTED:
            made[exercise.id, "", str(first.finding)] = ""
    return made


class _Sums:
    """Running sums of pairs, from which their means and their correlation come."""

    def __init__(self) -> None:
        self.count, self.x, self.y, self.xx, self.yy, self.xy = 0, 0.0, 0.0, 0.0, 0.0, 0.0

    def add(self, x: float, y: float) -> None:
        self.count += 1
        self.x, self.y = self.x + x, self.y + y
        self.xx, self.yy, self.xy = self.xx + x * x, self.yy + y * y, self.xy + x * y

    def mean(self, worth: float) -> float | None:
        return self.x / self.count / worth if self.count and worth else None

    def correlation(self) -> float | None:
        n = self.count
        across, along = n * self.xx - self.x**2, n * self.yy - self.y**2
        if n < 3 or across <= 1e-9 * max(1.0, n * self.xx) or along <= 1e-9 * max(1.0, n * self.yy):
            return None
        return max(-1.0, min(1.0, (n * self.xy - self.x * self.y) / math.sqrt(across * along)))
