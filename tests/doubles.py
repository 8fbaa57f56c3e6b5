"""Stand-ins for the parent's own defences: each leaves one out, so that an attack can show what it was good for."""

from __future__ import annotations

import atexit
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import msgspec
import numpy as np

from grader import pipeline, wire
from grader.judging import compare, precedents
from grader.model import AnswerKey, Finding, Limits
from grader.reports import data, text
from grader.sandbox import channel, runner, tasks
from grader.sandbox.channel import Channel, ClosedError
from grader.sandbox.runner import Runner
from grader.schedule import schedule_of

FOR_EVER = 1000.0


def limits_without(limits: Limits, off: set[str]) -> Limits:
    """The limits that the parent itself holds, without those named."""
    if "wall" in off:
        limits = msgspec.structs.replace(limits, wall=FOR_EVER, load_wall=FOR_EVER, total_wall=FOR_EVER)
    if "total" in off:
        limits = msgspec.structs.replace(limits, total_wall=FOR_EVER)
    if "output" in off:
        limits = msgspec.structs.replace(limits, output=1 << 40)
    if "reply" in off:
        limits = msgspec.structs.replace(limits, reply=1 << 40)
    return limits


def _push(self: Channel) -> None:
    """Sends until all is sent, however long the worker does not read."""
    self._wire.setblocking(True)
    try:
        self._wire.sendall(self._to_send)
    except OSError:
        raise ClosedError from None
    finally:
        self._wire.setblocking(False)
    self._to_send = memoryview(b"")


class _AnyNumber:
    """Takes every reply for the one that is waited for."""

    size = 4

    @staticmethod
    def unpack_from(_data: bytes) -> tuple[Any]:
        return (_Equal(),)


class _Equal:
    def __eq__(self, _other: object) -> bool:
        return True

    def __ne__(self, _other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


def _unpickled(content: bytes, kind: type) -> Any:
    if content[:1] == b"\x80":
        return kind(pickle.loads(content))
    return wire.unpack_reply(content, kind)


def _sloppy(got: Any, want: Any, tolerance: float) -> Any:
    """not |got − want| > tolerance, and no look at the shape."""
    try:
        with np.errstate(all="ignore"):
            far = np.any(np.abs(np.asarray(got, dtype=float) - np.asarray(want)) > tolerance)
    except (TypeError, ValueError):
        far = True
    return compare.Mismatch(Finding.VALUES, "other values") if far else None


def _trusting(memory: memoryview) -> np.ndarray:
    """Makes an array as large as its header says."""
    import struct

    length, ndim = struct.unpack_from(">BB", memory)
    shape = struct.unpack_from(f">{ndim}Q", memory, 2)
    start = 2 + 8 * ndim
    array = np.empty(shape, np.dtype(bytes(memory[start : start + length]).decode()))
    body = np.frombuffer(memory[start + length :], np.uint8)
    array.view(np.uint8).reshape(-1)[: len(body)] = body
    return array


def _hidden_first(key: AnswerKey, variant: int) -> Any:
    made = schedule_of(key, variant)
    return made._replace(cases=made.cases[::-1], tasks=made.tasks[::-1])


def _believed(exercise: Any, outcomes: Any, *rest: Any, **named: Any) -> Any:
    """Takes a student's word for it."""
    grade = _JUDGE(exercise, outcomes, *rest, **named)
    claims = [o.value for o in outcomes if isinstance(o.value, dict)]
    return msgspec.structs.replace(grade, score=grade.max_score) if any(c.get("passed") for c in claims) else grade


_JUDGE = precedents.judge_exercise


def _as_it_is(shown: str, *_limits: Any, **_named: Any) -> str:
    return shown


PATCHES: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "never_block": lambda: patch.object(Channel, "_push", _push),
    "deadline": lambda: patch.object(channel, "time", SimpleNamespace(monotonic=lambda: 0.0)),
    "numbers": lambda: patch.object(runner, "NUMBER", _AnyNumber),
    "no_pickle": lambda: patch.object(tasks, "unpack_reply", _unpickled),
    "comparison": lambda: patch.object(compare, "_array_mismatch", _sloppy),
    "array_header": lambda: patch.object(wire, "_array", _trusting),
    "count": lambda: patch.object(tasks, "unpack_reply", wire.unpack),
    "plain": lambda: patch.object(tasks, "check_plain", lambda _value: 1),
    "visible_first": lambda: patch.object(pipeline, "schedule_of", _hidden_first),
    "true_lines": lambda: patch.object(Runner, "_with_true_lines", lambda _self, reply: reply),
    "values_only": lambda: patch.object(precedents, "judge_exercise", _believed),
    "clean": lambda: patch.multiple(text, clean=_as_it_is),
    "cells": lambda: patch.multiple(data, _cell=_as_it_is),
}
"""Name → what leaves that defence of the parent's out. `second_run`, `hushed` and `apart` are assault's own."""


def grade_in_process(source: str, key: Any) -> None:
    """Grade as the peers do: in the student's own process, which holds what is expected.

    The process ends, with 0 for a pass, as one that Python ends itself.
    """
    code: Any = 1
    atexit._clear()  # the endings of the process that this one was forked from
    try:
        code = _passes(source, key)
    except SystemExit as end:
        code = end.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    atexit._run_exitfuncs()
    os._exit(code or 0)


def _passes(source: str, key: Any) -> int:
    space: dict[str, Any] = {}
    exec(compile(source, "work.py", "exec"), space)
    for case in key.exercises[0].cases:
        expected = case.checks["y"].value
        got = space["f"](case.inputs["x"].copy())
        if not np.allclose(got, expected):
            return 1
    return 0
