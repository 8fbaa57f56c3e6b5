"""A zygote's memory in huge pages: a fork of it copies fewer page tables, and a worker's end has fewer to free.

Half of what a bare fork of a process with NumPy costs goes there. Python takes memory in arenas of
1 MB, which lie wherever there is a gap; a huge page is 2 MB and wants to lie at a multiple of that. So
`reserve` has the arenas made first, side by side, and `collapse` has the system put huge pages under
them when all is imported. Where it cannot, nothing is lost. See mmap(2), madvise(2), mincore(2).
"""

from __future__ import annotations

import ctypes

HUGE = 1 << 21
ARENA = 1 << 20
PAGES = HUGE >> 12
BLOCK, TAKEN = 400, 448
"""A bytes object of the first length takes the second of an arena."""
KEEP = 2048
"""One in so many blocks is kept; an arena holds a few more."""
PROT_NONE, MAP_PRIVATE_ANONYMOUS_NORESERVE, MAP_FIXED_NOREPLACE = 0, 0x4022, 0x100000
MADV_COLLAPSE = 25
MAX_FILLERS = 256
FAILED = ctypes.c_void_p(-1).value


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None)
    size, pointer, number = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int
    libc.mmap.argtypes, libc.mmap.restype = [pointer, size, number, number, number, ctypes.c_long], pointer
    libc.munmap.argtypes = [pointer, size]
    libc.mincore.argtypes = [pointer, size, pointer]
    libc.madvise.argtypes = [pointer, size, number]
    return libc


def reserve(size: int) -> list[bytes]:
    """Have Python make arenas for so many bytes, side by side, for what is allocated from now on.

    Returns
    -------
    One small object in each: an arena is given back when nothing is in it.
    """
    libc = _libc()
    blocks = [b""] * (size // TAKEN)  # a list that grows would come to lie between the arenas
    fillers: list[tuple[int, int]] = []

    def take(at: int | None, length: int, more: int = 0) -> int | None:
        address = libc.mmap(at, length, PROT_NONE, MAP_PRIVATE_ANONYMOUS_NORESERVE | more, -1, 0)
        return None if address == FAILED else int(address)

    room = size + 2 * HUGE
    gap = take(None, room)
    if gap is not None:
        libc.munmap(gap, room)
        end = (gap + room) // HUGE * HUGE
        if end < gap + room and take(end, gap + room - end, MAP_FIXED_NOREPLACE) == end:
            fillers.append((end, gap + room - end))
        while len(fillers) < MAX_FILLERS and (at := take(None, ARENA)) is not None:
            fillers.append((at, ARENA))
            if gap <= at < end:  # every gap above it is full
                libc.munmap(*fillers.pop())
                break
    for number in range(len(blocks)):
        blocks[number] = bytes(BLOCK)
    for at, length in fillers:
        libc.munmap(at, length)
    return blocks[::KEEP]


def collapse() -> int:
    """Put huge pages under all of this process's memory that is more than half in use; how many there are then."""
    libc, used, count = _libc(), (ctypes.c_ubyte * PAGES)(), 0
    for start, end in _own():
        for at in range(-(-start // HUGE) * HUGE, end // HUGE * HUGE, HUGE):
            if libc.mincore(at, HUGE, used) == 0 and 2 * sum(used) > PAGES:
                count += libc.madvise(at, HUGE, MADV_COLLAPSE) == 0
    return count


def _own() -> list[tuple[int, int]]:
    """Where this process's writable memory lies that belongs to no file."""
    try:
        with open("/proc/self/maps") as file:
            rows = [line.split() for line in file]
    except OSError:
        return []
    anonymous = [row[0].split("-") for row in rows if row[1] == "rw-p" and row[5:] in ([], ["[heap]"])]
    return [(int(start, 16), int(end, 16)) for start, end in anonymous]
