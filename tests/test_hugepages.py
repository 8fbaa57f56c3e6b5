"""A zygote's memory lies in huge pages where the system has them, and nothing changes where it has not."""

import subprocess
import sys

import pytest

from grader.sandbox import hugepages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="zygotes are Linux's")

ROOM = 12 << 20
ARENAS = f"""
from grader.sandbox import hugepages
before = {{start for start, _ in hugepages._own()}}
room = hugepages.reserve({ROOM})
kept = [bytes([i % 256]) * 400 for i in range({ROOM} // 2 // 448)]
longest = max(end // hugepages.HUGE - -(-start // hugepages.HUGE) for start, end in hugepages._own())
"""


def fresh(program):
    """What a Python process of its own printed."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_arenas_are_made_side_by_side_and_filled_later():
    longest, held, lies = fresh(
        ARENAS
        + "held = sum(end - start for start, end in hugepages._own())\n"
        + "more = [bytes([i % 256]) * 400 for i in range(5000)]\n"
        + "print(longest, held, sum(end - start for start, end in hugepages._own()) - held)"
    )
    assert int(longest) >= ROOM // hugepages.HUGE - 1
    assert int(held) >= ROOM
    assert 0 == int(lies)


def test_no_object_changes_when_its_memory_moves_to_huge_pages():
    count, same = fresh(
        ARENAS + "print(hugepages.collapse(), kept == [bytes([i % 256]) * 400 for i in range(len(kept))])"
    )
    assert "True" == same
    if int(count) == 0:
        pytest.skip("this kernel puts no huge page under memory that is in use (MADV_COLLAPSE, Linux 6.1)")
    assert int(count) >= ROOM // hugepages.HUGE - 1


def test_a_lean_zygote_has_some():
    if int(fresh(ARENAS + "print(hugepages.collapse())")[0]) == 0:
        pytest.skip("this kernel puts no huge page under memory that is in use (MADV_COLLAPSE, Linux 6.1)")
    program = "from grader.sandbox import zygote, hugepages\n"
    program += "import importlib\nfrom grader.sandbox.ahead import LEAN\n"
    program = "from grader.sandbox import hugepages, entry\nroom = hugepages.reserve(entry.LEAN_ROOM)\n" + program
    program += "[importlib.import_module(name) for name in LEAN]\nzygote.warm_up()\nprint(hugepages.collapse())"
    assert 5 <= int(fresh(program)[0]) <= 12


class Refusing:
    """The system's library where every call about memory is refused."""

    def __getattr__(self, _name):
        return lambda *_args: -1


def test_a_system_that_has_none_refuses_and_nothing_is_lost(monkeypatch):
    monkeypatch.setattr(hugepages, "_libc", Refusing)
    monkeypatch.setattr(hugepages, "FAILED", -1)
    assert hugepages.reserve(1 << 20)
    assert 0 == hugepages.collapse()


def test_without_proc_nothing_is_done(monkeypatch):
    def refuse(*_args):
        raise FileNotFoundError("/proc/self/maps")

    monkeypatch.setattr("builtins.open", refuse)
    assert 0 == hugepages.collapse()


def test_gaps_are_filled_for_a_moment_only():
    before, after = fresh(
        "from grader.sandbox import hugepages\n"
        "maps = lambda: sum('---p' in line and len(line.split()) == 5 for line in open('/proc/self/maps'))\n"
        "first = maps()\nroom = hugepages.reserve(8 << 20)\nprint(first, maps())"
    )
    assert int(after) <= int(before)
