"""solutions/ on disk → assignments, checked. A course is the folder that holds solutions/."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.authoring.exercise import Assignment, Correct, Equivalent, Exercise, Mistake
from grader.authoring.words import course_language, read_texts
from grader.errors import AuthorError, UsageError
from grader.texts import ENGLISH

CASES, MISTAKES, HANDOUT = "cases.py", "mistakes.py", "handout.md"
VARIANTS, EQUIVALENT, TWINS = "variants.py", "equivalent.py", "twins.py"
"""Files that a folder may have: right answers written another way, mutants that are right after all, and known
mistakes written another way."""


@dataclass(frozen=True)
class Authored:
    """An assignment as its author wrote it.

    `reference` is the namespace of the reference, `source` its text, `earlier` the assignments that
    it uses, `mistakes_source` the text of mistakes.py, `variants` the right answers of variants.py and
    `variants_source` its text, `equivalent` the marks of equivalent.py,
    `texts` by language what is said there for each English text, `language` what the course's students read.
    `twins_source` is the text of twins.py and `twins` the functions that it defines, by name: each that of
    a mistake's function.
    """

    name: str
    folder: Path
    assignment: Assignment
    source: str
    reference: dict[str, Any]
    earlier: Sequence[Authored]
    mistakes: Sequence[Mistake]
    mistakes_source: str
    handout: str
    variants: Sequence[Correct] = ()
    variants_source: str = ""
    equivalent: Sequence[Equivalent] = ()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    language: str = ENGLISH
    twins: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    twins_source: str = ""

    @property
    def used(self) -> dict[str, str]:
        """The references that this one imports, by file name."""
        return {a.assignment.file: a.source for a in self.earlier}

    @property
    def said_title(self) -> str:
        """The title as the course's students read it."""
        title = self.assignment.title
        return self.texts.get(self.language, {}).get(title, title)

    def mistakes_of(self, exercise: Exercise) -> list[Mistake]:
        """The known mistakes of one exercise."""
        return [m for m in self.mistakes if m.of == exercise.id]

    def variants_of(self, exercise: Exercise) -> list[Correct]:
        """The right answers of variants.py that one exercise calls."""
        return [v for v in self.variants if not v.functions.keys().isdisjoint(exercise.plan.targets())]


def find_course(start: Path) -> Path:
    """The nearest folder at or above `start` that holds solutions/.

    Raises
    ------
    UsageError : there is none.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "solutions").is_dir():
            return folder
    raise UsageError(
        f"{start}: expected a course here (a folder with solutions/ in it) or above; go into the course's folder, "
        "or give a key with --key"
    )


def assignment_names(course: Path) -> list[str]:
    """The assignments of a course, sorted."""
    return sorted(p.parent.name for p in (course / "solutions").glob(f"*/{CASES}"))


def load_assignment(course: Path, name: str) -> Authored:
    """Read and check one assignment of solutions/.

    Raises
    ------
    UsageError : no such assignment.
    AuthorError : its cases.py, mistakes.py, reference or handout is wrong; file and line first.
    """
    folder = course / "solutions" / name
    if not (folder / CASES).is_file():
        known = ", ".join(assignment_names(course)) or "none yet"
        raise UsageError(f"{name}: expected one of this course's assignments ({known})")
    cases = _run(folder / CASES, course)
    assignment = _named(cases, "ASSIGNMENT", Assignment, folder / CASES, course)
    earlier = [_earlier(course, assignment, used) for used in assignment.uses]
    path = folder / assignment.file
    with _importable(earlier):
        reference = _run(path, course)
        mistaken = _run(folder / MISTAKES, course)
        variants = _optional(folder / VARIANTS, "VARIANTS", Correct, course)
        equivalent = _optional(folder / EQUIVALENT, "EQUIVALENT", Equivalent, course)
        twins = _twins(folder / TWINS, mistaken, course) if (folder / TWINS).is_file() else {}
    mistakes = _named(mistaken, "MISTAKES", (list, tuple), folder / MISTAKES, course)
    authored = Authored(
        name,
        folder,
        assignment,
        path.read_text("utf-8"),
        reference,
        earlier,
        mistakes,
        (folder / MISTAKES).read_text("utf-8"),
        _read(folder / HANDOUT, course),
        variants,
        _read(folder / VARIANTS, course) if variants else "",
        equivalent,
        read_texts(folder, course, assignment, mistakes),
        course_language(course),
        twins,
        _read(folder / TWINS, course) if twins else "",
    )
    _check(authored, course)
    return authored


def namespace(authored: Authored, source: str) -> dict[str, Any]:
    """What another text of the assignment's file defines: an author's own text, run in this process."""
    space: dict[str, Any] = {"__name__": Path(authored.assignment.file).stem}
    with _importable(authored.earlier):
        exec(compile(source, authored.assignment.file, "exec"), space)
    return space


def relative(path: Path | str, course: Path) -> str:
    """`path` (or `path:line`) as it reads from the course's folder."""
    return str(path).removeprefix(f"{course}/")


