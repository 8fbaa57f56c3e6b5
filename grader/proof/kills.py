"""Mutants: run, killed or not, and those that an author marks as right after all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from grader.authoring.exercise import Equivalent
from grader.plan import Read
from grader.proof.equivalents import disagreements
from grader.proof.mutants import Mutant, edits_of, mutants, used_names
from grader.proof.result import MutantResult, Problem
from grader.proof.runs import Text
from grader.proof.suite import Judged, Suite


def killed(suite: Suite, generated: int) -> tuple[list[Mutant], list[MutantResult], list[Problem]]:
    """Every mutant that concerns the suite's exercises, what became of it, and what does not hold of them.

    `generated` is on how many inputs a mutant that is marked as equivalent has to agree.
    """
    found, nobodys = _concerned(suite)
    results = []
    texts = [Text(m.source, concerned) for m, concerned in found]
    for (mutant, concerned), judged in zip(found, suite.judged(texts), strict=True):
        results.append(_result(mutant, concerned, judged))
    marked, problems = _marked(suite, [m for m, _ in found], results, generated)
    results = [msgspec.structs.replace(r, equivalent=marked.get(r.id, "")) for r in results]
    problems += [_got_through(suite, r) for r in results if r.survives]
    return [m for m, _ in found], results, [*nobodys, *problems]


def _concerned(suite: Suite) -> tuple[list[tuple[Mutant, list[str]]], list[Problem]]:
    """Mutants with the exercises that call what they edit, its own first; solutions that nobody calls."""
    assignment = suite.authored.assignment
    chosen = {e.id for e in suite.exercises}
    numbers = [e.id for e in assignment.exercises if isinstance(e.plan.steps[-1], Read)]
    reached = used_names(suite.authored.source)
    called = {e.id: set(e.plan.targets()) for e in assignment.exercises}
    found: list[tuple[Mutant, list[str]]] = []
    nobodys: dict[str, Problem] = {}
    answers = {name: suite.authored.reference[name] for name in numbers}
    for mutant in mutants(suite.authored.source, suite.file, answers):
        direct = [name for name, targets in called.items() if mutant.unit in targets]
        concerned = direct or [
            name for name, targets in called.items() if any(mutant.unit in reached.get(t, ()) for t in targets)
        ]
        concerned.sort(key=lambda name: name != mutant.unit)
        if not concerned and not nobodys.get(mutant.unit):
            text = f"{mutant.unit} has a solution, and no exercise calls it; take the markers out, or add an exercise"
            nobodys[mutant.unit] = Problem(f"{suite.file}:{mutant.line}", text)
        if concerned and concerned[0] in chosen:
            found.append((mutant, concerned))
    return found, list(nobodys.values())


def _result(mutant: Mutant, concerned: Sequence[str], judged: dict[str, Judged]) -> MutantResult:
    verdicts = [(name, v) for name, one in judged.items() for v in one.grade.verdicts]
    failed = [f"{name}/{v.case}" for name, v in verdicts if not v.passed]
    told = [f"{name}/{v.case}" for name, v in verdicts if v.remark]
    named = {f"{name}/{v.output}": v.mistake for name, v in verdicts if v.mistake}
    return MutantResult(
        id=mutant.id,
        kind=mutant.kind,
        unit=mutant.unit,
        line=mutant.line,
        before=mutant.before,
        after=mutant.after,
        exercises=list(concerned),
        killed_by=list(dict.fromkeys(failed or told)),
        by_remark=not failed and bool(told),
        named=named,
    )


def _got_through(suite: Suite, result: MutantResult) -> Problem:
    return Problem(
        f"{suite.file}:{result.line}",
        f"{result.unit}: no case of {' or '.join(result.exercises)} tells '{result.after}' from "
        f"'{result.before}'; add one that does, or mark it in equivalent.py with the reason",
    )


# ------------------------------------------------------------------------------------- equivalents


def _marked(
    suite: Suite, found: Sequence[Mutant], results: Sequence[MutantResult], generated: int
) -> tuple[dict[str, str], list[Problem]]:
    """Mutant's id → the author's reason, where the mark is true; and the marks that are not."""
    by_id = {r.id: r for r in results}
    reasons: dict[str, str] = {}
    problems = []
    places: dict[str, Equivalent] = {}
    units = {m.unit for m in found}
    for mark in suite.authored.equivalent:
        for edit in mark.edits if mark.of in units else ():
            named = edits_of([m for m in found if m.unit == mark.of], edit)
            surviving = [m for m in named if not by_id[m.id].killed_by]
            if not surviving:
                problems.append(Problem(suite.where(mark.where), _stale(mark, edit, [by_id[m.id] for m in named])))
            for mutant in surviving:
                reasons[mutant.id] = mark.reason
                places[mutant.id] = mark
    marked = [m for m in found if m.id in reasons]
    for mutant, told in _disagreeing(suite, marked, by_id, generated):
        problems.append(
            Problem(
                suite.where(places[mutant.id].where),
                f"{mutant.unit}: '{mutant.after}' is marked as equivalent, and is not: {told}; take the mark out "
                "and add such a case",
            )
        )
        reasons.pop(mutant.id, None)
    return reasons, problems


def _disagreeing(
    suite: Suite, marked: Sequence[Mutant], by_id: dict[str, MutantResult], generated: int
) -> Iterator[tuple[Mutant, str]]:
    """Marked mutants that differ from the reference on a generated input, shared out over their exercises."""
    for exercise in suite.authored.assignment.exercises:
        own = [m for m in marked if exercise.id in by_id[m.id].exercises]
        for share in sorted({len(by_id[m.id].exercises) for m in own}):
            group = [m for m in own if len(by_id[m.id].exercises) == share]
            told = disagreements(suite.authored, exercise, group, -(-generated // share))
            yield from ((m, told[m.id]) for m in group if m.id in told)


def _stale(mark: Equivalent, edit: str, killed_ones: Sequence[MutantResult]) -> str:
    if killed_ones:
        cases = ", ".join(killed_ones[0].killed_by[:3])
        return f"{mark.of}: '{edit}' is marked as equivalent, and is killed by {cases}; take the mark out"
    return f"{mark.of}: '{edit}' is marked as equivalent, and there is no such mutant; take the mark out"
