"""The report folder of a class, written so that an older one is never half overwritten."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from grader import __version__
from grader.errors import UsageError
from grader.model import AnswerKey, Grade
from grader.reports.data import grades_csv, grades_json, told_json
from grader.reports.entry import Entry
from grader.reports.feedback import feedback
from grader.reports.html import available, told_page
from grader.reports.markdown import told_text
from grader.reports.run import Run
from grader.texts import speaking
from grader.values import safe_name
from grader.whole import whole

HEAD = 4096
"""So many bytes at the beginning of a run.json hold all that it says of the run as a whole."""
TIMES = ',\n "times": ['
"""Stands between that and the submissions' times."""


def write_atomically(path: Path, pieces: Iterable[str]) -> None:
    """Write a text whole or not at all, in a folder that is made where there is none.

    Raises
    ------
    UsageError : the folder cannot be written.
    """
    with suppress(OSError):  # told of where the file itself is written
        path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, "name a folder that can with -o") as file:
        file.writelines(piece.encode("utf-8", "replace") for piece in pieces)


def prepare(folder: Path) -> None:
    """Make the report folder, and find out before an hour of grading that it cannot be written.

    Raises
    ------
    UsageError : it cannot.
    """
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written ({error.strerror}); name a folder that can with -o") from None


def student_pages(key: AnswerKey, grade: Grade, entry: Entry | None = None) -> dict[str, str]:
    """File name → text of what one student may see; made where the submission was graded.

    feedback.html is left out where what writes it is not installed; `entry` as of `feedback`.
    """
    with speaking(key.language):
        told = feedback(key, grade, entry)
        pages = {"feedback.json": told_json(grade, told), "feedback.md": told_text(told)}
        return pages | ({"feedback.html": told_page(key, told)} if available() else {})


def write_pages(folder: Path, student: str, pages: Mapping[str, str]) -> None:
    """students/<id>/ with a student's pages."""
    for name, text in pages.items():
        write_atomically(folder / "students" / safe_name(student) / name, [text])


def page_names() -> list[str]:
    """The files that `student_pages` gives here."""
    return ["feedback.json", "feedback.md", *(["feedback.html"] if available() else [])]


def has_pages(folder: Path, student: str, names: Iterable[str]) -> bool:
    """Whether a student's pages of these names are there already."""
    own = f"{folder}/students/{safe_name(student)}"
    return all(os.path.isfile(f"{own}/{name}") for name in names)


def write_reports(folder: Path, key: AnswerKey, key_hash: str, grades: Iterable[Grade]) -> None:
    """grades.json and grades.csv; `grades` is read once for each."""
    write_atomically(folder / "grades.json", grades_json(key, key_hash, grades))
    write_atomically(folder / "grades.csv", grades_csv(grades, [e.id for e in key.exercises]))


def is_written(folder: Path, mark: str) -> bool:
    """Whether the report that bears this mark is there, as it was written."""
    try:
        return bool(run_head(folder)["report"] == _marked(folder, mark))
    except (OSError, ValueError, KeyError):
        return False


def run_head(folder: Path) -> dict[str, Any]:
    """What a folder's run.json says of the run as a whole; the times of its submissions are not read.

    Raises
    ------
    OSError, ValueError : there is none, or it is no run.json.
    """
    with (folder / "run.json").open("rb") as file:
        head = json.loads(file.read(HEAD).partition(TIMES.encode())[0] + b"}")
    if not isinstance(head, dict):
        raise ValueError("no run.json")
    return head


def _marked(folder: Path, mark: str) -> str:
    paths = [folder / name for name in ("grades.json", "grades.csv", "index.html")]
    return f"{mark} {' '.join(str(path.stat().st_size) if path.is_file() else '-' for path in paths)}"


def write_run(folder: Path, run: Run, mark: str = "") -> None:
    """run.json: what may differ between two runs over the same class, the times of each submission among it.

    Parameters
    ----------
    mark : tells what the report is made of; a later run that would write the same one leaves it.
    """
    write_atomically(folder / "run.json", run_json(run, _marked(folder, mark) if mark else ""))


def run_json(run: Run, report: str = "") -> Iterator[str]:
    """run.json piece by piece, one line per submission; times in seconds."""
    head = {
        "ended": round(run.ended, 3),
        "grader": __version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "numpy": np.__version__,
        "python": platform.python_version(),
        "report": report,
        "seconds": round(run.ended - run.started, 3),
        "started": round(run.started, 3),
        "submissions": len(run.grades),
    }
    yield json.dumps(head, sort_keys=True, indent=1)[:-2] + TIMES
    for number, (grade, times) in enumerate(run.grades.timed()):
        entry = {"cases": times.cases, "id": grade.id, "seconds": times.total}
        yield ("," if number else "") + "\n" + json.dumps(entry, sort_keys=True).replace("##", "\\u0023#")
    yield "\n]}\n"
