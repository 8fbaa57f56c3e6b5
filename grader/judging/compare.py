"""Outcome + key → one Verdict per named output, with the first finding that holds.

What a student's code returned has been decoded to base arrays and plain values; nothing here calls
a method of an object that came from a student.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader import catalogue
from grader.model import (
    Check,
    Effect,
    Finding,
    Follows,
    KeyCase,
    KeyExercise,
    Notebook,
    OneOf,
    Outcome,
    OutcomeKind,
    Raised,
    Shape,
    Verdict,
    Within,
)
from grader.texts import say
from grader.values import CountError, Numbers, as_numbers, describe, named_outputs, place, within

FAILED: dict[OutcomeKind, Finding] = {
    OutcomeKind.RAISED: Finding.RAISED,
    OutcomeKind.TIMED_OUT: Finding.TIMED_OUT,
    OutcomeKind.OUT_OF_MEMORY: Finding.OUT_OF_MEMORY,
    OutcomeKind.OUTPUT_LIMIT: Finding.OUTPUT_LIMIT,
    OutcomeKind.CRASHED: Finding.CRASHED,
    OutcomeKind.MALFORMED: Finding.MALFORMED,
    OutcomeKind.NOT_ATTEMPTED: Finding.NOT_ATTEMPTED,
    OutcomeKind.BLOCKED: Finding.BLOCKED,
    OutcomeKind.INTERNAL: Finding.INTERNAL,
}
NUMPY_ERRORS = frozenset({"LinAlgError", "AxisError", "UFuncTypeError", "DTypePromotionError", "ComplexWarning"})


class Mismatch(msgspec.Struct, frozen=True):
    """Why an output is not right: the finding and a sentence with the student's own numbers in it."""

    finding: Finding
    message: str
    shape_only: bool = False


def compare(
    outcome: Outcome,
    case: KeyCase,
    exercise: KeyExercise,
    answers: Mapping[str, Any] | None = None,
    notebook: Notebook | None = None,
) -> list[Verdict]:
    """One verdict per named output of the exercise, in its order.

    Parameters
    ----------
    outcome : what came back from the case.
    answers : what the same student's earlier exercises returned on the case of the same id, for
        follow-through.
    notebook : what the student's file was made of, for the lines of an exception.
    """
    names = list(exercise.points)
    if outcome.kind is not OutcomeKind.RETURNED:
        message = failure_message(outcome, case.visible, notebook)
        return [_verdict(case, n, Mismatch(FAILED[outcome.kind], message)) for n in names]
    try:
        returned = named_outputs(exercise.returns, names, outcome.value)
    except CountError as error:
        text = str(error) if case.visible else _count_expected(exercise)
        return [_verdict(case, n, Mismatch(Finding.COUNT, text)) for n in names]
    with np.errstate(all="ignore"):  # what a student returned may overflow in every comparison
        return [_judge_output(case, exercise, n, returned[n], outcome, answers or {}) for n in names]


def _judge_output(
    case: KeyCase, exercise: KeyExercise, name: str, got: Any, outcome: Outcome, answers: Mapping[str, Any]
) -> Verdict:
    check = case.checks[name]
    wrong = mismatch(got, check)
    changed = _changed_remark(outcome.changed)
    remark = changed or (say("overflowed") if outcome.overflowed else None)
    if wrong is None:
        if changed and exercise.changes_inputs is Effect.LOSES_MARKS:
            return _verdict(case, name, Mismatch(Finding.CHANGED_INPUTS, changed))
        return _verdict(case, name, None, remark=remark)
    credit = exercise.shape_credit if wrong.shape_only else 0.0
    if isinstance(check, Follows) and follows(got, check, answers):
        remark = say("follows")
        credit = check.credit
    verdict = _verdict(case, name, wrong, remark=remark)
    return msgspec.structs.replace(verdict, credit=credit)


def _verdict(case: KeyCase, output: str, wrong: Mismatch | None, remark: str | None = None) -> Verdict:
    """A hidden case tells the kind of finding; the sentence with the student's numbers is left out."""
    if wrong is None:
        return Verdict(case=case.id, visible=case.visible, output=output, passed=True, credit=1.0, remark=remark)
    from_us = wrong.finding in FAILED.values() or wrong.finding in (Finding.COUNT, Finding.CHANGED_INPUTS)
    return Verdict(
        case=case.id,
        visible=case.visible,
        output=output,
        passed=False,
        credit=0.0,
        finding=wrong.finding,
        message=wrong.message if case.visible or from_us else say(f"hidden.{wrong.finding}", output=output),
        remark=remark,
    )


def mismatch(got: Any, check: Check) -> Mismatch | None:
    """Hold one returned value against its check; None when it is right.

    The order is: missing → type → shape → not finite → values.
    """
    if isinstance(check, OneOf):
        return _one_of(got, check)
    return _within(got, check)


def _within(got: Any, check: Within | Follows) -> Mismatch | None:
    if not isinstance(check.value, list):
        return _array_mismatch(got, check.value, check.tolerance)
    if got is None:
        return Mismatch(Finding.MISSING, say("wrong.missing"))
    if not isinstance(got, (list, tuple)) or len(got) != len(check.value):
        return Mismatch(Finding.TYPE, say("wrong.tuple", count=len(check.value), got=describe(got)))
    for part, want in zip(got, check.value, strict=True):
        wrong = _array_mismatch(part, want, check.tolerance)
        if wrong is not None:
            return wrong
    return None


