"""Submission → Outcomes → Verdicts → Grade, for one submission and for a class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.errors import SandboxError
from grader.judging.judge import judge_exercise, judge_submission, without_grade
from grader.model import (
    AnswerKey,
    ExerciseGrade,
    Grade,
    KeyCase,
    KeyExercise,
    Outcome,
    OutcomeKind,
    Shape,
    Status,
    Submission,
)
from grader.plan import given
from grader.sandbox.launch import Launcher
from grader.sandbox.runner import Runner, Task

TRIES = 2

Outcomes = Mapping[tuple[str, str], Outcome]


def grade_submission(key: AnswerKey, submission: Submission, launcher: Launcher) -> Grade:
    """Grade one submission; never raises for what a student's code does.

    A sandbox that fails twice, or an error of the grader's own, leaves the submission UNGRADED.
    """
    if submission.problem is not None or submission.main is None:
        return without_grade(key, submission, Status.UNREADABLE, submission.problem or "no file to grade")
    for attempt in range(TRIES):
        try:
            return _grade(key, submission, submission.main, launcher)
        except SandboxError as error:
            if attempt == TRIES - 1:
                return without_grade(key, submission, Status.UNGRADED, f"our fault, not the student's: {error}")
        except Exception as error:  # a fault of ours in one submission must not stop the others
            import traceback  # slow to import, and not needed where all goes well

            where = traceback.extract_tb(error.__traceback__)[-1]
            told = f"{type(error).__name__} in {where.name}, line {where.lineno}: {error}"
            return without_grade(key, submission, Status.UNGRADED, f"our fault, not the student's: {told}")
    raise AssertionError("unreachable")


def grade_class(key: AnswerKey, submissions: Iterable[Submission], launcher: Launcher) -> Iterator[Grade]:
    """The grades of many submissions, in their order, as they are done."""
    for submission in submissions:
        yield grade_submission(key, submission, launcher)


def _grade(key: AnswerKey, submission: Submission, main: str, launcher: Launcher) -> Grade:
    key = for_variant(key, submission.variant)
    runner = Runner(launcher, submission.files, main, key.limits)
    outcomes = run_tasks(key, runner)
    if runner.loaded is not None and runner.loaded.unreadable is not None:
        return without_grade(key, submission, Status.UNREADABLE, runner.loaded.unreadable)
    answers = _answers(key, outcomes)
    failing = {
        e.id: e.file
        for e in key.required
        if judge_exercise(e, [outcomes[e.id, c.id] for c in e.cases], e.file).score < sum(e.points.values())
    }
    exercises = [judge_exercise(e, [outcomes[e.id, c.id] for c in e.cases], main, answers) for e in key.exercises]
    exercises = _with_stand_ins(key, exercises, outcomes, runner, main)
    exercises = [_blocked(e, g, failing, main) for e, g in zip(key.exercises, exercises, strict=True)]
    return judge_submission(key, submission, runner.loaded, exercises)


def run_tasks(key: AnswerKey, runner: Runner) -> dict[tuple[str, str], Outcome]:
    """(exercise, case) → outcome; every visible case runs before any hidden one."""
    ordered = sorted(
        ((e, c) for e in (*key.required, *key.exercises) for c in e.cases), key=lambda pair: not pair[1].visible
    )
    tasks = [_task(exercise, case, key.file) for exercise, case in ordered]
    outcomes = runner.run(tasks)
    return {(e.id, c.id): outcome for (e, c), outcome in zip(ordered, outcomes, strict=True)}


def _with_stand_ins(
    key: AnswerKey, grades: Sequence[ExerciseGrade], outcomes: Outcomes, runner: Runner, main: str
) -> list[ExerciseGrade]:
    """Where the student's forward function fails, its backward is tried on the visible cases without it.

    It is handed the stand-ins as the cache, in a fresh worker that has seen no hidden input; if one
    of them makes every visible case right, those cases count as right.
    """
    failing = {g.id for g in grades if g.score < g.max_score}
    judged = []
    for exercise, grade in zip(key.exercises, grades, strict=True):
        if exercise.forward in failing and exercise.id in failing and grade.outcome is not OutcomeKind.NOT_ATTEMPTED:
            grade = _tried(exercise, outcomes, runner, main) or grade
        judged.append(grade)
    return judged


def _tried(exercise: KeyExercise, outcomes: Outcomes, runner: Runner, main: str) -> ExerciseGrade | None:
    visible = [c for c in exercise.cases if c.visible]
    groups = {name: weight for name, weight in exercise.groups.items() if name in {c.group for c in visible}}
    alone = msgspec.structs.replace(exercise, cases=visible, groups=groups)
    for number in range(min((len(c.stand_ins) for c in visible), default=0)):
        tasks = [
            Task(
                f"{exercise.id}/{c.id}",
                True,
                given(c.plan, "forward", "cache"),
                c.inputs | {"cache": c.stand_ins[number]},
            )
            for c in visible
        ]
        tried = dict(zip((c.id for c in visible), runner.run(tasks), strict=True))
        if judge_exercise(alone, list(tried.values()), main).score == sum(exercise.points.values()):
            return judge_exercise(
                exercise, [tried.get(c.id, outcomes[exercise.id, c.id]) for c in exercise.cases], main
            )
    return None


def _task(exercise: KeyExercise, case: KeyCase, main: str) -> Task:
    other = "" if exercise.file in ("", main) else exercise.file
    return Task(f"{exercise.id}/{case.id}", case.visible, case.plan, case.inputs, other)


def _blocked(exercise: KeyExercise, grade: ExerciseGrade, failing: Mapping[str, str], main: str) -> ExerciseGrade:
    """An exercise that fails because an earlier one does is told so, and not failed a second time."""
    names = [name for name in exercise.requires if name in failing]
    if not names or grade.score == grade.max_score or grade.outcome is OutcomeKind.NOT_ATTEMPTED:
        return grade
    detail = f"blocked by {names[0]} in {failing[names[0]]}, which does not pass its own exercise yet: mend that first"
    return judge_exercise(exercise, [Outcome(OutcomeKind.BLOCKED, detail=detail)] * len(exercise.cases), main)


def for_variant(key: AnswerKey, variant: int) -> AnswerKey:
    """The key with one variant's cases alone."""
    if not key.variants:
        return key
    exercises = [
        msgspec.structs.replace(e, cases=[c for c in e.cases if c.variant in (None, variant)]) for e in key.exercises
    ]
    return msgspec.structs.replace(key, exercises=exercises)


def _answers(key: AnswerKey, outcomes: Outcomes) -> dict[str, dict[str, Any]]:
    """Case id → exercise id → what the student answered there, for follow-through."""
    answers: dict[str, dict[str, Any]] = {}
    for exercise in key.exercises:
        if exercise.returns is not Shape.ONE:
            continue
        for case in exercise.cases:
            outcome = outcomes[exercise.id, case.id]
            if outcome.kind is OutcomeKind.RETURNED:
                answers.setdefault(case.id, {})[exercise.id] = outcome.value
    return answers


def only(key: AnswerKey, exercises: Sequence[str]) -> AnswerKey:
    """The key with these exercises alone."""
    chosen = [e for e in key.exercises if e.id in exercises]
    needed = {name for e in chosen for name in e.requires}
    return msgspec.structs.replace(key, exercises=chosen, required=[e for e in key.required if e.id in needed])
