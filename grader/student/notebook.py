"""A check from a notebook: `grader.check("affine_backward")`, `%check`, `%%check`.

The cells that were run become a file, definitions only, and it is checked like any other: in a process
of its own, with limits. Where there is no other process to be had (JupyterLite), the functions are
called in this one, and the answer says that limits are off.
"""

from __future__ import annotations

import ast
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from grader.errors import GraderError
from grader.model import AnswerKey, Limits, Submission
from grader.plan import Read
from grader.reports.run import Run
from grader.reports.terminal import Look, fitted
from grader.reports.text import check_report
from grader.sandbox.launch import Launcher, ReadyLauncher
from grader.student.check import ALL, check_work, own_launcher
from grader.student.home import read_examples, read_work, require_numpy, with_imported
from grader.texts import say, speaking

INSIDE_VARIABLE = "GRADER_INSIDE"
MAX_VALUE = 4096
"""Entries of an answer that is a number or an array."""


class Shown:
    """What a check came to; a notebook shows it as a table, everything else as text.

    `passed` tells whether all visible cases that were checked pass.
    """

    def __init__(self, run: Run | None, note: str = "") -> None:
        self.run = run
        self.note = note

    @property
    def passed(self) -> bool:
        """Whether all visible cases that were checked pass."""
        return self.run is not None and all(g.score == g.max_score for g in self.run.grades)

    def __repr__(self) -> str:
        if self.run is None:
            return self.note
        told = "".join(
            check_report(g, self.run.key, *([self.run.telling] if self.run.telling else [])) for g in self.run.grades
        )
        return "".join(fitted([told + (f"\n{self.note}\n" if self.note else "")], Look())).rstrip("\n")

    def _repr_html_(self) -> str:
        from html import escape

        from grader.reports.cell import html

        return html(self.run, self.note) if self.run is not None else f"<p>{escape(self.note)}</p>"


def check(
    exercises: Sequence[str], space: Mapping[str, Any], folder: Path | None = None, *, hint: bool = False
) -> Shown:
    """Check the functions of a notebook, a console or a file.

    Parameters
    ----------
    exercises : ids; none means all.
    space : the caller's names.
    folder : where examples.json is; default: beside the caller's file, or here.
    hint : go one step further with the hint.
    """
    own = space.get("__file__")
    place = folder or (Path(str(own)).parent if own and _session() is None else Path())
    try:
        require_numpy()
        if no_processes():
            return _inside(place, exercises, space, hint)
        launcher = ReadyLauncher(own_launcher(), Limits())
        try:
            key = read_examples(place, () if ALL in exercises else exercises)
            work = _work(place, key, space, own)
            if work is None:
                return _inside(place, exercises, space, hint)
            return Shown(check_work(place, key, work, launcher, exercises, hint=hint, ask=_ask(exercises)))
        finally:
            launcher.close()
    except GraderError as error:
        return Shown(None, str(error))


def no_processes() -> bool:
    """Whether this system starts none: a browser's Python."""
    return sys.platform in ("emscripten", "wasi") or bool(os.environ.get(INSIDE_VARIABLE))


def _session() -> Any:
    """The running IPython, or None."""
    loaded = sys.modules.get("IPython")
    return None if loaded is None else loaded.get_ipython()


def _inside(folder: Path, exercises: Sequence[str], space: Mapping[str, Any], hint: bool) -> Shown:
    """Check in this very process."""
    from grader.sandbox.inside import InsideLauncher

    key = read_examples(folder, () if ALL in exercises else exercises)
    launcher: Launcher = InsideLauncher(space)
    work = Submission("notebook", {key.file: b""}, key.file, "")
    run = check_work(folder, key, work, launcher, exercises, hint=hint, ask=_ask(exercises))
    return Shown(run, _said(key, "notebook.limits_off"))


def _ask(exercises: Sequence[str]) -> str:
    """How to ask for the next hint."""
    return f'grader.check("{exercises[0]}", hint=True)' if len(exercises) == 1 else "grader.check(hint=True)"


def _said(key: AnswerKey, name: str) -> str:
    with speaking(key.language):
        return say(name)


def _work(folder: Path, key: AnswerKey, space: Mapping[str, Any], own: object) -> Submission | None:
    """The stub that was imported, the cells that were run, or the caller's file; None for a console."""
    stem = PurePath(key.file).stem
    imported = any(getattr(space.get(e.id), "__module__", "") == stem for e in key.exercises)
    if imported:
        return read_work(folder / key.file if (folder / key.file).is_file() else folder, key)
    shell = _session()
    if shell is not None:
        return from_cells(folder, key, shell.history_manager.input_hist_raw[1:], space)
    if isinstance(own, str) and Path(own).is_file():
        return read_work(Path(own), key)
    return None


def from_cells(folder: Path, key: AnswerKey, cells: Sequence[str], space: Mapping[str, Any]) -> Submission:
    """The cells of a session as a student's file: what they define, and the answers that are numbers.

    Parameters
    ----------
    cells : their texts in the order in which they were run; the first is In[1].
    """
    from grader.intake.source import convert

    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}}
    made = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []} for text in cells]
    converted = convert(json.dumps(book | {"cells": made}).encode(), _said(key, "notebook.this"), key.file)
    text = definitions(converted.source) + answers(key, space)
    work = with_imported(folder, key, {key.file: text}, converted.written)
    from msgspec.structs import replace

    return replace(work, notebooks={key.file: converted.notebook})


def definitions(source: bytes) -> bytes:
    """The text with everything blanked, line by line, that is no definition, import or constant."""
    from grader.sandbox.loader import is_definition

    lines = source.decode("utf-8").split("\n")
    kept: set[int] = set()
    for node in ast.parse(source).body:
        if is_definition(node):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            kept |= set(range(first, (node.end_lineno or first) + 1))
    return "\n".join(line if n in kept else "" for n, line in enumerate(lines, 1)).encode("utf-8")


def answers(key: AnswerKey, space: Mapping[str, Any]) -> bytes:
    """Lines that give the answers that are numbers and arrays the values that they have in the session."""
    told = []
    for exercise in key.exercises:
        step = exercise.cases[0].plan.steps[-1] if exercise.cases else None
        if isinstance(step, Read) and (text := literal(space.get(step.target))) is not None:
            told.append(f"\n{step.target} = {text}")
    return "".join(told).encode() + b"\n"


def literal(value: Any) -> str | None:
    """A number, an array of numbers, or a list of them, as Python; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, list, tuple, np.ndarray, np.generic)):
        return None
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "iuf" or array.size > MAX_VALUE or not np.all(np.isfinite(array)):
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    plain = array.tolist()
    return repr(plain) if not isinstance(plain, float) or math.isfinite(plain) else None


def load(shell: Any) -> None:
    """Add %check and %%check to an IPython."""

    def magic(line: str, cell: str | None = None) -> Shown | None:
        """Check exercises: `%check affine_backward`; `%%check affine_backward` runs the cell first."""
        words = line.split()
        if cell is not None and not shell.run_cell(cell).success:
            return None
        return check([w for w in words if w != "--hint"], shell.user_ns, hint="--hint" in words)

    shell.register_magic_function(magic, "line_cell", "check")
