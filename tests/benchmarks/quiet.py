"""What a benchmark does so that other programs on the machine disturb it little."""

from __future__ import annotations

import os


def undisturbed() -> str:
    """Pin this process, and all that it starts, to one processor, and go before all others where that is allowed.

    Returns a sentence on what could be done.
    """
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned"
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except (OSError, AttributeError):
        return f"pinned to processor {core}, beside whatever else runs there"
    return f"pinned to processor {core}, before everything else that runs there"
