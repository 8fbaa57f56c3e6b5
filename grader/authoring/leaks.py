"""What no student may find in a release: a line of a solution, a mistake's code, a hidden case, the seed.

The author's texts are taken apart into what is telling, and every file that goes out is looked through
for it: as it stands, and in the texts that a notebook or a JSON file quotes. White space makes no
difference.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.authoring.course import CASES, MISTAKES, VARIANTS, Authored, relative
from grader.authoring.stub import solution_lines, stub_source
from grader.authoring.tolerance import leaves
from grader.errors import AuthorError
from grader.model import AnswerKey, KeyCase, OneOf, Return

LEAST = 8
"""Shorter lines ("return out", "n = 3") stand in any text."""
LEAST_DIGITS = 14
"""A number with so many digits was drawn; a shorter one, or a power of two, stands in many places."""
LEAST_ENTRIES = 4
"""An array with so many different numbers is no accident."""
SPACE = re.compile(r"\s+")
TARGET = re.compile(r"^(?:return\s+|def\s+|[\w.\[\], ]+=\s+)|:$")
"""What stands around the expression of a line."""
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?")
JSON_FILES = (".json", ".ipynb")


@dataclass(frozen=True)
class Secret:
    """A text that must not go out, without its white space, and how an author is told of it."""

    text: str
    what: str
    where: str


@dataclass
class Secrets:
    """All that must not go out: texts by themselves, and the numbers of hidden cases by their digits."""

    texts: dict[str, Secret] = field(default_factory=dict)
    numbers: dict[str, Secret] = field(default_factory=dict)

    def add(self, text: str, what: str, where: str) -> None:
        """A text that tells something, if it is long enough to."""
        bare = _bare(text)
        if len(bare) >= LEAST:
            self.texts.setdefault(bare, Secret(bare, what, where))


def secrets_of(authored: Authored, course: Path, key: AnswerKey | None = None, seed: bytes = b"") -> Secrets:
    """What the author of an assignment, and of those that it uses, keeps from students.

    Parameters
    ----------
    key : with hidden cases, where there is a seed to draw them from; their numbers are secret then.
    """
    found = Secrets()
    handed_out: set[str] = set()
    for one in (authored, *authored.earlier):
        reference = relative(one.folder / one.assignment.file, course)
        for line in stub_source(one.source, reference).splitlines():
            if not line.lstrip().startswith("#"):
                handed_out |= {_bare(_code(line)), _bare(TARGET.sub("", _code(line)))}
        _add_solution(found, one.source, reference)
        _add_bodies(found, one.mistakes_source, "a known mistake's code", _beside(reference, MISTAKES))
        _add_bodies(found, one.variants_source, "a right answer's code", _beside(reference, VARIANTS))
        _add_draws(found, one, _beside(reference, CASES))
    _add_titles(found, authored, course)
    for text in handed_out & found.texts.keys():
        del found.texts[text]  # a line of the stub's own code is no secret
    if key is not None:
        _add_numbers(found, key)
    if seed:
        found.add(seed.decode("utf-8", "replace"), "the secret seed", "")
    return found


def leaks(files: Mapping[str, bytes], secrets: Secrets) -> list[str]:
    """One line per leak: the file and line, what stands there, and where the author keeps it."""
    found = ((name, *place) for name, data in files.items() for place in _in_file(name, data, secrets))
    return list(dict.fromkeys(f"{name}:{line}: holds {told}" for name, line, told in found))


def refuse_leaks(files: Mapping[str, bytes], secrets: Secrets) -> None:
    """Let nothing out that tells.

    Raises
    ------
    AuthorError : a file holds a secret; the first one's file and line come first.
    """
    found = leaks(files, secrets)
    if found:
        others = len(found) - 1
        more = f" (and {others} place{'s' if others != 1 else ''} more)" if others else ""
        raise AuthorError(f"{found[0]}; nothing is written before it is taken out{more}")


# ------------------------------------------------------------------------------ what is telling


def _bare(text: str) -> str:
    return SPACE.sub("", text)


def _beside(reference: str, name: str) -> str:
    return f"{reference.rpartition('/')[0]}/{name}"


def _code(line: str) -> str:
    """A line without its comment, which is no code; a # in quotes only shortens what is looked for."""
    return line.partition("  #")[0].strip()


def _add_solution(found: Secrets, source: str, where: str) -> None:
    """Each line between the marks, and each solution as a whole, however short its lines are."""
    lines = source.splitlines()
    block: list[tuple[int, str]] = []
    inside = solution_lines(source, where)
    for number in sorted(inside):
        line = lines[number - 1].strip()
        if not line.startswith("#"):
            for text in (_code(line), TARGET.sub("", _code(line))):
                found.add(text, "a line of the solution", f"{where}:{number}")
            block.append((number, _code(line)))
        if number + 1 not in inside and block:
            found.add("".join(text for _number, text in block), "a solution", f"{where}:{block[0][0]}")
            block = []


def _add_bodies(found: Secrets, source: str, what: str, where: str) -> None:
    """The lines of every function's body, its docstring left out."""
    lines = source.splitlines()
    for number in _body_lines(source):
        found.add(_code(lines[number - 1]), what, f"{where}:{number}")


