"""Relations between what was returned and what is right: what an answer is, where no known mistake explains it.

Each has to hold on every case. Where it could not fail to hold (a row of one entry has the right
factor to anything), the case says nothing for it; a relation that no case says anything for names nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from grader.texts import say
from grader.values import Numbers, as_numbers, within

SHARP = 1000
"""In tolerances: how large the largest entry must be for a factor to mean anything."""
ALIKE = 1e-5
"""Relative: how far the factors of two cases may differ and be called the same."""
ENOUGH = 2
"""So many cases must say something for a factor."""


class Pair(msgspec.Struct, frozen=True):
    """One output of one case: what was returned, what is right, and how far apart they may be.

    `inputs` are the case's arrays by name; `others` are what is right in the other outputs, and `swapped`
    what was returned there.
    """

    got: Numbers
    want: Numbers
    tolerance: float
    inputs: Mapping[str, Numbers] = {}
    others: Mapping[str, tuple[Numbers, float]] = {}
    swapped: Mapping[str, Numbers] = {}


class Related(msgspec.Struct, frozen=True):
    """A relation's name, and what to tell of it."""

    name: str
    hint: str


def relation_of(output: str, pairs: Sequence[Pair]) -> Related | None:
    """The first relation that holds on every case."""
    return next(_relations(output, pairs), None)


def _relations(output: str, pairs: Sequence[Pair]) -> Iterator[Related]:
    if any(_says_something(p) for p in pairs) and all(_near(-p.got, p.want, p.tolerance) for p in pairs):
        yield Related("sign", say("relation.sign", output=output))
    if all(_near(p.got.T, p.want, p.tolerance) and p.want.ndim == 2 for p in pairs):
        yield Related("transpose", say("relation.transpose", output=output))
    if all(p.got.size == p.want.size and _near(p.got.reshape(p.want.shape), p.want, p.tolerance) for p in pairs):
        yield Related("shape", say("relation.shape", output=output))
    yield from _exchanged(output, pairs)
    yield from _scaled(output, pairs)
    yield from _lacking(output, pairs)


def _exchanged(output: str, pairs: Sequence[Pair]) -> Iterator[Related]:
    """Two outputs in each other's place."""
    for other in pairs[0].others:
        if all(
            _near(p.got, *p.others[other]) and other in p.swapped and _near(p.swapped[other], p.want, p.tolerance)
            for p in pairs
        ):
            yield Related("exchanged", say("relation.exchanged", output=output, other=other))


def _scaled(output: str, pairs: Sequence[Pair]) -> Iterator[Related]:
    """A number too much: the same one in every case, or one that goes with a size."""
    factors = [factor(p) for p in pairs]
    known = [(p, f) for p, f in zip(pairs, factors, strict=True) if f is not None]
    if len(known) < ENOUGH or not all(f is not None or _single(p) for p, f in zip(pairs, factors, strict=True)):
        return
    told = [f for _, f in known]
    if any(f == 0 for f in told) or not all(_holds(p, told[0]) for p in pairs if constant(told)):
        return
    if constant(told):
        yield Related("factor", say("relation.factor", output=output))
        return
    for name in pairs[0].inputs:
        rows = [p.inputs[name].shape[0] if name in p.inputs and p.inputs[name].ndim else 0 for p in pairs]
        if all(rows) and all(_holds(p, 1 / n) for p, n in zip(pairs, rows, strict=True)):
            yield Related("divided_by_rows", say("relation.divided_by_rows", output=output, input=name))
        if all(rows) and all(_holds(p, n) for p, n in zip(pairs, rows, strict=True)):
            yield Related("multiplied_by_rows", say("relation.multiplied_by_rows", output=output, input=name))


def _lacking(output: str, pairs: Sequence[Pair]) -> Iterator[Related]:
    """An input that belongs in as a factor, entry by entry."""
    for name in pairs[0].inputs:
        factors = [p.inputs.get(name) for p in pairs]
        if all(
            f is not None and f.shape == p.want.shape == p.got.shape and _near(p.got * f, p.want, p.tolerance)
            for p, f in zip(pairs, factors, strict=True)
        ) and any(f is not None and len(np.unique(f)) > 1 for f in factors):
            yield Related("lacks_factor", say("relation.lacks_factor", output=output))


# ----------------------------------------------------------------------------------------- factors


def factor(pair: Pair) -> float | None:
    """The number that what is right is multiplied by in what was returned; None where there is none to tell."""
    got, want = pair.got, pair.want
    if got.shape != want.shape or _single(pair) or got.dtype.kind == "c":
        return None
    index = np.unravel_index(int(np.argmax(np.abs(want))), want.shape)
    largest = float(want[index])
    if not np.isfinite(largest) or abs(largest) < SHARP * pair.tolerance or not np.isfinite(got[index]):
        return None
    found = float(got[index]) / largest
    return found if _holds(pair, found) else None


def factors(pairs: Sequence[Pair]) -> list[float] | None:
    """By case the factor between what is right and what was returned; None unless all of them have one."""
    found = [factor(p) for p in pairs]
    told = [f for f in found if f is not None]
    return told if told and len(told) == len(found) and all(f != 0 for f in told) else None


def constant(told: Sequence[float]) -> bool:
    """Whether these factors are one and the same."""
    return max(told) - min(told) <= ALIKE * max(abs(f) for f in told)


def _holds(pair: Pair, number: float) -> bool:
    """Whether what was returned is what is right times this number."""
    return _near(pair.got, number * pair.want, 2 * max(abs(number), 1.0) * pair.tolerance)


def _single(pair: Pair) -> bool:
    """Whether any number would do: an array of one magnitude is a multiple of all such arrays."""
    magnitudes = np.abs(pair.want).reshape(-1)
    return magnitudes.size < 2 or bool((magnitudes == magnitudes[0]).all()) or bool(np.isnan(magnitudes).all())


def _says_something(pair: Pair) -> bool:
    return pair.want.size > 1


def _near(got: Numbers, want: Numbers, tolerance: float) -> bool:
    return got.shape == want.shape and bool(np.all(within(got, want, tolerance)))


def arrays(inputs: Mapping[str, Any]) -> dict[str, Numbers]:
    """The inputs that are arrays of numbers."""
    return {k: v for k, v in ((k, as_numbers(v)) for k, v in inputs.items()) if not isinstance(v, str)}
