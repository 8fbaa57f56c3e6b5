"""The structure of a student's functions as a few hashes: what stays when names, comments and order change.

Each function's syntax tree is written as a row of tokens in which every name is the same; runs of
GRAM tokens are hashed, and of each WINDOW hashes in a row the smallest is kept (winnowing). Two
functions that share GRAM + WINDOW - 1 tokens in a row share a hash, wherever they stand.
Source: Schleimer, Wilkerson, Aiken, "Winnowing: local algorithms for document fingerprinting", 2003.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

GRAM, WINDOW = 12, 6
MAX_TOKENS = 20_000
MAX_HASHES = 256
HASH = np.dtype("<u4")
Hashes = NDArray[np.uint32]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LEFT_OUT = {"ctx", "decorator_list", "returns", "annotation", "type_comment", "type_params", "lineno"}
"""Fields that say nothing of how a function goes about its work."""
TOLD = {ast.Attribute: "attr", ast.keyword: "arg", ast.Constant: "value"}
"""Kinds of nodes of which more is told than the kind."""
LEAVES = (str, int, bytes, float, complex, bool)
_kinds: dict[type, tuple[bytes, list[str]]] = {}
"""Kind of node → its token, and the fields in which its parts are, last first."""


def structure(tree: ast.Module) -> bytes:
    """The hashes of a file's functions, sorted, 4 bytes each; at most MAX_HASHES of them, the smallest.

    Takes time by the size of the tree, and looks at MAX_TOKENS tokens at most: a student's tree is
    walked in the worker, never in a process that is trusted.
    """
    found: set[int] = set()
    left = MAX_TOKENS
    for function in _functions(tree):
        row = b"".join(_tokens(function, left))
        left -= len(row) // 2
        hashes = [crc32(row[at : at + 2 * GRAM]) for at in range(0, len(row) - 2 * GRAM + 1, 2)]
        if hashes:
            found.update(_winnowed(np.array(hashes, HASH)).tolist())
    return np.array(sorted(found)[:MAX_HASHES], HASH).tobytes()


def hashes_of(structure: bytes) -> Hashes:
    """The hashes, as they were sorted."""
    return np.frombuffer(structure, HASH)


def without(structure: bytes, handed_out: bytes) -> bytes:
    """A structure less what stands in the stub."""
    left = {*hashes_of(structure).tolist()} - {*hashes_of(handed_out).tolist()}
    return np.array(sorted(left), HASH).tobytes()


def _functions(tree: ast.Module) -> Iterator[ast.stmt]:
    """The functions at top level and in classes there; those inside a function are part of it."""
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        yield from (n for n in inside if isinstance(n, FUNCTIONS))


def _winnowed(hashes: Hashes) -> Hashes:
    width = min(WINDOW, len(hashes))
    smallest: Hashes = np.lib.stride_tricks.sliding_window_view(hashes, width).min(axis=1)
    return smallest


def _tokens(function: ast.stmt, limit: int) -> Iterator[bytes]:
    """Two bytes a token, in the order of the text: kinds of nodes, attributes, numbers and keywords."""
    stack: list[Any] = [function]
    while stack and limit:
        node = stack.pop()
        kind = type(node)
        if kind is list:
            stack += reversed(_without_docstring(node))
            continue
        known = _kinds.get(kind)
        if known is None:
            if not isinstance(node, ast.AST):
                continue
            fields = [name for name in reversed(node._fields) if name not in LEFT_OUT]
            known = _kinds[kind] = (_code(kind.__name__), fields)
        limit -= 1
        code, fields = known
        yield _code(kind.__name__ + _own(node)) if kind in TOLD else code
        for name in fields:
            part = getattr(node, name)
            if part is not None and part != [] and type(part) not in LEAVES:
                stack.append(part)


def _without_docstring(nodes: list[object]) -> list[object]:
    first = nodes[0] if nodes else None
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return nodes[1:] if is_text else nodes


def _own(node: Any) -> str:
    """What is told of a node beside its kind."""
    told = getattr(node, TOLD[type(node)])
    return str(told)[:20] if isinstance(told, (str, int, float)) else ""


def _code(text: str) -> bytes:
    return (crc32(text.encode("utf-8", "replace")) & 0xFFFF).to_bytes(2, "little")
