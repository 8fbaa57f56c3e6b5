"""What a worker gives up before it meets a student's code.

`give_up` runs once, in the zygote, and every worker inherits it; `confine` runs in each worker.
"""

from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
from collections.abc import Callable, Collection
from typing import NamedTuple

from grader.model import Limits
from grader.sandbox.defences import Confinement, Defence, Tier

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER = 1, 4, 38, 36
NOBODY = 65534
MAX_FILES = 64

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_ready: list[Callable[[], object]] = []
"""What `give_up` made ready for every worker to do last."""


def prctl(option: int, value: int) -> int:
    """prctl(2) where there is one; 0 on success."""
    return -1 if _libc is None else int(_libc.prctl(option, value, 0, 0, 0))


def give_up(tier: Tier, off: Collection[Defence] = ()) -> Confinement:
    """Give up, in the zygote, what no worker may have: files, environment, rights; make the filters ready.

    Raises
    ------
    OSError, SandboxError : this machine cannot confine at this tier; it says what is missing.
    """
    without: list[str] = []
    ruleset = None
    if tier >= Tier.FILTERED and Defence.LANDLOCK not in off:
        ruleset = _make_ruleset(without)
    if tier is Tier.NAMESPACES:
        from grader.sandbox.namespaces import drop_capabilities

        _ready.append(drop_capabilities)
    if tier >= Tier.FILTERED and Defence.SYSCALLS not in off:
        from grader.sandbox.syscalls import filter_loader

        _ready.append(filter_loader())
    if Defence.ENVIRONMENT not in off:
        os.environ.clear()
    os.chdir("/")
    if os.getuid() == 0 and Defence.NOBODY not in off:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the kernel forgets it when the user changes
    if tier is Tier.NAMESPACES:
        from grader.sandbox.namespaces import unshare

        unshare()
    lower(off)
    if Defence.FILE_SIZE not in off:
        _limit(resource.RLIMIT_FSIZE, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if ruleset is not None:
        ruleset.apply()
    if not os.path.isdir("/proc/self"):
        without.append(
            "without /proc: processes that a submission leaves behind cannot be listed; "
            "the list of allowed system calls lets it start none"
        )
    return Confinement(tier, 0 if ruleset is None else ruleset.version, without)


def lower(off: Collection[Defence] = ()) -> None:
    """What every worker gives up, on a student's own machine too: debuggers, core dumps, new privileges."""
    if Defence.NOT_DUMPABLE not in off:
        prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if resource is None:
        return
    if Defence.CORE not in off:
        _limit(resource.RLIMIT_CORE, 0)
    if Defence.OPEN_FILES not in off:
        _limit(resource.RLIMIT_NOFILE, MAX_FILES)


def confine(limits: Limits, *, wire: int, log: int, off: Collection[Defence] = ()) -> None:
    """Detach this worker from its parent's session and files, set its limits, and do what `give_up` made ready.

    Parameters
    ----------
    limits : memory in bytes and CPU in seconds become the process's own limits.
    wire : the file descriptor of the wire; every other one is closed.
    log : the file descriptor that takes what the student's code prints.

    Raises
    ------
    OSError : this machine cannot do it; nothing of the student's has run.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if Defence.SESSION not in off:
        os.setsid()
    os.dup2(log, 1)
    os.dup2(log, 2)
    if Defence.DESCRIPTORS not in off:
        _close_all_but({0, 1, 2, wire})
    limit_work(limits, off)
    for last in _ready:
        last()


def limit_work(limits: Limits, off: Collection[Defence] = ()) -> None:
    """Limit this process's memory in bytes and CPU in seconds, where the system has such limits."""
    if resource is None:
        return
    if Defence.MEMORY not in off and sys.platform == "linux":  # macOS refuses a limit of the address space
        _limit(resource.RLIMIT_AS, limits.memory)
    if Defence.CPU not in off:
        _limit(resource.RLIMIT_CPU, limits.cpu, limits.cpu + 1)  # first SIGXCPU, which tells why


class Ruleset(NamedTuple):
    """Landlock's ruleset that denies everything, and the kernel's version of Landlock."""

    version: int
    descriptor: int

    def apply(self) -> None:
        """Confine this process and all that it forks."""
        from py_landlock import RestrictSelfFlag, RulesetFd, restrict_self

        restrict_self(RulesetFd(self.descriptor), RestrictSelfFlag(0))
        os.close(self.descriptor)


def _make_ruleset(without: list[str]) -> Ruleset | None:
    """A ruleset that denies all that this kernel's Landlock can deny; None, and why, where there is none."""
    import py_landlock as landlock
    from py_landlock.abi import get_supported_fs, get_supported_net, get_supported_scope

    try:
        version = landlock.get_abi_version()
    except (landlock.LandlockError, OSError) as error:
        without.append(
            f"without Landlock ({str(error).splitlines()[0]}): the list of allowed system calls alone keeps files away"
        )
        return None
    denied = landlock.RulesetAttr(
        handled_access_fs=get_supported_fs(version),
        handled_access_net=get_supported_net(version),
        scoped=get_supported_scope(version),
    )
    return Ruleset(int(version), int(landlock.create_ruleset(denied)))


def standard_streams() -> None:
    """Python's three streams over file descriptors 0 to 2, wherever those lead by then."""
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
