"""The system's C library, for calls that Python has no words for."""

from __future__ import annotations

import ctypes
import sys

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 4, 38, 36

libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
"""None where calls are other ones."""


def prctl(option: int, value: int) -> int:
    """prctl(2) where there is one; 0 on success."""
    return -1 if libc is None else int(libc.prctl(option, value, 0, 0, 0))