def headings(handout: str) -> list[str]:
    """The headings of a handout below its title, without marks of code."""
    outside = re.sub(r"^(```|~~~).*?^\1", "", handout, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#{2,6}\s+(.+?)\s*#*$", outside, re.MULTILINE)
    return [text.replace("`", "") for text in found]


def own_heading(handout: str, exercise: str) -> str:
    """The first heading of a handout that names the exercise; empty where none does."""
    return next((h for h in headings(handout) if exercise in re.findall(r"\w+", h)), "")


def _check(authored: Authored, course: Path) -> None:
    ids = {e.id: e for e in authored.assignment.exercises}
    known = {e.id for a in authored.earlier for e in a.assignment.exercises}
    for exercise in authored.assignment.exercises:
        for needed in exercise.requires:
            if needed not in known:
                raise AuthorError(
                    f"{relative(exercise.where, course)}: {exercise.id} requires {needed!r}; "
                    f"expected an exercise of an assignment that this one uses"
                )
        for target in exercise.plan.targets():
            if target not in authored.reference:
                file = relative(authored.folder / authored.assignment.file, course)
                raise AuthorError(
                    f"{relative(exercise.where, course)}: {exercise.id} calls {target}, "
                    f"and {file} has no such name; write it there"
                )
    for mistake in authored.mistakes:
        if not isinstance(mistake, Mistake):
            raise AuthorError(
                f"{relative(authored.folder / MISTAKES, course)}: MISTAKES holds {mistake!r}; expected Mistake(…)"
            )
        if mistake.of not in ids:
            raise AuthorError(
                f"{relative(mistake.where, course)}: {mistake.id} is a mistake of {mistake.of!r}; "
                f"expected one of {', '.join(ids)}"
            )
    known_headings = headings(authored.handout)
    for see, where in [(m.see, m.where) for m in authored.mistakes] + [
        (e.see, e.where) for e in authored.assignment.exercises
    ]:
        if see and see not in known_headings:
            raise AuthorError(
                f"{relative(where, course)}: see={see!r}; expected a heading of {HANDOUT} "
                f"({', '.join(known_headings) or 'it has none'})"
            )
    for of, where in [(m.of, m.where) for m in authored.equivalent] + [
        (name, v.where) for v in authored.variants for name in v.functions
    ]:
        if of not in authored.reference:
            file = relative(authored.folder / authored.assignment.file, course)
            raise AuthorError(f"{relative(where, course)}: names {of!r}, and {file} has no such name")


def _optional(path: Path, name: str, kind: type[Any], course: Path) -> list[Any]:
    """What an author's file lists, nothing where there is no such file."""
    if not path.is_file():
        return []
    listed = _named(_run(path, course), name, (list, tuple), path, course)
    for item in listed:
        if not isinstance(item, kind):
            raise AuthorError(f"{relative(path, course)}: {name} holds {item!r}; expected {kind.__name__}(…)")
    return list(listed)


def _twins(path: Path, mistakes: Mapping[str, Any], course: Path) -> dict[str, Callable[..., Any]]:
    """The functions of twins.py; each bears the name of one in mistakes.py."""
    functions: dict[str, Any] = {
        n: f for n, f in _run(path, course).items() if inspect.isfunction(f) and not n.startswith("_")
    }
    for name, function in functions.items():
        if not callable(mistakes.get(name)):
            line = function.__code__.co_firstlineno
            raise AuthorError(
                f"{relative(path, course)}:{line}: {name} is no function of {MISTAKES}; a twin bears its mistake's name"
            )
    return functions


def _named(space: dict[str, Any], name: str, kind: Any, path: Path, course: Path) -> Any:
    if not isinstance(space.get(name), kind):
        raise AuthorError(f"{relative(path, course)}: expected it to end in {name} = …, got {space.get(name)!r}")
    return space[name]


def _earlier(course: Path, assignment: Assignment, name: str) -> Authored:
    """An assignment that this one uses."""
    try:
        return load_assignment(course, name)
    except UsageError as error:
        raise AuthorError(f"{relative(assignment.where, course)}: uses {error}") from None


@contextmanager
def _importable(earlier: Sequence[Authored]) -> Iterator[None]:
    """Earlier references can be imported by their module names while this lasts."""
    folders = [str(a.folder) for a in earlier]
    names = [Path(a.assignment.file).stem for a in earlier]
    kept = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path[:0] = folders
    try:
        yield
    finally:
        del sys.path[: len(folders)]
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(kept)


def _read(path: Path, course: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise AuthorError(f"{relative(path, course)}: expected this file, but {error.strerror}; write it") from None
    except UnicodeDecodeError as error:
        raise AuthorError(f"{relative(path, course)}: expected UTF-8 text, but {error.reason}") from None


def _run(path: Path, course: Path) -> dict[str, Any]:
    """Run an author's file and return its namespace; whatever it raises becomes an AuthorError."""
    text = _read(path, course)
    shown = relative(path, course)
    space: dict[str, Any] = {"__name__": f"solutions.{path.parent.name}.{path.stem}", "__file__": str(path)}
    try:
        exec(compile(ast.parse(text, str(path)), str(path), "exec"), space)
    except AuthorError as error:
        raise AuthorError(relative(str(error), course)) from None
    except SyntaxError as error:
        raise AuthorError(f"{shown}:{error.lineno}: {error.msg}; mend the line") from None
    except Exception as error:
        own = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
        raise AuthorError(f"{shown}:{own[-1] if own else 1}: {type(error).__name__}: {error}") from None
    return space
