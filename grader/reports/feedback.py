"""What one student is told, as data: the page, the Markdown and the JSON are three ways of writing it down.

Nothing in it comes from a hidden case but how many of them are right and the hint; every text that a
student or a worker could have written has been cleaned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from grader.model import (
    AnswerKey,
    ExerciseGrade,
    Finding,
    Grade,
    KeyExercise,
    OutcomeKind,
    Smallest,
    Status,
    Verdict,
    Within,
)
from grader.plan import Input, Items, Literal, Operand, Plan, Public, Read, Result, Table
from grader.reports.clean import clean
from grader.reports.entry import Entry
from grader.reports.grids import Grid, Pair, grid, number, pair
from grader.texts import say
from grader.values import as_numbers

MAX_PARTS = 6
MAX_SHOWN = 2
"""Visible cases that are shown in full; the first one that is wrong teaches most."""
WHOLE = {Finding.COUNT, *(Finding(kind.value) for kind in OutcomeKind if kind is not OutcomeKind.RETURNED)}
"""Findings of a case as a whole, and of no single output."""
SIGNS = {"solved": "✓", "partly": "◐", "wrong": "✗", "open": "○"}


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: in which outputs, what to think about, and how it showed.

    `steps` lead to the `hint`; `where` tells in which cases it was seen.
    """

    outputs: list[str]
    steps: list[str]
    hint: str
    message: str
    where: str


class Shown(msgspec.Struct, frozen=True):
    """One set of inputs in full, with what came back and what was expected.

    `pairs` are outputs that came back. Of those that did not, `expected` has the values, and `said` what came instead.
    """

    title: str
    call: str
    inputs: list[Grid]
    pairs: list[Pair]
    expected: list[Grid] = []
    said: str = ""