def _one_of(got: Any, check: OneOf) -> Mismatch | None:
    wrong = _array_mismatch(got, check.values[0], check.tolerance)
    if wrong is None or wrong.finding is not Finding.VALUES:
        return wrong
    numbers = as_numbers(got)
    assert isinstance(numbers, np.ndarray)
    near = [within(numbers, np.asarray(v), check.tolerance) for v in check.values]
    return None if bool(np.all(np.logical_or.reduce(near))) else wrong


def _array_mismatch(got: Any, want: Any, tolerance: float) -> Mismatch | None:
    expected = np.asarray(want)
    if _plainly_right(got, expected, tolerance):
        return None
    if got is None:
        return Mismatch(Finding.MISSING, say("wrong.missing"))
    numbers = as_numbers(got)
    if isinstance(numbers, str):
        return Mismatch(Finding.TYPE, say("wrong.type", got=numbers))
    if numbers.shape != expected.shape:
        return _shape_mismatch(numbers, expected, tolerance)
    if not bool(np.all(np.isfinite(numbers))) and bool(np.all(np.isfinite(expected))):
        return Mismatch(Finding.NOT_FINITE, say("wrong.not_finite", what=_not_finite(numbers)))
    close = within(numbers, expected, tolerance)
    if bool(np.all(close)):
        return None
    return Mismatch(Finding.VALUES, _worst(numbers, expected, close))


def _plainly_right(got: Any, want: Numbers, tolerance: float) -> bool:
    """The quick way for what nearly everybody returns: float64 of the right shape, finite and close."""
    if type(got) is not np.ndarray or got.dtype != np.float64 or got.shape != want.shape:
        return False
    return bool((np.abs(got - want) <= tolerance).all())


def _shape_mismatch(got: Numbers, want: Numbers, tolerance: float) -> Mismatch:
    shapes = {"want": want.shape, "got": got.shape}
    same_values = got.size == want.size and bool(np.all(within(got.reshape(want.shape), want, tolerance)))
    if same_values:
        return Mismatch(Finding.SHAPE, say("wrong.shape_only", **shapes), shape_only=True)
    if got.ndim == 2 and got.shape == want.shape[::-1]:
        what = "transpose" if bool(np.all(within(got.T, want, tolerance))) else "as_transposed"
        return Mismatch(Finding.SHAPE, say(f"wrong.{what}", **shapes))
    return Mismatch(Finding.SHAPE, say("wrong.shape", **shapes))


def _worst(got: Numbers, want: Numbers, close: NDArray[np.bool_]) -> str:
    """How many entries are wrong, and the one that is farthest off."""
    distance = np.where(close, -1.0, np.nan_to_num(np.abs(got - want), nan=np.inf))
    index = np.unravel_index(int(np.argmax(distance)), want.shape)
    numbers = {"want": _number(want[index]), "got": _number(got[index])}
    if want.ndim == 0:
        return say("wrong.number", **numbers)
    count, at = int(np.sum(~close)), ", ".join(str(int(i)) for i in index)
    return say("wrong.entries", count=count, size=want.size, index=at, **numbers)


def _not_finite(got: Numbers) -> str:
    nan, inf = int(np.sum(np.isnan(got))), int(np.sum(np.isinf(got)))
    told = [f"{count} {name}" for count, name in ((nan, "nan"), (inf, "inf")) if count]
    return told[0] if len(told) == 1 else say("wrong.not_finite_both", first=told[0], second=told[1])


def _number(value: Any) -> str:
    return f"{complex(value):.6g}" if np.iscomplexobj(value) else f"{float(value):.6g}"


def follows(got: Any, check: Follows, answers: Mapping[str, Any]) -> bool:
    """Whether `got` is the catalogue's formula of the student's own earlier answers."""
    numbers = as_numbers(got)
    args: list[Any] = []
    for arg in check.args:
        own = as_numbers(answers.get(arg)) if isinstance(arg, str) else np.asarray(arg)
        if isinstance(own, str):
            return False
        args.append(own)
    if isinstance(numbers, str):
        return False
    try:
        want = np.asarray(catalogue.FUNCTIONS[check.formula](*args))
    except (ValueError, TypeError):
        return False
    return numbers.shape == want.shape and bool(np.all(within(numbers, want, check.tolerance)))


# ------------------------------------------------------------------------------------- sentences


def failure_message(outcome: Outcome, visible: bool, notebook: Notebook | None = None) -> str:
    """What happened when nothing was returned; for a hidden case from our own words only."""
    error = outcome.error
    if outcome.kind is OutcomeKind.NOT_ATTEMPTED:
        return outcome.detail or say("hidden.not_attempted")
    if error is None:
        return outcome.detail or outcome.kind.replace("_", " ")
    at = "_at" if error.frames else ""
    where = place(error.frames[-1][0], notebook) if error.frames else ""
    if visible and error.message:
        return say("raised.at" if at else "raised", kind=error.type_name, place=where, message=error.message)
    return say(f"raised.bare{at}", kind=error.type_name if visible else known_type(error), place=where)


def known_type(error: Raised) -> str:
    """The exception's type if it is Python's or NumPy's own; a class can be named after an input."""
    kind = getattr(builtins, error.type_name, None)
    root = error.module.partition(".")[0]
    own = root in ("builtins", "numpy") and isinstance(kind, type) and issubclass(kind, BaseException)
    if own or (root == "numpy" and error.type_name in NUMPY_ERRORS):
        return error.type_name
    return say("raised.own")


def _changed_remark(changed: list[str]) -> str | None:
    if not changed:
        return None
    return say("changed", names=say("and").join(changed))


def _count_expected(exercise: KeyExercise) -> str:
    names = ", ".join(exercise.points)
    if exercise.returns is Shape.DICT:
        return say("count.dict_hidden", names=names)
    return say("count.values_hidden", count=len(exercise.points), names=names)
