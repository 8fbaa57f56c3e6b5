"""Text made a part of XML, of Markdown and of a CI's commands, where nothing in it may act."""

from __future__ import annotations

import re
from html import escape

from grader.reports.clean import clean

NO_CHARACTER = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
"""Code points that XML 1.0 forbids, or that no text should hold, and that are no control characters."""
ATTACHMENT = re.compile(r"\[(?=\[)")
"""GitLab takes `[[ATTACHMENT|path]]` in a test's output for a file to link to."""
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def xml_text(text: str, limit: int = 4000) -> str:
    """A text as the content of an XML element."""
    shown = NO_CHARACTER.sub("", clean(text, limit))
    return escape(ATTACHMENT.sub("[ ", shown), quote=False)


def xml_value(text: str, limit: int = 500) -> str:
    """A text as the value of an XML attribute, on one line, with its quotes."""
    return f'"{escape(NO_CHARACTER.sub("", clean(text, limit, keep_lines=False)))}"'


def markdown_text(text: str, limit: int = 1000) -> str:
    """A text on one line of Markdown, in a table's cell too: every sign that could be markup stands for itself."""
    return PUNCTUATION.sub(r"\\\1", clean(text, limit, keep_lines=False))


def fenced(text: str, limit: int = 4000) -> str:
    """A text as a block of code in Markdown, in a fence longer than any in it."""
    shown = clean(text, limit)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


def command_message(text: str, limit: int = 2000) -> str:
    """A text as the message of a workflow command of GitHub: its lines stay lines, and nothing in it acts."""
    return clean(text, limit).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def command_value(text: str, limit: int = 300) -> str:
    """A text as the value of a workflow command's property."""
    shown = command_message(clean(text, limit, keep_lines=False), limit)
    return shown.replace(":", "%3A").replace(",", "%2C")
