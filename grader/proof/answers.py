"""Right answers and known mistakes, held against the suite that is to tell them apart."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from grader.authoring.demo import mistaken_source
from grader.authoring.exercise import Exercise, Mistake
from grader.authoring.stub import solution_lines, stub_source
from grader.errors import SandboxError
from grader.model import (
    Effect,
    Grade,
    OutcomeKind,
    Status,
    Submission,
)
from grader.pipeline import grade_submission
from grader.proof.result import MistakeResult, Problem, RightResult
from grader.proof.right import right_texts
from grader.proof.rungs import outcome_of
from grader.proof.runs import Text
from grader.proof.suite import Judged, Suite
from grader.proof.symmetries import variants_of
from grader.schedule import only

RIGHT, WRONG = 0.1, 100.0
"""In tolerances: how far a right answer may lie off at most, and a wrong one must at least."""
LEAST_LINE = 12
"""Characters of a solution's line that a hint must not hold; shorter ones tell nothing."""


# ---------------------------------------------------------------------------------------- whole files


def whole_files(suite: Suite) -> Iterator[Problem]:
    """The reference gets full marks and no remark, the stub nothing: as students' files are graded."""
    for exercise in _graded(suite, suite.authored.source).exercises:
        if exercise.score < exercise.max_score:
            yield Problem(
                suite.file,
                f"the reference gets {exercise.score:g} of {exercise.max_score:g} points in "
                f"{exercise.id}: {exercise.message}",
            )
        for remark in {v.remark for v in exercise.verdicts if v.remark}:
            yield Problem(suite.file, f"the reference earns a remark in {exercise.id}: {remark}")
    for exercise in _graded(suite, stub_source(suite.authored.source, suite.file)).exercises:
        if exercise.score or exercise.outcome is not OutcomeKind.NOT_ATTEMPTED:
            yield Problem(
                suite.file,
                f"the stub gets {exercise.score:g} points in {exercise.id} and is told as "
                f"{exercise.outcome}; expected 0 and not_attempted",
            )


def _graded(suite: Suite, source: str) -> Grade:
    authored = suite.authored
    files = {name: text.encode() for name, text in authored.used.items()}
    file = authored.assignment.file
    submission = Submission("proof", files | {file: source.encode()}, file, "")
    grade = grade_submission(only(suite.key, [e.id for e in suite.exercises]), submission, suite.launcher)
    if grade.status is not Status.GRADED:
        raise SandboxError(f"{suite.file} is {grade.status}: {grade.message}")
    return grade


# ---------------------------------------------------------------------------------- right answers


def right_answers(suite: Suite) -> Iterator[tuple[RightResult, list[Problem]]]:
    """Every right answer gets full marks, no remark, and lies at a tenth of the tolerance at most."""
    texts = list(right_texts(suite.authored, suite.exercises))
    for text, judged in zip(texts, suite.judged([Text(t.source, t.exercises) for t in texts]), strict=True):
        for name, one in judged.items():
            where = suite.where(text.where) if text.where else suite.file
            yield RightResult(text.title, name, one.margin), list(_problems_of_right(where, text.title, name, one))


def _problems_of_right(where: str, title: str, name: str, one: Judged) -> Iterator[Problem]:
    if not one.full:
        yield Problem(where, f"{name}: a right answer ({title}) loses marks: {one.grade.message}")
    elif one.margin > RIGHT:
        yield Problem(
            where,
            f"{name}: a right answer ({title}) lies at {one.margin:.2g} of the tolerance; "
            f"expected {RIGHT:g} at most: the tolerance is too tight",
        )
    for remark in dict.fromkeys(one.remarks):
        yield Problem(where, f"{name}: a right answer ({title}) earns a remark: {remark}")


# --------------------------------------------------------------------------------- known mistakes


def known_mistakes(suite: Suite) -> Iterator[tuple[MistakeResult, list[Problem]]]:
    """Every known mistake has its declared effect, its name, and lies far off in some case, in all its forms."""
    pairs = [(e, m) for e in suite.exercises for m in suite.authored.mistakes_of(e)]
    texts = [Text(mistaken_source(suite.authored, e, m), [e.id]) for e, m in pairs]
    for (exercise, mistake), judged in zip(pairs, suite.judged(texts), strict=True):
        forms = [("", judged[exercise.id]), *_other_forms(suite, exercise, mistake)]
        margin = min(one.margin for _, one in forms)
        problems = [p for told, one in forms for p in _problems_of_mistake(suite, mistake, told, one)]
        told = next(iter(_told_by_hint(suite, mistake)), None)
        yield (
            MistakeResult(mistake.id, exercise.id, mistake.effect, len(forms), margin),
            problems[:1] + ([told] if told else []),
        )


def _problems_of_mistake(suite: Suite, mistake: Mistake, form: str, one: Judged) -> Iterator[Problem]:
    where, what = suite.where(mistake.where), f"{mistake.of}: {mistake.id}{form}"
    if mistake.effect is Effect.REMARK:
        if not one.full:
            yield Problem(where, f"{what} loses marks, and is declared to earn a remark: {one.grade.message}")
        elif not one.remarks:
            yield Problem(where, f"{what} is declared to earn a remark, and earns none")
        return
    if one.full:
        yield Problem(where, f"{what} gets full marks: add a case that tells it from a right answer, or take it out")
        return
    named = {v.mistake for v in one.grade.verdicts if not v.passed and v.mistake}
    if mistake.id not in named:
        yield Problem(
            where,
            f"{what} is not recognised ({', '.join(sorted(named)) or 'nothing'} is named): "
            "which other mistake does the same in every case?",
        )
    if one.margin < WRONG:
        yield Problem(
            where,
            f"{what} lies {one.margin:.3g} tolerances off in its worst case; expected {WRONG:g} "
            "at least: add a case on which it is farther off",
        )


def _other_forms(suite: Suite, exercise: Exercise, mistake: Mistake) -> Iterator[tuple[str, Judged]]:
    """The mistake with other constants, and in other variants: judged by what the key says that it returns."""
    whole = suite.whole(exercise)
    for variant in variants_of(whole):
        alone = msgspec.structs.replace(whole, cases=[c for c in whole.cases if c.variant in (None, variant)])
        for form in range(len(alone.cases[0].mistakes[mistake.id])):
            if form == 0 and not variant:
                continue
            outcomes = [outcome_of(alone.returns, c.mistakes[mistake.id][form]) for c in alone.cases]
            told = f" (its form {form + 1})" if form else ""
            told += "" if variant is None else f" (variant {variant})"
            yield told, suite.judge(alone, outcomes)


def _told_by_hint(suite: Suite, mistake: Mistake) -> Iterator[Problem]:
    """A hint that holds a line of the solution."""
    lines = suite.authored.source.splitlines()
    inside = solution_lines(suite.authored.source, suite.file)
    given = {line.strip() for number, line in enumerate(lines, 1) if number not in inside}
    for number in sorted(inside):
        line = lines[number - 1].strip()
        if len(line) > LEAST_LINE and line not in given and line in f"{mistake.name} {mistake.hint}":
            yield Problem(
                suite.where(mistake.where),
                f"{mistake.of}: the hint of {mistake.id} holds line {number} of {suite.file}: {line}",
            )
