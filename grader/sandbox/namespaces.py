"""Tier 2: the zygote in namespaces of its own, and every worker in a process and an IPC namespace of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

from grader.errors import SandboxError
from grader.sandbox.system import PR_SET_DUMPABLE, libc, prctl

NEW_MOUNTS, NEW_HOSTNAME, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NETWORK = (
    *(0x00020000, 0x04000000, 0x08000000),
    *(0x10000000, 0x20000000, 0x40000000),
)
CAPABILITY_VERSION_3: Final = 0x20080522

_locked = ctypes.PyDLL(None, use_errno=True) if sys.platform == "linux" else None
"""The C library called with Python's lock held, as a fork needs it."""


def unshare() -> None:
    """Enter a user, network, mount and host name namespace: no network, and rights over nothing else.

    Raises
    ------
    SandboxError : the kernel, or a setting of it, does not allow it to this user.
    """
    user, group = os.getuid(), os.getgid()
    assert libc is not None
    if libc.unshare(NEW_USER | NEW_NETWORK | NEW_MOUNTS | NEW_HOSTNAME) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise SandboxError(f"tier 2 needs user namespaces, and this system does not allow them ({reason})")
    prctl(PR_SET_DUMPABLE, 1)  # else its own files under /proc are root's; no student's code is here yet
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        try:
            with open(f"/proc/self/{name}", "wb", buffering=0) as file:  # no encoding: its module may be out of reach
                file.write(text.encode())
        except OSError as error:
            raise SandboxError(f"tier 2 needs /proc/self/{name} to map its user ({error.strerror})") from None


def fork(clone: int) -> int:
    """As os.fork, the child in a process and an IPC namespace of its own: all in it ends with it.

    Parameters
    ----------
    clone : the number of clone(2) on this processor.

    Raises
    ------
    OSError : as of clone(2).
    """
    assert _locked is not None
    ctypes.pythonapi.PyOS_BeforeFork()
    pid = int(_locked.syscall(clone, NEW_PIDS | NEW_IPC | signal.SIGCHLD, 0, 0, 0, 0))
    number = ctypes.get_errno()
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(number, os.strerror(number))
    return pid


def drop_capabilities() -> None:
    """Give up every capability that the user namespace gave.

    Raises
    ------
    OSError : as of capset(2).
    """
    assert libc is not None
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if libc.capset(header, nothing) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
