"""Symmetries that hide mistakes: what is the same in every case of an exercise, no case can tell apart.

A matrix that is square in every case hides a missing transpose, one of ones a wrong index, a batch of
one a mean in place of a sum. A suite has to break each of these in one case at least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from grader.model import KeyCase, KeyExercise, OneOf
from grader.plan import input_names

Array = np.ndarray[Any, Any]
Symmetry = Callable[[Array], bool]


def _square(array: Array) -> bool:
    return array.ndim >= 2 and len(set(array.shape)) < array.ndim


def _symmetric(array: Array) -> bool:
    return array.ndim == 2 and array.shape[0] == array.shape[1] and np.array_equal(array, array.T)


def _constant(array: Array) -> bool:
    return array.ndim >= 1 and len(np.unique(array)) <= 1


def _one_row(array: Array) -> bool:
    return array.ndim >= 2 and array.shape[0] == 1


def _zeros(array: Array) -> bool:
    return array.dtype.kind != "i" and bool(np.any(array == 0))


def _repeated(array: Array) -> bool:
    return array.dtype.kind != "i" and array.size > 1 and len(np.unique(array)) < array.size


OF_INPUTS: dict[str, tuple[Symmetry, str]] = {
    "square": (_square, "two sizes of {what} are equal"),
    "symmetric": (_symmetric, "{what} is its own transpose"),
    "constant": (_constant, "all entries of {what} are equal"),
    "one_row": (_one_row, "{what} has one row, a batch of one"),
    "zeros": (_zeros, "an entry of {what} is zero"),
    "repeated": (_repeated, "two entries of {what} are equal"),
}
OF_OUTPUTS = ("square", "symmetric")


def unbroken(exercise: KeyExercise) -> dict[str, str]:
    """Symmetries that no case breaks: a short name ("W constant") → what is so in every case.

    Of an exercise that comes in variants every variant is looked at alone, for a student gets one.
    """
    found: dict[str, str] = {}
    for variant in variants_of(exercise):
        cases = [c for c in exercise.cases if c.variant in (None, variant)]
        whose = "" if variant is None else f" of variant {variant}"
        for name, text in _unbroken(cases, whose):
            found.setdefault(name, text)
    return found


def variants_of(exercise: KeyExercise) -> list[int | None]:
    """The variants in which an exercise's cases come; None alone where there are none."""
    return [*sorted({c.variant for c in exercise.cases if c.variant is not None})] or [None]


def _unbroken(cases: Sequence[KeyCase], whose: str) -> Iterator[tuple[str, str]]:
    start = f"in every case{whose} "
    inputs = [_handed_over(c) for c in cases]
    for what, values in _by_name(inputs).items():
        arrays = [np.asarray(v) for v in values]
        for name, (holds, text) in OF_INPUTS.items():
            if all(holds(a) for a in arrays) and not (name == "repeated" and all(_constant(a) for a in arrays)):
                yield f"{what} {name}", start + text.format(what=what)
        numbers = {a.item() for a in arrays if a.ndim == 0}
        if len(numbers) == 1 and len(values) > 1 and all(a.ndim == 0 for a in arrays):
            yield f"{what} constant", f"{start}{what} is {numbers.pop():g}"
    for one, other in _alike(inputs):
        yield f"{one} and {other} alike", f"{start}{one} and {other} are equal"
    for what, values in _by_name([_expected(c) for c in cases]).items():
        arrays = [np.asarray(v) for v in values]
        for name in OF_OUTPUTS:
            holds, text = OF_INPUTS[name]
            if all(holds(a) for a in arrays):
                yield f"{what} {name}", start + text.format(what=f"what is expected of {what}")
        entries = np.unique(np.concatenate([a.reshape(-1) for a in arrays]))
        if len(entries) == 1 and sum(a.size for a in arrays) > 1:
            yield f"{what} constant", f"{start}{entries[0]:g} is expected of {what}, everywhere"


def _handed_over(case: KeyCase) -> dict[str, Any]:
    """The inputs that the plan hands to the student's code; all where it only reads an answer."""
    used = set(input_names(case.plan))
    return {k: v for k, v in case.inputs.items() if k in used or not used}


def _alike(inputs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Two inputs that are the same in every case."""
    by_name = {n: values for n, values in _by_name(inputs).items() if len(values) == len(inputs)}
    for one, other in combinations(by_name, 2):
        if all(np.array_equal(a, b) for a, b in zip(by_name[one], by_name[other], strict=True)):
            yield one, other


def _expected(case: KeyCase) -> dict[str, Any]:
    """The expected arrays; an output that is a tuple (a cache of the inputs) is left out."""
    values = {n: c.values[0] if isinstance(c, OneOf) else c.value for n, c in case.checks.items()}
    return {n: v for n, v in values.items() if not isinstance(v, list)}


def _by_name(tables: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Every array and number in the tables, by the name of its place; of lists all members together."""
    found: dict[str, list[Any]] = {}
    for table in tables:
        for name, value in table.items():
            for place, leaf in _leaves(name, value):
                found.setdefault(place, []).append(leaf)
    return found


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(f"{name}[{key}]", item)
    elif isinstance(value, list):
        pairs = all(isinstance(item, list) for item in value)
        for number, item in enumerate(value):
            yield from _leaves(f"{name}[]" if pairs else f"{name}[{number}]", item)
    elif isinstance(value, (int, float, np.ndarray)) and np.size(value):
        yield name, value
