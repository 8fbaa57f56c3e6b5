"""A notebook cell's text → Python, line for line: what only IPython understands becomes a comment.

A cell that Python can parse stays as it is, so that a line of a string that begins with "%" is not
taken for a magic. In any other, the line at which Python stops is neutralised if it is a magic, and
Python tries again.
"""

from __future__ import annotations

import ast
import re
import warnings

from grader.texts import say

MAGIC = re.compile(r"\s*(?:[%!?]|[\w., ()\[\]]+=\s*[%!]|%?[\w.]+\?{1,2}\s*$)")
SHELL = re.compile(
    r"\s*(?:pip3?|conda|mamba|uv|apt|apt-get|git|wget|curl|unzip|tar|cd|ls|ll|mkdir|rm|cp|mv|cat|pwd|clear|python3?"
    r"|matplotlib|load_ext|reload_ext|autoreload|time|timeit|run|reset)\b"
)
"""Magics and commands that IPython takes without a sign before them, where they are no Python."""
TIMED = re.compile(r"(?P<indent>\s*)%time[ \t](?P<code>.*)")
RUN = re.compile(
    r"(?P<indent>\s*)%?run\s+(?:-i\s+)?(?P<quote>[\"']?)(?:\./)?(?P<module>[A-Za-z_]\w*)\.py(?P=quote)\s*$"
)
WRITTEN = re.compile(r"%%(?:writefile|file)\s+(?:-a\s+)?(?P<quote>[\"']?)(?:\./)?(?P<name>[\w.-]+\.py)(?P=quote)\s*$")
PYTHON_MAGICS = (
    "check",
    "time",
    "timeit",
    "capture",
    "prun",
    "python",
    "python3",
    "memit",
    "mprun",
    "snakeviz",
    "debug",
)
IMPORT = re.compile(r"(?:import|from)\s")
MAX_TRIES = 40


class CellError(ValueError):
    """A cell is no Python; the text says why, with its line."""


def to_python(text: str) -> str:
    """A cell's Python, with as many lines as the cell has.

    Raises
    ------
    CellError : it is no Python; the others can be.
    """
    lines = _without_cell_magic(text.split("\n"))
    error = problem("\n".join(lines))
    for _try in range(MAX_TRIES):
        if error is None:
            return "\n".join(lines)
        number = (error.lineno or 1) - 1
        if not 0 <= number < len(lines) or not _is_magic(lines[number]):
            break
        _neutralise(lines, number)
        error = problem("\n".join(lines))
    for number, line in enumerate(lines):
        if MAGIC.match(line):
            _neutralise(lines, number)
    error = problem("\n".join(lines))
    if error is None:
        return "\n".join(lines)
    raise CellError(_told(error))


def imports_alone(text: str) -> str:
    """Of a cell that is no Python its imports, which are other cells' too, in as many lines as it has."""
    return "\n".join(line if IMPORT.match(line) and problem(line) is None else "" for line in text.split("\n"))


def written_file(text: str) -> tuple[str, str] | None:
    """The file that a cell writes with %%writefile NAME.py, and its text."""
    first, _newline, rest = text.lstrip().partition("\n")
    match = WRITTEN.match(first)
    return (match["name"], rest) if match is not None else None


def problem(text: str) -> SyntaxError | None:
    """Why a text is no Python; None where it is."""
    if "\0" in text:
        return SyntaxError(say("book.cell_nulls"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):
        return SyntaxError(say("book.cell_unread"))
    return None


def _told(error: SyntaxError) -> str:
    text = say("book.cell_line", what=error.msg, line=error.lineno) if error.lineno else error.msg
    return say("book.cell_python2", what=text) if "Did you mean print" in text else text


def _without_cell_magic(lines: list[str]) -> list[str]:
    """The lines under a %% magic that runs Python; comments in place of all others."""
    first = next((n for n, line in enumerate(lines) if line.strip()), None)
    if first is None or not lines[first].lstrip().startswith("%%"):
        return lines
    words = lines[first].lstrip()[2:].split()
    if words and words[0].lower() in PYTHON_MAGICS:
        return [f"# {line}" if n == first else line for n, line in enumerate(lines)]
    return [f"# {line}" for line in lines]


def _is_magic(line: str) -> bool:
    return MAGIC.match(line) is not None or SHELL.match(line) is not None


def _neutralise(lines: list[str], number: int) -> None:
    """Make a comment of a magic, and of the lines that it goes on in; %time keeps what it times, %run imports."""
    line = lines[number]
    indent = line[: len(line) - len(line.lstrip())]
    timed, run = TIMED.match(line), RUN.match(line)
    if timed is not None and problem(timed["code"]) is None:
        lines[number] = timed["indent"] + timed["code"]
        return
    if run is not None and not run["indent"]:
        lines[number] = f"from {run['module']} import *  # {line.strip()}"
        return
    lines[number] = f"{indent}pass  # {line.strip()}"
    while line.rstrip().endswith("\\") and number + 1 < len(lines):
        number += 1
        line = lines[number]
        lines[number] = f"# {line.strip()}"
    if line.rstrip().endswith("\\"):
        lines[number] = lines[number].rstrip("\\ ")
