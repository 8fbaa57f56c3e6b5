"""A case as data: which of the student's functions to call, on what, in which order.

A plan is read in two places: in the worker, where the module is the student's, and in
`authoring`, where it is the reference. It holds no expected value.

    relu_backward:  Plan(steps=(Call("forward", "relu_forward", args=(Input("x"),)),
                                Call("answer", "relu_backward",
                                     args=(Input("dout"), Result("forward", (1,))))),
                         answer=Result("answer"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from grader import catalogue


class Input(msgspec.Struct, frozen=True, tag="input"):
    """One of the case's inputs, by name."""

    name: str


class Result(msgspec.Struct, frozen=True, tag="result"):
    """What an earlier step returned, or the part of it that `path` leads to."""

    step: str
    path: tuple[int | str, ...] = ()


class Literal(msgspec.Struct, frozen=True, tag="literal"):
    """A number, a text or None, written in the plan itself."""

    value: Any


class Items(msgspec.Struct, frozen=True, tag="items"):
    """A tuple of operands, such as the cache (x, w, b)."""

    items: tuple[Operand, ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """A dict of operands by name, such as a network's params."""

    items: dict[str, Operand]


class Public(msgspec.Struct, frozen=True, tag="public"):
    """A function of the public catalogue, made with `args` (the f of a numerical gradient)."""

    name: str
    args: tuple[Operand, ...] = ()


Operand = Input | Result | Literal | Items | Table | Public


class Call(msgspec.Struct, frozen=True, tag="call"):
    """Call `target` and keep what it returns as `save`.

    `target` is a name in the student's module; with `receiver`, the name of a method of what an
    earlier step returned (or of an instance that an earlier step made by calling a class).
    """

    save: str
    target: str
    args: tuple[Operand, ...] = ()
    kwargs: dict[str, Operand] = {}
    receiver: Operand | None = None


class Read(msgspec.Struct, frozen=True, tag="read"):
    """Read the module's attribute `target` (an answer that is a number in a file)."""

    save: str
    target: str


Step = Call | Read


class Plan(msgspec.Struct, frozen=True):
    """Steps, done in order, and the operand that is the answer."""

    steps: tuple[Step, ...]
    answer: Operand

    def targets(self) -> tuple[str, ...]:
        """Names that the student's module must have, in the order in which they are used."""
        own = [s.target for s in self.steps if isinstance(s, Read) or s.receiver is None]
        return tuple(dict.fromkeys(own))


class Derivative(msgspec.Struct, frozen=True):
    """What an exercise's outputs are the derivatives of: the student's own forward function.

    `plan` calls it and returns its value; `by` leads from an output to the input by which that value
    is differentiated; `weight` names the input that multiplies the value, entry by entry, before it
    is summed up, and is empty where the value is one number.
    """

    plan: Plan
    by: dict[str, tuple[str, ...]]
    weight: str = ""

    @property
    def forward(self) -> str:
        """The forward function's name."""
        return self.plan.targets()[0]


def given(plan: Plan, step: str, name: str) -> Plan:
    """The plan with what `step` would have returned handed over as the input `name` instead."""

    def put(operand: Operand) -> Operand:
        return Input(name) if isinstance(operand, Result) and operand.step == step else operand

    kept = tuple(
        msgspec.structs.replace(s, args=tuple(put(a) for a in s.args)) if isinstance(s, Call) else s
        for s in plan.steps
        if s.save != step
    )
    return Plan(kept, put(plan.answer))


def input_names(plan: Plan) -> list[str]:
    """The inputs that a plan hands over, in the order in which it does."""

    def inside(operand: Operand) -> list[str]:
        match operand:
            case Input(name):
                return [name]
            case Items(items) | Public(_, items):
                return [name for item in items for name in inside(item)]
            case Table(table):
                return [name for item in table.values() for name in inside(item)]
        return []

    calls = [s for s in plan.steps if isinstance(s, Call)]
    return [name for c in calls for a in (*c.args, *c.kwargs.values()) for name in inside(a)]


class MissingTargetError(Exception):
    """The module has no such function or name."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target


class BrokenChainError(Exception):
    """An earlier step returned something that the next step cannot be made from."""


def run_plan(plan: Plan, module: Mapping[str, Any], inputs: Mapping[str, Any]) -> Any:
    """Do the plan's steps with the functions of `module` and return the answer.

    Parameters
    ----------
    module : the namespace in which the plan's targets are looked up.
    inputs : the case's inputs by name; handed over as they are, so pass copies.

    Raises
    ------
    MissingTargetError : the module lacks a target.
    BrokenChainError : a step's operand cannot be taken from what an earlier step returned.
    Exception : whatever the called functions raise.
    """
    results: dict[str, Any] = {}
    for step in plan.steps:
        if isinstance(step, Read):
            results[step.save] = _lookup(module, step.target)
            continue
        function = _function(step, module, inputs, results)
        args = [_operand(a, inputs, results) for a in step.args]
        kwargs = {k: _operand(a, inputs, results) for k, a in step.kwargs.items()}
        results[step.save] = function(*args, **kwargs)
    return _operand(plan.answer, inputs, results)


def _function(
    step: Call, module: Mapping[str, Any], inputs: Mapping[str, Any], results: Mapping[str, Any]
) -> Callable[..., Any]:
    if step.receiver is None:
        found = _lookup(module, step.target)
    else:
        try:
            found = getattr(_operand(step.receiver, inputs, results), step.target)
        except AttributeError:
            raise MissingTargetError(step.target) from None
    if not callable(found):
        raise MissingTargetError(step.target)
    function: Callable[..., Any] = found
    return function


def _lookup(module: Mapping[str, Any], target: str) -> Any:
    try:
        return module[target]
    except KeyError:
        raise MissingTargetError(target) from None


def _operand(operand: Operand, inputs: Mapping[str, Any], results: Mapping[str, Any]) -> Any:
    if isinstance(operand, Input):
        return inputs[operand.name]
    if isinstance(operand, Result):
        return _follow(results[operand.step], operand.path, operand.step) if operand.path else results[operand.step]
    if isinstance(operand, Items):
        return tuple([_operand(i, inputs, results) for i in operand.items])
    if isinstance(operand, Literal):
        return operand.value
    if isinstance(operand, Table):
        return {k: _operand(i, inputs, results) for k, i in operand.items.items()}
    return catalogue.FUNCTIONS[operand.name](*(_operand(a, inputs, results) for a in operand.args))


def _follow(value: Any, path: tuple[int | str, ...], step: str) -> Any:
    for key in path:
        try:
            value = value[key]
        except Exception:
            raise BrokenChainError(f"{step} returned nothing at [{key!r}]") from None
    return value
