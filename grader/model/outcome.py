"""Outcomes: what came back from a student's code."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from grader.model.key import Value


class OutcomeKind(StrEnum):
    """What came back from a case."""

    RETURNED = "returned"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_LIMIT = "output_limit"
    CRASHED = "crashed"
    MALFORMED = "malformed"
    NOT_ATTEMPTED = "not_attempted"
    BLOCKED = "blocked"
    INTERNAL = "internal"


MAX_NAME = 60
MAX_MESSAGE = 1000
MAX_FRAMES = 50
Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME)]
Sentence = Annotated[str, msgspec.Meta(max_length=MAX_MESSAGE)]


class Raised(msgspec.Struct, frozen=True):
    """An exception as the worker tells it; every text is the student's, and a longer one is refused.

    `frames` are (line, function) of the student's own file, outermost first.
    """

    type_name: Name
    module: Name
    message: Sentence
    frames: Annotated[list[tuple[int, Name]], msgspec.Meta(max_length=MAX_FRAMES)] = []


class Outcome(msgspec.Struct, frozen=True):
    """What came back from one case: `value` if it returned, `error` if it raised.

    `changed` names the inputs that the call altered; `printed` is what it wrote, for visible cases;
    `overflowed` tells that NumPy warned of an overflow.
    `detail` is our own sentence on what happened, fit for a student.
    """

    kind: OutcomeKind
    value: Value = None
    error: Raised | None = None
    changed: list[str] = []
    printed: str = ""
    overflowed: bool = False
    detail: str | None = None


class Loaded(msgspec.Struct, frozen=True):
    """What came of reading the student's file in a worker.

    `unreadable` is a sentence with line and caret when the file is no Python; `broken` are
    statements at top level that raised and were left out; `definitions_only` tells that only
    definitions, imports and constants were run because the whole file did not end well: `ended`
    says how.
    """

    unreadable: Sentence | None = None
    broken: list[Raised] = []
    definitions_only: bool = False
    ended: str = ""
