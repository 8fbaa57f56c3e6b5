"""A key's cases as tasks for a worker: made once, the same for every submission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from grader.judging.smallest import case_of
from grader.model import AnswerKey, KeyCase, KeyExercise
from grader.sandbox.tasks import SlopeTask, Task


class Schedule(NamedTuple):
    """One variant of a key, and its cases as tasks: every visible one before any hidden one.

    `rungs` are those of each exercise's ladder, by the exercise's id.
    """

    key: AnswerKey
    cases: list[tuple[KeyExercise, KeyCase]]
    tasks: list[Task]
    rungs: dict[str, list[Task]]


def schedule_of(key: AnswerKey, variant: int) -> Schedule:
    """The schedule of one variant; of variant 0 where students have no numbers of their own."""
    key = for_variant(key, variant)
    cases = sorted(
        ((e, c) for e in (*key.required, *key.exercises) for c in e.cases), key=lambda pair: not pair[1].visible
    )
    rungs = {e.id: [task_of(e, case_of(e, rung), key.file) for rung in e.ladder] for e in key.exercises}
    return Schedule(key, cases, [task_of(e, c, key.file) for e, c in cases], rungs)


def task_of(exercise: KeyExercise, case: KeyCase, main: str) -> Task:
    """A case as a task, for a student whose functions are in `main` unless the exercise is of another file."""
    return Task(f"{exercise.id}/{case.id}", case.visible, case.plan, case.inputs, _other(exercise, main))


def slope_tasks(exercise: KeyExercise, main: str) -> list[SlopeTask]:
    """The tasks of differentiating the student's forward function at the inputs of the visible cases."""
    assert exercise.derivative is not None
    other = _other(exercise, main)
    return [
        SlopeTask(f"{exercise.id}/{c.id}", exercise.derivative, c.inputs, other) for c in exercise.cases if c.visible
    ]


def _other(exercise: KeyExercise, main: str) -> str:
    """The file that an exercise's function is in, where it is not the main one."""
    return "" if exercise.file in ("", main) else exercise.file


def for_variant(key: AnswerKey, variant: int) -> AnswerKey:
    """The key with one variant's cases alone."""
    if not key.variants:
        return key
    exercises = [
        msgspec.structs.replace(e, cases=[c for c in e.cases if c.variant in (None, variant)]) for e in key.exercises
    ]
    return msgspec.structs.replace(key, exercises=exercises)


def only(key: AnswerKey, exercises: Sequence[str]) -> AnswerKey:
    """The key with these exercises alone."""
    chosen = [e for e in key.exercises if e.id in exercises]
    needed = {name for e in chosen for name in e.requires}
    return msgspec.structs.replace(key, exercises=chosen, required=[e for e in key.required if e.id in needed])
