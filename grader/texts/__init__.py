"""The sentences that a student reads, as data: a file per language, each sentence under a name, with {places}.

What names a sentence says `say("shape", want=…, got=…)` and knows no language; who lets others speak
says once which one it is to be: `with speaking(key.language): …`. English is what everybody speaks
otherwise. `en.json` and `de.json` hold the same names with the same places.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import UsageError
from grader.model import AnswerKey, KeyExercise

ENGLISH = "en"
LANGUAGES = (ENGLISH, "de")
VARIABLE = "GRADER_LANGUAGE"
PLACE = re.compile(r"\{(\w+)\}")

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """Every sentence of a language by its name."""
    text = (Path(__file__).parent / f"{language}.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, str])


def say(name: str, /, **places: Any) -> str:
    """The sentence of that name in the language that is spoken, its places filled."""
    return catalogue(_spoken.get())[name].format_map(places)


def heard(name: str, text: str) -> dict[str, str] | None:
    """What stands in the places of a sentence that was said; None where the text is another one."""
    found = _heard(name, _spoken.get()).fullmatch(text)
    return None if found is None else found.groupdict()


@lru_cache(maxsize=64)
def _heard(name: str, language: str) -> re.Pattern[str]:
    parts = PLACE.split(catalogue(language)[name])
    return re.compile("".join(f"(?P<{part}>.+?)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """While this lasts sentences are said in `language`."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def known_language(language: str, where: str) -> str:
    """The language, if there are sentences in it.

    Raises
    ------
    UsageError : there are none; `where` names the setting.
    """
    if language not in LANGUAGES:
        raise UsageError(f"{where}: expected one of {', '.join(LANGUAGES)}, got {language!r}")
    return language


def wanted_language(otherwise: str = ENGLISH) -> str:
    """What a student asks for in GRADER_LANGUAGE, else what their course speaks.

    Raises
    ------
    UsageError : a language in which there are no sentences.
    """
    asked = os.environ.get(VARIABLE)
    return known_language(asked, VARIABLE) if asked else otherwise


def in_language(key: AnswerKey, language: str) -> AnswerKey:
    """The key with its titles, names and hints in a language; what its author has not translated stays."""
    words = key.texts.get(language, {})
    change = msgspec.structs.replace

    def said(exercise: KeyExercise) -> KeyExercise:
        return change(
            exercise,
            title=words.get(exercise.title, exercise.title),
            source=words.get(exercise.source, exercise.source),
            cases=[change(c, title=words.get(c.title, c.title)) for c in exercise.cases],
            ladder=[change(r, title=words.get(r.title, r.title)) for r in exercise.ladder],
            mistakes=[
                change(m, name=words.get(m.name, m.name), hint=words.get(m.hint, m.hint)) for m in exercise.mistakes
            ],
        )

    if not words:
        return key if key.language == language else change(key, language=language)
    return change(
        key,
        language=language,
        title=words.get(key.title, key.title),
        exercises=[said(e) for e in key.exercises],
        required=[said(e) for e in key.required],
    )
