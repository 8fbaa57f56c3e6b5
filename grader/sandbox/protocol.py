"""What parent and worker say to each other, as frames of the wire. No expected value has a place here."""

from __future__ import annotations

import struct
from typing import Annotated

import msgspec

from grader.model import Raised, Sentence, Value
from grader.plan import Derivative

MAX_WARNED = 4
MARK = b"\0\0printed\0\0"
"""Ends what was printed before a reply, where prints and replies come by pipes that know nothing of each other."""

MAX_STRUCTURE = 1024
"""Bytes; a structure's hashes are 4 each."""


class LoadRequest(msgspec.Struct, frozen=True, tag="load"):
    """Read these files; the functions are in `main`. Sent once, first. `structure` asks for that of `main` too."""

    files: dict[str, bytes]
    main: str
    definitions_only: bool = False
    structure: bool = False


class Parsed(msgspec.Struct, frozen=True):
    """First answer to a LoadRequest, given before a statement of the student's has run.

    `keeps_state` says that the text could keep something between calls; `structure` are the hashes
    of its functions, where they were asked for.
    """

    keeps_state: bool
    structure: Annotated[bytes, msgspec.Meta(max_length=MAX_STRUCTURE)] = b""


class RunRequest(msgspec.Struct, frozen=True, tag="run"):
    """Do one case's plan on these inputs, with the functions of `file` (default: the main one).

    The same bytes for every submission: a key's requests are packed once. `plan` is a packed Plan, which
    most cases of an exercise have in common: a worker reads it once. `before` is the inputs' checksum.
    """

    plan: bytes
    inputs: dict[str, Value]
    file: str = ""
    before: int = 0


class SlopeRequest(msgspec.Struct, frozen=True, tag="slope"):
    """Differentiate the student's own forward function at these inputs; answered by a RunReply."""

    derivative: Derivative
    inputs: dict[str, Value]
    file: str = ""


class RunReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the plan returned or raised. `after` are checksums of the inputs when the call was over, where one changed.

    On the wire the number of the request stands before it, so that a reply that was written ahead
    is not taken for another case's. `missing` is a name that the student's module lacks; `broken`
    says which step's result the next one could not be made from; `warned` are NumPy's warnings.
    """

    value: Value = None
    error: Raised | None = None
    missing: Sentence | None = None
    broken: Sentence | None = None
    after: dict[str, int] = {}
    warned: Annotated[list[Sentence], msgspec.Meta(max_length=MAX_WARNED)] = []


NUMBER = struct.Struct(">I")
"""The number of a reply's request, counted from 1 in each worker."""

Request = LoadRequest | RunRequest | SlopeRequest
