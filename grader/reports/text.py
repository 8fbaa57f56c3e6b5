"""What a terminal shows: a student's check, and a class as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from grader.model import AnswerKey, Evidence, ExerciseGrade, Finding, Grade, KeyExercise, OutcomeKind, Status, Verdict
from grader.plan import input_names
from grader.reports.clean import clean
from grader.reports.run import Run, Telling
from grader.texts import say, speaking
from grader.values import describe

NOTE = 100
ASK = "grader check --hint"
MARKS = {True: "✓", False: "✗"}


def write(run: Run) -> Iterator[str]:
    """The format `text`: a check's report, or a class as a table."""
    if run.own:
        yield from (check_report(grade, run.key, run.telling or Telling()) for grade in run.grades)
    else:
        yield from (f"{line}\n" for line in class_table(run.grades))


def check_report(grade: Grade, key: AnswerKey, telling: Telling = Telling()) -> str:  # noqa: B008 frozen
    """A student's own check: the progress line, then what is wrong with the next unfinished exercise."""
    if grade.status is not Status.GRADED:
        return f"✗ {clean(grade.message or grade.status)}\n"
    with speaking(key.language):
        return _own_report(grade, key, telling)


def _own_report(grade: Grade, key: AnswerKey, telling: Telling) -> str:
    known = {e.id: e for e in key.exercises}
    lines = [progress(grade, key)]
    lines += [f"• {clean(remark, 500, keep_lines=False)}" for remark in grade.remarks]
    if telling.every:
        lines += ["", *listing(grade, key)]
    standing = {e.id: solved(e) for e in grade.exercises}
    told = [e for e in grade.exercises if _is_told(e, telling)] or [
        e for e in [next_unfinished(grade)] if e is not None
    ]
    for exercise in told:
        lines += ["", *exercise_report(exercise, known[exercise.id], telling, standing)]
    if all(map(solved, grade.exercises)):
        lines += ["", say("check.passed")]
    return "\n".join(lines) + "\n"


def _is_told(exercise: ExerciseGrade, telling: Telling) -> bool:
    begun = not solved(exercise) and exercise.outcome is not OutcomeKind.NOT_ATTEMPTED
    return begun if telling.every else exercise.id == telling.chosen


def progress(grade: Grade, key: AnswerKey) -> str:
    """One line over all exercises: a mark for each, and how many are done."""
    done = sum(map(solved, grade.exercises))
    marks = "".join(map(mark, grade.exercises))
    return say("check.progress", assignment=key.assignment, marks=marks, done=done, count=len(grade.exercises))


def listing(grade: Grade, key: AnswerKey) -> list[str]:
    """A line for each exercise: its mark, its name and how it stands."""
    titles = {e.id: e.title for e in key.exercises}
    width = max(len(e.id) for e in grade.exercises)
    return [f"{mark(e)} {e.id:<{width}}  {titles[e.id]}{_standing(e)}" for e in grade.exercises]


def next_unfinished(grade: Grade) -> ExerciseGrade | None:
    """The first exercise that was begun and is not right; else the first that was not begun; None where all are."""
    left = [e for e in grade.exercises if not solved(e)]
    begun = [e for e in left if e.outcome not in (OutcomeKind.NOT_ATTEMPTED, OutcomeKind.BLOCKED)]
    return next(iter([*begun, *left]), None)


def exercise_report(
    exercise: ExerciseGrade, known: KeyExercise, telling: Telling, standing: Mapping[str, bool]
) -> Iterator[str]:
    """One exercise: the sentence that teaches, then the numbers, then the student's own lines.

    Parameters
    ----------
    standing : exercise → whether it is solved, as far as it was checked.
    """
    yield f"{mark(exercise)} {exercise.id}  {known.title}"
    if advice := telling.advice.get(exercise.id):
        yield from ("", *(f"  {line}" for line in advice.split("\n")))
    if exercise.outcome is OutcomeKind.NOT_ATTEMPTED:
        begun = advice and exercise.message == say("hidden.not_attempted")  # advice tells what is there
        told = clean(exercise.message or say("hidden.not_attempted"))
        yield from ("", *([] if begun else [f"  {told}{_where(exercise)}"]))
        yield from (f"  {line}" for line in _task(known))
        if telling.asked:
            yield from ("", f"  {say('check.no_hint', source=known.source)}")
        return
    yield from _teaching(exercise, known, telling.steps.get(exercise.id, 0), telling.ask)
    yield from _against_forward(exercise, standing)
    yield from _numbers(exercise, known, telling.width)
    if exercise.trace:
        failed = [v for v in exercise.verdicts if not v.passed]
        raised = next((v for v in failed if v.finding is Finding.RAISED), None)
        if raised is not None and raised.case != failed[0].case:
            yield from ("", f"  {say('check.case', case=raised.case, text=clean(raised.message or '', 500))}")
        yield from ("", f"  {say('check.own_lines')}")
        yield from (f"    {clean(line, 200, keep_lines=False)}" for line in exercise.trace)
    if exercise.printed:
        yield from ("", f"  {say('check.printed')}")
        yield from (f"    {line}" for line in clean(exercise.printed).splitlines()[:10])