def _body_lines(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            for statement in node.body[ast.get_docstring(node) is not None :]:
                yield from range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _add_draws(found: Secrets, one: Authored, where: str) -> None:
    """The lines of cases.py that draw hidden inputs."""
    for number, line in enumerate((one.folder / CASES).read_text("utf-8").splitlines(), 1):
        if re.search(r"\brng\.\w+\(", line):
            found.add(_code(line), "how a hidden case is drawn", f"{where}:{number}")


def _add_titles(found: Secrets, authored: Authored, course: Path) -> None:
    shown = {c.title for e in authored.assignment.exercises for c in e.visible}
    for exercise in authored.assignment.exercises:
        for case in exercise.hidden:
            if case.title not in shown:
                found.add(f'"{case.title}"', "a hidden case's title", relative(case.where, course))


def _add_numbers(found: Secrets, key: AnswerKey) -> None:
    """The numbers of hidden cases, inputs and expected values, that no visible case has."""
    shown = {digits for _case, array in _arrays(key, True) for digits in _digits(array)}
    for case, array in _arrays(key, False):
        for digits in _digits(array) - shown:
            found.numbers.setdefault(digits, Secret(digits, f"a number of the hidden case {case}", ""))
    rows = {text for _case, array in _arrays(key, True) for text in _rows(array)}
    for case, array in _arrays(key, False):
        if np.unique(array).size >= LEAST_ENTRIES:
            for text in _rows(array) - rows:
                found.add(text, f"the numbers of the hidden case {case}", "")


def _arrays(key: AnswerKey, visible: bool) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Case and array: of the hidden cases, or of all that goes out, the rungs of ladders too."""
    for exercise in key.exercises:
        shown = [KeyCase(r.id, r.title, True, "", r.inputs, exercise.cases[0].plan, r.checks) for r in exercise.ladder]
        for case in (*exercise.cases, *shown):
            if case.visible is visible:
                for array in (leaf for value in _values(case) for leaf in leaves(value)):
                    if array.dtype.kind in "iuf":
                        yield case.id, array


def _values(case: KeyCase) -> Iterator[Any]:
    """Inputs and expected values; of a visible case also what each mistake returns, for that goes out with it."""
    yield from case.inputs.values() if case.variant is None else ()  # a student's own stub holds those of a variant
    for check in case.checks.values():
        yield from [*(check.values if isinstance(check, OneOf) else [check.value]), check.tolerance]
    if case.visible:
        for did in (form for forms in case.mistakes.values() for form in forms):
            yield from did.outputs.values() if isinstance(did, Return) else ()


def _digits(array: np.ndarray[Any, Any]) -> set[str]:
    """The telling numbers of an array as JSON and Python write them, without their signs."""
    written = (repr(abs(number)) for number in array.reshape(-1).tolist())
    return {text for text in written if len(text.partition("e")[0].replace(".", "").lstrip("0")) >= LEAST_DIGITS}


def _rows(array: np.ndarray[Any, Any]) -> set[str]:
    """An array as a nested list, and with its whole numbers without a point where it holds no others."""
    forms = [array, array.astype(int)] if np.array_equal(array, np.rint(array)) else [array]
    return {_bare(json.dumps(form.tolist())) for form in forms}


# ------------------------------------------------------------------------------ where it stands


def _in_file(name: str, data: bytes, secrets: Secrets) -> Iterator[tuple[int, str]]:
    """Line and what is told, of each secret in a file, once."""
    lines = data.decode("utf-8", "replace").splitlines()
    if name.endswith(".json"):
        for number, line in enumerate(lines, 1):
            if re.search(r'"visible"\s*:\s*false', line):
                yield number, "a hidden case"
    for number, line in enumerate(lines, 1):
        for digits in NUMBER.findall(line):
            if secret := secrets.numbers.get(digits):
                yield number, _told(secret)
    texts = list(_texts(lines, name.endswith(JSON_FILES)))
    whole = "".join(bare for _number, bare in texts)
    for secret in _within(whole, secrets.texts.values()):
        yield _line_of(secret.text, texts), _told(secret)


def _texts(lines: Sequence[str], quoted: bool) -> Iterator[tuple[int, str]]:
    """Line number and bare text: the lines as they stand, then what is quoted in them."""
    for number, line in enumerate(lines, 1):
        yield number, _bare(line)
    if quoted:
        for number, line in enumerate(lines, 1):
            if "\\" in line:
                for text in QUOTED.findall(line):
                    yield number, _bare(_unquoted(text))


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text, strict=False))
    except ValueError:
        return text


def _within(whole: str, secrets: Iterable[Secret]) -> Iterator[Secret]:
    return (secret for secret in secrets if secret.text in whole)


def _line_of(text: str, texts: Sequence[tuple[int, str]]) -> int:
    """The line in which the text begins."""
    at = "".join(bare for _number, bare in texts).find(text)
    for number, bare in texts:
        at -= len(bare)
        if at < 0:
            return number
    return texts[-1][0]


def _told(secret: Secret) -> str:
    return f"{secret.what} ({secret.where})" if secret.where else secret.what
