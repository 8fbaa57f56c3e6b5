"""Submission → Outcomes → Verdicts → Grade, one submission after the other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from grader.errors import SandboxError
from grader.judging.agree import agreement
from grader.judging.judge import MAX_ENTRIES, judge_exercise, judge_submission, without_grade
from grader.judging.places import name_lines, own_lines, place_of
from grader.judging.precedents import Precedents
from grader.judging.smallest import smallest, wants_ladder, within_budget
from grader.keyfile import key_hash
from grader.model import (
    AnswerKey,
    ExerciseGrade,
    Grade,
    KeyCase,
    KeyExercise,
    Limits,
    Memory,
    Notebook,
    Outcome,
    OutcomeKind,
    Shape,
    Status,
    Submission,
    Times,
)
from grader.plan import given
from grader.recall import Recall, Recalling, begin
from grader.sandbox.launch import Launcher
from grader.sandbox.runner import Runner
from grader.sandbox.tasks import Ran, Task
from grader.schedule import Schedule, schedule_of, slope_tasks
from grader.structure import without
from grader.texts import say, speaking

TRIES = 2
DIGITS = 5
"""Of a time in seconds."""
SAMPLE = 20
"""One submission in so many is run a second time, in another order."""
WHOLE = 1 << 16
"""Entries of an array that is shown to the student who runs it."""

LADDER_WALL = 0.5
"""Seconds that all rungs of a submission may take together."""

T = TypeVar("T")
Outcomes = Mapping[tuple[str, str], Outcome]


class Grading:
    """Grades submissions with one key; what is the same for all of them is made once.

    Parameters
    ----------
    again : run again, in another order, a sample of the submissions and all that could keep
        something between calls; `check` does without.
    at_home : the student is the one who asks, with visible cases alone: what came back is shown whole,
        and each derivative is held against the student's own forward function.
    structured : keep the structure of each student's functions, for the class's report.
    """

    def __init__(
        self,
        key: AnswerKey,
        launcher: Launcher,
        *,
        again: bool = True,
        at_home: bool = False,
        structured: bool = False,
    ) -> None:
        self.key = key
        self._launcher = launcher
        self._at_home = at_home
        self._secret = (key.sampling or key_hash(key)).encode() if again else b""
        self._structured = structured
        self._schedules: dict[int, Schedule] = {}
        self._precedents = Precedents(WHOLE if at_home else MAX_ENTRIES)
        self._memory: Memory | None = None

    def grade(self, submission: Submission) -> Grade:
        """Grade one submission; never raises for what a student's code does.

        A sandbox that fails twice, or an error of the grader's own, leaves the submission UNGRADED.
        """
        return self.timed(submission)[0]

    def timed(self, submission: Submission) -> tuple[Grade, Times]:
        """As `grade`, with how long it took."""
        return self.recalled(submission, None)[:2]

    def recalled(self, submission: Submission, memory: Memory | None) -> tuple[Grade, Times, Memory | None]:
        """As `timed`, running only what `memory` does not hold, and with what is to be remembered."""
        started = time.perf_counter()
        cases: dict[str, list[float]] = {}
        self._memory = memory
        grade = self._graded(submission, cases)
        learnt = self._memory if grade.status is Status.GRADED else None
        return grade, Times(round(time.perf_counter() - started, DIGITS), cases), learnt

    def _graded(self, submission: Submission, seconds: dict[str, list[float]]) -> Grade:
        with speaking(self.key.language):
            return self._said(submission, seconds)

    def _said(self, submission: Submission, seconds: dict[str, list[float]]) -> Grade:
        key = self.key
        if submission.problem is not None or submission.main is None:
            return without_grade(key, submission, Status.UNREADABLE, submission.problem or say("no_file"))
        for attempt in range(TRIES):
            try:
                return self._grade(submission, submission.main, seconds)
            except SandboxError as error:
                if attempt == TRIES - 1:
                    return without_grade(key, submission, Status.UNGRADED, say("our_fault", what=error))
            except Exception as error:  # a fault of ours in one submission must not stop the others
                import traceback  # slow to import, and not needed where all goes well

                where = traceback.extract_tb(error.__traceback__)[-1]
                told = f"{type(error).__name__} in {where.name}, line {where.lineno}: {error}"
                return without_grade(key, submission, Status.UNGRADED, say("our_fault", what=told))
        raise AssertionError("unreachable")

    def _grade(self, submission: Submission, main: str, seconds: dict[str, list[float]]) -> Grade:
        variant = submission.variant if self.key.variants else 0
        if variant not in self._schedules:
            self._schedules[variant] = schedule_of(self.key, variant)
        key, cases, tasks, rungs = self._schedules[variant]
        recall = begin(self._memory, drawn=self._sampled(submission)) if self._secret else None
        runner = self._runner(submission, main, key.limits, recall)
        ran = runner.ran(tasks)
        if runner.loaded is not None and runner.loaded.unreadable is not None:
            return without_grade(key, submission, Status.UNREADABLE, runner.loaded.unreadable)
        outcomes = {(e.id, c.id): r.outcome for (e, c), r in zip(cases, ran, strict=True)}
        replies = {(e.id, c.id): r.reply for (e, c), r in zip(cases, ran, strict=True)}
        again: Outcomes = {}
        checked = bool(self._secret) and (runner.keeps_state or self._sampled(submission))
        if checked and (recall is None or recall.memory is None):
            again = self._in_another_order(submission, main, key, cases, tasks, ran)
        answers = _answers(key, outcomes)
        notebook = submission.notebooks.get(main)
        failing = {
            e.id: e.file
            for e in key.required
            if judge_exercise(e, _of(e, outcomes), e.file).score < sum(e.points.values())
        }
        exercises = [
            self._precedents.judge(
                *(e, _of(e, outcomes), _of(e, replies), main, answers),
                *([again.get((e.id, c.id)) for c in e.cases], notebook),
            )
            for e in key.exercises
        ]
        if self._at_home:
            exercises = self._with_agreement(key, exercises, outcomes, submission, main)
        exercises = _with_stand_ins(key, exercises, outcomes, runner, main, notebook)
        exercises = [_blocked(e, g, failing, main) for e, g in zip(key.exercises, exercises, strict=True)]
        seconds |= _by_exercise(key, cases, runner.seconds)
        exercises = _placed(
            key, exercises, outcomes, submission.files[main], main, notebook, len(submission.files) == 1
        )
        if key.hidden:
            exercises = self._with_smallest(key, exercises, rungs, submission, main, recall)
        if recall is not None:
            self._memory = None if any(again) else recall.learnt(runner, twice=checked)
        grade = judge_submission(key, submission, runner.loaded, exercises)
        return msgspec.structs.replace(grade, structure=without(runner.structure, key.stub))

    def _runner(self, submission: Submission, main: str, limits: Limits, recall: Recall | None) -> Recalling:
        runner = Runner(self._launcher, submission.files, main, limits, self._structured)
        return Recalling(runner, limits, self.key.language, recall)

    def _with_agreement(
        self, key: AnswerKey, grades: Sequence[ExerciseGrade], outcomes: Outcomes, submission: Submission, main: str
    ) -> list[ExerciseGrade]:
        """Where a backward function is wrong, whether it is the derivative of the student's own forward function."""
        tasks = {e.id: slope_tasks(e, main) for e, g in zip(key.exercises, grades, strict=True) if _in_doubt(e, g)}
        if not tasks:
            return list(grades)
        found = iter(
            self._runner(submission, main, key.limits, None).run([t for of_one in tasks.values() for t in of_one])
        )
        agreements = {
            e.id: agreement(e, [outcomes[e.id, c.id] for c in e.cases if c.visible], [next(found) for _ in tasks[e.id]])
            for e in key.exercises
            if e.id in tasks
        }
        return [msgspec.structs.replace(g, agreement=agreements[g.id]) if g.id in agreements else g for g in grades]

    def _with_smallest(
        self,
        key: AnswerKey,
        grades: Sequence[ExerciseGrade],
        rungs: Mapping[str, Sequence[Task]],
        submission: Submission,
        main: str,
        recall: Recall | None,
    ) -> list[ExerciseGrade]:
        """Where hidden values are wrong, the smallest public input on which they are, too.

        The rungs run in a worker that has seen no hidden input, for what it returns is shown.
        """
        failing = [e for e, g in zip(key.exercises, grades, strict=True) if wants_ladder(e, g)]
        if not failing:
            return list(grades)
        tasks = [task for e in failing for task in rungs[e.id]]
        outcomes = iter(self._runner(submission, main, brief(key.limits), recall).run(tasks))
        found = within_budget([smallest(e, [next(outcomes) for _ in e.ladder]) for e in failing])
        by_exercise = {e.id: one for e, one in zip(failing, found, strict=True)}
        return [msgspec.structs.replace(g, smallest=by_exercise.get(g.id)) for g in grades]

    def _sampled(self, submission: Submission) -> bool:
        """One in SAMPLE, by the key's secret: the same in every run, and nobody can tell ahead who it is."""
        return self._draw(submission) % SAMPLE == 0

    def _draw(self, submission: Submission) -> int:
        import hashlib  # not needed, and slow to import, where a student checks

        return int.from_bytes(hashlib.sha256(self._secret + submission.sha256.encode()).digest()[:8])

    def _in_another_order(
        self,
        submission: Submission,
        main: str,
        key: AnswerKey,
        cases: Sequence[tuple[KeyExercise, KeyCase]],
        tasks: Sequence[Task],
        first: Sequence[Ran],
    ) -> Outcomes:
        """(exercise, case) → the outcome of a second run, where its reply is not that of the first, byte by byte.

        What took too long has nothing to lose in it, and would take the time of the others.
        """
        import random

        order = [i for i, ran in enumerate(first) if ran.outcome.kind is not OutcomeKind.TIMED_OUT]
        random.Random(self._draw(submission)).shuffle(order)
        _begin_with_others(order, [e.id for e, _ in cases])
        unseen = [tasks[i].unseen() for i in order]
        second = Runner(self._launcher, submission.files, main, key.limits).ran(unseen)
        differing = ((i, ran) for i, ran in zip(order, second, strict=True) if ran.reply != first[i].reply)
        return {(cases[i][0].id, cases[i][1].id): ran.outcome for i, ran in differing}