def _where(exercise: ExerciseGrade) -> str:
    """Where the function begins, as far as it is there."""
    place = exercise.place
    if place is None:
        return ""
    line = say("place.cell", cell=place.cell, line=place.line) if place.cell else say("place.line", line=place.line)
    return f": {clean(place.file, 100, keep_lines=False)}, {line}"


def _task(known: KeyExercise) -> Iterator[str]:
    """What is to be written, and what the first case hands over."""
    yield known.signature
    for case in known.cases[:1]:
        for name in dict.fromkeys(input_names(case.plan)):
            yield f"  {name}: {describe(case.inputs.get(name))}"


# --------------------------------------------------------------------------------- the teaching message


def _teaching(exercise: ExerciseGrade, known: KeyExercise, steps: int, ask: str) -> Iterator[str]:
    """What was done, by its name; the steps of the hint that were asked for; the student's two functions compared."""
    names = {m.id: m.name for m in known.mistakes}
    more = False
    for outputs, verdict in _alike(exercise.verdicts):
        given = hints_of(verdict)
        if given:
            yield ""
        if verdict.mistake in names and steps < len(given):
            yield f"  {outputs}: {names[verdict.mistake]}."
        for number, hint in enumerate(given[:steps], 1):
            yield f"  {say('check.hint', outputs=outputs, number=number, count=len(given), hint=hint)}"
        more = more or steps < len(given)
    if more:
        yield f"  {say('check.more_hints' if steps else 'check.a_hint', ask=ask or ASK)}"
    remarks = {v.output: v.remark for v in exercise.verdicts if v.remark}
    yield from (f"  {output}: {remark}" for output, remark in remarks.items())


def _against_forward(exercise: ExerciseGrade, standing: Mapping[str, bool]) -> Iterator[str]:
    """How the outputs stand to the student's own forward function; a known mistake needs no more, a relation does."""
    told = exercise.agreement
    right = standing.get(told.forward) if told is not None else None
    named = all(v.passed or (v.mistake and ":" not in v.mistake) for v in exercise.verdicts)
    if told is None or (told.agrees and right) or (named and right is not False):
        return
    yield ""
    if not told.agrees:
        yield f"  {told.message}."
        if right is False and told.forward != exercise.id:
            yield f"  {say('check.forward_wrong_itself', forward=told.forward)}"
    elif told.forward == exercise.id:
        yield f"  {say('check.own_derivative')}"
    else:
        where = "check.forward_wrong" if right is False else "check.forward_first"
        yield f"  {say(where, forward=told.forward)}"


def _alike(verdicts: Sequence[Verdict]) -> list[tuple[str, Verdict]]:
    """The outputs that failed, those with the same explanation together, each with its first verdict."""
    first: dict[str, Verdict] = {}
    for verdict in verdicts:
        if not verdict.passed:
            first.setdefault(verdict.output, verdict)
    groups: dict[tuple[str | None, ...], list[Verdict]] = {}
    for verdict in first.values():
        groups.setdefault((verdict.mistake, *hints_of(verdict)), []).append(verdict)
    return [(", ".join(v.output for v in group), group[0]) for group in groups.values()]


def hints_of(verdict: Verdict) -> list[str]:
    """The steps of a verdict's hint."""
    return list(verdict.hints) or ([verdict.hint] if verdict.hint else [])


# ------------------------------------------------------------------------------------------ the numbers


def _numbers(exercise: ExerciseGrade, known: KeyExercise, width: int) -> Iterator[str]:
    """The first case that failed, output by output: shape, dtype, the worst entry, the table; then other cases."""
    failed = [v for v in exercise.verdicts if not v.passed]
    shown = {(e.case, e.output): e for e in exercise.evidence}
    titles = {c.id: c.title for c in known.cases}
    first = failed[0].case if failed else ""
    if failed:
        yield from ("", f"  {say('check.case', case=first, text=titles.get(first, ''))}")
    told: set[str] = set()
    for verdict in (v for v in failed if v.case == first):
        lines = list(_told(verdict, shown.get((verdict.case, verdict.output)), width))
        if lines[0] not in told:
            told.add(lines[0])
            yield from lines
    others: dict[str, list[str]] = {}
    for verdict in failed:
        if verdict.case != first:
            others.setdefault(verdict.case, []).append(verdict.output)
    if others:
        cases = ", ".join(f"{case} ({_listed(outputs, known)})" for case, outputs in others.items())
        yield from ("", f"  {say('check.wrong_too', cases=cases)}")


