"""A notebook's code cells → one Python source; nbformat is not imported to read, `json` is enough."""

from __future__ import annotations

import ast
import json
import re

MAGIC = re.compile(r"^\s*(?:[%!?]|\w+\s*=\s*[%!])")


class NotebookError(ValueError):
    """The file is no notebook."""


def source_of(data: bytes) -> bytes:
    """The code cells in order; lines that only IPython understands become comments.

    A cell that is no Python is left out, so that the functions of the other cells are graded.

    Raises
    ------
    NotebookError : not JSON, or not a notebook.
    """
    try:
        cells = json.loads(data)["cells"]
        sources = [_text(c["source"]) for c in cells if c["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotebookError("expected a notebook (JSON with cells); save it again in Jupyter") from None
    parts = []
    for number, source in enumerate(sources, 1):
        python = "" if source.lstrip().startswith("%%") else "\n".join(_line(text) for text in source.splitlines())
        parts.append(
            f"# code cell {number}\n{python if _is_python(python) else '# left out: this cell is no Python'}\n"
        )
    return "\n".join(parts).encode("utf-8", "replace")


def _line(text: str) -> str:
    if not MAGIC.match(text):
        return text
    indent = text[: len(text) - len(text.lstrip())]
    return f"{indent}pass  # {text.strip()}"


def _text(source: object) -> str:
    return "".join(str(line) for line in source) if isinstance(source, list) else str(source)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
