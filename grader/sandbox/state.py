"""Whether a student's text could keep something from one call to the next, told before any of it runs.

What is known to keep nothing passes; everything else counts as keeping state. A wrong suspicion
costs a second run, so the rule is strict and short: functions that read module names which hold
functions, modules or constants, and write local names only.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Iterator, Sequence
from types import CodeType

_KEEPERS = """
    STORE_GLOBAL DELETE_GLOBAL STORE_ATTR DELETE_ATTR STORE_NAME IMPORT_NAME IMPORT_FROM LOAD_BUILD_CLASS EXTENDED_ARG
"""
KEEPERS = frozenset(dis.opmap[name] for name in _KEEPERS.split() if name in dis.opmap)
"""Operations of a function that can reach beyond it (EXTENDED_ARG: too long to be looked through)."""

_SUSPECTS = """
    globals locals vars setattr delattr getattr exec eval compile open input
    sys os gc io inspect builtins importlib ctypes weakref threading atexit
    random seed shuffle time id hash iter next
    empty empty_like ndarray resize setflags seterr seterrcall setbufsize set_printoptions copyto put place putmask
    lru_cache cache
"""
SUSPECTS = frozenset(_SUSPECTS.split())
"""Names that a function with no memory has no need of; `empty` shows what an earlier call left in memory."""


_PLAIN = """
    RESUME NOP CACHE POP_TOP LOAD_CONST LOAD_SMALL_INT STORE_NAME IMPORT_NAME IMPORT_FROM
    MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE RETURN_VALUE RETURN_CONST NOT_TAKEN
"""
PLAIN = frozenset(dis.opmap[name] for name in _PLAIN.split() if name in dis.opmap)
"""Operations of a file that holds imports, functions and constants, and nothing else."""


def is_plain(module: CodeType) -> bool:
    """Whether a whole file, compiled, holds imports, functions and constants only, and none that could remember."""
    return PLAIN.issuperset(module.co_code[::2]) and not any(_may_keep(f, set()) for f in _functions(module))


def keeps_state(tree: ast.Module, codes: Sequence[CodeType]) -> bool:
    """Whether a file could remember its calls.

    Parameters
    ----------
    tree : the file's syntax tree.
    codes : its statements, compiled one by one.
    """
    kept: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.decorator_list or not all(map(_is_constant, [*node.args.defaults, *node.args.kw_defaults])):
                return True
        elif isinstance(node, (ast.Import, ast.ImportFrom)) or _is_plain(node):
            continue
        else:
            kept |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            kept |= {n.name for n in ast.walk(node) if isinstance(n, (ast.ClassDef, ast.FunctionDef))}
    return any(_may_keep(function, kept) for code in codes for function in _functions(code))


def _is_constant(node: ast.expr | None) -> bool:
    """A number, a text, None, a tuple of those: nothing that can change."""
    if isinstance(node, ast.Tuple):
        return all(map(_is_constant, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    return node is None or isinstance(node, ast.Constant)


def _is_plain(node: ast.stmt) -> bool:
    """A docstring, or a constant under a name."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Assign) and _is_constant(node.value)


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The code of every function inside, however deep."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _functions(constant)


def _may_keep(code: CodeType, kept: set[str]) -> bool:
    names = set(code.co_names)
    if names & SUSPECTS or names & kept or any(name.startswith("__") for name in names):
        return True
    return not KEEPERS.isdisjoint(code.co_code[::2])
