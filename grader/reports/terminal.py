"""What a terminal can show, and a report's lines made fit for it: width, signs and colour."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TextIO

from grader.reports.clean import without_commands

NARROWEST, WIDEST = 40, 100
PLAIN_MARKS = str.maketrans({"✓": "+", "✗": "x", "·": ".", "•": "*"})
PLAIN_SIGNS = str.maketrans(
    {
        **{"–": "-", "—": "-", "…": "...", "×": "x", "−": "-", "→": "->"},
        **{"“": '"', "”": '"', "„": '"', "’": "'", "‘": "'", "≤": "<=", "≥": ">=", "≠": "!=", "Σ": "sum", "∂": "d"},
        **{"σ": "sigma", "ᵀ": "^T", "⊙": "*", "²": "^2", "½": "1/2", "√": "sqrt", "§": "section ", "∈": "in"},
        **{"│": "|", "─": "-", "█": "#", "░": "-"},
    }
)
"""For terminals whose encoding has no ✓: what each sign is there."""
GREEN, RED, DIM, BOLD, OFF = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"
MARKED = re.compile(r"(?:(?<!\S)-?[\w.+-]+ )?(?P<mark>[✓✗])")
INDENT = re.compile(r"\s*(?:[✓✗·•] )?")
ROW = re.compile(r"\S.{33,}?[\d–] {2}(?=\S)")
"""A student's line in the list of a class, up to what there is to know."""


class Look(NamedTuple):
    """How a stream is written to: its width in characters, whether in colour, and whether ✓ can be shown."""

    width: int = 80
    colour: bool = False
    signs: bool = True


def look_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Look:
    """What the stream can show: NO_COLOR, TERM, its encoding and its width are heeded."""
    try:
        "✓✗".encode(stream.encoding or "ascii")
        signs = True
    except (UnicodeError, LookupError, AttributeError):
        signs = False
    tty = bool(getattr(stream, "isatty", bool)())
    colour = tty and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and _speaks_ansi()
    return Look(max(NARROWEST, min(_columns(stream, tty, environ), WIDEST)), colour, signs)


def _columns(stream: TextIO, tty: bool, environ: Mapping[str, str]) -> int:
    """The width that COLUMNS or the terminal tells; 80 where none does."""
    told = environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return (os.get_terminal_size(stream.fileno()).columns if tty else 0) or 80
    except (OSError, ValueError, AttributeError):
        return 80


def _speaks_ansi() -> bool:
    """Whether the terminal takes colours; the console of Windows does once it is told to."""
    if sys.platform != "win32":
        return True
    import ctypes

    kernel: Any = ctypes.windll.kernel32
    handle = kernel.GetStdHandle(-11)
    mode = ctypes.c_ulong()
    if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(handle, mode.value | 4))


def fitted(pieces: Iterable[str], look: Look) -> Iterator[str]:
    """The report's pieces as this terminal shows them; each piece is whole lines."""
    return (_piece(piece, look) for piece in pieces)


def _piece(piece: str, look: Look) -> str:
    text = piece if look.signs else piece.translate(PLAIN_SIGNS)
    lines = [without_commands(part) for line in text.split("\n") for part in wrapped(line, look.width)]
    text = "\n".join(map(coloured, lines) if look.colour else lines)
    return text if look.signs else text.translate(PLAIN_MARKS)


def wrapped(line: str, width: int) -> list[str]:
    """A line as several of that width, each indented as the first; a student's of a class's list by two."""
    if len(line) <= width:
        return [line]
    found = INDENT.match(line)
    indent = " " * (2 if ROW.match(line) else found.end() if found is not None else 0)
    return textwrap.wrap(
        line, width, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=True, replace_whitespace=False
    ) or [line]


def coloured(line: str) -> str:
    """✓ and what stands before it in green, ✗ in red; a line that is not indented in bold."""
    shown = MARKED.sub(lambda found: f"{GREEN if found['mark'] == '✓' else RED}{found[0]}{OFF}", line)
    return f"{BOLD}{shown.replace(OFF, OFF + BOLD)}{OFF}" if line and line[0] in "✓✗" else shown
