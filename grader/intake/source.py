"""A notebook → one Python file and the map of its lines, with cells by id put right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from grader.intake.magics import CellError, imports_alone, to_python, written_file
from grader.intake.notebook import Book, CodeCell, NotebookError, read_notebook
from grader.intake.work import MAX_CODE, parts_of
from grader.model import Cell, Notebook
from grader.texts import say

HEAD = "# -*- coding: utf-8 -*-"
"""In the first line, so that a cell that declares another encoding does not."""
MAX_TOLD = 8
DEFINED = re.compile(r"^(?:async )?def ([^\W\d]\w*)", re.MULTILINE)


class Converted(NamedTuple):
    """What a notebook became: the Python, the map of its lines, remarks, and files that its cells write."""

    source: bytes
    notebook: Notebook
    remarks: list[str]
    written: dict[str, bytes]


def convert(data: bytes, name: str, file: str = "", released: bytes | None = None) -> Converted:
    """The code cells in order as one source.

    A cell that is no Python is left out, so that the functions of the other cells are graded; a cell
    of another language (%%bash) silently. A cell of the released notebook that was deleted is put
    back where nothing else stands for it.

    Parameters
    ----------
    name : the notebook's own name, for messages.
    file : the stub's name: a cell that writes that file (%%writefile) counts as the file.

    Raises
    ------
    NotebookError : not JSON, not a notebook, or more code than can be.
    """
    book = read_notebook(data)
    if sum(len(c.text) for c in book.cells) > MAX_CODE:
        raise NotebookError(say("book.too_much_code", size=MAX_CODE >> 10))
    remarks = list(book.remarks)
    cells = _with_deleted(book, released, remarks)
    written: dict[str, bytes] = {}
    texts: list[tuple[int, str]] = []
    broken: list[str] = []
    for cell in cells:
        own = written_file(cell.text)
        if own is not None and own[0] != file:
            written[own[0]] = written.get(own[0], b"") + own[1].encode("utf-8", "replace")
        try:
            text = "" if cell.skipped else to_python(_plain(cell.text, own is not None and own[0] == file))
        except CellError as error:
            text = imports_alone(cell.text)
            kept = "book.broken_cell_imports" if text.strip() else "book.broken_cell"
            broken.append(say(kept, cell=cell.number, why=error))
        texts.append((cell.number, text))
    remarks += broken[:MAX_TOLD] + (
        [say("book.more_broken", count=len(broken) - MAX_TOLD)] if broken[MAX_TOLD:] else []
    )
    texts = _without_repeated(texts, remarks, _released_names(released))
    source, places = _join(texts)
    return Converted(source.encode("utf-8", "replace"), Notebook(name, places), remarks, written)


def _plain(text: str, is_file: bool) -> str:
    text = text.replace("\ufeff", " ")
    return re.sub(r"^(\s*)%%", r"\1# %%", text, count=1) if is_file else text


def _join(texts: Sequence[tuple[int, str]]) -> tuple[str, list[Cell]]:
    lines, places = [HEAD], []
    for number, text in texts:
        lines.append(f"# code cell {number}" if number else "# a cell that was put back")
        own = text.split("\n")
        places.append(Cell(number, len(lines) + 1, len(own)))
        lines += [*own, ""]
    return "\n".join(lines) + "\n", places


# ------------------------------------------------------------------------------- cells by their id


def _with_deleted(book: Book, released: bytes | None, remarks: list[str]) -> list[CodeCell]:
    """The cells, and those of the released notebook that are gone and that nothing else stands for.

    A locked cell (the imports) is missed by its id; one that a student was to fill in is put back as
    a stub only to be told: it holds no work.
    """
    cells = list(book.cells)
    have = {c.grade_id for c in cells if c.grade_id}
    try:
        original = read_notebook(released).cells if released is not None else []
    except NotebookError:
        original = []
    if not have:  # saved by an editor that drops what it does not know, or written anew: nothing can be said
        return cells
    whole = "\n".join(c.text for c in cells)
    at = 0
    for cell in original:
        if cell.grade_id in have:
            at = max(n for n, c in enumerate(cells, 1) if c.grade_id == cell.grade_id)
        elif cell.grade_id and any(line not in whole for line in _substance(cell.text)):
            names = ", ".join(DEFINED.findall(cell.text)) or repr(_substance(cell.text)[0])
            cells.insert(at, cell._replace(number=0))
            remarks.append(say("book.deleted", names=names))
            at += 1
    return cells


def _substance(text: str) -> list[str]:
    """What a cell is there for: the functions that it defines, else its imports, else its assignments' left sides."""
    lines = [line.strip() for line in text.split("\n")]
    return (
        [f"def {name}(" for name in DEFINED.findall(text)]
        or [line for line in lines if line.startswith(("import ", "from "))]
        or [line.partition("=")[0] + "=" for line in lines if re.match(r"\w+ = ", line)]
    )


def _released_names(released: bytes | None) -> set[str] | None:
    """The functions of the released notebook; None where it is not known."""
    if released is None:
        return None
    try:
        return {name for cell in read_notebook(released).cells for name in DEFINED.findall(cell.text)}
    except NotebookError:
        return None


def _without_repeated(
    texts: list[tuple[int, str]], remarks: list[str], names: set[str] | None
) -> list[tuple[int, str]]:
    """Tell of functions that stand in several cells: the last counts, as in Python, unless it alone is a stub."""
    homes: dict[str, list[int]] = {}
    for position, (_number, text) in enumerate(texts):
        for name in sorted(set(DEFINED.findall(text))):
            homes.setdefault(name, []).append(position)
    told = 0
    for name, positions in homes.items():
        if len(positions) < 2 or (names is not None and name not in names):
            continue
        parts = {p: found for p in positions if (found := (parts_of(texts[p][1]) or {}).get(name))}
        if len(parts) < 2:
            continue
        worked = [p for p, found in parts.items() if not found[-1].untouched]
        chosen = max(worked or parts)
        for position in (p for p in parts if p > chosen):
            number, text = texts[position]
            for part in parts[position]:
                text = _blanked(text, part.first, part.last)
            texts[position] = (number, text)
        told += 1
        if told <= MAX_TOLD:
            numbers = say("and").join(str(texts[p][0]) for p in parts)
            remarks.append(say("book.repeated", name=name, cells=numbers, chosen=texts[chosen][0]))
    return texts


def _blanked(text: str, first: int, last: int) -> str:
    lines = text.split("\n")
    return "\n".join("" if first <= n <= last else line for n, line in enumerate(lines, 1))
