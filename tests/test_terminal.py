"""A report fitted to a terminal: widths, signs, colour."""

import io

import pytest

from grader.reports.terminal import BOLD, GREEN, NARROWEST, OFF, RED, WIDEST, Look, coloured, fitted, look_of, wrapped


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self, encoding="utf-8", tty=True):
        super().__init__(io.BytesIO(), encoding=encoding)
        self.tty = tty

    def isatty(self):
        return self.tty


def shown(text, **look):
    return "".join(fitted([text], Look(**look)))


@pytest.mark.parametrize(
    ("stream", "environ", "colour", "signs"),
    [
        (Terminal(), {}, True, True),
        (Terminal(), {"NO_COLOR": "1"}, False, True),
        (Terminal(), {"NO_COLOR": ""}, True, True),
        (Terminal(), {"TERM": "dumb"}, False, True),
        (Terminal(tty=False), {}, False, True),
        (Terminal("cp1252"), {}, True, False),
        (Terminal("cp437"), {}, True, False),
        (Terminal("ascii"), {}, True, False),
        (io.StringIO(), {}, False, False),
    ],
)
def test_what_a_stream_can_show(stream, environ, colour, signs):
    look = look_of(stream, environ)
    assert (look.colour, look.signs) == (colour, signs)


@pytest.mark.parametrize(("columns", "width"), [("20", NARROWEST), ("40", 40), ("80", 80), ("300", WIDEST), ("x", 80)])
def test_the_width_is_the_terminals_within_bounds(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    assert look_of(Terminal(tty=False)).width == width or columns == "x"


def test_what_is_no_terminal_is_80_wide(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert look_of(Terminal(tty=False), {}).width == 80


def test_a_long_line_is_wrapped_under_its_own_beginning():
    assert wrapped("    one two three four", 14) == ["    one two", "    three four"]
    assert wrapped("✗ name  title of it", 12) == ["✗ name", "  title of", "  it"]
    assert wrapped("", 40) == [""]
    assert wrapped("x" * 90, 40) == ["x" * 40, "x" * 40, "x" * 10]


def test_what_is_left_of_a_students_line_in_a_list_does_not_look_like_a_student():
    row = f"{'ada':<34} {'0 / 4':>13}  gram_backward: right for a symmetric dL/dG only"
    assert ["  symmetric dL/dG only"] == wrapped(row, 80)[1:]
    assert ["  two X is held fast"] == wrapped(f"{'bob':<34} {'–':>13}  our fault: one of the two X is held fast", 74)[
        1:
    ]


def test_no_line_that_breaking_makes_is_a_command_to_the_log_of_a_ci():
    said = " ".join(f"{'a' * k} ::error file=x::forged {'b' * (k % 7)} ##[error]x" for k in range(40))
    lines = "".join(fitted([f"  raised ValueError: {said}\n"], Look(60))).splitlines()
    assert any(line.lstrip().startswith(": :error") for line in lines)
    assert not [line for line in lines if line.lstrip().startswith("::")]


def test_signs_that_an_encoding_lacks_are_written_with_those_that_it_has():
    text = "✓ Σ dout · out → “wᵀ” … 2×2 ✗\n"
    assert shown(text, signs=False) == '+ sum dout . out -> "w^T" ... 2x2 x\n'
    assert shown(text) == text
    assert shown(text, signs=False).isascii()


def test_colour_never_stands_alone():
    assert coloured("  10 ✗  20 ✓") == f"  {RED}10 ✗{OFF}  {GREEN}20 ✓{OFF}"
    assert coloured("✗ name") == f"{BOLD}{RED}✗{OFF}{BOLD} name{OFF}"
    assert coloured("affine  ✓✗·") == f"affine  {GREEN}✓{OFF}{RED}✗{OFF}·"
    assert coloured("plain") == "plain"
    plain = shown("  10 ✗  20 ✓\n", colour=True)
    assert plain.replace(RED, "").replace(GREEN, "").replace(OFF, "") == "  10 ✗  20 ✓\n"
