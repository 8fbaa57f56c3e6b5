"""The sentences that a student reads: every English one has its twin in each language, and none is said that is not there."""

import ast
import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.course import assignment_names, load_assignment
from grader.authoring.key import build_key
from grader.authoring.words import texts_of
from grader.errors import UsageError
from grader.keyfile import dump_examples, load_examples
from grader.texts import ENGLISH, LANGUAGES, catalogue, heard, in_language, known_language, say, speaking

ROOT = Path(__file__).resolve().parent.parent
OTHERS = [language for language in LANGUAGES if language != ENGLISH]
NAMES = assignment_names(ROOT)


def places(text):
    return sorted(name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)


def test_the_languages_are_the_files():
    assert {p.stem for p in (ROOT / "grader" / "texts").glob("*.json")} == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_every_english_sentence_has_its_twin_with_the_same_places(language):
    english, other = catalogue(ENGLISH), catalogue(language)
    assert english.keys() == other.keys()
    assert {n: places(t) for n, t in english.items()} == {n: places(t) for n, t in other.items()}
    same = [name for name in english if english[name] == other[name]]
    assert same == [], "a sentence that reads the same was not translated"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_sorted_and_its_places_are_plain_names(language):
    text = (ROOT / "grader" / "texts" / f"{language}.json").read_text("utf-8")
    table = json.loads(text)
    assert list(table) == sorted(table)
    assert text == json.dumps(table, ensure_ascii=False, indent=1) + "\n"
    for name, sentence in table.items():
        assert all(re.fullmatch(r"[a-z_]+", place) for place in places(sentence)), name
        assert sentence == sentence.strip() or name in ("and", "or"), name


def said():
    """(file, node) of each call of say(…) in the code."""
    for path in sorted((ROOT / "grader").rglob("*.py")):
        text = path.read_text("utf-8")
        if not re.search(r"^from grader.texts import .*\bsay\b", text, re.MULTILINE):
            continue  # what is called say there is another function
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield path.name, node


def names_in(argument):
    """The names that a first argument may be, a pattern where a part of it is computed; None for a variable."""
    match argument:
        case ast.Constant(value=str(name)):
            return [re.escape(name)]
        case ast.IfExp(body=first, orelse=second):
            return [*names_in(first), *names_in(second)]
        case ast.JoinedStr(values=parts):
            return ["".join(re.escape(p.value) if isinstance(p, ast.Constant) else r"[a-z_]*" for p in parts)]
    return []


def test_what_is_said_is_in_the_catalogue_with_the_places_that_it_is_given():
    english = catalogue(ENGLISH)
    assert len(list(said())) > 60
    for file, call in said():
        for pattern in names_in(call.args[0]):
            meant = [name for name in english if re.fullmatch(pattern, name)]
            assert meant, f"{file}:{call.lineno}: {pattern}"
            given_places = {k.arg for k in call.keywords}
            if None not in given_places and len(meant) == 1:
                for name in meant:
                    assert set(places(english[name])) <= given_places, f"{file}:{call.lineno}: {name}"


@pytest.mark.parametrize(
    "template", sorted((ROOT / "grader" / "reports" / "templates").glob("*.html")), ids=lambda p: p.name
)
def test_what_a_page_says_is_in_the_catalogue(template):
    for name, computed in re.findall(r'say\("([a-z_.]+)"( ~)?', template.read_text("utf-8")):
        assert any(n.startswith(name) if computed else n == name for n in catalogue(ENGLISH)), name


def test_no_sentence_is_never_said():
    text = "\n".join(p.read_text("utf-8") for p in (ROOT / "grader").rglob("*.py"))
    text += "\n".join(p.read_text("utf-8") for p in (ROOT / "grader").rglob("templates/*.html"))
    patterns = [p for _file, call in said() for p in names_in(call.args[0])]
    patterns += [f"{name}.*" for name in re.findall(r'say\("([a-z_]+)\." ~', text)]
    unsaid = [n for n in catalogue(ENGLISH) if not any(re.fullmatch(p, n) for p in patterns) and f'"{n}"' not in text]
    assert unsaid == []


def test_a_language_lasts_as_long_as_it_is_spoken():
    assert say("wrong.missing") == "is None"
    with speaking("de"):
        assert say("wrong.missing") == "ist None"
        with speaking("en"):
            assert say("wrong.missing") == "is None"
        assert say("wrong.number", want=1, got=2) == "erwartet war 1, es kam 2"
    assert say("wrong.missing") == "is None"


@given(
    st.sampled_from(LANGUAGES), st.from_regex(r"\w{1,20}\.py", fullmatch=True), st.from_regex(r"\w+", fullmatch=True)
)
def test_what_was_said_can_be_heard(language, file, name):
    with speaking(language):
        assert heard("lacks", say("lacks", file=file, name=name)) == {"file": file, "name": name}
        assert heard("lacks", "something else") is None


def test_a_language_without_sentences_is_told():
    assert known_language("de", "here") == "de"
    with pytest.raises(UsageError) as error:
        known_language("fr", "GRADER_LANGUAGE")
    assert str(error.value) == "GRADER_LANGUAGE: expected one of en, de, got 'fr'"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_every_assignment_is_translated(language, name):
    one = load_assignment(ROOT, name)
    assert [text for text in texts_of(one.assignment, one.mistakes) if text not in one.texts[language]] == []


def test_a_key_in_another_language_has_its_titles_names_and_hints_and_the_same_numbers():
    key = build_key(load_assignment(ROOT, "activations"), None)
    german = in_language(key, "de")
    assert ("Activations", "Aktivierungen", "de") == (key.title, german.title, german.language)
    for there, here in zip(german.exercises, key.exercises, strict=True):
        assert (there.id, there.points) == (here.id, here.points)
        assert [c.id for c in there.cases] == [c.id for c in here.cases]
        assert all(a.name != b.name and a.hint != b.hint for a, b in zip(there.mistakes, here.mistakes, strict=True))
    assert in_language(key, "en") == key
    text = dump_examples(key)
    assert in_language(load_examples(text.encode(), "x"), "de").title == "Aktivierungen"
