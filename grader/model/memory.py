"""What a submission's code gave, kept so that it need not be run again."""

from __future__ import annotations

import msgspec


class Memory(msgspec.Struct, frozen=True):
    """What a submission gave, packed.

    `twice` tells that it was run in two orders and gave the same; of one that gave another answer
    nothing is remembered. `head` is what reading the file gave, `outcomes` are those of its tasks, by
    their fingerprints.
    """

    twice: bool
    head: bytes
    outcomes: dict[bytes, bytes]
