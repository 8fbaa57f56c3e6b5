"""The documentation stands: every command has its place in it, every page is found, every link leads somewhere."""

import re
from pathlib import Path

import pytest

from grader.cli import main

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = main.list_commands(None)


def rows():
    return re.findall(r"^\| `grader (\w+)", (ROOT / "docs" / "commands.md").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_and_stands_on_the_page_of_commands(name):
    command = main.get_command(None, name)
    assert command.help and "Example: grader" in command.help
    assert all(p.help or p.hidden for p in command.params if p.param_type_name == "option"), name
    assert rows().count(name) == 1


def test_the_page_lists_no_command_that_there_is_not():
    assert set(rows()) == set(NAMES)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_what_a_page_says_of_commands_there_is(page):
    text = page.read_text("utf-8")
    for name in re.findall(r"^(?:\$ )?grader ([a-z]+)\b", text, re.MULTILINE):
        assert name in NAMES, name
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (page.parent / target).exists(), target


def test_every_page_is_linked_from_another():
    linked = {(p.parent / t).resolve() for p in PAGES for t in re.findall(r"\]\(([^)#]+)", p.read_text("utf-8"))}
    assert [p.name for p in PAGES[1:] if p.resolve() not in linked] == []
