"""The system calls that a worker may make: an allow-list without one that takes a path.

The zygote puts it into force on itself, with what it needs itself beside, and each worker takes that away.

NumPy is imported before and the source comes by message, so nothing needs to be opened, connected,
executed or signalled. Everything else fails with EPERM and the student's code sees PermissionError.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl

from grader.errors import SandboxError
from grader.sandbox.defences import Calls

MEMORY = "mmap munmap mprotect mremap madvise brk membarrier"
DESCRIPTORS = "read write readv writev pread64 close lseek fstat poll ppoll select pselect6 dup dup2 dup3 pipe2"
TIME = "nanosleep gettimeofday time times getrusage"
CLOCKS = "clock_gettime clock_getres clock_nanosleep"
OWN_CLOCKS = (0, 1, 2, 3, 4, 5, 6, 7, 11)
"""The system's clocks and this process's own, see clock_gettime(2). By other numbers they tell how much another
process has worked, and whether there is one."""
SIGNALS = "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall"
SELF = (
    "futex set_robust_list rseq sched_yield getpid gettid getppid getuid geteuid getgid getegid "
    "getrandom uname exit exit_group"
)
SETUP = "clone kill wait4 recvmsg sendmsg sendto prctl setsid prlimit64 setrlimit close_range capset seccomp"
"""What the zygote needs to start, confine and end workers, and no worker may do."""
FCNTL = (fcntl.F_DUPFD, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_DUPFD_CLOEXEC)
"""Not F_SETOWN and F_SETSIG: with O_ASYNC they signal another process. Not F_SETFL either: standard input
is one open file for all workers of a zygote, and its flags would tell the next submission something."""


def calls() -> Calls:
    """The list of allowed system calls, compiled by seccompy for this processor.

    The launcher makes it, not the zygote: what seccompy imports would make every fork dearer.

    Raises
    ------
    SandboxError : this kernel has no seccomp, or this is another processor than x86-64 and aarch64.
    """
    from seccompy import supported, syscall_nr

    if not supported():
        raise SandboxError("this kernel has no seccomp: nothing would keep a submission from files and network")
    return Calls(zygote_program(), worker_program(), syscall_nr("seccomp"), syscall_nr("clone"))


def zygote_program() -> bytes:
    """The calls that the zygote may make and its workers inherit, as the kernel's packed instructions."""
    from seccompy import Action, Filter

    made = Filter(default=int(Action.ERRNO) | errno.EPERM)
    for name in " ".join((MEMORY, DESCRIPTORS, TIME, SIGNALS, SELF, SETUP)).split():
        with contextlib.suppress(ValueError):  # this processor has only the call's newer form
            made.allow(name)
    for command in FCNTL:
        made.allow("fcntl", args={1: command})
    for name in CLOCKS.split():
        for clock in OWN_CLOCKS:
            made.allow(name, args={0: clock})
    made.allow("sched_getaffinity", args={0: 0})  # its own; of others it tells whether they are there
    made.errno("clone3", errno.ENOSYS)  # the C library then tries clone, which is denied
    return made.program


def worker_program() -> bytes:
    """What takes SETUP away again: short, for the kernel translates it anew for every worker."""
    from seccompy import Action, Filter

    made = Filter(default=int(Action.ALLOW))
    for name in SETUP.split():
        with contextlib.suppress(ValueError):
            made.errno(name, errno.EPERM)
    return made.program
