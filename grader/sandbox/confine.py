"""What a worker gives up before it meets a student's code. Runs in the child, once, in this order."""

from __future__ import annotations

import ctypes
import io
import os
import resource
import signal
import sys

from grader.model import Limits
from grader.sandbox.syscalls import syscall_filter

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 4, 38, 36
NOBODY = 65534
MAX_FILES = 64


def prctl(option: int, value: int) -> int:
    """prctl(2) where there is one; 0 on success."""
    if sys.platform != "linux":
        return -1
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0))


def confine(limits: Limits, *, keep: tuple[int, int], log: int, drop_rights: bool) -> None:
    """Detach from the parent's session, files, environment and rights, and set the limits.

    Parameters
    ----------
    limits : memory in bytes and CPU in seconds become the process's own limits.
    keep : the two file descriptors of the wire; every other one is closed.
    log : the file descriptor that takes what the student's code prints.
    drop_rights : become nobody if root, empty the environment, leave the folder, and allow no
        system call but those of `syscalls`.

    Raises
    ------
    OSError : this machine cannot do it; nothing of the student's has run.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    _stdio(log)
    _close_all_but({0, 1, 2, *keep})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if drop_rights:
        os.environ.clear()
        os.chdir("/")
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the kernel forgets it when the user changes
    prctl(PR_SET_DUMPABLE, 0)
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_CPU, limits.cpu, limits.cpu + 1)  # first SIGXCPU, which tells why
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, MAX_FILES)
    if drop_rights:
        _limit(resource.RLIMIT_FSIZE, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if drop_rights:
        syscall_filter().load()


def _stdio(log: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, "r", closefd=False), encoding="utf-8")
    sys.stdout = _writer(1)
    sys.stderr = _writer(2)


def _writer(descriptor: int) -> io.TextIOWrapper:
    raw = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False))
    return io.TextIOWrapper(raw, encoding="utf-8", errors="replace")


def _close_all_but(keep: set[int]) -> None:
    last = -1
    for descriptor in sorted(keep):
        if descriptor > last + 1:  # an empty range would close everything: its end wraps around
            os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above the one in force."""
    above = resource.getrlimit(what)[1]
    wanted = (soft, soft if hard is None else hard)
    allowed = wanted if above == resource.RLIM_INFINITY else (min(wanted[0], above), min(wanted[1], above))
    resource.setrlimit(what, allowed)