def _listed(outputs: Sequence[str], known: KeyExercise) -> str:
    return say("check.all_of_it") if len(outputs) == len(known.points) > 1 else ", ".join(outputs)


def _told(verdict: Verdict, evidence: Evidence | None, width: int) -> Iterator[str]:
    """One output of one case; what is right of it first."""
    message = clean(verdict.message or "", 500)
    if evidence is None or verdict.finding not in (Finding.SHAPE, Finding.NOT_FINITE, Finding.VALUES):
        whole = verdict.finding not in (
            Finding.MISSING,
            Finding.TYPE,
            Finding.SHAPE,
            Finding.NOT_FINITE,
            Finding.VALUES,
        )
        yield f"  {message}" if whole else f"  {verdict.output} ✗ {message}"
        return
    dtype = np.asarray(evidence.returned).dtype
    if verdict.finding is Finding.SHAPE:
        yield f"  {verdict.output}  {say('check.shape')} ✗ {message}"
        yield f"      {dtype}"
    else:
        shape = f"{say('check.shape')} {np.shape(evidence.returned)}"
        yield f"  {verdict.output}  {shape} ✓  {dtype} ✓  {say('check.values')} ✗"
        yield f"      {message}"
    from grader.reports.matrix import difference  # not needed where all is right

    yield from (f"      {line}" for line in difference(evidence, width - 6))


# ---------------------------------------------------------------------------------------------- a class


def class_table(grades: Iterable[Grade]) -> Iterator[str]:
    """One line per submission, then how many ended how."""
    yield f"{'student':<34} {'score':>13}  what to know"
    counts: dict[str, int] = {}
    total = 0
    for grade in grades:
        total += 1
        counts[grade.status] = counts.get(grade.status, 0) + 1
        score = "–" if grade.score is None else f"{grade.score:g} / {grade.max_score:g}"
        name = grade.origin.name
        who = f"{grade.id}  {name}" if name and name != grade.id else grade.id
        yield f"{_brief(who):<34} {score:>13}  {_note(grade)}".rstrip()
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    yield f"{total} submission{'s' if total != 1 else ''}: {told or 'none'}"


def _note(grade: Grade) -> str:
    """The first thing that went wrong, in half a line; a known mistake by its name alone."""
    if grade.message:
        return _brief(grade.message.splitlines()[0])
    unsolved = [e for e in grade.exercises if e.score < e.max_score]
    if unsolved and all(e.outcome is OutcomeKind.NOT_ATTEMPTED for e in unsolved):
        return _brief(": ".join([f"{len(unsolved)} not attempted", *grade.remarks[:1]]))
    for exercise in unsolved:
        if exercise.outcome is OutcomeKind.NOT_ATTEMPTED and grade.remarks:
            return _brief(grade.remarks[0])  # why it is not there
        for verdict in exercise.verdicts:
            if not verdict.passed:
                return _brief(f"{exercise.id}: {(verdict.hint or exercise.message or '').partition('. ')[0]}")
    return _brief(next((v.remark for e in grade.exercises for v in e.verdicts if v.remark), None) or "")


def _brief(text: str) -> str:
    shown = clean(text, 1000, keep_lines=False)
    return shown if len(shown) <= NOTE else shown[: NOTE - 1] + "…"


def solved(exercise: ExerciseGrade) -> bool:
    """Whether every visible case passed."""
    return exercise.score == exercise.max_score


def mark(exercise: ExerciseGrade) -> str:
    """✓ solved, ✗ wrong, · not begun."""
    return "·" if exercise.outcome is OutcomeKind.NOT_ATTEMPTED else MARKS[solved(exercise)]


def _standing(exercise: ExerciseGrade) -> str:
    """What the mark alone does not tell."""
    if solved(exercise) or exercise.outcome is OutcomeKind.NOT_ATTEMPTED:
        return ""
    outputs = ", ".join(dict.fromkeys(v.output for v in exercise.verdicts if not v.passed))
    return f" – {say('check.standing', outputs=outputs)}"