def grade_submission(
    key: AnswerKey, submission: Submission, launcher: Launcher, *, again: bool = True, at_home: bool = False
) -> Grade:
    """Grade one submission alone, as Grading.grade."""
    return Grading(key, launcher, again=again, at_home=at_home).grade(submission)


def _in_doubt(exercise: KeyExercise, grade: ExerciseGrade) -> bool:
    """Whether an exercise's function is a derivative, was worked on, and is wrong."""
    attempted = grade.outcome is not OutcomeKind.NOT_ATTEMPTED
    return exercise.derivative is not None and attempted and grade.score < grade.max_score


def _by_exercise(
    key: AnswerKey, cases: Sequence[tuple[KeyExercise, KeyCase]], seconds: Sequence[float]
) -> dict[str, list[float]]:
    """Times of tasks in the order in which they were run → by exercise, in the order of its cases."""
    took = {(e.id, c.id): round(s, DIGITS) for (e, c), s in zip(cases, seconds, strict=False)}
    return {e.id: [took[e.id, c.id] for c in e.cases] for e in key.exercises}


def _placed(
    key: AnswerKey,
    grades: Sequence[ExerciseGrade],
    outcomes: Outcomes,
    source: bytes,
    main: str,
    notebook: Notebook | None,
    alone: bool,
) -> list[ExerciseGrade]:
    """Each grade with where in the student's file to look, and what stands there."""
    lines = name_lines(source)
    return [
        msgspec.structs.replace(
            g,
            place=place_of(e, _of(e, outcomes), lines, main, notebook),
            lines=own_lines(e, _of(e, outcomes), source, lines, alone) if g.trace else [],
        )
        for e, g in zip(key.exercises, grades, strict=True)
    ]


