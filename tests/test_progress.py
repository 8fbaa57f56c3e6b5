"""How far a run is: a bar with count, rate and time left on a terminal, a plain line now and then elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader import progress

ROOT = Path(__file__).resolve().parent.parent


class Clock:
    """Goes on by a second each time that something comes."""

    def __init__(self):
        self.now = 100.0

    def monotonic(self):
        return self.now

    def coming(self, count):
        for number in range(count):
            self.now += 1.0
            yield number


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: False)))
    return clock


def test_elsewhere_a_line_comes_every_ten_seconds_with_count_rate_and_time_left(clock):
    said = []
    assert list(range(25)) == list(progress.told(clock.coming(25), 25, said.append))
    assert ["graded 10 of 25, 15 s left (1/s)", "graded 20 of 25, 5 s left (1/s)"] == said


def test_where_the_count_is_not_known_no_time_is_made_up(clock):
    said = []
    list(progress.told(clock.coming(10), None, said.append))
    assert ["graded 10 (1/s)"] == said


def test_a_short_run_says_nothing(clock):
    said = []
    assert [0, 1] == list(progress.told(clock.coming(2), 2, said.append))
    assert [] == said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_a_bar_shows_count_rate_and_time_left():
    ours, theirs = os.openpty()
    script = (
        "import time\nfrom grader.progress import told\n"
        "for _ in told((time.sleep(0.6) for _ in range(4)), 4, print): pass\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "80"}
    subprocess.run([sys.executable, "-c", script], stderr=theirs, env=environment, check=True, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert re.search(r"grading  \[#+-*\]  [23]/4  00:00:0\d  \d+/s", shown), shown
