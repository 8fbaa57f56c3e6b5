"""Many texts of one file, run in the sandbox: mutants, known mistakes, right answers written another way.

A worker takes a whole batch of them, each as a file of its own beside the reference: they are the
author's, and nothing in them has to be kept from the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from grader.authoring.course import Authored
from grader.model import AnswerKey, KeyCase, KeyExercise, Limits, Outcome, OutcomeKind
from grader.sandbox.launch import Launcher
from grader.sandbox.runner import Runner, Task

BATCH = 40
HOURS = 3600
LIMITS = Limits(wall=2.0, load_wall=30.0, total_wall=HOURS, cpu=HOURS)
PATIENT = Limits(wall=20.0, load_wall=30.0, total_wall=HOURS, cpu=HOURS)
"""For what timed out: a busy machine must not kill a mutant."""
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
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        found = _batch(authored, exercises, batch, launcher, LIMITS)
        for text, outcomes in zip(batch, found, strict=True):
            if any(o.kind is OutcomeKind.TIMED_OUT for of_one in outcomes.values() for o in of_one):
                yield _batch(authored, exercises, [text], launcher, PATIENT)[0]
            else:
                yield outcomes


def _batch(
    authored: Authored, exercises: Mapping[str, KeyExercise], texts: Sequence[Text], launcher: Launcher, limits: Limits
) -> list[Outcomes]:
    """Every text's first case; then the others, of those that did not end badly."""
    main = authored.assignment.file
    files = {name: source.encode() for name, source in authored.used.items()} | {main: authored.source.encode()}
    files |= {_file(number): text.source.encode() for number, text in enumerate(texts)}
    pairs = [[(exercises[e], c) for e in text.exercises for c in exercises[e].cases] for text in texts]
    runner = Runner(launcher, files, main, limits)
    first = runner.run([_task(number, *own[0]) for number, own in enumerate(pairs)])
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


def without_requirements(key: AnswerKey) -> AnswerKey:
    """The key with its own exercises alone: the references of earlier assignments are right."""
    return msgspec.structs.replace(key, required=[])
