"""A CSV as it stands: cells with their places in the text, of which some change and no other byte does."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import NamedTuple

from grader.errors import UsageError

MAX_BYTES = 64 << 20
DELIMITERS = ",;\t"
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Cell(NamedTuple):
    """What a cell says, and from where to where it stands in the text, its quotes included."""

    text: str
    start: int
    end: int


class Table:
    """A CSV; made by `Table.read`. `rows` are lists of cells, `lines` the line on which each row begins, from 1."""

    def __init__(self, mark: bytes, encoding: str, text: str, delimiter: str, where: str) -> None:
        self.mark = mark
        self.encoding = encoding
        self.text = text
        self.delimiter = delimiter
        self.where = where
        self.rows, self.lines = _parsed(text, delimiter, where)

    @classmethod
    def read(cls, data: bytes, where: str) -> Table:
        """Read the bytes of a CSV: UTF-8, UTF-16 or Windows-1252; commas, semicolons or tabs.

        Raises
        ------
        UsageError : it is no such table; `where` names the file.
        """
        if len(data) > MAX_BYTES:
            raise UsageError(f"{where}: expected a table of at most {MAX_BYTES >> 20} MiB")
        mark = next((m for m in MARKS if data.startswith(m)), b"")
        encoding, text = _decoded(data[len(mark) :], MARKS.get(mark), where)
        delimiter = max(DELIMITERS, key=lambda d: _width(text, d))
        if _width(text, delimiter) < 2:
            raise UsageError(f"{where}: expected a CSV with several columns; export it from the LMS again")
        return cls(mark, encoding, text, delimiter, where)

    def header(self) -> list[str]:
        """What the cells of the first row say, without spaces around."""
        return [cell.text.strip() for cell in self.rows[0]]

    def cell(self, row: int, column: int) -> str:
        """What a cell says.

        Raises
        ------
        UsageError : the row has no such cell.
        """
        cells = self.rows[row]
        if column >= len(cells):
            raise UsageError(
                f"{self.where}:{self.lines[row]}: expected {len(self.rows[0])} cells as in the first line, "
                f"got {len(cells)}; export it from the LMS again"
            )
        return cells[column].text

    def written(self, changes: Mapping[tuple[int, int], str]) -> bytes:
        """The bytes with some cells, by (row, column), saying something else; all others are what they were."""
        pieces, end = [], 0
        for (row, column), text in sorted(changes.items()):
            cell = self.rows[row][column]
            quoted = self.text.startswith('"', cell.start) or any(c in text for c in f'{self.delimiter}"\r\n')
            pieces += [self.text[end : cell.start], '"' + text.replace('"', '""') + '"' if quoted else text]
            end = cell.end
        return self.mark + "".join([*pieces, self.text[end:]]).encode(self.encoding)


def _decoded(data: bytes, encoding: str | None, where: str) -> tuple[str, str]:
    """(encoding, text) such that the text encodes to the same bytes."""
    if encoding is None and b"\0" in data[:2000]:
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    for candidate in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
        try:
            text = data.decode(candidate)
            if text.encode(candidate) == data:
                return candidate, text
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{where}: expected a CSV in UTF-8 or UTF-16; export it from the LMS again")


def _field(delimiter: str) -> re.Pattern[str]:
    """One cell: (in quotes, behind them) or (bare), and what ends it."""
    d = re.escape(delimiter)
    return re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"([^{d}\r\n]*)|([^{d}\r\n]*))({d}|\r\n|\r|\n|\Z)')


def _width(text: str, delimiter: str) -> int:
    """How many cells the first row has."""
    field, place, width = _field(delimiter), 0, 0
    while found := field.match(text, place):
        place, width = found.end(), width + 1
        if found[4] != delimiter:
            break
    return width


def _parsed(text: str, delimiter: str, where: str) -> tuple[list[list[Cell]], list[int]]:
    """Rows and the lines on which they begin."""
    field = _field(delimiter)
    rows: list[list[Cell]] = []
    lines, line, place = list[int](), 1, 0
    row: list[Cell] = []
    while place < len(text) or row:
        found = field.match(text, place)
        assert found is not None  # the second alternative matches anything up to an end
        if not row:
            lines.append(line)
        quoted, behind, bare, end = found.groups()
        if bare is not None and bare.startswith('"'):
            raise UsageError(f"{where}:{line}: a quote is opened and never closed; export it from the LMS again")
        row.append(Cell(bare if bare is not None else quoted.replace('""', '"') + behind, place, found.start(4)))
        line += len(re.findall(r"\r\n|\r|\n", found[0]))
        place = found.end()
        if end != delimiter:
            rows.append(row)
            row = []
    return rows, lines
