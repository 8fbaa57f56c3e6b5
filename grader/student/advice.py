"""What a tutor would say before anything else: of a renamed function, a missing return, an exception, a tab."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator

import msgspec

from grader.model import AnswerKey, ExerciseGrade, Finding, Grade, KeyExercise, OutcomeKind, Submission
from grader.texts import heard, say

DEFINED = re.compile(r"^(?:async )?(?:def|class) (?P<name>\w+)", re.MULTILINE)
FRAME = re.compile(r"^(?P<file>.+?)(?::(?P<line>\d+)|, \D+(?P<cell>\d+), \D+(?P<own>\d+)) in ")
CALLED = re.compile(r"TypeError\b.*?: (?P<name>\w+)\(\) (?:takes|missing|got an unexpected)")
DOCSTRING = re.compile(r'("""|\'\'\').*?\1', re.DOTALL)
HANDED_OUT = re.compile(r"#.*|(?:pass|\.\.\.)(?: *#.*)?|return\b.*|\w[\w, ]* = (?:None(?:, None)*|\w+)(?: *#.*)?")
"""A line that a stub has, too: no work of the student's."""
RAISED = {
    "product": re.compile(r"matmul|not aligned|mismatch in its core dimension"),
    "entrywise": re.compile(r"could not be broadcast"),
    "none": re.compile(r"'NoneType'|NoneType object"),
    "unpack": re.compile(r"not enough values to unpack|too many values to unpack"),
    "whole": re.compile(
        r"only integer scalar arrays|'(?:float|numpy\.float64)' object cannot be interpreted as an integer"
    ),
    "outside": re.compile(r"out of bounds"),
    "exit": re.compile(r"\bSystemExit\b"),
}
"""What an exception's message may hold, by the name of what a tutor says of it."""


def advice(key: AnswerKey, submission: Submission, grade: Grade, ids: Callable[[], Collection[str]]) -> dict[str, str]:
    """Exercise → a sentence or two, where there is something to say.

    Parameters
    ----------
    ids : gives the ids of all exercises of the assignment; called only where a function is missing.
    """
    source = submission.files.get(submission.main or "", b"").decode("utf-8", "replace")
    known = {e.id: e for e in key.exercises}
    told = {}
    for exercise in grade.exercises:
        if exercise.score < exercise.max_score:
            sentence = next(_sentences(exercise, known[exercise.id], source, grade.remarks, ids), None)
            if sentence:
                told[exercise.id] = sentence
    return told


def _sentences(
    exercise: ExerciseGrade,
    known: KeyExercise,
    source: str,
    remarks: Collection[str],
    ids: Callable[[], Collection[str]],
) -> Iterator[str]:
    message = exercise.message or ""
    lacking = heard("lacks", message)
    if exercise.outcome is OutcomeKind.NOT_ATTEMPTED:
        if lacking is not None:
            name = lacking["name"].split()[-1]
            yield from (say("advice.cell", name=name, cell=cell) for cell in _broken_cells(remarks))
            yield _renamed(name, known, source, ids())
        elif message == say("hidden.not_attempted") and "(" in known.signature:
            yield from _left_none(known.signature.partition("(")[0], source)
        return
    called = CALLED.search(message)
    own = _parameters(source, known.signature.partition("(")[0])
    wanted = [name.partition("=")[0].strip() for name in known.signature.partition("(")[2].rstrip(")").split(",")]
    if own is not None and (
        (called is not None and called["name"] == known.id) or (own != wanted and sorted(own) == sorted(wanted))
    ):
        yield say("advice.signature", id=known.id, signature=known.signature, own=", ".join(own))
    raised = next((v.message or "" for v in exercise.verdicts if v.finding is Finding.RAISED and not v.mistake), "")
    yield from (say(f"advice.{told}") for told, pattern in RAISED.items() if pattern.search(raised))


def _broken_cells(remarks: Collection[str]) -> Iterator[str]:
    """The numbers of the notebook's cells that are no Python, as the remarks tell them."""
    for remark in remarks:
        for sentence in ("book.broken_cell", "book.broken_cell_imports"):
            if found := heard(sentence, remark):
                yield found["cell"]


def _left_none(name: str, source: str) -> Iterator[str]:
    """The sentence for a function that has work in it and gave back None; none for the stub as it came."""
    lines = [line for line in _body(source, name) if line]
    if any(not HANDED_OUT.fullmatch(line) for line in lines) and not any("NotImplemented" in line for line in lines):
        returned = any(re.search(r"\breturn\b", line.partition("#")[0]) for line in lines)
        yield say("advice.left_none" if returned else "advice.no_return", name=name)


def _body(source: str, name: str) -> list[str]:
    """The lines of the file's last function of that name, stripped, without its docstring."""
    lines = source.splitlines()
    first = max((at for at, line in enumerate(lines, 1) if re.match(rf"def {re.escape(name)}\b", line)), default=None)
    if first is None:
        return []
    inside = itertools.takewhile(lambda line: not line[:1].strip(" \t#)"), lines[first:])
    return [line.strip() for line in DOCSTRING.sub("", "\n".join(inside), count=1).splitlines()]


def _renamed(name: str, known: KeyExercise, source: str, ids: Collection[str]) -> str:
    """The sentence for a function that is not there, or not under its name."""
    import difflib  # slow to import, and seldom needed

    others = [found["name"] for found in DEFINED.finditer(source) if found["name"] not in ids]
    near = difflib.get_close_matches(name, others, 1, 0.6)
    again = f"def {known.signature}:" if "(" in known.signature else f"{name} ="
    if near:
        return say("advice.renamed", name=name, near=near[0])
    return say("advice.gone", name=name, again=again)


def _parameters(source: str, name: str) -> list[str] | None:
    """The parameters of a function in the student's file; None where it has none of that name."""
    found = re.findall(rf"^def {re.escape(name)}\(([^()]*)\)", source, re.MULTILINE)
    if not found:
        return None
    return [part.partition("=")[0].partition(":")[0].strip() for part in found[-1].split(",") if part.strip()]


def tutored(message: str) -> str:
    """Why a file is no Python, with what a tutor would add."""
    if "inconsistent use of tabs" in message or "TabError" in message:
        return f"{message}\n{say('advice.tabs')}"
    return message


# ----------------------------------------------------------------------------------------- own lines


def with_lines(grade: Grade, submission: Submission) -> Grade:
    """The grade with the student's own line under each place where an exception passed."""
    if not any(e.trace for e in grade.exercises):
        return grade
    exercises = [msgspec.structs.replace(e, trace=list(_lines(e.trace, submission))) for e in grade.exercises]
    return msgspec.structs.replace(grade, exercises=exercises)


def _lines(trace: list[str], submission: Submission) -> Iterator[str]:
    for frame in trace:
        yield frame
        found = FRAME.match(frame)
        main = submission.main or ""
        if found is None:
            continue
        notebook = submission.notebooks.get(main)
        file, line = found["file"], int(found["line"] or 0)
        if found["cell"] and notebook is not None:
            file = main
            line = next((c.first + int(found["own"]) - 1 for c in notebook.cells if c.number == int(found["cell"])), 0)
        text = submission.files.get(file, b"").decode("utf-8", "replace").splitlines()
        if 1 <= line <= len(text):
            yield f"    {text[line - 1].strip()}"
