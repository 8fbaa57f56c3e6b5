"""Text made a part of XML, of Markdown and of a CI's commands: it stays text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from grader.reports.clean import clean
from grader.reports.quoting import command_message, command_value, fenced, markdown_text, xml_text, xml_value
from tests.samples import HOSTILE

CHARACTERS = st.characters(exclude_categories=())
TEXTS = st.text(CHARACTERS) | st.sampled_from(HOSTILE)


@given(TEXTS)
def test_any_text_is_one_value_and_one_content_in_xml(text):
    root = etree.fromstring(f"<a b={xml_value(text)}>{xml_text(text)}</a>")
    assert len(root) == 0 and list(root.attrib) == ["b"]
    assert "\n" not in root.get("b")
    kept = re.sub("[\ufdd0-\ufdef\ufffe\uffff]", "", clean(text, 4000))
    assert (root.text or "") == kept.replace("[[", "[ [") or "[[" in kept


def test_gitlab_finds_no_attachment():
    assert xml_text("[[ATTACHMENT|x]] [[[a") == "[ [ATTACHMENT|x]] [ [ [a"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dL/dx", "dL\\/dx"),
        ("a|b\n*c*", "a\\|b \\*c\\*"),
        ("<b>&amp;`x`", "\\<b\\>\\&amp\\;\\`x\\`"),
        ("(1, 2)", "\\(1\\, 2\\)"),
    ],
)
def test_signs_stand_for_themselves_in_markdown(text, shown):
    assert markdown_text(text) == shown


@given(TEXTS)
def test_any_text_is_one_line_of_markdown_and_every_sign_of_it_is_escaped(text):
    shown = markdown_text(text)
    assert "\n" not in shown
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", shown))


@given(TEXTS)
def test_no_text_ends_its_fence(text):
    first, *lines, last = fenced(text).split("\n")
    assert first == last + "text" and set(last) == {"`"} and len(last) >= 3
    assert not any(line.strip().startswith(last) for line in lines)


@given(TEXTS)
def test_any_text_is_part_of_one_command(text):
    assert not set("\r\n") & set(command_message(text))
    assert not set("\r\n:,") & set(command_value(text))


def test_the_percent_sign_is_escaped_first():
    assert command_message("100%0A\nb") == "100%250A%0Ab"
    assert command_value("a:b,c%") == "a%3Ab%2Cc%25"
