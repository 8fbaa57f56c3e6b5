"""How far a long run is: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import click

T = TypeVar("T")
EVERY_SECONDS = 10.0


def told(things: Iterable[T], count: int | None, say: Callable[[str], None]) -> Iterator[T]:
    """The things as they come, their progress told on standard error.

    Parameters
    ----------
    count : how many will come, where that is known: it gives the time left.
    say : takes the plain lines where standard error is no terminal.
    """
    started = time.monotonic()
    if not sys.stderr.isatty():
        yield from _lines(things, count, say, started)
        return
    done = 0

    def rate(_item: object) -> str:
        return f"{done / max(time.monotonic() - started, 1e-9):.0f}/s"

    with click.progressbar(
        things, length=count, label="grading", show_pos=True, show_eta=True, item_show_func=rate, file=sys.stderr
    ) as bar:
        for thing in bar:
            done += 1
            yield thing


def _lines(things: Iterable[T], count: int | None, say: Callable[[str], None], started: float) -> Iterator[T]:
    last = started
    for done, thing in enumerate(things, 1):
        yield thing
        now = time.monotonic()
        if now - last >= EVERY_SECONDS:
            last = now
            rate = done / (now - started)
            rest = "" if count is None else f" of {count}, {(count - done) / rate:.0f} s left"
            say(f"graded {done}{rest} ({rate:.0f}/s)")
