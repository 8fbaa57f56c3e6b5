"""Right answers written another way: those of variants.py, and the reference on arrays of another kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.authoring.course import Authored
from grader.authoring.demo import example_inputs
from grader.authoring.exercise import Correct, Exercise
from grader.authoring.splice import with_functions, with_value
from grader.plan import Read

WRAPPER = """

def _of_arrays(value, change):
    import numpy
    if isinstance(value, (numpy.ndarray, numpy.floating)):
        return change(numpy, numpy.asarray(value))
    if isinstance(value, (tuple, list)):
        return type(value)([_of_arrays(v, change) for v in value])
    if isinstance(value, dict):
        return {k: _of_arrays(v, change) for k, v in value.items()}
    return value


def _through(function, change):
    def changed(*args, **kwargs):
        return _of_arrays(function(*_of_arrays(args, change), **_of_arrays(kwargs, change)), change)
    return changed


for _name in NAMES:
    globals()[_name] = _through(globals()[_name], lambda numpy, array: CHANGE)
"""
"""Stands below the reference: every function gets, and gives, arrays that were changed."""

FORTRAN, STRIDED, FLOAT32 = "Fortran-ordered arrays", "arrays that are not contiguous", "float32 throughout"
CHANGES = {
    FORTRAN: "numpy.array(array, order='F')",
    STRIDED: "numpy.repeat(array[..., None], 2, axis=-1)[..., 1]",
    FLOAT32: "array.astype(numpy.float32) if array.dtype.kind == 'f' else array",
}


@dataclass(frozen=True)
class Right:
    """A text that must get full marks in these exercises."""

    title: str
    source: str
    exercises: Sequence[str]
    where: str = ""


def right_texts(authored: Authored, exercises: Sequence[Exercise]) -> Iterator[Right]:
    """The reference itself, the reference on other arrays, and what the author wrote.

    Raises
    ------
    AuthorError : a function of variants.py that cannot be found in its text.
    """
    called = [e for e in exercises if not isinstance(e.plan.steps[-1], Read)]
    yield Right("the reference", authored.source, [e.id for e in exercises])
    for title, change in CHANGES.items():
        meant = [e for e in called if e.float32 or title != FLOAT32]
        names = sorted({name for e in meant for name in e.plan.targets()})
        if meant:
            below = WRAPPER.replace("NAMES", repr(names)).replace("CHANGE", change)
            yield Right(title, authored.source + below, [e.id for e in meant])
    for exercise in exercises:
        if exercise not in called:
            number = np.asarray(authored.reference[exercise.id])
            for title, text in (("as floating-point numbers", number.astype(float)), ("as tuples", number)):
                written = repr(text.tolist())
                if title == "as tuples":
                    written = written.replace("[", "(").replace("]", ")")
                yield Right(title, with_value(authored.source, exercise.id, written), [exercise.id])
    for correct in authored.variants:
        ids = [e.id for e in exercises if correct in authored.variants_of(e)]
        if ids:
            yield Right(correct.title, _spliced(authored, correct), ids, correct.where)


def _spliced(authored: Authored, correct: Correct) -> str:
    """The reference with the functions, or the numbers, of a right answer in place of its own."""
    numbers = {e.id: e for e in authored.assignment.exercises if isinstance(e.plan.steps[-1], Read)}
    functions = {name: f for name, f in correct.functions.items() if name not in numbers}
    source = with_functions(authored.source, functions, authored.variants_source)
    for name in correct.functions.keys() & numbers.keys():
        value = correct.functions[name](**example_inputs(authored, numbers[name]))
        source = with_value(source, name, repr(np.asarray(value).tolist()))
    return source
