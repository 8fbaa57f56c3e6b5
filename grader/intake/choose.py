"""Which file of a student's is graded, and how the choice is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from grader.intake.names import notebook_of, original
from grader.intake.notebook import NotebookError
from grader.intake.source import Converted, convert
from grader.intake.work import parts_of, worked_on
from grader.texts import say


class Chosen(NamedTuple):
    """The file to grade: its own name, its Python, what it was made of if that is a notebook, and remarks."""

    name: str
    source: bytes
    converted: Converted | None
    remarks: list[str]


def choose(files: Mapping[str, bytes], file: str, released: Mapping[str, bytes]) -> Chosen | None:
    """The file with the functions: the stub's own name, else the only Python file, else the notebook.

    Where both a Python file and a notebook could be meant, the one that was worked on is taken.

    Parameters
    ----------
    released : the files as they were handed out, by name; may be empty.

    Raises
    ------
    NotebookError : the only candidate is a notebook that cannot be read; its name first.
    """
    script = _named(files, file) or _only(files, ".py")
    book = _named(files, notebook_of(file)) or _only(files, ".ipynb")
    if script is None and book is None:
        return None
    if book is None:
        assert script is not None
        return Chosen(script, files[script], None, [])
    handed_out = released.get(notebook_of(file))
    if script is None:
        converted = _converted(files[book], book, file, handed_out)
        return Chosen(book, converted.source, converted, converted.remarks)
    if released and files[book] == handed_out:
        return Chosen(script, files[script], None, [])
    try:
        converted = convert(files[book], book, file, handed_out)
    except NotebookError as error:
        return Chosen(script, files[script], None, [say("book.not_read", book=book, script=script, why=error)])
    return _of_two(files[script], script, converted, file, released.get(file))


def _converted(data: bytes, name: str, file: str, handed_out: bytes | None) -> Converted:
    try:
        return convert(data, name, file, handed_out)
    except NotebookError as error:
        raise NotebookError(f"{name}: {error}") from None


def _of_two(script: bytes, name: str, converted: Converted, file: str, stub: bytes | None) -> Chosen:
    """The one with more work in it; the Python file where that cannot be told or is the same."""
    book = converted.notebook.name
    released = parts_of(stub) if stub is not None else None
    in_book, in_script = parts_of(converted.source) or {}, parts_of(script)
    among = released or {n: p for n, p in in_book.items() if in_script is None or n in in_script}
    there = worked_on(converted.source, among, released) or 0
    here = worked_on(script, among, released)
    as_script = Chosen(name, script, None, [])
    as_book = Chosen(book, converted.source, converted, converted.remarks)
    if not among:  # nothing that both of them have: the name tells
        return as_book if original(name)[0] != file and original(book)[0] == notebook_of(file) else as_script
    if here is None and there:
        return as_book._replace(remarks=[say("book.script_no_python", book=book, script=name), *as_book.remarks])
    if here is not None and there > here:
        why = say(
            "book.script_less" if here else "book.script_untouched", book=book, script=name, here=here, there=there
        )
        return as_book._replace(remarks=[why, *as_book.remarks])
    if there:
        return as_script._replace(remarks=[say("book.script_graded", script=name, book=book)])
    return as_script


def _named(files: Mapping[str, bytes], file: str) -> str | None:
    """The file of a name; else the one that differs in case, or in a number that a browser put behind it."""
    if file in files:
        return file
    alike = [name for name in files if name.lower() == file.lower()]
    alike = alike or [name for name in files if original(name)[0].lower() == file.lower()]
    return max(alike, key=lambda name: original(name)[1], default=None)


def _only(files: Mapping[str, bytes], suffix: str) -> str | None:
    own = [name for name in files if name.endswith(suffix)]
    return own[0] if len(own) == 1 else None
