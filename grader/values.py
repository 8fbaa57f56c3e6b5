"""Returned values in the house's words: named outputs, arrays of numbers, and closeness."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.model import Notebook, Shape
from grader.texts import say
from grader.wire import Opaque

Numbers = NDArray[Any]
MAX_NAME = 100
"""Bytes; a disk takes 255, and a checksum and a suffix may follow."""
UNSAFE = re.compile(r"[^\w.@+ -]")


class CountError(Exception):
    """The function returned another number of values than it should; the text says so."""


def named_outputs(returns: Shape, names: Sequence[str], value: Any) -> dict[str, Any]:
    """Split what was returned into named outputs; an output that is not there is None.

    Raises
    ------
    CountError : the number of values is another one, or it is no dict where one is expected.
    """
    if value is None:
        return dict.fromkeys(names)
    if returns is Shape.ONE:
        return {names[0]: value}
    if returns is Shape.DICT:
        if not isinstance(value, dict):
            raise CountError(say("count.dict", names=", ".join(names), got=describe(value)))
        return {name: value.get(name) for name in names}
    if not isinstance(value, (list, tuple)):
        raise CountError(say("count.values", count=len(names), names=", ".join(names), got=describe(value)))
    if len(value) != len(names):
        raise CountError(say("count.values", count=len(names), names=", ".join(names), got=len(value)))
    return dict(zip(names, value, strict=True))


def place(line: int, notebook: Notebook | None) -> str:
    """Where a line of a student's file stands: "line 30", or "code cell 7, line 3" of the notebook it was made of."""
    for cell in notebook.cells if notebook is not None else ():
        if cell.first <= line < cell.first + cell.lines:
            own = line - cell.first + 1
            return say("place.cell", cell=cell.number, line=own) if cell.number else say("place.restored", line=own)
    return say("place.line", line=line)


def variant_of(student: str, variants: int) -> int:
    """Which of an assignment's variants a student has: by the id alone, so that it never changes."""
    return zlib.crc32(student.encode("utf-8", "surrogatepass")) % variants if variants else 0


def safe_name(student: str) -> str:
    """The student's id as a folder's name, free of separators and control characters.

    An id that had to be changed ends in a checksum, so that no two students share a folder.
    """
    name = UNSAFE.sub("_", student).encode("utf-8", "replace")[:MAX_NAME].decode("utf-8", "ignore").strip(" .")
    if name and name == student:
        return name
    return f"{name}-{zlib.crc32(student.encode('utf-8', 'surrogatepass')):08x}"


def describe(value: Any) -> str:
    """A few words on a value: 'an array of (2, 3) float64', 'a list of 2'."""
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return say("is.number")
        return say("is.array", shape=value.shape, dtype=value.dtype)
    if isinstance(value, bool):
        return say("is.bool")
    if isinstance(value, (int, float)):
        return say("is.number")
    if isinstance(value, (list, tuple)):
        return say("is.list", count=len(value))
    if isinstance(value, dict):
        return say("is.dict", count=len(value))
    if isinstance(value, str):
        return say("is.text")
    return "None" if value is None else repr(value)


def as_numbers(value: Any) -> Numbers | str:
    """A returned value as an array of numbers; or, in words, what it is instead.

    Numbers, arrays and (nested) lists of numbers are arrays; a bool array is none, because an
    answer that is a comparison is a mistake of its own.
    """
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value.astype(np.float64)
    if isinstance(value, (bool, str, dict, Opaque)) or value is None:
        return describe(value)
    if isinstance(value, (list, tuple)) and not _all_numbers(value):
        return describe(value)
    try:
        array = np.asarray(value)
    except ValueError:
        return say("is.ragged")
    if array.dtype.kind not in "iufc":
        return describe(value) if array.dtype.kind != "b" else say("is.bools")
    with np.errstate(all="ignore"):
        return array.astype(np.float64) if array.dtype.kind in "iuf" else array


def _all_numbers(items: Sequence[Any]) -> bool:
    """Whether a nested list holds numbers and arrays only: of texts NumPy would make a huge array."""
    return all(
        _all_numbers(i) if isinstance(i, (list, tuple)) else isinstance(i, (bool, int, float, np.ndarray))
        for i in items
    )


def within(got: Numbers, want: Numbers, tolerance: float) -> NDArray[np.bool_]:
    """|got − want| ≤ tolerance, element by element; false where either is nan."""
    with np.errstate(all="ignore"):
        apart = got - want
        close: NDArray[np.bool_] = np.abs(apart) <= tolerance
        if np.isfinite(apart).all():
            return close
        same_infinity: NDArray[np.bool_] = np.isinf(want) & (got == want)
        return close | same_infinity
