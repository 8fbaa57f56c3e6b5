"""What an author writes in cases.py and mistakes.py: Assignment, Exercise, Case, Mistake, and plans.

    Exercise(
        "affine_backward",
        title="Gradients of the affine layer",
        source="seed §2.1, eq. 10, 20, 21",
        plan=call("affine_backward", "dout", ("x", "w", "b")),
        points={"dx": 4, "dw": 4, "db": 2},
        visible=[Case("two_by_two", "The 2×2 exercise of the text", inputs={...}, expect={...})],
        hidden=[Case("not_square", "No two sizes are equal", inputs=lambda rng: {...})],
        oracle=...,
    )

Nothing registers itself: a cases.py ends in ASSIGNMENT, a mistakes.py in MISTAKES.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import AuthorError
from grader.model import Effect, Graph, Limits
from grader.plan import Call, Derivative, Input, Items, Literal, Operand, Plan, Public, Read, Result, Step, Table

__all__ = [
    "ANSWER",
    "Assignment",
    "Case",
    "Correct",
    "Effect",
    "Equivalent",
    "Exercise",
    "Follow",
    "Graph",
    "Mistake",
    "NearestOf",
    "call",
    "derivative",
    "public",
    "read",
    "result",
    "steps",
    "table",
]

ANSWER = "answer"
"""The name of the step whose result is the case's answer."""

Inputs = dict[str, Any]
Drawn = Callable[[np.random.Generator], Inputs]
Oracle = Callable[..., Any]

_GRADER = str(Path(__file__).resolve().parent.parent)


def _where() -> str:
    """`file:line` of the author's own line that is making a thing, for errors."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_GRADER) and not name.startswith("<string>"):
            return f"{name}:{frame.f_lineno}"
        frame = frame.f_back
    return "?"


# --------------------------------------------------------------------------------------- plans


def _operand(value: Any) -> Operand:
    """Text is an input's name, a tuple a tuple of operands, a number itself."""
    match value:
        case str():
            return Input(value)
        case tuple():
            return Items(tuple(_operand(v) for v in value))
        case Input() | Result() | Literal() | Items() | Table() | Public():
            return value
        case None | bool() | int() | float():
            return Literal(value)
    raise AuthorError(
        f"{_where()}: expected an input's name, a number, a tuple or result(…) as an argument, got {value!r}"
    )


def result(step: str, *path: int | str) -> Result:
    """What an earlier step returned, or a part of it: result("forward", 1) is its second value."""
    return Result(step, path)


def public(name: str, *args: Any) -> Public:
    """A function of the public catalogue made with `args`, to hand to the student's function."""
    return Public(name, tuple(_operand(a) for a in args))


def table(**items: Any) -> Table:
    """A dict argument: table(w1="w1", b1="b1")."""
    return Table({k: _operand(v) for k, v in items.items()})


def step(save: str, target: str, *args: Any, receiver: Result | None = None, **kwargs: Any) -> Call:
    """One call of a plan of several; what it returns is kept as `save`."""
    return Call(save, target, tuple(_operand(a) for a in args), {k: _operand(v) for k, v in kwargs.items()}, receiver)


def call(target: str, *args: Any, **kwargs: Any) -> Plan:
    """The plan that calls one function: call("affine_backward", "dout", ("x", "w", "b"))."""
    return Plan((step(ANSWER, target, *args, **kwargs),), Result(ANSWER))


def read(target: str) -> Plan:
    """The plan that reads one name of the module: an answer that is a number in a file."""
    return Plan((Read(ANSWER, target),), Result(ANSWER))


def steps(*several: Step | tuple[Any, ...]) -> Plan:
    """A plan of several calls, each (save, target, *arguments); the last one's result is the answer.

    steps(("forward", "relu_forward", "x"), (ANSWER, "relu_backward", "dout", result("forward", 1)))
    """
    made = tuple(s if isinstance(s, (Call, Read)) else step(*s) for s in several)
    return Plan(made, Result(made[-1].save))


def derivative(forward: Plan, weight: str = "", **by: str | tuple[str, ...]) -> Derivative:
    """Say of which forward function the outputs are the derivatives, so that a student's own two can be compared.

    derivative(steps(("forward", "relu_forward", "x")), "dout", dx="x")

    Parameters
    ----------
    forward : calls it; the plan's answer is the value, or a tuple whose first value it is.
    weight : the input that multiplies the value before it is summed; none where it is one number.
    by : output → the input by which is differentiated, or the way to it in an input that is a dict.
    """
    first = Plan(forward.steps, Result(forward.steps[-1].save, (0,)))
    return Derivative(first, {k: (v,) if isinstance(v, str) else v for k, v in by.items()}, weight)


