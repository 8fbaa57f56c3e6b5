"""What a proof works on: an assignment with its key, the exercises that are looked at, and a sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from grader.authoring.course import Authored, relative
from grader.authoring.exercise import Exercise
from grader.judging.judge import judge_exercise
from grader.model import AnswerKey, ExerciseGrade, KeyExercise, Outcome
from grader.proof.margins import farthest
from grader.proof.runs import Text, outcomes_of
from grader.sandbox.launch import Launcher
from grader.schedule import for_variant


@dataclass(frozen=True)
class Judged:
    """What a text got in one exercise, from what came back of its cases."""

    exercise: KeyExercise
    outcomes: Sequence[Outcome]
    grade: ExerciseGrade

    @cached_property
    def margin(self) -> float:
        """How far the worst entry lies off, in tolerances."""
        return farthest(self.exercise, self.outcomes)

    @property
    def full(self) -> bool:
        """Whether it got full marks."""
        return self.grade.score == self.grade.max_score

    @property
    def names(self) -> dict[str, str]:
        """Output → the mistake or relation that was named for it."""
        return {v.output: v.mistake for v in self.grade.verdicts if v.mistake}

    @property
    def wrong(self) -> set[str]:
        """The outputs that failed somewhere."""
        return {v.output for v in self.grade.verdicts if not v.passed}

    @property
    def remarks(self) -> list[str]:
        """What it was told beside its marks."""
        return [v.remark for v in self.grade.verdicts if v.remark]


@dataclass(frozen=True)
class Suite:
    """The exercises of an assignment that are to be proven; `key` holds all of it."""

    authored: Authored
    key: AnswerKey
    exercises: Sequence[Exercise]
    launcher: Launcher

    @cached_property
    def keyed(self) -> dict[str, KeyExercise]:
        """Every exercise of the key by its id, of variants the first one."""
        return {e.id: e for e in for_variant(self.key, 0).exercises}

    def whole(self, exercise: Exercise) -> KeyExercise:
        """An exercise of the key with the cases of every variant."""
        return next(e for e in self.key.exercises if e.id == exercise.id)

    @property
    def file(self) -> str:
        """The reference's path, as it reads from the course's folder."""
        return self.where(str(self.authored.folder / self.authored.assignment.file))

    def where(self, place: str) -> str:
        """A path, or path:line, as it reads from the course's folder."""
        return relative(place, self.authored.folder.parent.parent)

    def judged(self, texts: Sequence[Text]) -> Iterator[dict[str, Judged]]:
        """By exercise what each text gets, in their order; all that runs, runs in the sandbox."""
        without = msgspec.structs.replace(self.key, exercises=list(self.keyed.values()), required=[])
        for outcomes in outcomes_of(self.authored, without, texts, self.launcher):
            yield {name: self.judge(self.keyed[name], of_one) for name, of_one in outcomes.items()}

    def judge(self, exercise: KeyExercise, outcomes: Sequence[Outcome]) -> Judged:
        """What these outcomes get."""
        return Judged(exercise, outcomes, judge_exercise(exercise, outcomes, self.authored.assignment.file))
