"""Mutants that an author marks as right after all: each has to agree with the reference on generated inputs."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.authoring.course import Authored, namespace
from grader.authoring.exercise import Case, Exercise
from grader.authoring.forms import shape_of
from grader.authoring.key import answerer, case_inputs, checks_of, own_tolerance, right_answers
from grader.authoring.tolerance import distance, least_tolerance, leaves
from grader.judging.compare import mismatch
from grader.plan import run_plan
from grader.proof.mutants import Mutant
from grader.values import named_outputs
from grader.wire import portable

GENERATED = 10_000


def disagreements(authored: Authored, exercise: Exercise, marked: Sequence[Mutant], count: int) -> dict[str, str]:
    """Mutant's id → the first generated input on which it and the reference differ, in words.

    The inputs come from the exercise's own generators, in turn. The texts are the author's own and
    have passed every case in the sandbox: they are run in this process.
    """
    drawn = [c for c in (*exercise.visible, *exercise.hidden) if callable(c.inputs)]
    if not drawn:
        return {m.id: f"{exercise.id} has no case that is drawn from an rng" for m in marked}
    modules = {m.id: namespace(authored, m.source) for m in marked}
    found: dict[str, str] = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for case, inputs, number in _generated(authored, exercise, drawn, count):
            wrong = _differing(authored, exercise, case, inputs, modules)
            for name, told in wrong.items():
                found[name] = f"case {case.id!r} drawn with the seed {number}: {told}"
                del modules[name]
            if not modules:
                break
    return found


def _generated(
    authored: Authored, exercise: Exercise, drawn: Sequence[Case], count: int
) -> Iterator[tuple[Case, dict[str, Any], int]]:
    for number in range(count):
        case = drawn[number % len(drawn)]
        yield case, case_inputs(authored, case, f"generated {number}".encode(), exercise.id), number


def _differing(
    authored: Authored, exercise: Exercise, case: Case, inputs: dict[str, Any], modules: Mapping[str, dict[str, Any]]
) -> dict[str, str]:
    """Mutant's id → in what it differs on these inputs. Equal bits are equal; else what is expected decides."""
    kept = copy.deepcopy(inputs)
    as_given = _bits(inputs)
    returns, names = shape_of(exercise), list(exercise.points)
    right = _bits(named_outputs(returns, names, run_plan(exercise.plan, authored.reference, inputs)))
    found = {}
    for name, module in modules.items():
        try:
            got = named_outputs(returns, names, run_plan(exercise.plan, module, inputs))
        except Exception as error:
            found[name] = f"it raised {type(error).__name__}: {error}"
            inputs = copy.deepcopy(kept)
            continue
        if _bits(inputs) != as_given:
            found[name] = "it changed its inputs"
            inputs = copy.deepcopy(kept)
        elif _bits(got) != right and (wrong := _wrong(authored, exercise, case, kept, got)):
            found[name] = wrong
    return found


def _wrong(authored: Authored, exercise: Exercise, case: Case, inputs: dict[str, Any], got: dict[str, Any]) -> str:
    """In what an answer is wrong; empty where it is right. A tolerance is derived only where it counts."""
    expected = answerer(authored, exercise, case)(copy.deepcopy(inputs))
    own = own_tolerance(case, inputs)
    allowed = {n: own or least_tolerance(v, exercise.float32) for n, v in expected.items()}
    if all(distance(got[n], expected[n]) <= allowed[n] for n in expected):
        return ""
    checks = checks_of(authored, exercise, case, inputs, expected, right_answers(authored, exercise))
    wrong = {n: w for n, check in checks.items() if (w := mismatch(portable(got[n]), check)) is not None}
    return "; ".join(f"{n}: {w.message}" for n, w in wrong.items())


def _bits(value: Any) -> list[tuple[Any, ...]]:
    """What there is to compare of all arrays in a value, quickly and to the last bit."""
    return [(a.shape, a.dtype.kind, a.tobytes()) for a in leaves(value)]