def _begin_with_others(order: list[int], exercises: Sequence[str]) -> None:
    """Change an order so that no exercise of several cases begins with the one that it began with before.

    What keeps its first inputs would otherwise be found out by chance alone.
    """
    for exercise in dict.fromkeys(exercises):
        places = [place for place, i in enumerate(order) if exercises[i] == exercise]
        if places and order[places[0]] == exercises.index(exercise):
            first, last = places[0], places[-1]
            order[first], order[last] = order[last], order[first]


def brief(limits: Limits) -> Limits:
    """What the rungs of a ladder may take: they are small, and nobody's marks depend on them."""
    return msgspec.structs.replace(limits, wall=min(LADDER_WALL, limits.wall), total_wall=LADDER_WALL)


def _of(exercise: KeyExercise, outcomes: Mapping[tuple[str, str], T]) -> list[T]:
    return [outcomes[exercise.id, c.id] for c in exercise.cases]


def _with_stand_ins(
    key: AnswerKey,
    grades: Sequence[ExerciseGrade],
    outcomes: Outcomes,
    runner: Recalling,
    main: str,
    notebook: Notebook | None,
) -> list[ExerciseGrade]:
    """Where the student's forward function fails, its backward is tried on the visible cases without it.

    It is handed the stand-ins as the cache, in a fresh worker that has seen no hidden input; if one
    of them makes every visible case right, those cases count as right.
    """
    failing = {g.id for g in grades if g.score < g.max_score}
    judged = []
    for exercise, grade in zip(key.exercises, grades, strict=True):
        if exercise.forward in failing and exercise.id in failing and grade.outcome is not OutcomeKind.NOT_ATTEMPTED:
            grade = _tried(exercise, outcomes, runner, main, notebook) or grade
        judged.append(grade)
    return judged


def _tried(
    exercise: KeyExercise, outcomes: Outcomes, runner: Recalling, main: str, notebook: Notebook | None
) -> ExerciseGrade | None:
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
            whole = [tried.get(c.id, outcomes[exercise.id, c.id]) for c in exercise.cases]
            return judge_exercise(exercise, whole, main, notebook=notebook)
    return None


def _blocked(exercise: KeyExercise, grade: ExerciseGrade, failing: Mapping[str, str], main: str) -> ExerciseGrade:
    """An exercise that fails because an earlier one does is told so, and not failed a second time."""
    names = [name for name in exercise.requires if name in failing]
    if not names or grade.score == grade.max_score or grade.outcome is OutcomeKind.NOT_ATTEMPTED:
        return grade
    detail = say("blocked", name=names[0], file=failing[names[0]])
    return judge_exercise(exercise, [Outcome(OutcomeKind.BLOCKED, detail=detail)] * len(exercise.cases), main)


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
