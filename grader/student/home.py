"""Where a student's work lies at home: examples.json, the stub or its notebook, and what they import."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

import msgspec
import numpy as np

from grader.errors import SubmissionError, UsageError
from grader.keyfile import load_examples
from grader.model import AnswerKey, Submission
from grader.texts import in_language, say, speaking, wanted_language

EXAMPLES = "examples.json"
MAX_FILE = 20 << 20
IMPORTED = re.compile(rb"^[ \t]*(?:from|import)[ \t]+\.?(?P<names>[^#\n]+)", re.MULTILINE)
NAME = re.compile(rb"[A-Za-z_]\w*")
NUMPY = (1, 26)


def require_numpy() -> None:
    """Say it where NumPy is older than what answers are computed with.

    Raises
    ------
    UsageError
    """
    found = tuple(int(part) for part in re.findall(r"\d+", np.__version__)[:2])
    if found < NUMPY:
        needed, command = ".".join(map(str, NUMPY)), "python -m pip install --upgrade numpy"
        with speaking(wanted_language()):
            raise UsageError(say("home.numpy", found=np.__version__, needed=needed, command=command))


def read_examples(folder: Path, exercises: Sequence[str] = ()) -> AnswerKey:
    """The visible cases that came with the assignment.

    Parameters
    ----------
    exercises : the ids wanted, none for all.

    Raises
    ------
    UsageError : they are not there, cannot be read, or have no such exercise; says what to do.
    """
    path = folder / EXAMPLES
    try:
        key = load_examples(path.read_bytes(), str(path), exercises)
        return in_language(key, wanted_language(key.language))
    except FileNotFoundError:
        with speaking(wanted_language()):
            raise UsageError(_elsewhere(path)) from None
    except OSError as error:
        with speaking(wanted_language()):
            raise UsageError(say("home.unreadable", path=path, why=error.strerror)) from None


def _elsewhere(path: Path) -> str:
    """What to do where there are no examples: go where they are, or fetch them again."""
    below = sorted(found.parent.name for found in path.parent.glob(f"*/{EXAMPLES}"))
    if below:
        return say("home.examples_below", path=path, folders=", ".join(below[:6]), first=below[0])
    return say("home.examples", path=path)


def read_work(path: Path, key: AnswerKey) -> Submission:
    """The student's file, and those beside it that it imports.

    Of a stub and its notebook the one that was worked on is taken; what is as it was handed out is
    told by its checksum.

    Raises
    ------
    SubmissionError : there is no such file, or it cannot be read.
    """
    with speaking(key.language):
        return _work(path, key)


def _work(path: Path, key: AnswerKey) -> Submission:
    folder = path if path.is_dir() else path.parent
    names = [path.name] if not path.is_dir() else [key.file, f"{PurePath(key.file).stem}.ipynb"]
    files = {name: data for name in names if (data := _read(folder / name)) is not None}
    touched = {n: data for n, data in files.items() if key.handed_out.get(n) != zlib.crc32(data)}
    touched = touched or dict([*files.items()][:1])  # where nothing is, the stub and not a word of its notebook
    own = min(touched, key=names.index, default=None)
    if own is not None and own.endswith(".py") and len(touched) == 1:
        return with_imported(folder, key, {key.file: files[own]})
    return _chosen(folder, key, touched or _all(folder))


def _chosen(folder: Path, key: AnswerKey, files: Mapping[str, bytes]) -> Submission:
    """The work where it is a notebook, goes by another name, or lies in two files."""
    from grader.intake.choose import choose  # slow to import, and not needed where there is one Python file
    from grader.intake.notebook import NotebookError

    try:
        chosen = choose(files, key.file, {})
    except NotebookError as error:
        raise SubmissionError(str(error)) from None
    if chosen is None:
        raise SubmissionError(say("home.no_work", path=folder / key.file))
    made = chosen.converted
    submission = with_imported(folder, key, {key.file: chosen.source}, written=made and made.written)
    notebooks = {} if made is None else {key.file: made.notebook}
    return msgspec.structs.replace(submission, notebooks=notebooks, remarks=list(chosen.remarks))


def _all(folder: Path) -> dict[str, bytes]:
    """Every Python file and notebook of the folder itself."""
    names = sorted(n for n in os.listdir(folder) if n.endswith((".py", ".ipynb"))) if folder.is_dir() else []
    return {name: data for name in names[:100] if (data := _read(folder / name)) is not None}


def with_imported(
    folder: Path, key: AnswerKey, files: dict[str, bytes], written: Mapping[str, bytes] | None = None
) -> Submission:
    """With the files beside the main one that it imports, and those that these import."""
    waiting = [files[key.file]]
    while waiting:
        for found in IMPORTED.finditer(waiting.pop()):
            for word in NAME.findall(found["names"]):
                name = f"{word.decode()}.py"
                if name not in files and (data := (written or {}).get(name) or _read(folder / name)) is not None:
                    files[name] = data
                    waiting.append(data)
    return Submission(folder.resolve().name, files, key.file, "")


def _read(path: Path) -> bytes | None:
    """A file's bytes; None where there is no such file.

    Raises
    ------
    SubmissionError : it is too large, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError as error:
        raise SubmissionError(say("home.unreadable", path=path, why=error.strerror)) from None
    if len(data) > MAX_FILE:
        raise SubmissionError(say("home.too_large", path=path, size=MAX_FILE >> 20))
    return data
