"""Files to begin with, from skeleton/: a new course, a new assignment, and a student's set-up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from grader.errors import UsageError

SKELETON = Path(__file__).parent / "skeleton"
PLACE = re.compile(r"\{\{(\w+)\}\}")


def pattern(name: str, words: Mapping[str, str]) -> dict[str, bytes]:
    """The files of skeleton/<name>/ by their path, with `words` in the places {{word}} of names and texts.

    A leading "dot_" of a name stands for a dot, and ".txt" behind ".py" is left off, so that neither
    a packager nor a tool takes a pattern for the thing itself.
    """
    folder = SKELETON / name
    files = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        parts = path.relative_to(folder).parts
        target = "/".join(f".{p.removeprefix('dot_')}" if p.startswith("dot_") else p for p in parts)
        files[_filled(target.replace(".py.txt", ".py"), words)] = _filled(path.read_text("utf-8"), words).encode()
    return dict(sorted(files.items()))


def write_new(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files that are not there yet, all or none; the paths written.

    Raises
    ------
    UsageError : one of them is there, or the folder cannot be written.
    """
    for name in files:
        if (folder / name).exists():
            raise UsageError(f"{folder / name}: is there already, and nothing is written over; move it away first")
    written = []
    for name, data in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise UsageError(f"{path}: cannot be written ({error.strerror})") from None
        written.append(path)
    return written


def _filled(text: str, words: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: words[found[1]], text)