# ---------------------------------------------------------------------------- exercises, cases


@dataclass(frozen=True)
class NearestOf:
    """Several right values: each element may be that of any of them (relu's slope at exactly 0)."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Follow:
    """Follow-through: right given the student's own earlier answer.

    `formula` names a catalogue function, `args` its operands: the id of an earlier exercise stands
    for the student's answer there, anything else for itself. Earns `credit` of the points.
    """

    formula: str
    args: tuple[Any, ...]
    credit: float


@dataclass(frozen=True)
class Case:
    """One set of inputs, written out or drawn from an rng.

    Parameters
    ----------
    id, title : a short name, and what a student reads of it.
    inputs : dict of arrays, or a function of a numpy Generator that returns one.
    expect : the worked numbers by named output, if the page gives them; the reference must agree.
    group : the group of cases in which an output earns its share of points.
    tolerance : an absolute bound in place of the derived one, or a function of the inputs that gives it.
    follow : follow-through by named output.
    """

    id: str
    title: str
    inputs: Inputs | Drawn
    expect: Mapping[str, Any] | None = None
    group: str = "values"
    tolerance: float | Callable[..., float] | None = None
    follow: Mapping[str, Follow] = field(default_factory=dict)
    where: str = field(default_factory=_where)


@dataclass(frozen=True)
class Exercise:
    """One function (or answer) that a student writes.

    Parameters
    ----------
    id : the function's name in the student's file.
    plan : how a case calls it: call(…), read(…) or steps(…).
    points : by named output, in the order in which they are returned.
    answer : inputs by keyword → the right answer, where the reference's own is not exact
        (numerical gradients) or is no function of the inputs. Default: what the reference returns.
    oracle : inputs by keyword → the same values by another way, named output by named output
        (or one value); must not use the reference.
    oracle_tolerance : how far the oracle may lie off, relative to the largest expected value.
    groups : weights of groups of cases; default: equal.
    returns_dict : the function returns a dict whose keys are the named outputs.
    shape_credit : the part of an output's points kept when only its shape is wrong.
    changes_inputs : what it costs to alter an argument in place.
    requires : exercises of the assignments that this one uses; where one of them fails, this one is
        blocked.
    forward : the exercise whose function makes the cache in this one's plan, in its step "forward".
    derivative : the forward function of which the outputs are the derivatives, as `derivative` makes it.
    formula : in LaTeX what the exercise starts from, for a student whose answer is wrong; never the answer.
    graph : the network whose gradients the outputs are, to be drawn with the wrong ones marked.
    stand_ins : inputs by keyword → caches to try on visible cases where that function fails.
    variants : in how many forms the hidden cases come; a student gets the one of their id.
    degenerate : what no case can help, as a proof tells it ("W constant"), and the reason why it does no harm.
    ladder : a few small public inputs, the smallest first, of whole numbers and without symmetry. An rng
        draws whole numbers for them. Where a hidden case finds wrong values, the first rung on which the
        same submission is wrong is shown in full.
    hidden_steps : how many steps of a hint a hidden case gives: the kind of thing that is wrong, where in
        the handout its idea stands, the mistake itself.
    see : its heading in the handout. Default: the first one that names the exercise.
    """

    id: str
    title: str
    source: str
    plan: Plan
    points: Mapping[str, float]
    oracle: Oracle
    visible: Sequence[Case]
    hidden: Sequence[Case] = ()
    answer: Callable[..., Any] | None = None
    oracle_tolerance: float = 1e-6
    groups: Mapping[str, float] = field(default_factory=dict)
    returns_dict: bool = False
    shape_credit: float = 0.0
    changes_inputs: Effect = Effect.REMARK
    float32: bool = True
    requires: Sequence[str] = ()
    forward: str = ""
    derivative: Derivative | None = None
    formula: str = ""
    graph: Graph | None = None
    stand_ins: Callable[..., Sequence[Any]] | None = None
    variants: int = 0
    degenerate: Mapping[str, str] = field(default_factory=dict)
    ladder: Sequence[Case] = ()
    hidden_steps: int = 3
    see: str = ""
    where: str = field(default_factory=_where)

    def __post_init__(self) -> None:
        for output, worth in self.points.items():
            if worth < 0:
                raise AuthorError(f"{self.where}: {output} is worth {worth:g} points; points are zero or more")
        if not self.points or sum(self.points.values()) <= 0:
            raise AuthorError(f"{self.where}: {self.id} is worth no points; give at least one output more than 0")
        if self.hidden_steps not in range(4):
            raise AuthorError(f"{self.where}: hidden_steps={self.hidden_steps}; a hint has three steps, give 0 to 3")
        ids = [c.id for c in (*self.visible, *self.hidden)]
        for twice in {i for i in ids if ids.count(i) > 1}:
            raise AuthorError(f"{self.where}: {self.id} has two cases named {twice!r}; name each case once")
        if not self.visible and not self.hidden:
            raise AuthorError(f"{self.where}: {self.id} has no case; it takes one to tell right from wrong")
        if not self.visible and not self.variants:
            raise AuthorError(f"{self.where}: {self.id} has no visible case; a student needs at least one")
        used = {c.group for c in (*self.visible, *self.hidden)}
        for group, weight in self.groups.items():
            if weight <= 0:
                raise AuthorError(f"{self.where}: group {group!r} of {self.id} weighs {weight:g}; weigh it more than 0")
        for group in self.groups.keys() ^ used if self.groups else ():
            what = "is in groups, and no case is in it" if group in self.groups else "has cases and is not in groups"
            raise AuthorError(f"{self.where}: group {group!r} of {self.id} {what}; name each group once")


@dataclass(frozen=True)
class Mistake:
    """A known wrong answer that real students give.

    Parameters
    ----------
    of : the exercise's id.
    wrong : the student's function as it would be written, with the same parameters; or, for an
        answer that is a number, a function of the inputs that returns it.
    name : what was done, in one line, as a student should read it.
    hint : what a good tutor would say; never the formula.
    effect : it loses marks, or earns a remark.
    also : the same mistake with other constants (another step h), to be recognised alike.
    named : its id, where one function serves two exercises; default: the function's name.
    see : the heading in the handout under which the idea stands that it goes against; default: the
        exercise's own.
    """

    of: str
    wrong: Callable[..., Any]
    name: str
    hint: str
    effect: Effect = Effect.LOSES_MARKS
    also: Sequence[Callable[..., Any]] = ()
    named: str = ""
    see: str = ""
    where: str = field(default_factory=_where)

    @property
    def id(self) -> str:
        """A short name, unique in the assignment: that of the function unless `named` says another."""
        return self.named or self.wrong.__name__


@dataclass(frozen=True)
class Correct:
    """A right answer written another way, in variants.py: it must get full marks, and by a wide margin.

    Parameters
    ----------
    title : what is other about it: "loops over every entry".
    functions : by the name in the student's file, the function written in the other way, which needs no
        more than NumPy and what the reference's file has; for an answer that is a number, a function
        of the inputs that returns it.
    """

    title: str
    functions: Mapping[str, Callable[..., Any]]
    where: str = field(default_factory=_where)


@dataclass(frozen=True)
class Equivalent:
    """Mutants that are right after all, in equivalent.py: no case can tell them from the reference.

    Parameters
    ----------
    of : the function of the reference that they edit.
    edits : each as a proof shows it: the edited line, or the mutant's id.
    reason : why nobody could tell, for a reader to check.
    """

    of: str
    edits: Sequence[str]
    reason: str
    where: str = field(default_factory=_where)


@dataclass(frozen=True)
class Assignment:
    """One folder: exercises, in the order in which a student does them, and the stub's file name.

    `uses` names the earlier assignments whose files this one's imports, `data` files of its folder
    that a student gets as they are. `points` is what all outputs are worth together, to be held
    against their sum; None leaves that out.
    """

    title: str
    file: str
    exercises: Sequence[Exercise]
    uses: Sequence[str] = ()
    data: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    points: float | None = None
    where: str = field(default_factory=_where)

    def __post_init__(self) -> None:
        ids = [e.id for e in self.exercises]
        for twice in {i for i in ids if ids.count(i) > 1}:
            raise AuthorError(f"{self.where}: two exercises are named {twice!r}; name each once")
        total = math.fsum(worth for e in self.exercises for worth in e.points.values())
        if self.points is not None and not math.isclose(total, self.points):
            raise AuthorError(
                f"{self.where}: points={self.points:g}, and the outputs are worth {total:g} together; "
                "mend the one or the other"
            )
