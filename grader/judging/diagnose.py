"""Names the mistake behind wrong arrays: one explanation that holds on every case, or none.

Known mistakes come first (what each returns on each case is in the key), then relations between
what was returned and what was expected. Never a guess: an explanation that fails on one case, or
two that explain equally much, name nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.model import KeyCase, KeyExercise, OneOf, Outcome, OutcomeKind, Raise, Return, Verdict
from grader.texts import say
from grader.values import CountError, Numbers, as_numbers, named_outputs, within

DOT_SIZES = re.compile(r"(\d+) \(dim \d+\) != (\d+) \(dim \d+\)")
MATMUL_SIZES = re.compile(r"size (\d+) is different from (\d+)")


class Named(msgspec.Struct, frozen=True):
    """An explanation: the mistake's or relation's id, the hint, and the handout's heading for it."""

    mistake: str
    hint: str
    see: str = ""


Returned = Mapping[str, Any]
Relation = Callable[[Numbers, Numbers], bool]


def diagnose(
    exercise: KeyExercise, outcomes: Sequence[Outcome], verdicts: Sequence[Sequence[Verdict]]
) -> dict[str, Named]:
    """Output name → its explanation, for the outputs that failed somewhere and have one.

    Parameters
    ----------
    outcomes, verdicts : of the exercise's cases, in their order.
    """
    wrong = {v.output for of_case in verdicts for v in of_case if not v.passed}
    if not wrong:
        return {}
    returned = [returned_by(exercise, o) for o in outcomes]
    matches = {name: _matching(exercise, outcomes, returned, name) for name in exercise.points}
    whole = set.intersection(*(set(m) for m in matches.values()))
    shown = {name: _shown_by_values(exercise, returned, name) for name in exercise.points}
    found: dict[str, Named] = {}
    for name in exercise.points:
        if name not in wrong:
            continue
        certain = [
            m
            for m in matches[name]
            if shown[name] or (m in whole and any(shown.values())) or _same_words(exercise, outcomes, m)
        ]
        chosen = _choose(certain, whole, exercise)
        if chosen is not None:
            mistake = next(m for m in exercise.mistakes if m.id == chosen)
            found[name] = Named(mistake.id, f"{mistake.name}. {mistake.hint}", mistake.see)
        elif (relation := _relation(exercise, returned, name)) is not None:
            found[name] = relation
    return found


def _choose(matching: Sequence[str], whole: set[str], exercise: KeyExercise) -> str | None:
    """The mistake that explains all outputs; else the one that is wrong in fewest; None on a tie."""
    candidates = [m for m in matching if m in whole] or list(matching)
    if len(candidates) <= 1:
        return candidates[0] if candidates else None
    ranked = sorted((_outputs_wrong(exercise, m), m) for m in candidates)
    return ranked[0][1] if ranked[0][0] < ranked[1][0] else None


def _outputs_wrong(exercise: KeyExercise, mistake: str) -> int:
    """In how many outputs a mistake differs from what is right, over all cases."""
    wrong = set()
    for case in exercise.cases:
        did = case.mistakes[mistake][0]
        for name in exercise.points:
            if isinstance(did, Raise) or not _agree(
                did.outputs.get(name), _expected(case, name), _tolerance(case, name)
            ):
                wrong.add(name)
    return len(wrong)


def _matching(
    exercise: KeyExercise, outcomes: Sequence[Outcome], returned: Sequence[Returned | None], name: str
) -> list[str]:
    """Known mistakes that did on every case what this submission did, in one output."""
    cases = list(zip(exercise.cases, outcomes, returned, strict=True))
    return [
        m.id
        for m in exercise.mistakes
        if any(
            all(_did_the_same(case.mistakes[m.id][form], o, values, case, name) for case, o, values in cases)
            for form in range(len(exercise.cases[0].mistakes[m.id]))
        )
    ]


def _did_the_same(did: Return | Raise, outcome: Outcome, values: Returned | None, case: KeyCase, name: str) -> bool:
    if isinstance(did, Raise):
        if did.type_name == "count":
            return outcome.kind is OutcomeKind.RETURNED and values is None
        error = outcome.error
        return error is not None and error.type_name == did.type_name and _gist(error.message) == _gist(did.message)
    return values is not None and _agree(values[name], did.outputs.get(name), _tolerance(case, name))


