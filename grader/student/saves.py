"""Tells when a student's files have been saved: by looking at them twenty times a second.

Looking works on every system and on every disk: shared folders, containers and network drives tell
nobody of a change.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

POLL_SECONDS = 0.05
SETTLE_SECONDS = 0.02
"""A file that is being written changes again within this time."""
PATIENCE_SECONDS = 0.2
"""So long a file may be away, or go on changing, while an editor puts a new one in its place."""
WANTED = (".py", ".ipynb", "examples.json")

Stamps = dict[str, tuple[int, int, int]]


class Saves:
    """The files of a folder that matter to a check, and what they looked like when it was last made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Stamps = {}

    def changed(self) -> bool:
        """Whether a file was saved, added or removed since the last time; waits until it has come to rest."""
        now = stamps(self._folder)
        if now == self._seen:
            return False
        ends = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < ends:
            time.sleep(SETTLE_SECONDS)
            later = stamps(self._folder)
            gone = self._seen.keys() - later.keys()
            if later == now and not gone:
                break
            now = later
        self._seen = now
        return True


def stamps(folder: Path) -> Stamps:
    """Name → when it was written, its size, and which file it is."""
    found: Stamps = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(WANTED):
                    try:
                        told = os.stat(entry.path)
                    except OSError:
                        continue  # it went away in between
                    found[entry.name] = told.st_mtime_ns, told.st_size, told.st_ino
    except OSError:
        return {}
    return found
