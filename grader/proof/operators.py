"""How a mutant differs from the reference: one function per kind of edit, each a node → other nodes.

What a function yields stands in the node's place. Nothing here changes a tree.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple


class Scope(NamedTuple):
    """What an edit may use: names that are bound here, and those of them that may be the caller's own arrays.

    `alias` leads from a name to another one for the same object; `numpy` tells that np is NumPy here.
    """

    bound: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    alias: Mapping[str, str] = {}
    numpy: bool = False

    def same(self, one: str, other: str) -> bool:
        """Whether two names stand for one object."""
        return self.alias.get(one, one) == self.alias.get(other, other)


Edits = Callable[[ast.AST, Scope], Iterator[ast.AST]]

BINARY: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.Gt, ast.LtE),
    ast.Gt: (ast.Lt, ast.GtE),
    ast.LtE: (ast.GtE, ast.Lt),
    ast.GtE: (ast.LtE, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
TWINS = [
    ("sum", "mean"),
    ("max", "min"),
    ("maximum", "minimum"),
    ("argmax", "argmin"),
    ("hstack", "vstack"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
]
TWIN = dict(TWINS) | {b: a for a, b in TWINS}
REDUCTIONS = frozenset({"sum", "mean", "max", "min", "argmax", "argmin", "prod", "any", "all"})
ELEMENTWISE = frozenset({"abs", "exp", "log", "sqrt", "square", "maximum", "minimum"})
LEFT_OUT = REDUCTIONS | ELEMENTWISE | {"where"}
COMMUTATIVE = frozenset({"maximum", "minimum", "add", "multiply", "allclose", "array_equal"})
UFUNCS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}
PRODUCTS = frozenset({"dot", "matmul"})
TRANSPOSES = frozenset({"transpose", "swapaxes"})
RESHAPES = frozenset({"reshape", "ravel", "flatten"})
COPIES = frozenset({"copy", "array"})
ORDERED = (ast.Sub, ast.Div, ast.MatMult, ast.Pow)
"""Operators whose operands may not change places."""
SETTINGS = ("axis", "keepdims")
"""Keyword arguments that have a kind of edit of their own."""


def operator(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """Another operator: + for -, / for *, the element-wise product for the matrix product; a sign left out."""
    if isinstance(node, ast.BinOp):
        for other in BINARY.get(type(node.op), ()):
            yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node, ast.AugAssign):
        for other in BINARY.get(type(node.op), ()):
            yield ast.AugAssign(node.target, other(), node.value)
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def transpose(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """A transpose left out, or one too many on an operand of a matrix product."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    if isinstance(node, ast.Call) and _name(node) in TRANSPOSES:
        yield _subject(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        if not _is_transposed(node.left):
            yield ast.BinOp(_transposed(node.left), node.op, node.right)
        if not _is_transposed(node.right):
            yield ast.BinOp(node.left, node.op, _transposed(node.right))
    if isinstance(node, ast.Call) and _name(node) in PRODUCTS:
        for place, factor in enumerate(node.args):
            if not _is_transposed(factor):
                yield _with_args(node, [*node.args[:place], _transposed(factor), *node.args[place + 1 :]])


def axis(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """A reduction along another axis, or along all of them."""
    if not isinstance(node, ast.Call):
        return
    for place, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            rest = [*node.keywords[:place], *node.keywords[place + 1 :]]
            yield ast.Call(node.func, node.args, rest)
            for other in _other_axes(keyword.value):
                yield ast.Call(node.func, node.args, [*rest, ast.keyword("axis", other)])
    if _name(node) in REDUCTIONS and _is_module_function(node) and len(node.args) == 2:
        yield ast.Call(node.func, node.args[:1], node.keywords)
        for other in _other_axes(node.args[1]):
            yield ast.Call(node.func, [node.args[0], other], node.keywords)


def keepdims(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """The axes that were reduced, kept or not kept."""
    if not isinstance(node, ast.Call) or _name(node) not in REDUCTIONS:
        return
    kept = [k for k in node.keywords if k.arg == "keepdims"]
    rest = [k for k in node.keywords if k.arg != "keepdims"]
    if kept:
        yield ast.Call(node.func, node.args, rest)
    elif any(k.arg == "axis" for k in node.keywords):
        yield ast.Call(node.func, node.args, [*rest, ast.keyword("keepdims", ast.Constant(True))])


def function(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """sum for mean, max for min, zeros for ones, hstack for vstack."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TWIN:
        yield ast.Call(ast.Attribute(node.func.value, TWIN[node.func.attr], ast.Load()), node.args, node.keywords)


def swapped(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """Two arguments, operands, indices or members of a tuple in each other's place."""
    if isinstance(node, ast.Call) and not (len(node.args) == 2 and _name(node) in COMMUTATIVE):
        for args in _exchanged(node.args):
            yield _with_args(node, args)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ORDERED):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node, ast.Tuple):
        for items in _exchanged(node.elts):
            yield ast.Tuple(items, node.ctx)
    if isinstance(node, ast.Dict):
        for values in _exchanged(node.values):
            yield ast.Dict(node.keys, values)


def constant(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """A number off by one, to either side."""
    value = _number(node)
    if value is not None:
        yield _literal(value + 1)
        if value != -1:  # in a shape any number below 0 may mean the same
            yield _literal(value - 1)


def term(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """A term or a factor left out, or a function that its argument should go through."""
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right
    if isinstance(node, ast.Call) and _is_module_function(node) and _name(node) in LEFT_OUT:
        yield from node.args if _name(node) in ("where", "maximum", "minimum") else node.args[:1]


def reshape(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """An array that keeps its shape, or is laid out column by column."""
    if isinstance(node, ast.Call) and _name(node) in RESHAPES:
        yield _subject(node)
        yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("order", ast.Constant("F"))])


def in_place(node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """The result written into an array that was given, or that array itself where a copy was made."""
    if isinstance(node, ast.Call) and _name(node) in COPIES:
        yield _subject(node)
    if isinstance(node, ast.BinOp) and type(node.op) in UFUNCS and scope.numpy:
        for name in _given([node.left, node.right], scope):
            into = ast.keyword("out", ast.Name(name, ast.Load()))
            yield ast.Call(_np(UFUNCS[type(node.op)]), [node.left, node.right], [into])
    if isinstance(node, ast.Call) and _is_module_function(node) and _name(node) in ELEMENTWISE:
        for name in _given(node.args, scope):
            yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("out", ast.Name(name, ast.Load()))])


def name(node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """Another variable of the function."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope.bound:
        yield from (ast.Name(other, ast.Load()) for other in scope.bound if not scope.same(other, node.id))


def comparison(node: ast.AST, _scope: Scope) -> Iterator[ast.AST]:
    """The other way round; or with the bound included where it was not, and not where it was."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARED.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [other()], node.comparators)


IN_EXPRESSIONS: dict[str, Edits] = {
    "operator": operator,
    "transpose": transpose,
    "axis": axis,
    "keepdims": keepdims,
    "function": function,
    "swapped": swapped,
    "constant": constant,
    "term": term,
    "reshape": reshape,
    "in_place": in_place,
    "comparison": comparison,
    "name": name,
}

KINDS = (*IN_EXPRESSIONS, "line", "outputs")
"""Every kind of edit, in the order in which they are tried and shown."""


# --------------------------------------------------------------------------------------- parts


def _name(node: ast.Call) -> str:
    """`sum` of np.sum(x), x.sum() and sum(x)."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _is_module_function(node: ast.Call) -> bool:
    """Whether it is called as np.sum(x) and not as x.sum()."""
    return isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "np"


def _subject(node: ast.Call) -> ast.AST:
    """The array that a call works on: x of x.reshape(2, 3) and of np.reshape(x, (2, 3))."""
    if isinstance(node.func, ast.Attribute) and not _is_module_function(node):
        return node.func.value
    return node.args[0]


def _is_transposed(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "T"


def _transposed(node: ast.expr) -> ast.expr:
    return ast.Attribute(node, "T", ast.Load())


def _with_args(node: ast.Call, args: list[ast.expr]) -> ast.Call:
    return ast.Call(node.func, args, node.keywords)


def _exchanged(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """The list with two neighbours exchanged, once for every two."""
    for place in range(len(items) - 1):
        yield [*items[:place], items[place + 1], items[place], *items[place + 2 :]]


def is_number(node: ast.AST) -> bool:
    """Whether it is a literal number, its sign included."""
    return _number(node) is not None


def _number(node: ast.AST) -> float | int | None:
    """The value of a literal, its sign included."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and (inner := _number(node.operand)) is not None:
        return -inner or 0
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return node.value
    return None


def _given(operands: list[ast.expr], scope: Scope) -> list[str]:
    """The operands that may be the caller's own arrays, by name."""
    return list(dict.fromkeys(o.id for o in operands if isinstance(o, ast.Name) and o.id in scope.given))


def _np(function: str) -> ast.expr:
    return ast.Attribute(ast.Name("np", ast.Load()), function, ast.Load())


def _literal(value: float | int) -> ast.expr:
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _other_axes(node: ast.expr) -> Iterator[ast.expr]:
    value = _number(node)
    if value is not None:
        yield _literal({0: 1, 1: 0}.get(int(value), int(value) + 1))
