"""Landlock's rules that deny everything: made by the launcher, put into force by the zygote on itself.

The launcher makes them because what py-landlock imports would make every fork of the zygote dearer.
"""

from __future__ import annotations

import ctypes
import os
from typing import NamedTuple

from grader.sandbox.system import libc

RESTRICT_SELF = 446
"""The number of landlock_restrict_self(2), the same on every processor."""


class Ruleset(NamedTuple):
    """A ruleset's open file, and the kernel's version of Landlock."""

    descriptor: int
    version: int


class NoLandlockError(Exception):
    """This kernel has no Landlock; the reason, in the kernel's words."""


def make_ruleset() -> Ruleset:
    """A ruleset that denies all that this kernel's Landlock can deny; its owner closes it.

    Raises
    ------
    NoLandlockError
    """
    import py_landlock as landlock
    from py_landlock.abi import get_supported_fs, get_supported_net, get_supported_scope

    try:
        version = landlock.get_abi_version()
    except (landlock.LandlockError, OSError) as error:
        raise NoLandlockError(str(error).splitlines()[0]) from None
    denied = landlock.RulesetAttr(
        handled_access_fs=get_supported_fs(version),
        handled_access_net=get_supported_net(version),
        scoped=get_supported_scope(version),
    )
    return Ruleset(int(landlock.create_ruleset(denied)), int(version))


def restrict_self(descriptor: int) -> None:
    """Confine this process and all that it forks, for good; closes the ruleset.

    Raises
    ------
    OSError : as of landlock_restrict_self(2).
    """
    assert libc is not None
    if libc.syscall(RESTRICT_SELF, descriptor, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    os.close(descriptor)
