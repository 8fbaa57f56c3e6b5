"""Hints in steps: what kind of thing is wrong, where in the handout its idea stands, and the mistake itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.judging.diagnose import Named, pair_of
from grader.judging.relations import Pair, constant, factors
from grader.model import Finding, KeyExercise, Verdict
from grader.texts import say
from grader.values import within

STEPS = 3
TOLD = (Finding.MISSING, Finding.TYPE, Finding.SHAPE, Finding.NOT_FINITE, Finding.RAISED, Finding.COUNT)
"""Findings that a hint begins with; after the others there is nothing to lead to."""


def with_hints(
    exercise: KeyExercise,
    by_case: Sequence[Sequence[Verdict]],
    returned: Sequence[Mapping[str, Any] | None],
    names: Mapping[str, Named],
) -> list[list[Verdict]]:
    """The verdicts with their mistakes and hints; a hidden case's hints end where the author says.

    Parameters
    ----------
    returned : by case what came back by named output, None where nothing did.
    names : the outputs' explanations.
    """
    steps = {name: list(_steps(exercise, by_case, returned, name, names.get(name))) for name in exercise.points}
    return [[_hinted(v, steps[v.output], names.get(v.output), exercise) for v in of_case] for of_case in by_case]


def _hinted(verdict: Verdict, steps: Sequence[str], named: Named | None, exercise: KeyExercise) -> Verdict:
    if verdict.passed:
        return verdict
    given = list(steps) if verdict.visible else list(steps[: exercise.hidden_steps])
    return msgspec.structs.replace(
        verdict,
        mistake=named and named.mistake,
        hint=given[-1] if named is not None and given else None,
        hints=given,
        withheld=len(steps) - len(given),
    )


def _steps(
    exercise: KeyExercise,
    by_case: Sequence[Sequence[Verdict]],
    returned: Sequence[Mapping[str, Any] | None],
    name: str,
    named: Named | None,
) -> Iterator[str]:
    verdicts = [next(v for v in of_case if v.output == name) for of_case in by_case]
    kind = _kind(exercise, verdicts, returned, name)
    if kind is None and named is None:
        return
    if kind is not None:
        yield kind
    see = (named.see if named is not None else "") or exercise.see
    if see:
        yield say("see", heading=see)
    if named is not None:
        yield named.hint


def _kind(
    exercise: KeyExercise,
    verdicts: Sequence[Verdict],
    returned: Sequence[Mapping[str, Any] | None],
    name: str,
) -> str | None:
    """What kind of thing is wrong with an output: what is true of every case in which it failed."""
    failed = [i for i, v in enumerate(verdicts) if not v.passed]
    findings = {verdicts[i].finding for i in failed}
    some = "" if len(failed) == len(verdicts) else "_some"
    if findings == {Finding.VALUES}:
        pairs = [pair_of(exercise.cases[i], returned[i], name, alone=True) for i in failed]
        return say(f"kind.values{some}", output=name, how=say(f"values.{_of_values(pairs)}"))
    told = [f for f in Finding if f in findings and f in TOLD]
    if not told:
        return None
    if findings == {Finding.VALUES, Finding.SHAPE}:
        return say(f"kind.both{some}", output=name)
    return say(f"kind.{told[0]}{some}", output=name)


def _of_values(pairs: Sequence[Pair | None]) -> str:
    """In what way the values are wrong, in every one of these cases: the name of its sentence."""
    whole = [p for p in pairs if p is not None]
    if len(whole) < len(pairs):
        return "look"
    if all(bool(np.all(within(-p.got, p.want, p.tolerance))) for p in whole):
        return "sign"
    told = factors(whole)
    if told is not None:
        return "factor" if constant(told) else "factors"
    if all(_rearranged(p) for p in whole):
        return "places"
    if all(bool(np.any(within(p.got, p.want, p.tolerance))) for p in whole):
        return "some"
    return "none"


def _rearranged(pair: Pair) -> bool:
    got, want = np.sort(pair.got, axis=None), np.sort(pair.want, axis=None)
    return want.size > 1 and bool(np.all(within(got, want, pair.tolerance)))