class Line(msgspec.Struct, frozen=True):
    """A line of the student's own: where it stands, and what stands there."""

    place: str
    text: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One exercise. `state` is a word of SIGNS; `cases` are (right, all) of the visible and the hidden ones."""

    id: str
    title: str
    signature: str
    source: str
    formula: str
    score: float
    max_score: float
    state: str
    message: str
    problems: list[Problem]
    shown: list[Shown]
    smallest: Shown | None
    lines: list[Line]
    printed: str
    remarks: list[str]
    visible: tuple[int, int]
    hidden: tuple[int, int]
    wrong: list[str]
    agreement: str = ""


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """All that one student is told; `marked` are sentences on how the mark came about."""

    id: str
    name: str
    assignment: str
    title: str
    status: Status
    mark: float | None
    max_score: float
    message: str
    marked: list[str]
    remarks: list[str]
    exercises: list[Told]
    own: bool

    @property
    def first(self) -> Told | None:
        """Where to begin: the first exercise with something wrong in it, else the first that is not done."""
        wrong = [e for e in self.exercises if e.state in ("partly", "wrong")]
        return next(iter([*wrong, *(e for e in self.exercises if e.state == "open")]), None)


def feedback(key: AnswerKey, grade: Grade, entry: Entry | None = None, *, own: bool = False) -> Feedback:
    """What is told of a grade.

    Parameters
    ----------
    key : the key's visible part is enough; nothing of a hidden case is looked at.
    entry : how the mark stands, where that is more than the points: late, by hand, with comments.
    own : a student's own check, of visible cases alone.
    """
    by_id = {e.id: e for e in key.exercises}
    stands = entry or Entry.of(grade)
    return Feedback(
        id=_line(grade.id),
        name=_line(stands.name),
        assignment=key.assignment,
        title=key.title,
        status=grade.status,
        mark=stands.mark,
        max_score=grade.max_score,
        message=clean(grade.message or ""),
        marked=[clean(text, 500, keep_lines=False) for text in stands.marked],
        remarks=[_line(r) for r in grade.remarks],
        exercises=[_told(by_id.get(e.id), e) for e in grade.exercises],
        own=own,
    )


def state_of(exercise: ExerciseGrade) -> str:
    """solved, partly, wrong or open."""
    if exercise.score >= exercise.max_score:
        return "solved"
    if exercise.outcome is OutcomeKind.NOT_ATTEMPTED:
        return "open"
    return "partly" if exercise.score > 0 else "wrong"


def _told(known: KeyExercise | None, exercise: ExerciseGrade) -> Told:
    state = state_of(exercise)
    open_still = state == "open"
    lines = [Line(_line(place), clean(text, 200, keep_lines=False)) for place, text in _lines(exercise)]
    return Told(
        id=exercise.id,
        title=known.title if known else exercise.id,
        signature=known.signature if known else "",
        source=known.source if known else "",
        formula=known.formula if known else "",
        score=exercise.score,
        max_score=exercise.max_score,
        state=state,
        message=clean(_message(known, exercise), 1000),
        problems=[] if open_still else list(_problems(exercise.verdicts)),
        shown=[] if open_still or known is None else list(_shown(known, exercise))[:MAX_SHOWN],
        smallest=None if known is None or exercise.smallest is None else _smallest(known, exercise.smallest),
        lines=lines,
        printed=clean(exercise.printed),
        remarks=list(dict.fromkeys(_line(v.remark) for v in exercise.verdicts if v.remark)),
        visible=_cases(exercise.verdicts, visible=True),
        hidden=_cases(exercise.verdicts, visible=False),
        wrong=[] if open_still else list(dict.fromkeys(v.output for v in exercise.verdicts if not v.passed)),
        agreement="" if exercise.agreement is None else _line(exercise.agreement.message),
    )


def _message(known: KeyExercise | None, exercise: ExerciseGrade) -> str:
    """Of a function that gave back None, as the stub does and as one without its return does, both are said."""
    message = exercise.message or ""
    if known is None or "(" not in known.signature or message != say("hidden.not_attempted"):
        return message
    return say("page.nothing_came_back")


def _line(text: str) -> str:
    return clean(text, 500, keep_lines=False)


def _lines(exercise: ExerciseGrade) -> Iterator[tuple[str, str]]:
    texts = [*exercise.lines, *[""] * len(exercise.trace)]
    return zip(exercise.trace, texts, strict=False)


def _cases(verdicts: Sequence[Verdict], *, visible: bool) -> tuple[int, int]:
    """How many cases are right, of how many."""
    right: dict[str, bool] = {}
    for verdict in verdicts:
        if verdict.visible is visible:
            right[verdict.case] = right.get(verdict.case, True) and verdict.passed
    return sum(right.values()), len(right)


# ------------------------------------------------------------------------------------ problems


def _problems(verdicts: Sequence[Verdict]) -> Iterator[Problem]:
    """What is wrong, each thing once: outputs and cases with the same hint are told together.

    Of a hidden case less is told than of a visible one: the finding stands twice, what to think of it once.
    """
    groups: dict[tuple[str, ...], list[Verdict]] = {}
    for verdict in verdicts:
        if not verdict.passed:
            groups.setdefault(_kind(verdict), []).append(verdict)
    said: list[tuple[list[str], list[str], str]] = []
    for kind in sorted(groups, key=lambda k: not k[0]):
        problem = _problem(groups[kind])
        thought = (problem.outputs, problem.steps, problem.hint)
        yield msgspec.structs.replace(problem, steps=[], hint="") if thought in said else problem
        said.append(thought)


def _kind(verdict: Verdict) -> tuple[str, ...]:
    """By hint where there is one; else by output and finding."""
    if verdict.hint or verdict.mistake:
        return (verdict.mistake or verdict.hint or "", verdict.hint or "")
    whole = verdict.message if verdict.finding is not None and not verdict.visible else ""
    return ("", verdict.output, str(verdict.finding), whole or "")


def _problem(same: Sequence[Verdict]) -> Problem:
    first = next((v for v in same if v.visible), same[0])
    hint = first.hint or ""
    steps = [s for s in first.hints if s != hint]
    outputs = list(dict.fromkeys(v.output for v in same))
    message = clean(first.message or "", 1000)
    if message and not message.startswith(first.output) and first.finding not in WHOLE:
        message = f"{first.output}: {message}"
    return Problem(outputs, [_line(s) for s in steps], clean(hint, 1000), message, _where(same))


def _where(same: Sequence[Verdict]) -> str:
    shown = list(dict.fromkeys(v.case for v in same if v.visible))
    hidden = len({v.case for v in same if not v.visible})
    told = []
    if shown:
        told.append(say("where.visible_several" if len(shown) > 1 else "where.visible", cases=", ".join(shown)))
    if hidden:
        told.append(say("where.hidden_several" if hidden > 1 else "where.hidden", count=hidden))
    return say("and").join(told)


# -------------------------------------------------------------------------------- what is shown


def _shown(known: KeyExercise, exercise: ExerciseGrade) -> Iterator[Shown]:
    """Visible cases that are wrong, in full."""
    wrong: dict[str, list[str]] = {}
    for verdict in exercise.verdicts:
        if verdict.visible and not verdict.passed:
            wrong.setdefault(verdict.case, []).append(verdict.output)
    for case in known.cases:
        if case.visible and case.id in wrong:
            pairs = [
                pair(e.output, e.returned, e.expected, e.tolerance) for e in exercise.evidence if e.case == case.id
            ]
            shown = {p.output for p in pairs}
            expected = [
                grid(name, check.value)
                for name, check in case.checks.items()
                if name in wrong[case.id] and name not in shown and isinstance(check, Within)
            ]
            yield Shown(case.title or case.id, call_text(case.plan), _inputs(case.inputs), pairs, expected)


def _smallest(known: KeyExercise, smallest: Smallest) -> Shown:
    plans = [c.plan for c in known.cases[:1]]
    said = {_line(smallest.message.get(name, "")) for name in smallest.expected if name not in smallest.returned}
    together = len(said) == 1 and said != {""}
    pairs, expected = [], []
    for name, want in smallest.expected.items():
        if name in smallest.returned:
            pairs.append(pair(name, smallest.returned[name], want, smallest.tolerance[name]))
        elif together:
            expected.append(grid(name, want))
        else:
            pairs.append(Pair(name, _in_words(smallest, name), grid(say("check.expected"), want)))
    call = call_text(plans[0]) if plans else ""
    return Shown(smallest.title, call, _inputs(smallest.inputs), pairs, expected, *(said if together else ()))


def _inputs(inputs: Mapping[str, Any]) -> list[Grid]:
    return [g for name, value in inputs.items() for g in _grids(name, value)]


def _in_words(smallest: Smallest, name: str) -> Grid:
    """An output that is no small array, by its message."""
    return Grid(say("grid.returned"), "", words=_line(smallest.message.get(name, "")) or say("grid.nothing"))


def _grids(name: str, value: Any) -> list[Grid]:
    """An input as grids: a dict's and a list's parts one by one."""
    if isinstance(value, dict):
        return [g for key, part in value.items() for g in _grids(f'{name}["{key}"]', part)]
    if isinstance(value, list) and isinstance(as_numbers(value), str) and len(value) <= MAX_PARTS:
        return [g for place, part in enumerate(value) for g in _grids(f"{name}[{place}]", part)]
    return [grid(name, value)]


def call_text(plan: Plan) -> str:
    """The plan's calls as they would be written in Python."""
    told = []
    for step in plan.steps:
        if isinstance(step, Read):
            told.append(step.target)
        else:
            args = [_operand(a) for a in step.args] + [f"{k}={_operand(v)}" for k, v in step.kwargs.items()]
            told.append(f"{step.target}({', '.join(args)})")
    return "; ".join(told)


def _operand(operand: Operand) -> str:
    match operand:
        case Input():
            return operand.name
        case Result():
            return "".join([say("call.result", step=operand.step), *(f"[{p!r}]" for p in operand.path)])
        case Literal():
            return repr(operand.value)
        case Items():
            return f"({', '.join(_operand(i) for i in operand.items)})"
        case Table():
            return "{" + ", ".join(f"{k}: {_operand(v)}" for k, v in operand.items.items()) + "}"
        case Public():
            return "f"


def points(value: float | None) -> str:
    """Points as a text: 6, 17.5, – where there are none."""
    return "–" if value is None else number(round(value, 2), 6)
