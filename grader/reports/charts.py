"""Charts as SVG, drawn with the page's own colours; behind each stands a table with the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDE, HIGH, GAP = 640, 190, 6
STATES = {"solved": "solved", "partly": "partly right", "wrong": "not right", "open": "not attempted"}


def histogram(counts: Sequence[int], labels: Sequence[str], id: str, title: str) -> str:
    """Bars side by side, each with its number above."""
    most = max([*counts, 1])
    step = WIDE / len(counts)
    parts = []
    for place, (count, label) in enumerate(zip(counts, labels, strict=True)):
        high = (HIGH - 52) * count / most
        x, y = place * step + GAP / 2, HIGH - 26 - high
        parts.append(f'<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{step - GAP:.1f}" height="{high:.1f}" rx="3"/>')
        if count:
            parts.append(f'<text x="{x + (step - GAP) / 2:.1f}" y="{y - 6:.1f}">{count}</text>')
        parts.append(f'<text class="axis" x="{x + (step - GAP) / 2:.1f}" y="{HIGH - 8}">{escape(label)}</text>')
    parts.append(f'<line class="floor" x1="0" y1="{HIGH - 26}" x2="{WIDE}" y2="{HIGH - 26}"/>')
    told = "; ".join(f"{label}: {count}" for label, count in zip(labels, counts, strict=True))
    return _svg(WIDE, HIGH, id, title, told, parts)


def shares(states: Mapping[str, int], id: str, title: str) -> str:
    """One bar, parted by state, in the order of STATES; each part has a pattern of its own beside its colour."""
    total = sum(states.values())
    parts, x, told = [], 0.0, []
    for state, word in STATES.items():
        wide = 100 * states[state] / total if total else 0.0
        if wide:
            parts.append(f'<rect class="{state}" x="{x:.2f}" y="0" width="{wide:.2f}" height="10"/>')
            told.append(f"{states[state]} {word}")
        x += wide
    return _svg(100, 10, id, title, ", ".join(told) or "nobody", parts, 'class="shares" preserveAspectRatio="none" ')


def length(count: int, most: int) -> str:
    """A bar as long as a number is beside the largest; it only repeats the number beside it."""
    wide = 100 * count / most if most else 0
    return (
        f'<svg class="length" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="bar" width="{wide:.1f}" height="8" rx="1"/></svg>'
    )


def _svg(wide: float, high: float, id: str, title: str, told: str, parts: Sequence[str], more: str = "") -> str:
    return (
        f'<svg {more}viewBox="0 0 {wide} {high}" role="img" aria-labelledby="{id}-t {id}-d">'
        f'<title id="{id}-t">{escape(title)}</title><desc id="{id}-d">{escape(told)}</desc>{"".join(parts)}</svg>'
    )
