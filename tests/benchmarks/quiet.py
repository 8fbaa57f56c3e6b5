"""What a benchmark does so that other programs on the machine disturb it little."""

from __future__ import annotations

import os


def undisturbed(pinned: bool = True) -> str:
    """Go before all other programs where that is allowed; `pinned` to one processor, with all that is started.

    Returns a sentence on what could be done.
    """
    if not hasattr(os, "sched_setaffinity"):
        return "beside whatever else runs"
    where = "on all processors"
    if pinned:
        core = min(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {core})
        where = f"on processor {core}"
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except (OSError, AttributeError):
        return f"{where}, beside whatever else runs"
    return f"{where}, before everything else that runs"
