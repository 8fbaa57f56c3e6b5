"""What a worker is confined by: the tiers, and the single defences that the attacks are tried against."""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec


class Tier(IntEnum):
    """How far a worker is confined; each tier holds what the lower ones hold."""

    SPAWNED = 0
    FILTERED = 1
    NAMESPACES = 2
    BUBBLEWRAP = 3


PROMISES = {
    Tier.SPAWNED: "a process of its own with time limits; it can read this user's files and reach the network",
    Tier.FILTERED: "limits, no new privileges, a list of allowed system calls without one that takes a path, Landlock",
    Tier.NAMESPACES: "tier 1, and user, network, mount, host name, process and IPC namespaces",
    Tier.BUBBLEWRAP: "tier 1 inside bubblewrap, which shows the worker Python and nothing else of the disk",
}


class Defence(StrEnum):
    """One thing that stops an attack. Tests switch one off to see the attack succeed; nothing else does."""

    SYSCALLS = "syscalls"
    LANDLOCK = "landlock"
    NOBODY = "nobody"
    ENVIRONMENT = "environment"
    DESCRIPTORS = "descriptors"
    NOT_DUMPABLE = "not_dumpable"
    MEMORY = "memory"
    CPU = "cpu"
    FILE_SIZE = "file_size"
    OPEN_FILES = "open_files"
    CORE = "core"
    SESSION = "session"
    REAPING = "reaping"


class Confinement(msgspec.Struct, frozen=True):
    """What holds the workers of one zygote, as it found by doing it.

    `landlock` is the kernel's version of Landlock, or 0; `without` says what this machine lacks and
    what still protects, in sentences for the instructor.
    """

    tier: Tier
    landlock: int = 0
    without: list[str] = []

    def told(self) -> str:
        """One line: the tier, what it promises, what is missing."""
        line = f"confined at tier {int(self.tier)}: {PROMISES[self.tier]}"
        return "; ".join([line, *self.without])


class Calls(msgspec.Struct, frozen=True):
    """The allowed system calls, packed as the kernel reads them, and this processor's numbers of two."""

    zygote: bytes
    worker: bytes
    seccomp: int
    clone: int


class Order(msgspec.Struct, frozen=True):
    """What the launcher orders of a zygote when it starts it; `rich` with all the modules of `ahead`.

    From tier 1 on the launcher adds `calls`, the open file of Landlock's `ruleset` with the kernel's
    version of it, and what it found missing on the way.
    """

    tier: Tier = Tier.FILTERED
    off: list[Defence] = []
    rich: bool = False
    calls: Calls | None = None
    ruleset: int = -1
    landlock: int = 0
    without: list[str] = []
