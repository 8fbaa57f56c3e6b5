"""Names the mistake behind wrong arrays: one explanation that holds on every case, or none.

Known mistakes come first (what each returns on each case is in the key), then relations between
what was returned and what was expected. Never a guess: an explanation that fails on one case, or
two that explain equally much, name nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.judging.relations import Pair, arrays, relation_of
from grader.model import KeyCase, KeyExercise, OneOf, Outcome, OutcomeKind, Raise, Return, Verdict
from grader.values import CountError, as_numbers, named_outputs, within

SIZES = [
    re.compile(r"(\d+) \(dim \d+\) != (\d+) \(dim \d+\)"),
    re.compile(r"size (\d+) is different from (\d+)"),
    re.compile(r"broadcast together with shapes \(([\d,]*)\) \(([\d,]*)\)"),
    re.compile(r"(index -?\d+) is out of bounds for axis \d+ (with size \d+)"),
    re.compile(r"(cannot reshape array) of (size \d+) into"),
]
"""What NumPy says of sizes that do not fit, in words that hang on how the same thing was written."""
LEADING_ONES = re.compile(r"^(?:1,)+(?=\d)")


class Named(msgspec.Struct, frozen=True):
    """An explanation: the mistake's or relation's id, the hint, and the handout's heading for it."""

    mistake: str
    hint: str
    see: str = ""


Returned = Mapping[str, Any]


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
            if shown[name] or (m in whole and (any(shown.values()) or _same_words(exercise, outcomes, m)))
        ]
        chosen = _choose(certain, whole, exercise)
        if chosen is not None:
            mistake = next(m for m in exercise.mistakes if m.id == chosen)
            found[name] = Named(mistake.id, f"{mistake.name}. {mistake.hint}", mistake.see)
        elif not certain and (relation := _relation(exercise, returned, name)) is not None:
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


def did_the_same(exercise: KeyExercise, mistake: str, other: str, output: str) -> bool:
    """Whether two known mistakes do the same in one output of every case, in their first forms."""
    return all(
        _alike(c.mistakes[mistake][0], c.mistakes[other][0], output, _tolerance(c, output)) for c in exercise.cases
    )


def _alike(one: Return | Raise, other: Return | Raise, output: str, tolerance: float) -> bool:
    if isinstance(one, Raise) or isinstance(other, Raise):
        return one == other
    return _agree(one.outputs.get(output), other.outputs.get(output), tolerance)


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
    """What an exception's message says, alike for `a @ b` and `np.dot(a, b)`, `a * b` and `b * a`: what did not fit."""
    found = next((match for sizes in SIZES if (match := sizes.search(message))), None)
    if found is None:
        return message
    return " and ".join(sorted(LEADING_ONES.sub("", size).rstrip(",") for size in found.groups()))


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
    close = within(left, right, tolerance)
    return bool(close.all()) or bool((close | (np.isnan(left) & np.isnan(right))).all())


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
    """One relation that holds on every case; none where a case did not return this output as numbers."""
    pairs = [pair_of(case, values, name) for case, values in zip(exercise.cases, returned, strict=True)]
    whole = [p for p in pairs if p is not None]
    if len(whole) < len(pairs):
        return None
    found = relation_of(name, whole)
    return None if found is None else Named(f"relation:{found.name}", found.hint)


def pair_of(case: KeyCase, values: Returned | None, name: str, alone: bool = False) -> Pair | None:
    """What a case returned in one output beside what is right; None where one of them is no array of numbers.

    `alone` leaves out the inputs and the other outputs.
    """
    got, want = "" if values is None else as_numbers(values[name]), _expected(case, name)
    if values is None or isinstance(got, str) or isinstance(want, list):
        return None
    if alone:
        return Pair(got, np.asarray(want), _tolerance(case, name))
    others = {n: (_expected(case, n), _tolerance(case, n)) for n in case.checks if n != name}
    right = {n: (np.asarray(w), t) for n, (w, t) in others.items() if not isinstance(w, list)}
    return Pair(
        got, np.asarray(want), _tolerance(case, name), arrays(case.inputs), right, arrays({n: values[n] for n in right})
    )
