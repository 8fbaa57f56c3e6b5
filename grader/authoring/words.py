"""What a student reads of an assignment in other languages: texts.de.toml beside cases.py, English = German.

    "The bias is missing" = "Der Bias fehlt"

The English text is the name of its translation, so that a sentence that its author has changed since is
told, and never shown in an older sense.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.authoring.exercise import Assignment, Mistake
from grader.errors import AuthorError, UsageError
from grader.texts import ENGLISH, LANGUAGES, known_language

FILE = "texts.{language}.toml"


def texts_of(assignment: Assignment, mistakes: Sequence[Mistake]) -> list[str]:
    """Every text that a student reads of the assignment, once, in the order in which they stand."""
    found = [assignment.title]
    for exercise in assignment.exercises:
        found += [exercise.title, exercise.source, *(case.title for case in (*exercise.visible, *exercise.ladder))]
    for mistake in mistakes:
        found += [mistake.name, mistake.hint]
    return list(dict.fromkeys(text for text in found if text))


def read_texts(
    folder: Path, course: Path, assignment: Assignment, mistakes: Sequence[Mistake]
) -> dict[str, dict[str, str]]:
    """Language → English → what is said there, of each texts.LANGUAGE.toml in an assignment's folder.

    Raises
    ------
    AuthorError : a file that is no TOML, a translation that is no text, or one of a text that there is not.
    """
    known = set(texts_of(assignment, mistakes))
    found = {}
    for language in LANGUAGES:
        path = folder / FILE.format(language=language)
        if language == ENGLISH or not path.is_file():
            continue
        shown = path.relative_to(course).as_posix()
        try:
            text = path.read_text("utf-8")
            found[language] = tomllib.loads(text)
        except ValueError as error:
            raise AuthorError(f'{shown}: expected lines "English" = "…", but {error}') from None
        for english, said in found[language].items():
            if not isinstance(said, str) or not said:
                raise AuthorError(f"{shown}:{_line(text, english)}: expected a text for {english!r}, got {said!r}")
            if english not in known:
                where = f"{shown}:{_line(text, english)}"
                raise AuthorError(f"{where}: no text of {folder.name} reads {english!r}; translate what it reads now")
    return found


def untranslated(folder: str, texts: Mapping[str, Mapping[str, str]], every: Sequence[str]) -> list[str]:
    """One line per language in which some text is missing: a student reads it in English."""
    told = []
    for language, said in texts.items():
        missing = [text for text in every if text not in said]
        if missing:
            file = FILE.format(language=language)
            told.append(f"{folder}/{file}: {len(missing)} texts are read in English, the first one {missing[0]!r}")
    return told


def course_language(course: Path) -> str:
    """What [tool.grader] of the course's pyproject.toml names as the language of its students.

    Raises
    ------
    UsageError : a language in which there are no sentences.
    """
    path = course / "pyproject.toml"
    try:
        text = path.read_text("utf-8-sig")
        table = tomllib.loads(text).get("tool", {}).get("grader", {}) if "language" in text else {}
    except (OSError, ValueError, AttributeError):
        return ENGLISH  # what is wrong with the file is told by who reads the rules in it
    language = table.get("language", ENGLISH) if isinstance(table, dict) else ENGLISH
    if not isinstance(language, str):
        raise UsageError(f"{path}: [tool.grader] language: expected a text such as 'de', got {language!r}")
    return known_language(language, f"{path}: [tool.grader] language")


def _line(text: str, english: str) -> int:
    """The line of a translation by the text that it translates."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(f'"{english}"'):
            return number
    return 1
