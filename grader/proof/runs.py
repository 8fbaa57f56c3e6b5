"""Many texts of one file, run in the sandbox: mutants, known mistakes, right answers written another way.

A worker takes a whole batch of them, each as a file of its own beside the reference: they are the
author's, and nothing in them has to be kept from the next one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from grader.authoring.course import Authored
from grader.model import AnswerKey, KeyCase, KeyExercise, Limits, Outcome, OutcomeKind
from grader.sandbox.launch import Launcher
from grader.sandbox.runner import Runner
from grader.sandbox.tasks import Task

BATCH = 40
HOURS = 3600
PATIENT = 10
"""Times as long a text may take that timed out: a busy machine must not kill a mutant."""
ENDED = (OutcomeKind.TIMED_OUT, OutcomeKind.CRASHED, OutcomeKind.OUT_OF_MEMORY, OutcomeKind.OUTPUT_LIMIT)
"""After one of these a text is not run again: the other cases would end like the first."""

Outcomes = dict[str, list[Outcome]]
"""Exercise id → one outcome per case."""


@dataclass(frozen=True)
class Text:
    """One file's text, and the exercises on which it is to be run."""

    source: str
    exercises: Sequence[str]


def outcomes_of(authored: Authored, key: AnswerKey, texts: Sequence[Text], launcher: Launcher) -> Iterator[Outcomes]:
    """What comes back from every text, in their order.

    Parameters
    ----------
    key : of one variant; what it requires of earlier assignments is not run.

    Raises
    ------
    SandboxError : the sandbox itself failed.
    """
    exercises = {e.id: e for e in key.exercises}
    wall = key.limits.wall
    quick = Limits(wall=wall, load_wall=30.0, total_wall=HOURS, cpu=HOURS)
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        for text, outcomes in zip(batch, _batch(authored, exercises, batch, launcher, quick), strict=True):
            late = [(exercises[e], n) for e, of_one in outcomes.items() for n, o in enumerate(of_one) if _late(o)]
            if late and not _loops(authored, late[0], text, launcher, wall):
                slow = Limits(wall=PATIENT * wall, load_wall=30.0, total_wall=HOURS, cpu=HOURS)
                outcomes = _batch(authored, exercises, [text], launcher, slow)[0]
            yield outcomes


def _late(outcome: Outcome) -> bool:
    return outcome.kind is OutcomeKind.TIMED_OUT


def _loops(authored: Authored, late: tuple[KeyExercise, int], text: Text, launcher: Launcher, wall: float) -> bool:
    """Whether a case alone uses up the processor's time, and not only the clock's."""
    exercise, number = late
    alone = msgspec.structs.replace(exercise, cases=[exercise.cases[number]])
    limits = Limits(wall=PATIENT * wall, load_wall=30.0, total_wall=HOURS, cpu=math.ceil(wall))
    only = Text(text.source, [exercise.id])
    return _late(_batch(authored, {exercise.id: alone}, [only], launcher, limits)[0][exercise.id][0])


def _batch(
    authored: Authored, exercises: Mapping[str, KeyExercise], texts: Sequence[Text], launcher: Launcher, limits: Limits
) -> list[Outcomes]:
    """Every text's first case; then the others, of those that did not end badly."""
    main = authored.assignment.file
    files = {name: source.encode() for name, source in authored.used.items()} | {main: authored.source.encode()}
    files |= {_file(number): text.source.encode() for number, text in enumerate(texts)}
    pairs = [[(exercises[e], c) for e in text.exercises for c in exercises[e].cases] for text in texts]
    runner = Runner(launcher, files, main, limits)
    first = runner.run([_task(number, *own[0]) for number, own in enumerate(pairs)], more=True)
    going_on = [number for number, outcome in enumerate(first) if outcome.kind not in ENDED]
    rest = iter(runner.run([_task(number, *pair) for number in going_on for pair in pairs[number][1:]]))
    found: list[Outcomes] = []
    for number, own in enumerate(pairs):
        outcomes = [first[number]]
        outcomes += [next(rest) for _ in own[1:]] if number in going_on else [first[number]] * (len(own) - 1)
        by_exercise: Outcomes = {}
        for (exercise, _case), outcome in zip(own, outcomes, strict=True):
            by_exercise.setdefault(exercise.id, []).append(outcome)
        found.append(by_exercise)
    return found


def _file(number: int) -> str:
    return f"answer_{number}.py"


def _task(number: int, exercise: KeyExercise, case: KeyCase) -> Task:
    return Task(f"{exercise.id}/{case.id}", False, case.plan, case.inputs, _file(number))
