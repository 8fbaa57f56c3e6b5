"""Which of a student's files was worked on, told from the syntax trees: a stub left as it was is no work."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping
from typing import NamedTuple

MAX_CODE = 512 << 10
"""Bytes of Python that are parsed here: a syntax tree takes a few hundred times the room of its text."""


class Part(NamedTuple):
    """A function or a name with a value, at top level: its first and last line, and whether it is as in a stub."""

    first: int
    last: int
    untouched: bool
    form: str


def parts_of(text: str | bytes) -> dict[str, list[Part]] | None:
    """Name → where it is defined at top level, in order; None where the text is no Python."""
    if len(text) > MAX_CODE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        parts: dict[str, list[Part]] = {}
        for node in tree.body:
            for name in _names(node):
                parts.setdefault(name, []).append(_part(node))
        return parts
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def worked_on(text: str | bytes, among: Mapping[str, object], stub: Mapping[str, list[Part]] | None) -> int | None:
    """How many of the names `among` have work in them; None where the text is no Python.

    With the stub as it was handed out, work is what differs from it; without, what is no stub by its form.
    """
    parts = parts_of(text)
    if parts is None:
        return None
    return sum(any(_is_work(p, (stub or {}).get(name)) for p in parts[name]) for name in among if name in parts)


def _is_work(part: Part, handed_out: list[Part] | None) -> bool:
    if handed_out is None:
        return not part.untouched
    return all(part.form != h.form for h in handed_out)


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    flat = [t for target in targets for t in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return [t.id for t in flat if isinstance(t, ast.Name)]


def _part(node: ast.stmt) -> Part:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    body = getattr(node, "body", [node])
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and _is_text(body[0]):
        node.body = body = body[1:]
    form = ast.dump(node)
    return Part(first, node.end_lineno or first, all(_is_trivial(s) for s in body), form)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_trivial(node: ast.stmt) -> bool:
    """A statement that a stub has: None for a value, pass, ..., what the cache holds, the return line."""
    if isinstance(node, ast.Pass) or _is_text(node):
        return True
    if isinstance(node, ast.Raise):
        return "NotImplemented" in ast.dump(node)
    if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.Return)):
        return False
    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    if all(v is None or (isinstance(v, ast.Constant) and v.value is None) for v in values):
        return True
    names = all(isinstance(v, (ast.Name, ast.Constant)) for v in values)
    return isinstance(node.value, ast.Name) or (isinstance(node, ast.Return) and names)
