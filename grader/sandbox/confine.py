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

from grader.model import Limits
from grader.sandbox.defences import Confinement, Defence, Order, Tier
from grader.sandbox.landlock import restrict_self
from grader.sandbox.system import PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG, libc, prctl

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

SET_MODE_FILTER = 1
NOBODY = 65534
MAX_FILES = 64
MOST_FILES = 1 << 20
"""So many files a process may have open where nobody set a limit (Linux's own, fs.nr_open)."""
WIRE = 3
"""The file descriptor of a worker's wire, whatever number it was handed over by."""

_ready: list[Callable[[], object]] = []
"""What `give_up` made ready for every worker to do last."""


def give_up(order: Order) -> Confinement:
    """Give up, in the zygote, what no worker may have: files, environment, rights; make the filters ready.

    Raises
    ------
    OSError, SandboxError : this machine cannot confine at this tier; it says what is missing.
    """
    tier, off = order.tier, order.off
    without = list(order.without)
    if tier is Tier.NAMESPACES:
        from grader.sandbox.namespaces import drop_capabilities

        _ready.append(drop_capabilities)
    if order.calls is not None and Defence.SYSCALLS not in off:
        _ready.append(filter_loader(order.calls.worker, order.calls.seccomp))
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
    if order.ruleset >= 0:
        restrict_self(order.ruleset)
    if not os.path.isdir("/proc/self"):
        without.append(
            "without /proc: processes that a submission leaves behind cannot be listed; "
            "the list of allowed system calls lets it start none"
        )
    if order.calls is not None and Defence.SYSCALLS not in off:
        filter_loader(order.calls.zygote, order.calls.seccomp)()
    return Confinement(tier, order.landlock, without)


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
    wire : the file descriptor of the wire, which becomes WIRE.
    log : the file descriptor that takes what the student's code prints; with the wire, the only ones kept.

    Raises
    ------
    OSError : this machine cannot do it; nothing of the student's has run.
    """
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if Defence.SESSION not in off:
        os.setsid()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(wire, WIRE)
    if Defence.DESCRIPTORS not in off:
        os.closerange(WIRE + 1, _file_limit())
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


class _Program(ctypes.Structure):
    """The kernel's struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def filter_loader(instructions: bytes, number: int) -> Callable[[], None]:
    """A function that puts a list of allowed system calls into force by seccomp(2), whose number is given.

    All that can be is made here, in the zygote: every page that a worker touches is copied.
    """
    program = _Program(len(instructions) // 8, instructions)
    given = ctypes.byref(program)
    assert libc is not None
    call = libc.syscall

    def load() -> None:
        if call(number, SET_MODE_FILTER, 0, given) != 0:
            error = ctypes.get_errno()
            raise OSError(error, f"the system call filter is refused: {os.strerror(error)}")

    return load


def standard_streams() -> None:
    """Python's three streams over file descriptors 0 to 2, wherever those lead by then."""
    sys.stdin = io.TextIOWrapper(io.FileIO(0, "r", closefd=False), encoding="utf-8")
    sys.stdout = _writer(1)
    sys.stderr = _writer(2)


def _writer(descriptor: int) -> io.TextIOWrapper:
    raw = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False))
    return io.TextIOWrapper(raw, encoding="utf-8", errors="replace")


def _file_limit() -> int:
    """One more than the highest file descriptor that can be open."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST_FILES if limit == resource.RLIM_INFINITY else min(limit, MOST_FILES)


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above the one in force."""
    above = resource.getrlimit(what)[1]
    wanted = (soft, soft if hard is None else hard)
    allowed = wanted if above == resource.RLIM_INFINITY else (min(wanted[0], above), min(wanted[1], above))
    resource.setrlimit(what, allowed)
