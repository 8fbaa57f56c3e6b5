"""The system calls that a worker may make: an allow-list without one that takes a path.

NumPy is imported before and the source comes by message, so nothing needs to be opened, connected,
executed or signalled. Everything else fails with EPERM and the student's code sees PermissionError.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
from typing import TYPE_CHECKING

from grader.errors import SandboxError

if TYPE_CHECKING:
    from seccompy import Filter

MEMORY = "mmap munmap mprotect mremap madvise brk membarrier"
DESCRIPTORS = "read write readv writev pread64 close lseek fstat poll ppoll select pselect6 dup dup2 dup3 pipe2"
TIME = "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrusage"
SIGNALS = "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall"
SELF = (
    "futex set_robust_list rseq sched_yield sched_getaffinity getpid gettid getppid getuid geteuid getgid getegid "
    "getrandom uname exit exit_group"
)
FCNTL = (fcntl.F_DUPFD, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL, fcntl.F_DUPFD_CLOEXEC)
"""Not F_SETOWN and F_SETSIG: with O_ASYNC they signal another process."""

_made: list[Filter] = []


def syscall_filter() -> Filter:
    """The filter, compiled at the first call: in the zygote, so that a fork finds it ready.

    Raises
    ------
    OSError, RuntimeError : this machine has no seccomp or another processor.
    """
    if not _made:
        from seccompy import Action, Filter

        made = Filter(default=int(Action.ERRNO) | errno.EPERM)
        for name in " ".join((MEMORY, DESCRIPTORS, TIME, SIGNALS, SELF)).split():
            with contextlib.suppress(ValueError):  # this processor has only the call's newer form
                made.allow(name)
        for command in FCNTL:
            made.allow("fcntl", args={1: command})
        made.errno("clone3", errno.ENOSYS)  # the C library then tries clone, which is denied
        if not made.program:
            raise SandboxError("the filter of system calls is empty")
        _made.append(made)
    return _made[0]
