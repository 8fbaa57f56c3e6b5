"""The two lists of system calls: what both let through is what a worker may do."""

import errno
import struct
import sys

import pytest

from grader.sandbox import syscalls
from grader.sandbox.syscalls import (
    CLOCKS,
    DESCRIPTORS,
    FCNTL,
    MEMORY,
    OWN_CLOCKS,
    SELF,
    SETUP,
    SIGNALS,
    TIME,
    worker_program,
    zygote_program,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")

ALLOW, DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
HERE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def verdict(program, number, argument=0, arch=None, first=0):
    """What the kernel's filter machine answers: loads, jumps on equality or bits, returns."""
    import platform

    data = struct.pack("<IIQ6Q", number, arch or HERE[platform.machine()], 0, first, argument, 0, 0, 0, 0)
    at, value = 0, 0
    while True:
        code, yes, no, k = struct.unpack_from("<HBBI", program, at * 8)
        at += 1
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, k)
        elif code == 0x15:
            at += yes if value == k else no
        elif code == 0x05:
            at += k
        elif code == 0x06:
            return k
        else:
            raise AssertionError(f"an instruction that this machine does not know: {code:#x}")


def numbers(names):
    from seccompy import syscall_nr

    for name in names.split():
        try:
            yield syscall_nr(name)
        except ValueError:
            continue


def test_a_worker_may_do_what_is_listed_and_nothing_of_what_the_zygote_needs():
    both = worker_program(), zygote_program()
    free = {n for n in range(600) if all(ALLOW == verdict(p, n) for p in both)}
    assert set(numbers(" ".join((MEMORY, DESCRIPTORS, TIME, SIGNALS, SELF)))) - free == set()
    assert (
        free - set(numbers(" ".join((MEMORY, DESCRIPTORS, TIME, SIGNALS, SELF, CLOCKS, "fcntl sched_getaffinity"))))
        == set()
    )
    for number in numbers(SETUP):
        assert (DENY, ALLOW) == tuple(verdict(p, number) for p in both)


def test_fcntl_is_allowed_for_the_listed_commands_alone():
    (number,) = numbers("fcntl")
    program = zygote_program()
    assert set(FCNTL) == {c for c in range(2048) if ALLOW == verdict(program, number, argument=c)}


def test_clocks_and_processors_are_told_of_the_worker_itself_alone():
    program = zygote_program()
    of_another = (~1234 << 3 | 2) & 0xFFFFFFFF
    for number in numbers(CLOCKS):
        assert set(OWN_CLOCKS) == {c for c in (*range(64), of_another) if ALLOW == verdict(program, number, first=c)}
    (number,) = numbers("sched_getaffinity")
    assert {0} == {pid for pid in range(64) if ALLOW == verdict(program, number, first=pid)}


@pytest.mark.parametrize("made", [worker_program, zygote_program])
def test_another_processors_calls_end_the_process(made):
    assert verdict(made(), 1, arch=0x40000003) in (0x80000000, 0x00000000)


def test_the_calls_of_the_other_number_space_are_denied():
    assert ALLOW != verdict(zygote_program(), 0x40000000 + 1)


def test_no_name_stands_in_both_lists():
    assert not set(SETUP.split()) & set(" ".join((MEMORY, DESCRIPTORS, TIME, SIGNALS, SELF)).split())
    assert syscalls.calls().zygote == zygote_program() and syscalls.calls().worker == worker_program()
