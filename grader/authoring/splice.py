"""A known mistake's code put into the reference's text: how a demo class and a proof get their files."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import lru_cache

from grader.errors import AuthorError


def with_function(source: str, name: str, other_source: str, other_name: str) -> str:
    """`source` with its function `name` replaced by `other_name` of `other_source`, renamed.

    Raises
    ------
    AuthorError : one of them has no such function at top level.
    """
    lines = source.splitlines(keepends=True)
    old = _definition(source, name)
    first = min([old.lineno, *(d.lineno for d in old.decorator_list)])
    new = "".join(other_source.splitlines(keepends=True)[_span(_definition(other_source, other_name))])
    renamed = new.replace(f"def {other_name}(", f"def {name}(", 1)
    return "".join([*lines[: first - 1], renamed.rstrip() + "\n", *lines[old.end_lineno :]])


def with_functions(source: str, others: Mapping[str, Callable[..., object]], other_source: str) -> str:
    """`source` with several of its functions replaced, each by a function of `other_source`."""
    for name, other in others.items():
        source = with_function(source, name, other_source, other.__name__)
    return source


def with_value(source: str, name: str, value: str) -> str:
    """`source` with the value of its assignment to `name` at top level replaced by `value`."""
    lines = source.splitlines(keepends=True)
    for node in _parsed(source).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            return "".join([*lines[: node.lineno - 1], f"{name} = {value}\n", *lines[node.end_lineno :]])
    raise AuthorError(f"expected a line '{name} = …' in the reference")


@lru_cache(maxsize=8)
def _parsed(source: str) -> ast.Module:
    """A text's syntax tree, not to be changed: a class or a proof takes hundreds of functions from one text."""
    return ast.parse(source)


def _span(node: ast.FunctionDef) -> slice:
    return slice(node.lineno - 1, node.end_lineno)


def _definition(source: str, name: str) -> ast.FunctionDef:
    for node in _parsed(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise AuthorError(f"expected a function {name} at top level")
