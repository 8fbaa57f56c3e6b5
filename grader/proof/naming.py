"""The naming of mistakes held to account: twins and pairs get their name, no other wrong answer a wrong one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from grader.authoring.course import namespace
from grader.authoring.demo import twin_source
from grader.authoring.exercise import Exercise, Mistake
from grader.authoring.forms import is_number
from grader.judging.diagnose import did_the_same, returned_by
from grader.model import Effect, KeyExercise, Outcome, OutcomeKind, Shape
from grader.proof.elsewhere import Elsewhere
from grader.proof.madeup import made_up
from grader.proof.mutants import Mutant
from grader.proof.result import MutantResult, Naming, Problem
from grader.proof.runs import Text
from grader.proof.suite import Judged, Suite

LEAST_NAMED = 0.95
"""Of the twins and of the pairs so many have to be named rightly."""


def named(suite: Suite, mutants: Sequence[Mutant], results: Sequence[MutantResult]) -> tuple[Naming, list[Problem]]:
    """How well the suite's mistakes are named, and what does not hold of it.

    Parameters
    ----------
    mutants, results : what `killed` gives.
    """
    problems: list[Problem] = []
    twins = list(_twins(suite))
    unnamed = [(m, one) for _, m, one in twins if set(one.names.values()) != {m.id}]
    pairs = list(_pairs(suite, twins))
    unpaired = [told for told, right in pairs if not right]
    if len(unnamed) > (1 - LEAST_NAMED) * len(twins):
        problems += [_missed(suite, mistake, one) for mistake, one in unnamed]
    if len(unpaired) > (1 - LEAST_NAMED) * len(pairs):
        problems += [Problem(suite.file, f"{told}: expected the name of either") for told in unpaired]
    others, related, falsely = 0, 0, []
    for told, true in (*_mutants(suite, mutants, results), *_made_up(suite)):
        others += 1
        related += true
        if told and not true:
            falsely.append(Problem(suite.file, told))
    naming = Naming(
        twins=len(twins),
        twins_named=len(twins) - len(unnamed),
        pairs=len(pairs),
        pairs_named=len(pairs) - len(unpaired),
        others=others,
        related=related,
        falsely=len(falsely),
    )
    return naming, problems + falsely


# ------------------------------------------------------------------------------------------- twins


def _twins(suite: Suite) -> Iterator[tuple[Exercise, Mistake, Judged]]:
    """The twins of mistakes that lose marks, judged."""
    found = [
        (e, m, suite.authored.twins[m.wrong.__name__])
        for e in suite.exercises
        for m in suite.authored.mistakes_of(e)
        if m.wrong.__name__ in suite.authored.twins and m.effect is Effect.LOSES_MARKS
    ]
    texts = [Text(twin_source(suite.authored, e, twin), [e.id]) for e, _, twin in found]
    for (exercise, mistake, _), judged in zip(found, suite.judged(texts), strict=True):
        yield exercise, mistake, judged[exercise.id]


def _missed(suite: Suite, mistake: Mistake, one: Judged) -> Problem:
    told = ", ".join(sorted(set(one.names.values()))) or "nothing"
    return Problem(
        suite.where(mistake.where),
        f"{mistake.of}: the twin of {mistake.id} is not recognised ({told} is named): what do the two do differently?",
    )


def _pairs(suite: Suite, twins: Sequence[tuple[Exercise, Mistake, Judged]]) -> Iterator[tuple[str, bool]]:
    """Two twins that are wrong in different outputs, put together: what is named, and whether it is right."""
    for (exercise, a, one), (of, b, other) in combinations(twins, 2):
        if exercise is not of or len(exercise.points) < 2 or one.wrong & other.wrong or not (one.wrong and other.wrong):
            continue
        outcomes = _together(one, other)
        if outcomes is None:
            continue
        judged = suite.judge(one.exercise, outcomes)
        right = all(judged.names.get(o) in _alike(one.exercise, a.id, o) for o in one.wrong) and all(
            judged.names.get(o) in _alike(one.exercise, b.id, o) for o in other.wrong
        )
        told = ", ".join(f"{o}: {n}" for o, n in judged.names.items()) or "nothing"
        yield f"{exercise.id}: {a.id} in one output and {b.id} in another are named {told}", right


def _together(one: Judged, other: Judged) -> list[Outcome] | None:
    """What is wrong in one from there, all else from the other; None where a case returned nothing."""
    outcomes = []
    for a, b in zip(one.outcomes, other.outcomes, strict=True):
        left, right = returned_by(one.exercise, a), returned_by(one.exercise, b)
        if left is None or right is None:
            return None
        outputs = {name: (left if name in one.wrong else right)[name] for name in left}
        outcomes.append(outcome_of(one.exercise, outputs))
    return outcomes


def outcome_of(exercise: KeyExercise, outputs: Mapping[str, Any]) -> Outcome:
    """The outcome of a function that returned these outputs."""
    values = list(outputs.values())
    value = {Shape.ONE: values[0], Shape.TUPLE: values, Shape.DICT: dict(outputs)}[exercise.returns]
    return Outcome(OutcomeKind.RETURNED, value)


def _alike(exercise: KeyExercise, mistake: str, output: str) -> set[str]:
    """The known mistakes that do the same in one output as this one does, in every case."""
    return {m.id for m in exercise.mistakes if m.id == mistake or did_the_same(exercise, mistake, m.id, output)}


# ---------------------------------------------------------------------------------- no known mistake


def _mutants(suite: Suite, mutants: Sequence[Mutant], results: Sequence[MutantResult]) -> Iterator[tuple[str, bool]]:
    """Of every killed mutant what it was told, empty for nothing, and whether that is true elsewhere too."""
    exercises = {e.id: e for e in suite.exercises}
    elsewhere: dict[str, Elsewhere] = {}
    for mutant, result in zip(mutants, results, strict=True):
        if not result.killed_by:
            continue
        by_exercise: dict[str, dict[str, str]] = {}
        for place, name in result.named.items():
            exercise, _, output = place.partition("/")
            by_exercise.setdefault(exercise, {})[output] = name
        told, true = "", bool(by_exercise)
        for id, names in by_exercise.items():
            if id not in exercises or is_number(exercises[id].plan):
                continue
            there = elsewhere.setdefault(id, Elsewhere(suite, exercises[id]))
            if not there.agrees(names, there.outcomes_of(namespace(suite.authored, mutant.source))):
                true = False
                told = f"line {result.line}, '{result.after}': {id} is told {_told(names)}, and elsewhere it is not so"
        yield told, true


def _made_up(suite: Suite) -> Iterator[tuple[str, bool]]:
    """Of every made-up wrong answer what it was told, and whether that is true elsewhere too."""
    for exercise in suite.exercises:
        if is_number(exercise.plan):
            continue
        keyed, there = suite.keyed[exercise.id], Elsewhere(suite, exercise)
        for answer in made_up(keyed):
            judged = suite.judge(keyed, answer.outcomes(keyed))
            if not judged.wrong:
                continue
            names = judged.names
            if not names:
                yield "", False
                continue
            drawn = there.exercise({*answer.mistakes, *names.values()})
            true = there.agrees(names, answer.outcomes(drawn))
            told = (
                f"{exercise.id}: a made-up answer ({answer.title}) is told {_told(names)}, and elsewhere it is not so"
            )
            yield "" if true else told, true


def _told(names: Mapping[str, str]) -> str:
    return ", ".join(f"{output}: {name}" for output, name in names.items())
