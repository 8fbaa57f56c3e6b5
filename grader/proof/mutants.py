"""Machine-made wrong answers: the reference with one small edit, inside its solutions only.

Pure functions of the reference's text; the same text gives the same mutants, in the same order.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.authoring.splice import with_value
from grader.authoring.stub import solution_lines
from grader.proof.operators import IN_EXPRESSIONS, KINDS, SETTINGS, Scope, is_number

Unit = ast.FunctionDef | ast.ClassDef | ast.Assign
Draft = tuple[str, int, str, str, str]
"""A kind, a line, the line before and after, and the text of what stands at top level."""


NOTHING = Scope()


@dataclass(frozen=True)
class Mutant:
    """One edit of the reference.

    Parameters
    ----------
    id : the same as long as the edited line is the same, wherever it stands.
    kind : one of KINDS.
    unit : the function, class or name at top level that is edited.
    line : the edited line of the reference.
    before, after : that line, in Python's own spelling.
    source : the whole file with the edit in it.
    """

    id: str
    kind: str
    unit: str
    line: int
    before: str
    after: str
    source: str

    @property
    def edit(self) -> str:
        """The edit in one line."""
        return f"{self.before} → {self.after}"


def mutants(source: str, where: str, answers: Mapping[str, Any] | None = None) -> list[Mutant]:
    """Every mutant of a reference, duplicates dropped.

    Parameters
    ----------
    source : the reference's text, with its "# BEGIN SOLUTION" and "# END SOLUTION".
    where : names the file in errors.
    answers : names at top level that are themselves answers, and their values.

    Raises
    ------
    AuthorError : a marker without its partner.
    """
    lines = source.splitlines(keepends=True)
    solutions = solution_lines(source, where)
    numpy = "import numpy as np" in source
    made: list[Mutant] = []
    for unit in ast.parse(source).body:
        if not isinstance(unit, Unit) or not any(n in solutions for n in _lines_of(unit)):
            continue
        name = _unit_name(unit)
        if answers and name in answers:
            made += _named(name, _of_number(source, unit, name, answers[name]))
            continue
        head, tail = "".join(lines[: _first_line(unit) - 1]), "".join(lines[unit.end_lineno or 0 :])
        drafts = ((k, n, b, a, f"{head}{text}\n{tail}") for k, n, b, a, text in _of_unit(unit, solutions, numpy))
        made += _named(name, drafts)
    return made


def used_names(source: str) -> dict[str, set[str]]:
    """What stands at top level, by name → the other such names that it uses, directly or not."""
    units = {_unit_name(u): u for u in ast.parse(source).body if isinstance(u, Unit)}
    direct = {
        name: {n.id for n in ast.walk(unit) if isinstance(n, ast.Name)} & (units.keys() - {name})
        for name, unit in units.items()
    }
    reached: dict[str, set[str]] = {}
    for name in units:
        seen: set[str] = set()
        open_ones = {name}
        while open_ones:
            seen |= open_ones
            open_ones = set().union(*(direct[n] for n in open_ones)) - seen
        reached[name] = seen - {name}
    return reached


def _named(unit: str, drafts: Iterator[Draft]) -> list[Mutant]:
    """Drafts with their ids; those whose text is the reference's or another's are dropped."""
    texts: set[str] = set()
    ids: dict[str, int] = {}
    made = []
    for kind, line, before, after, source in drafts:
        if before == after or source in texts:
            continue
        texts.add(source)
        digest = hashlib.sha256(f"{unit}\0{before}\0{after}".encode()).hexdigest()[:6]
        number = ids[digest] = ids.get(digest, 0) + 1
        made.append(
            Mutant(
                f"{unit}.{kind}.{digest}{'' if number == 1 else f'-{number}'}", kind, unit, line, before, after, source
            )
        )
    return made


# ------------------------------------------------------------------------------------ functions


def _of_unit(unit: Unit, solutions: set[int], numpy: bool) -> Iterator[Draft]:
    """Drafts kind by kind."""
    drafts = [*_in_expressions(unit, solutions, numpy), *_in_statements(unit, solutions)]
    for kind in KINDS:
        yield from (draft for draft in drafts if draft[0] == kind)


def _in_expressions(unit: Unit, solutions: set[int], numpy: bool) -> Iterator[Draft]:
    given = frozenset(_given_names(unit))
    alias = _aliases(unit, solutions)
    for statement in _statements(unit):
        if statement.lineno not in solutions:
            continue
        before = _shown(statement)
        scope = Scope(_bound_before(unit, statement.lineno, solutions, given), given, alias, numpy)
        for slot in _slots(statement):
            node = slot.get()
            for kind, edits in IN_EXPRESSIONS.items():
                if slot.setting and kind in ("constant", "operator"):
                    continue
                for other in edits(node, scope):
                    slot.put(other)
                    yield kind, statement.lineno, before, _shown(statement), _text(unit)
                    slot.put(node)


def _in_statements(unit: Unit, solutions: set[int]) -> Iterator[Draft]:
    """Whole lines: left out, written twice, copied from the line above, done in place; outputs exchanged."""
    for body in _bodies(unit):
        for place, statement in enumerate(body):
            if isinstance(statement, ast.Return) and any(n in solutions for n in _lines_of(unit)):
                yield from _exchanged_outputs(unit, statement)
            if statement.lineno not in solutions or not _is_simple(statement):
                continue
            above = body[place - 1] if place and body[place - 1].lineno in solutions else None
            for kind, others in _other_lines(statement, above):
                body[place : place + 1] = others
                after = "; ".join(_shown(o) for o in others) if others else "(nothing)"
                yield kind, statement.lineno, _shown(statement), after, _text(unit)
                body[place : place + len(others)] = [statement]


def _other_lines(statement: ast.stmt, above: ast.stmt | None) -> Iterator[tuple[str, list[ast.stmt]]]:
    yield "line", [ast.Pass()]
    if _counts_twice(statement):
        yield "line", [statement, statement]
    if isinstance(statement, ast.Assign) and isinstance(above, ast.Assign) and not _names_it(statement, above):
        yield "line", [ast.Assign(statement.targets, above.value, lineno=statement.lineno)]
    if isinstance(statement, ast.AugAssign):
        for other in IN_EXPRESSIONS["operator"](statement, NOTHING):
            assert isinstance(other, ast.AugAssign)
            yield "operator", [other]


def _names_it(statement: ast.Assign, above: ast.Assign) -> bool:
    """Whether a line gives another name to what the line above has set."""
    return ast.unparse(statement.value) in [ast.unparse(t) for t in above.targets]


def _exchanged_outputs(unit: Unit, statement: ast.Return) -> Iterator[Draft]:
    """The returned outputs in another order; the return line stands outside of the solution."""
    kept = statement.value
    if not isinstance(kept, ast.Tuple):
        return
    before = _shown(statement)
    for i in range(len(kept.elts)):
        for j in range(i + 1, len(kept.elts)):
            items = list(kept.elts)
            items[i], items[j] = items[j], items[i]
            statement.value = ast.Tuple(items, ast.Load())
            yield "outputs", statement.lineno, before, _shown(statement), _text(unit)
    statement.value = kept


def _counts_twice(statement: ast.stmt) -> bool:
    """Whether doing it a second time can make a difference: it uses what it sets."""
    if isinstance(statement, (ast.AugAssign, ast.Expr)):
        return True
    if not isinstance(statement, ast.Assign):
        return False
    stored = {n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return any(isinstance(n, ast.Name) and n.id in stored for n in ast.walk(statement.value))


def _given_names(unit: Unit) -> set[str]:
    """Names in a function that may be the caller's own arrays: its parameters and what is bound to them."""
    names = {a.arg for f in ast.walk(unit) if isinstance(f, ast.FunctionDef) for a in f.args.args}
    for node in ast.walk(unit):
        if isinstance(node, ast.Assign) and isinstance(_root(node.value), ast.Name) and _root(node.value).id in names:
            names |= {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    return names


def _bound_before(unit: Unit, line: int, solutions: set[int], given: frozenset[str]) -> tuple[str, ...]:
    """Parameters and what is bound to them, then names that a line of the solution above sets."""
    names = dict.fromkeys(sorted(given))
    for node in (n for s in _statements(unit) if s.lineno in solutions for n in ast.walk(s)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.lineno < line:
            names[node.id] = None
    return tuple(names)


def _aliases(unit: Unit, solutions: set[int]) -> dict[str, str]:
    """Name → the name that it is another one for, of names that the solution sets once."""
    stores = [n for s in _statements(unit) if s.lineno in solutions for n in ast.walk(s)]
    counts = Counter(n.id for n in stores if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    found: dict[str, str] = {}
    for statement in _statements(unit):
        match statement:
            case ast.Assign([ast.Name(name)], ast.Name(of)) if counts[name] == 1 and counts[of] <= 1:
                found[name] = found.get(of, of)
    return found


def _root(node: ast.expr) -> Any:
    """x of x, x[0], x.T and x.reshape(…): what a view is a view of."""
    while True:
        if isinstance(node, (ast.Subscript, ast.Attribute)):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "reshape":
            node = node.func.value
        else:
            return node


# --------------------------------------------------------------------------------- walking trees


@dataclass(frozen=True)
class _Slot:
    """One expression's place in a tree. `setting` says that it is the value of axis= or keepdims=."""

    parent: ast.AST
    field: str
    place: int | None
    setting: bool

    def get(self) -> ast.expr:
        """What stands there."""
        value = getattr(self.parent, self.field)
        found: ast.expr = value if self.place is None else value[self.place]
        return found

    def put(self, node: ast.AST) -> None:
        """Let something else stand there."""
        if self.place is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.place] = node


def _slots(node: ast.AST) -> Iterator[_Slot]:
    """Every place of an expression in a statement; a number's sign belongs to the number."""
    if is_number(node):
        return
    setting = isinstance(node, ast.keyword) and node.arg in SETTINGS
    for field, value in ast.iter_fields(node):
        items = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for place, item in items:
            if isinstance(item, ast.expr):
                yield _Slot(node, field, place, setting)
            if isinstance(item, ast.AST) and not isinstance(item, ast.stmt):
                yield from _slots(item)


def _statements(unit: Unit) -> list[ast.stmt]:
    """Every statement in a unit, in the order of the text."""
    if isinstance(unit, ast.Assign):
        return [unit]
    found = [n for n in ast.walk(unit) if isinstance(n, ast.stmt) and n is not unit]
    return sorted(found, key=lambda n: (n.lineno, n.col_offset))


def _bodies(unit: Unit) -> Iterator[list[ast.stmt]]:
    """Every block of statements in a unit."""
    for node in ast.walk(unit):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(node, field, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                yield body


def _is_simple(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr))


def _lines_of(unit: Unit) -> range:
    return range(unit.lineno, (unit.end_lineno or unit.lineno) + 1)


def _first_line(unit: Unit) -> int:
    decorators = [] if isinstance(unit, ast.Assign) else unit.decorator_list
    return min([unit.lineno, *(d.lineno for d in decorators)])


def _unit_name(unit: Unit) -> str:
    return ast.unparse(unit.targets[0]) if isinstance(unit, ast.Assign) else unit.name


def _text(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))


def _shown(statement: ast.stmt) -> str:
    """A statement in one line; of one that holds others its head."""
    text = _text(statement)
    return text.splitlines()[0] if hasattr(statement, "body") else " ".join(text.split())


# --------------------------------------------------------------------------------------- numbers


def _of_number(source: str, unit: Unit, name: str, answer: Any) -> Iterator[Draft]:
    """Drafts of an answer that is a number or a matrix in the file."""
    right = np.asarray(answer)
    seen = [right]
    before = _shown(unit)
    for kind, wrong in _other_numbers(right):
        if any(s.shape == wrong.shape and np.array_equal(s, wrong) for s in seen):
            continue
        seen.append(wrong)
        text = repr(wrong.tolist())
        yield kind, unit.lineno, before, f"{name} = {text}", with_value(source, name, text)


def _other_numbers(right: np.ndarray[Any, Any]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    yield "operator", -right
    yield "operator", right * 2
    yield "operator", right / 2
    if right.ndim == 2:
        yield "transpose", right.T
        yield "swapped", right[::-1]
        yield "swapped", right[:, ::-1]
        yield "function", np.sum(right)
        yield "reshape", right.reshape(-1)
    for index in np.ndindex(right.shape):
        for kind, entry in (("constant", right[index] + 1), ("constant", right[index] - 1), ("term", 0)):
            wrong = right.copy()
            wrong[index] = entry
            yield kind, wrong


def edits_of(found: Sequence[Mutant], text: str) -> list[Mutant]:
    """The mutants that a text names: by their id, by the edited line, or by the edit."""
    return [m for m in found if text in (m.id, m.after, m.edit)]