def _shown_by_values(exercise: KeyExercise, returned: Sequence[Returned | None], name: str) -> bool:
    """Whether some case returned this output, and wrong: sizes that do not fit say little of their cause."""
    came = [(c, v) for c, v in zip(exercise.cases, returned, strict=True) if v is not None]
    return any(not _agree(v[name], _expected(c, name), _tolerance(c, name)) for c, v in came)


def _same_words(exercise: KeyExercise, outcomes: Sequence[Outcome], mistake: str) -> bool:
    """Whether every exception is the mistake's to the letter."""
    pairs = [(c.mistakes[mistake][0], o.error) for c, o in zip(exercise.cases, outcomes, strict=True)]
    return all(
        did.type_name == "count" or (error is not None and error.message == did.message)
        for did, error in pairs
        if isinstance(did, Raise)
    )


def _gist(message: str) -> str:
    """What an exception's message says, alike for `a @ b` and `np.dot(a, b)`: the two sizes that did not fit."""
    sizes = DOT_SIZES.search(message) or MATMUL_SIZES.search(message)
    return " and ".join(sorted(sizes.groups())) if sizes else message


def _agree(got: Any, want: Any, tolerance: float) -> bool:
    if isinstance(want, list) and want and isinstance(want[0], np.ndarray):
        return (
            isinstance(got, (list, tuple))
            and len(got) == len(want)
            and all(_agree(g, w, tolerance) for g, w in zip(got, want, strict=True))
        )
    left, right = as_numbers(got), as_numbers(want)
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str) and left == right
    if left.shape != right.shape:
        return False
    return bool(np.all(np.logical_or(within(left, right, tolerance), np.isnan(left) & np.isnan(right))))


def returned_by(exercise: KeyExercise, outcome: Outcome) -> Returned | None:
    """What came back by named output; None where nothing did, or another number of values."""
    if outcome.kind is not OutcomeKind.RETURNED:
        return None
    try:
        return named_outputs(exercise.returns, list(exercise.points), outcome.value)
    except CountError:
        return None


def _expected(case: KeyCase, name: str) -> Any:
    check = case.checks[name]
    return check.values[0] if isinstance(check, OneOf) else check.value


def _tolerance(case: KeyCase, name: str) -> float:
    return case.checks[name].tolerance


# ------------------------------------------------------------------------------------- relations


def _relation(exercise: KeyExercise, returned: Sequence[Returned | None], name: str) -> Named | None:
    """One relation that holds on every case; those in which it could not fail do not count."""
    pairs = []
    for case, values in zip(exercise.cases, returned, strict=True):
        want = _expected(case, name)
        got = as_numbers(values[name]) if values is not None else "nothing"
        if isinstance(want, list) or isinstance(got, str):
            return None
        pairs.append((got, np.asarray(want), _tolerance(case, name)))
    for relation, holds in RELATIONS:
        told = [holds(got, want, tolerance) for got, want, tolerance in pairs]
        if all(told) and any(want.size > 1 for _got, want, _tolerance in pairs):
            return Named(f"relation:{relation}", say(f"relation.{relation}", output=name))
    return None


def _negated(got: Numbers, want: Numbers, tolerance: float) -> bool:
    return got.shape == want.shape and bool(np.all(within(-got, want, tolerance)))


def _transposed(got: Numbers, want: Numbers, tolerance: float) -> bool:
    return want.ndim == 2 and got.shape == want.shape[::-1] and bool(np.all(within(got.T, want, tolerance)))


def _reshaped(got: Numbers, want: Numbers, tolerance: float) -> bool:
    return got.size == want.size and bool(np.all(within(got.reshape(want.shape), want, tolerance)))


RELATIONS: list[tuple[str, Callable[[Numbers, Numbers, float], bool]]] = [
    ("sign", _negated),
    ("transpose", _transposed),
    ("shape", _reshaped),
]
