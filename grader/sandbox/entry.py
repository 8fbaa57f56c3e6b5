"""How a zygote begins: room for all that it will hold is made first, then it imports it."""

from __future__ import annotations

import sys

from grader.sandbox import hugepages

LEAN_ROOM, RICH_ROOM = 10 << 20, 20 << 20
"""Bytes of Python's arenas that a zygote fills, and some more."""


def main(control: str, order: str) -> None:
    """Make room, then be a zygote.

    Parameters
    ----------
    control : the number of the socket on which the launcher speaks.
    order : a packed `defences.Order`, as JSON.
    """
    room = hugepages.reserve(RICH_ROOM if '"rich":true' in order else LEAN_ROOM)
    import os
    import socket

    import msgspec

    from grader.sandbox import zygote
    from grader.sandbox.defences import Order

    low = os.dup(int(control))  # a worker closes what is open up to its limit: nothing may lie above
    os.close(int(control))
    zygote.main(socket.socket(fileno=low), msgspec.json.decode(order, type=Order))
    room.clear()


if __name__ == "__main__":
    main(*sys.argv[1:])
