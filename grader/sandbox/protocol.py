"""What parent and worker say to each other, as frames of the wire. No expected value has a place here."""

from __future__ import annotations

import msgspec

from grader.model import Raised, Value
from grader.plan import Plan


class LoadRequest(msgspec.Struct, frozen=True, tag="load"):
    """Read these files; the functions are in `main`. Sent once, first."""

    files: dict[str, bytes]
    main: str
    definitions_only: bool = False


class RunRequest(msgspec.Struct, frozen=True, tag="run"):
    """Do one case's plan on these inputs, with the functions of `file` (default: the main one).

    The reply bears the same number: one that was written ahead is not taken for another case's.
    """

    number: int
    plan: Plan
    inputs: dict[str, Value]
    file: str = ""


class RunReply(msgspec.Struct, frozen=True):
    """What the plan returned or raised. `after` are checksums of the inputs when the call was over.

    `missing` is a name that the student's module lacks; `broken` says which step's result the next
    one could not be made from; `warned` are NumPy's warnings.
    """

    number: int = 0
    value: Value = None
    error: Raised | None = None
    missing: str | None = None
    broken: str | None = None
    after: dict[str, int] = {}
    warned: list[str] = []


Request = LoadRequest | RunRequest
