"""A notebook's code cells → one Python source; nbformat is not imported to read, `json` is enough."""

from __future__ import annotations

import ast
import re
import warnings

MAGIC = re.compile(r"^\s*(?:[%!?]|[\w., ]+=\s*[%!]|[\w.]+\?{1,2}\s*$)")

PYTHON_MAGICS = ("time", "timeit", "capture", "prun")


class NotebookError(ValueError):
    """The file is no notebook."""


def source_of(data: bytes) -> tuple[bytes, list[str]]:
    """The code cells in order as one source, and a remark for every cell that was left out.

    Lines that only IPython understands become comments. A cell that is no Python is left out, so
    that the functions of the other cells are graded; a cell of another language (%%bash) silently.

    Raises
    ------
    NotebookError : not JSON, or not a notebook.
    """
    import json  # not needed where a student checks a .py file

    try:
        cells = json.loads(data)["cells"]
        sources = [_text(c["source"]) for c in cells if c["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotebookError("expected a notebook (JSON with cells); save it again in Jupyter") from None
    parts: list[str] = []
    remarks: list[str] = []
    for number, source in enumerate(sources, 1):
        python = "\n".join(_line(text) for text in _python(source).splitlines())
        problem = _problem(python)
        if problem is not None:
            remarks.append(f"code cell {number} is no Python and was left out: {problem}")
        parts.append(f"# code cell {number}\n{python if problem is None else ''}\n")
    return "\n".join(parts).encode("utf-8", "replace"), remarks


def _python(source: str) -> str:
    """A cell's Python: all of it, what stands under a magic that runs Python, or nothing."""
    first, _newline, rest = source.lstrip().partition("\n")
    if not first.startswith("%%"):
        return source
    return f"# {first}\n{rest}" if first[2:].split(" ")[0] in PYTHON_MAGICS else ""


def _line(text: str) -> str:
    if not MAGIC.match(text):
        return text
    indent = text[: len(text) - len(text.lstrip())]
    return f"{indent}pass  # {text.strip()}"


def _text(source: object) -> str:
    return "".join(str(line) for line in source) if isinstance(source, list) else str(source)


def _problem(text: str) -> str | None:
    """Why a cell is no Python, with its line; None when it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return f"{error.msg} in its line {error.lineno or 1}"
    except (ValueError, RecursionError, MemoryError):
        return "it cannot be read"
    return None
