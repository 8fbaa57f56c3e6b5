"""A student's text on its way to a terminal, a page or a table: bounded, and no character that acts."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.reports.clean import COMMAND, _without_what_acts, clean


def test_plain_text_stays_as_it_is():
    text = "raised ValueError: shapes (2,3) and (2,3) – naïve ∂y/∂x 李雷 🙂"
    assert text == clean(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("\x9b31m", "31m"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("zero\u200bwidth\u2066\ufeff", "zerowidth"),
        ("half \ud800 a character", "half  a character"),
        ("\ue000private", "private"),
        ("a\u2000b\u00a0c\u3000d", "a b c d"),
        ("not \u0530 known", "not \ufffd known"),
        ("one\r\ntwo\rthree", "one\ntwothree"),
        ("a\tb", "a   b"),
        ("\x0b\x0c\x1c\x85", ""),
    ],
)
def test_characters_that_act_are_gone(text, shown):
    assert shown == clean(text)


def test_line_ends_stay_or_become_spaces():
    assert "a\n\nb" == clean("a\n\nb")
    assert "a  b" == clean("a\n\nb", keep_lines=False)


def test_a_long_text_is_cut_and_says_by_how_much():
    assert "xxxxx … 95 characters more" == clean("x" * 100, 5)
    assert "x" * 5 == clean("x" * 5, 5)


def test_a_huge_text_is_cut_before_it_is_read():
    assert f"{'x' * 2000} … {10**8 - 2000} characters more" == clean("x" * 10**8)


@given(st.text())
def test_no_control_or_formatting_character_is_left(text):
    left = clean(text).replace("\n", "")
    assert left.isprintable(), {unicodedata.category(c) for c in left}


@given(st.text())
def test_a_clean_text_is_clean(text):
    assert clean(text) == clean(clean(text))


def test_without_line_ends_no_character_makes_a_second_line():
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character)[0] in "CZ":
            assert 1 == len(clean(f"a{character}b", keep_lines=False).splitlines()), hex(ord(character))


@given(st.text())
def test_every_clean_text_can_be_written(text):
    clean(text).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::pwned", ": :error::pwned"),
        ("  ::add-mask::1", "  : :add-mask::1"),
        ("said\n::stop-commands::x", "said\n: :stop-commands::x"),
        ("said\n\t ::error::x", "said\n     : :error::x"),
        ("\u200b::error::x", ": :error::x"),
        ("said ##[error]x", "said # #[error]x"),
        ("##vso[task.setvariable]x", "# #vso[task.setvariable]x"),
        ("##teamcity[x]", "# #teamcity[x]"),
        ("x[::-1] and a::b", "x[::-1] and a::b"),
        ("## heading", "## heading"),
    ],
)
def test_no_line_is_a_command_to_the_log_of_a_ci(text, shown):
    assert shown == clean(text)


@given(st.text())
def test_the_short_way_is_the_long_ways(text):
    long_way = COMMAND.sub(lambda found: found[0] + " ", _without_what_acts(text, True))
    assert clean(text, len(text)) == long_way
    assert clean(text, len(text), keep_lines=False) == COMMAND.sub(
        lambda found: found[0] + " ", _without_what_acts(text, False)
    )
