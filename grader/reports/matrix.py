"""What came back beside what was expected: a cropped table in which each entry is marked ✓ or ✗."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.model import Evidence
from grader.texts import say
from grader.values import Numbers, as_numbers, within

ROWS, COLUMNS = 6, 8


class Crop(NamedTuple):
    """A part of an array, as a matrix of texts, and where it was taken from."""

    cells: list[list[str]]
    title: str
    more: bool


def difference(shown: Evidence, width: int) -> Iterator[str]:
    """The lines of the table, at most `width` wide; nothing for a number, or for what is no array."""
    if isinstance(shown.expected, list):
        return
    got, want = as_numbers(shown.returned), np.asarray(shown.expected)
    if isinstance(got, str) or want.dtype.kind not in "biufc" or want.ndim == 0 or got.ndim == 0 or 0 in got.shape:
        return
    close = within(got, want, shown.tolerance) if got.shape == want.shape else None
    at = _worst(got, want, close)
    for columns in range(COLUMNS, 0, -1):
        left, right = _crop(got, close, at, columns), _crop(want, None, at, columns)
        lines = _beside(left, right)
        if max(map(len, lines)) > width:
            stacked = [
                _titled(say("check.yours"), left),
                *_rows(left),
                _titled(say("check.expected"), right),
                *_rows(right),
            ]
            lines = stacked if columns <= 4 or got.shape[-1] > columns else lines
        if max(map(len, lines)) <= width:
            yield from (line.rstrip() for line in lines)
            return


def _worst(got: Numbers, want: Numbers, close: NDArray[np.bool_] | None) -> tuple[int, ...]:
    """The entry that is farthest off; the first one where shapes differ."""
    if close is None:
        return (0,) * max(got.ndim, want.ndim)
    with np.errstate(all="ignore"):
        distance = np.where(close, -1.0, np.nan_to_num(np.abs(got - want), nan=np.inf))
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(distance)), want.shape))


def _crop(array: Numbers, close: NDArray[np.bool_] | None, at: Sequence[int], columns: int) -> Crop:
    """The matrix around an entry; of an array with more axes the last two, of a vector its one row."""
    before = tuple(min(i, n - 1) for i, n in zip(at, array.shape[:-2], strict=False))
    table = np.atleast_2d(array[before])
    marks = None if close is None else np.atleast_2d(close[before])
    row, column = (*at[:-2], 0, *at)[-2:] if array.ndim > 1 else (0, at[-1])
    top, left = _start(row, table.shape[0], ROWS), _start(column, table.shape[1], columns)
    part = table[top : top + ROWS, left : left + columns]
    cells = [
        [_cell(value, None if marks is None else bool(marks[top + i, left + j])) for j, value in enumerate(line)]
        for i, line in enumerate(part)
    ]
    whole = part.shape == table.shape and not before
    return Crop(cells, "" if whole else _title(array, before, top, left, part), not whole)


def _start(middle: int, size: int, room: int) -> int:
    """Where a window of `room` entries begins that holds the entry `middle`."""
    return max(0, min(middle - room // 2, size - room))


def _title(array: Numbers, before: tuple[int, ...], top: int, left: int, part: Numbers) -> str:
    """Which part it is, as NumPy would write it."""
    rows = [f"{top}:{top + part.shape[0]}"] if array.ndim > 1 else []
    return f"[{', '.join([*map(str, before), *rows, f'{left}:{left + part.shape[1]}'])}]"


def _cell(value: Any, right: bool | None) -> str:
    text = f"{complex(value):.4g}" if np.iscomplexobj(value) else f"{float(value):.4g}"
    return text if right is None else f"{text} {'✓' if right else '✗'}"


def _titled(name: str, crop: Crop) -> str:
    return f"{name} {crop.title}".rstrip()


def _rows(crop: Crop) -> list[str]:
    widest = max(len(cell) for row in crop.cells for cell in row)
    return ["  " + "  ".join(cell.rjust(widest) for cell in row) for row in crop.cells]


def _beside(left: Crop, right: Crop) -> list[str]:
    ours, theirs = (
        [_titled(say("check.yours"), left), *_rows(left)],
        [_titled(say("check.expected"), right), *_rows(right)],
    )
    widest = max(map(len, ours))
    return [f"{a:<{widest}}   {b}" for a, b in zip_longest(ours, theirs, fillvalue="")]
