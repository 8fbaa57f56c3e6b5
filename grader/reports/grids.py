"""Arrays as grids of short texts, cropped around what is wrong: how every report shows a matrix."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.reports.clean import clean
from grader.texts import say
from grader.values import Numbers, as_numbers, describe, within

ROWS, COLUMNS = 8, 8
SHORT, LONG = 4, 9
"""Digits of a number; the long form where two different numbers would read the same."""
MORE = "…"


class Entry(msgspec.Struct, frozen=True):
    """One number as text; `mark` is "wrong", "right" (what should stand there) or nothing."""

    text: str
    mark: str = ""


class Grid(msgspec.Struct, frozen=True):
    """An array as rows of entries. `words` stand in place of the rows where a value is no array of numbers."""

    name: str
    shape: str
    rows: list[list[Entry]] = []
    words: str = ""
    note: str = ""


class Pair(msgspec.Struct, frozen=True):
    """What one output returned beside what was expected; `told` says in words what differs."""

    output: str
    returned: Grid
    expected: Grid
    told: str = ""


def grid(name: str, value: Any) -> Grid:
    """A value as a grid, with nothing marked."""
    numbers = as_numbers(value)
    if isinstance(numbers, str):
        return Grid(name, "", words=_words(value))
    return _drawn(name, numbers, None, "", SHORT)


def pair(output: str, returned: Any, expected: Any, tolerance: float) -> Pair:
    """Returned beside expected; where they have the same shape, wrong entries are marked in both."""
    got, want = as_numbers(returned), as_numbers(expected)
    if isinstance(got, str) or isinstance(want, str):
        return Pair(output, grid(say("grid.returned"), returned), grid(say("check.expected"), expected))
    if got.shape != want.shape:
        told = say("grid.shapes", got=_shape(got) or "()", want=_shape(want) or "()")
        return Pair(output, grid(say("grid.returned"), returned), grid(say("check.expected"), expected), told)
    wrong = ~within(got, want, tolerance)
    count = int(np.sum(wrong))
    told = "" if want.ndim == 0 else say("grid.differ", count=count, size=want.size)
    digits = LONG if _same_in_short(got, want, wrong) else SHORT
    return Pair(
        output,
        _drawn(say("grid.returned"), got, wrong, "wrong", digits),
        _drawn(say("check.expected"), want, wrong, "right", digits),
        told,
    )


def _drawn(name: str, numbers: Numbers, wrong: NDArray[np.bool_] | None, mark: str, digits: int) -> Grid:
    table, note = _as_table(numbers)
    marked = np.zeros(table.shape, bool) if wrong is None else _as_table(wrong)[0].astype(bool)
    top, left = _corner(marked)
    shown = table[top : top + ROWS, left : left + COLUMNS]
    rows = [
        [Entry(number(value, digits), mark if marked[top + i, left + j] else "") for j, value in enumerate(row)]
        for i, row in enumerate(shown)
    ]
    if table.shape != shown.shape:
        rows = _with_dots(rows, table.shape, (top, left))
        high, wide = table.shape
        ends = {"bottom": top + len(shown), "right": left + shown.shape[1]}
        place = say("grid.part", top=top + 1, left=left + 1, high=high, wide=wide, **ends)
        note = f"{note}; {place}" if note else place
    return Grid(name, _shape(numbers), rows, note=note)


def _as_table(numbers: NDArray[Any]) -> tuple[NDArray[Any], str]:
    """At most two axes: a vector is a row, each sample of an array of more axes becomes one."""
    if numbers.ndim <= 2:
        return np.atleast_2d(numbers), ""
    return numbers.reshape(len(numbers), -1) if len(numbers) else numbers.reshape(0, 0), say("grid.samples")


def _corner(marked: NDArray[np.bool_]) -> tuple[int, int]:
    """The upper left entry to begin with, so that the first wrong entry is seen."""
    if marked[:ROWS, :COLUMNS].any() or not marked.any():
        return 0, 0
    row, column = (int(i[0]) for i in np.nonzero(marked))
    return max(0, min(row, marked.shape[0] - ROWS)), max(0, min(column, marked.shape[1] - COLUMNS))


def _with_dots(rows: list[list[Entry]], whole: tuple[int, ...], corner: tuple[int, int]) -> list[list[Entry]]:
    """Dots where rows or columns are left out."""
    dots = Entry(MORE)
    before, after = corner[1] > 0, corner[1] + COLUMNS < whole[1]
    rows = [[dots] * before + row + [dots] * after for row in rows]
    line = [dots] * (len(rows[0]) if rows else 0)
    return [line] * (corner[0] > 0) + rows + [line] * (corner[0] + ROWS < whole[0])


def _same_in_short(got: Numbers, want: Numbers, wrong: NDArray[np.bool_]) -> bool:
    """Whether two numbers that differ would read the same."""
    pairs = zip(got[wrong].ravel()[:64], want[wrong].ravel()[:64], strict=True)
    return any(number(a, SHORT) == number(b, SHORT) for a, b in pairs)


def number(value: Any, digits: int = SHORT) -> str:
    """A number as short as it can be told, with a true minus sign."""
    if np.iscomplexobj(value):
        text = f"{complex(value):.{digits}g}"
    else:
        real = float(value)
        text = f"{int(real)}" if real.is_integer() and abs(real) < 1e6 else f"{real:.{digits}g}"
    return "0" if text == "-0" else text.replace("-", "−")


def _shape(numbers: Numbers) -> str:
    return "" if numbers.ndim == 0 else str(numbers.shape)


def _words(value: Any) -> str:
    """What is no array of numbers, in a few words; a text is somebody's, and cut."""
    if isinstance(value, str):
        return say("grid.text", text=clean(value, 60, keep_lines=False))
    if isinstance(value, list) and value and all(not isinstance(as_numbers(v), str) for v in value):
        shapes = ", ".join(_shape(np.asarray(v)) for v in value[:4])
        return f"{len(value)} arrays: {shapes}"
    return clean(describe(value), 100, keep_lines=False)
