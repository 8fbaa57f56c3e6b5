"""A notebook's bytes → its code cells. nbformat is not imported to read; outputs are passed over unread.

Formats 2 to 4.5 are read, and what editors and students make of them: a byte-order mark, NaN in an
output, half of an emoji, cells of another language, cells without metadata.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec

from grader.texts import say

MAX_CELLS = 10_000
PYTHON = ("python", "ipython", "python2", "python3", "ipython2", "ipython3", "")


class NotebookError(ValueError):
    """The file is no notebook."""


class CodeCell(NamedTuple):
    """A code cell: its number among the code cells, its text, nbgrader's id, whether it is locked, and its tags."""

    number: int
    text: str
    grade_id: str = ""
    locked: bool = False
    skipped: bool = False


class Book(NamedTuple):
    """A notebook's code cells in their order, and remarks on how it was read."""

    cells: list[CodeCell]
    remarks: list[str]


class _Nbgrader(msgspec.Struct):
    grade_id: str = ""
    locked: bool = False
    solution: bool = False


class _Language(msgspec.Struct):
    name: str = ""
    language: str = ""
    version: str = ""


class _VsCode(msgspec.Struct):
    languageId: str = "python"


class _CellMeta(msgspec.Struct):
    nbgrader: msgspec.Raw = msgspec.Raw()
    vscode: msgspec.Raw = msgspec.Raw()
    tags: msgspec.Raw = msgspec.Raw()


class _Meta(msgspec.Struct):
    kernelspec: msgspec.Raw = msgspec.Raw()
    language_info: msgspec.Raw = msgspec.Raw()


class _Cell(msgspec.Struct, gc=False):
    cell_type: msgspec.Raw = msgspec.Raw()
    source: msgspec.Raw = msgspec.Raw()
    input: msgspec.Raw = msgspec.Raw()
    metadata: msgspec.Raw = msgspec.Raw()
    language: msgspec.Raw = msgspec.Raw()


class _Sheet(msgspec.Struct):
    cells: list[_Cell]


class _File(msgspec.Struct):
    cells: list[_Cell] | None = None
    worksheets: list[_Sheet] | None = None
    metadata: msgspec.Raw = msgspec.Raw()


def read_notebook(data: bytes) -> Book:
    """The code cells of a notebook.

    Raises
    ------
    NotebookError : not JSON, not a notebook, or one of another language than Python.
    """
    file = _file(data)
    if file.cells is None and file.worksheets is None:
        raise _no_notebook()
    cells = file.cells if file.cells is not None else [c for sheet in file.worksheets or () for c in sheet.cells]
    language = _part(_part(file.metadata, _Meta, _Meta()).language_info, _Language, _Language())
    kernel = _part(_part(file.metadata, _Meta, _Meta()).kernelspec, _Language, _Language())
    name = (language.name or kernel.language or kernel.name).lower()
    if name not in PYTHON and not name.startswith("python"):
        raise NotebookError(say("book.language", language=name[:30]))
    remarks = []
    if language.version.startswith("2.") or kernel.name == "python2":
        remarks.append(say("book.python2"))
    if len(cells) > MAX_CELLS:
        remarks.append(say("book.too_many_cells", count=f"{len(cells):,}", most=f"{MAX_CELLS:,}"))
    code: list[_Cell] = [c for c in cells[:MAX_CELLS] if _part(c.cell_type, str, "") == "code"]
    if code and not any(c.source or c.input for c in code):
        raise _no_notebook()
    return Book([_code_cell(number, cell) for number, cell in enumerate(code, 1)], remarks)


def _file(data: bytes) -> _File:
    """The notebook's JSON, mended where it is nearly JSON."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").encode()  # stray bytes and all
    for mend in (bytes, _mended):
        try:
            return msgspec.json.decode(mend(data), type=_File)
        except msgspec.ValidationError:
            break
        except (msgspec.DecodeError, ValueError, TypeError, RecursionError, MemoryError):
            continue
    raise _no_notebook()


def _no_notebook() -> NotebookError:
    return NotebookError(say("book.none"))


def _mended(data: bytes) -> bytes:
    """The same as strict JSON, without outputs: Python writes and reads NaN and halves of characters, JSON has none."""
    whole = json.loads(data, parse_constant=lambda _name: None)
    kept = {key: _without_outputs(whole[key]) for key in _File.__struct_fields__ if key in whole}
    return json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace")


def _without_outputs(part: Any) -> Any:
    if isinstance(part, list):
        return [_without_outputs(p) for p in part[: MAX_CELLS + 1]]
    if isinstance(part, dict):
        return {k: _without_outputs(v) if k == "cells" else v for k, v in part.items() if k != "outputs"}
    return part


def _part(raw: msgspec.Raw, kind: Any, otherwise: Any) -> Any:
    """One part of the file; what is not as it should be counts as not there."""
    try:
        return msgspec.json.decode(raw, type=kind) if raw else otherwise
    except (msgspec.DecodeError, ValueError, RecursionError):
        return otherwise


def _code_cell(number: int, cell: _Cell) -> CodeCell:
    source = cell.source or cell.input
    text = _part(source, str, "") or "".join(_part(source, list[str], []))
    meta = _part(cell.metadata, _CellMeta, _CellMeta())
    own = _part(meta.nbgrader, _Nbgrader, _Nbgrader())
    tags = _part(meta.tags, list[str], [])
    language = _part(meta.vscode, _VsCode, _VsCode()).languageId or _part(cell.language, str, "python")
    skipped = "grader-skip" in tags or language.lower() not in PYTHON
    return CodeCell(number, text.replace("\r\n", "\n").replace("\r", "\n"), own.grade_id, own.locked, skipped)
