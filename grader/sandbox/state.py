"""Whether a student's text could keep something from one call to the next, told before any of it runs.

What is known to keep nothing passes; everything else counts as keeping state. A wrong suspicion
costs a second run, so the rule is strict and short: functions that read module names which hold
functions, pure modules or constants, and write local names only.
"""

from __future__ import annotations

import ast
import dis
from collections.abc import Container, Iterator, Mapping, Sequence
from types import CodeType

_KEEPERS = """
    STORE_GLOBAL DELETE_GLOBAL STORE_ATTR DELETE_ATTR STORE_NAME IMPORT_NAME IMPORT_FROM LOAD_BUILD_CLASS EXTENDED_ARG
    MATCH_CLASS
"""
KEEPERS = frozenset(dis.opmap[name] for name in _KEEPERS.split() if name in dis.opmap)
"""Operations of a function that can reach beyond it (EXTENDED_ARG: too long to be looked through;
MATCH_CLASS takes attributes by names that stand nowhere else)."""
GENERATES = sum(
    flag for flag, name in dis.COMPILER_FLAG_NAMES.items() if name in ("GENERATOR", "COROUTINE", "ASYNC_GENERATOR")
)
"""Functions that can be left in the middle, and an np.errstate with them."""
ATTRIBUTES = frozenset(dis.opmap[name] for name in ("LOAD_ATTR", "LOAD_METHOD") if name in dis.opmap)
SHIFTS = {dis.opmap["LOAD_ATTR"]: 1} if "LOAD_METHOD" not in dis.opmap else {}
"""Where a method is loaded by LOAD_ATTR too, one bit of its argument tells so."""

_SUSPECTS = """
    globals locals vars setattr delattr getattr exec eval compile open input
    sys os gc io inspect builtins importlib ctypes weakref threading atexit
    random seed shuffle time id hash iter next register overload
    empty empty_like ndarray resize setflags seterr seterrcall setbufsize set_printoptions copyto put place putmask
    lru_cache cache wraps update_wrapper attrgetter methodcaller
    gi_frame cr_frame ag_frame tb_frame f_globals f_builtins f_locals f_back
    get_type_hints ForwardRef no_type_check no_type_check_decorator final
    contextlib copyreg re stdlib_re types warnings EXCLUDED_ATTRIBUTES all_feature_names
    typecodes sctypes sctypeDict typeDict cast nbytes add_docstring add_newdoc
    ma polynomial lib core f2py ctypeslib testing typing char rec strings emath exceptions dtypes compat
    matlib matrixlib version
"""
SUSPECTS = frozenset(_SUSPECTS.split())
"""Names that a function with no memory has no need of; `empty` shows what an earlier call left in memory,
`typecodes` is NumPy's own dict, and so on: whatever is reached through a pure module and can be changed; `attrgetter`
takes an attribute by a text, `wraps` sets some, `get_type_hints` runs a text."""

_PURE = """
    numpy numpy.linalg numpy.fft math cmath itertools functools operator collections typing __future__
"""
PURE = frozenset(_PURE.split())
"""Modules that keep nothing for a caller but what SUSPECTS names; any other one may."""

_REACHING = "setattr delattr exec eval compile globals locals vars import_module sys"
REACHING = frozenset(_REACHING.split())
"""Names by which a statement at top level gives something a name that cannot be read off it."""


_PLAIN = """
    RESUME NOP CACHE POP_TOP LOAD_CONST LOAD_SMALL_INT STORE_NAME IMPORT_NAME IMPORT_FROM
    MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE RETURN_VALUE RETURN_CONST NOT_TAKEN
"""
PLAIN = frozenset(dis.opmap[name] for name in _PLAIN.split() if name in dis.opmap)
"""Operations of a file that holds imports, functions and constants, and nothing else."""


def is_plain(module: CodeType) -> bool:
    """Whether a whole file, compiled, holds imports, functions and constants only, and none that could remember."""
    operations, arguments = module.co_code[::2], module.co_code[1::2]
    if not PLAIN.issuperset(operations):
        return False
    for operation, argument in zip(operations, arguments, strict=True):
        if operation == IMPORT_NAME and module.co_names[argument] not in PURE:
            return False
        if operation == IMPORT_FROM and not _is_pure_name(module.co_names[argument]):
            return False
    return not any(_may_keep(f, set()) for f in _functions(module))


IMPORT_NAME, IMPORT_FROM = dis.opmap["IMPORT_NAME"], dis.opmap["IMPORT_FROM"]


def keeps_state(files: Mapping[str, ast.Module], codes: Sequence[CodeType]) -> bool:
    """Whether a submission could remember its calls.

    Parameters
    ----------
    files : the syntax tree of each file, by its module's name: what one keeps, another may reach.
    codes : the statements of all of them, compiled one by one.
    """
    kept: set[str] = set()
    for tree in files.values():
        for node in tree.body:
            names = _names_kept(node, files)
            if names is None:
                return True
            kept |= names
    return any(_may_keep(function, kept) for code in codes for function in _functions(code))


def _names_kept(node: ast.stmt, own: Container[str]) -> set[str] | None:
    """The names by which a function could reach what this statement at top level makes; None: by any name."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        plain = not node.decorator_list and all(map(_is_constant, [*node.args.defaults, *node.args.kw_defaults]))
        return set() if plain else None
    if _is_plain(node):
        return set()
    kept: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Import() | ast.ImportFrom():
                imported = _imported(part, own)
                if imported is None:
                    return None
                kept |= imported
            case ast.Name(id=name, ctx=context):
                if name in REACHING or _is_special(name):
                    return None
                if isinstance(context, ast.Store):
                    kept.add(name)
            case ast.Attribute(attr=name, ctx=context):
                if name in REACHING or _is_special(name):
                    return None
                if isinstance(context, ast.Store):
                    kept.add(name)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                kept.add(name)
    return kept


def _is_pure_name(name: str) -> bool:
    """Whether nothing that can be changed has this name in a pure module; a private one may be anything."""
    return name not in SUSPECTS and not name.startswith("_")


def _is_special(name: str) -> bool:
    return name.startswith("__") and name not in ("__name__", "__file__", "__doc__")


def _imported(node: ast.Import | ast.ImportFrom, own: Container[str]) -> set[str] | None:
    """The names of an import that may lead to something that can be changed; None where they are not told."""
    kept: set[str] = set()
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        if isinstance(node, ast.Import):
            pure = alias.name in PURE or (alias.name in own and alias.asname is None)
        elif node.level or node.module in own:
            pure = alias.asname is None  # the other file's names are looked through as they are there
        elif alias.name == "*" and node.module not in PURE:
            return None
        else:
            pure = node.module in PURE and _is_pure_name(alias.name)
        if not pure:
            kept.add(bound)
    return kept


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
    if code.co_flags & GENERATES and code.co_name != "<genexpr>":
        return True
    return not KEEPERS.isdisjoint(code.co_code[::2]) or any(n.startswith("_") and n in _attributes(code) for n in names)


def _attributes(code: CodeType) -> set[str]:
    """The names that are taken of something, such as norm of np.linalg.norm: no module's or function's own."""
    used = zip(code.co_code[::2], code.co_code[1::2], strict=True)
    return {code.co_names[argument >> SHIFTS.get(op, 0)] for op, argument in used if op in ATTRIBUTES}
