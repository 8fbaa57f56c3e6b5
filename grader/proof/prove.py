"""Holds a suite to what it is for: right answers pass, wrong ones do not and get their name, mutants are killed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader import __version__
from grader.authoring.course import Authored
from grader.authoring.exercise import Exercise
from grader.authoring.key import oracle_distances
from grader.errors import UsageError
from grader.keyfile import proof_hash
from grader.model import AnswerKey, OneOf
from grader.proof.answers import known_mistakes, right_answers, whole_files
from grader.proof.equivalents import GENERATED
from grader.proof.kills import killed
from grader.proof.naming import named
from grader.proof.result import ExerciseProof, Problem, Proof
from grader.proof.rungs import found_hidden, shown_on_ladder
from grader.proof.suite import Suite
from grader.proof.symmetries import unbroken
from grader.sandbox.launch import Launcher


def proof_of(
    authored: Authored,
    key: AnswerKey,
    launcher: Launcher,
    exercises: Sequence[str] = (),
    generated: int = GENERATED,
) -> Proof:
    """Whether the suite of an assignment tells right from wrong, with all that shows it.

    Parameters
    ----------
    key : built from `authored` and a seed; building it has held the reference against its oracles.
    exercises : ids to look at; none for all.
    generated : on how many inputs a mutant that is marked as equivalent has to agree with the reference.

    Only a proof of all exercises, on 10,000 inputs at least, gives a mark that a key can carry.

    Raises
    ------
    UsageError : an exercise that the assignment has not.
    SandboxError : the sandbox itself failed.
    """
    chosen = chosen_exercises(authored, exercises)
    suite = Suite(authored, key, chosen, launcher)
    problems = list(whole_files(suite))
    rights, mistakes = [], []
    for right, told in right_answers(suite):
        rights.append(right)
        problems += told
    for mistake, told in known_mistakes(suite):
        mistakes.append(mistake)
        problems += told
    mutants, results, told = killed(suite, generated)
    problems += told
    naming, told = named(suite, mutants, results)
    problems += told
    proven = []
    for exercise in chosen:
        problems += _degenerate(suite, exercise)
        hidden = [m for m in suite.keyed[exercise.id].mistakes if found_hidden(suite, exercise, m.id)]
        proven.append(
            ExerciseProof(
                id=exercise.id,
                cases=[c.id for c in suite.keyed[exercise.id].cases],
                oracle=max(_oracle(suite, exercise), default=0.0),
                mistakes=[m for m in mistakes if m.exercise == exercise.id],
                right=[r for r in rights if r.exercise == exercise.id],
                degenerate=dict(exercise.degenerate),
                tolerances=_tolerances(exercise),
                laddered=sum(shown_on_ladder(suite, exercise, m.id) for m in hidden),
                hidden=len(hidden),
            )
        )
    whole = len(chosen) == len(authored.assignment.exercises) and generated >= GENERATED and not problems
    return Proof(
        assignment=authored.name,
        title=authored.assignment.title,
        grader=__version__,
        generated=generated,
        exercises=proven,
        mutants=results,
        naming=naming,
        problems=list(dict.fromkeys(problems)),
        proof=proof_hash(key) if whole else "",
    )


def chosen_exercises(authored: Authored, names: Sequence[str]) -> list[Exercise]:
    """The exercises of these ids; all of them where none is named.

    Raises
    ------
    UsageError : an exercise that the assignment has not.
    """
    known = [e.id for e in authored.assignment.exercises]
    for name in names:
        if name not in known:
            raise UsageError(f"{name}: expected one of {authored.name}'s exercises ({', '.join(known)})")
    return [e for e in authored.assignment.exercises if not names or e.id in names]


def _degenerate(suite: Suite, exercise: Exercise) -> Iterator[Problem]:
    """Symmetries that no case breaks and nobody gave a reason for; reasons for what is broken after all."""
    where = suite.where(exercise.where)
    found = unbroken(suite.whole(exercise))
    for name, text in found.items():
        if name not in exercise.degenerate:
            yield Problem(
                where,
                f"{exercise.id}: {text}; add a case where that is not so, or say under degenerate why "
                f"'{name}' does no harm",
            )
    for name in exercise.degenerate:
        if name not in found:
            yield Problem(where, f"{exercise.id}: degenerate says '{name}', and a case breaks that; take it out")


def _tolerances(exercise: Exercise) -> dict[str, int]:
    """How many cases have a tolerance derived from rounding, one that they compute, and a fixed one."""
    own = [c.tolerance for c in (*exercise.visible, *exercise.hidden)]
    computed = sum(callable(t) for t in own)
    derived = sum(t is None for t in own)
    return {"derived": derived, "computed": computed, "fixed": len(own) - computed - derived}


def _oracle(suite: Suite, exercise: Exercise) -> Iterator[float]:
    """Case by case how far the oracle lies off, in parts of what is allowed."""
    for case in suite.whole(exercise).cases:
        expected = {n: c.values[0] if isinstance(c, OneOf) else c.value for n, c in case.checks.items()}
        yield max(oracle_distances(exercise, case.inputs, expected).values())
