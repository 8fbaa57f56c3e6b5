"""A student's text made fit to be shown: no control characters, no terminal sequences, bounded."""

from __future__ import annotations

import re
import unicodedata

LINE_ENDS = {"Zl", "Zp"}
INVISIBLE = {"Cc", "Cf", "Cs", "Co"}
INSTEAD = {"Zs": " ", "Cn": "\ufffd"}
"""For spaces of any width a plain one; for what this Python's Unicode does not know the sign of the unknown."""
COMMAND = re.compile(r"^(\s*:)(?=:)|#(?=#\w*\[)", re.MULTILINE)
"""What a CI's log takes for a command: `::name::` at the start of a line, `##[name]` and its like anywhere."""


def clean(text: str, limit: int = 2000, keep_lines: bool = True) -> str:
    """`text` without control and formatting characters, cut to `limit` characters.

    Escape sequences lose their escape; right-to-left overrides and lone surrogates go. Tabs and odd
    spaces become spaces; line ends stay where `keep_lines`, else they become spaces. A CI's commands get a space
    in the middle, which makes them text.
    """
    cut = text[:limit]
    if cut.replace("\n", "").isprintable():  # nearly every text is
        shown = cut if keep_lines else cut.replace("\n", " ")
    else:
        shown = _without_what_acts(cut, keep_lines)
    return without_commands(shown) + (f" … {len(text) - limit} characters more" if len(text) > limit else "")


def without_commands(text: str) -> str:
    """`text` with a space in what a CI's log takes for a command; to be done again where lines are broken."""
    return COMMAND.sub(lambda found: found[0] + " ", text) if "::" in text or "##" in text else text


def _without_what_acts(text: str, keep_lines: bool) -> str:
    shown = []
    for character in text.expandtabs(4):
        kind = unicodedata.category(character)
        if character == "\n" or kind in LINE_ENDS:
            shown.append("\n" if keep_lines else " ")
        elif kind not in INVISIBLE:
            shown.append(INSTEAD.get(kind, character))
    return "".join(shown)
