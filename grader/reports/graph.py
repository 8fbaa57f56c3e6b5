"""A network's computational graph as an SVG, drawn from the network's description (seed fig. 1).

Every colour is one column vector of weights, the edges that lead to one neuron. The way back stands below.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from grader.texts import say

AFFINE, LOSS = "Affine", "Loss"
WIDE, NARROW, GAP, EDGE, RADIUS, TOP, CELL = 200, 124, 56, 72, 16, 112, 11
COLOURS = ("#d9622b", "#2f7fd1", "#1f9a6d", "#b05bc4", "#b8860b", "#d1477a", "#178f9e", "#7a6ff0")
STYLE = """<style>
.ng text{fill:#5b6775;font:13px system-ui,"Segoe UI","DejaVu Sans",sans-serif;text-anchor:middle}
.ng .title{fill:#1d2733;font-size:19px;font-weight:600}.ng .edge{stroke-width:2}
.ng .maths{fill:#1d2733;font:italic 18px Cambria,"STIX Two Text","DejaVu Serif",serif}.ng .tip{fill:#5b6775}
.ng .paper{fill:#fff;stroke:#d5dae1}.ng .node{fill:#fff;stroke-width:2.5}.ng .plain,.ng .back{stroke:#5b6775}
.ng .thin{stroke:#98a3b1}.ng .back{stroke-width:2}.ng .halo{fill:none;stroke:#5b6775;stroke-dasharray:3 4}
@media screen and (prefers-color-scheme:dark){.ng .paper{fill:#12171f;stroke:#2b3441}.ng .node{fill:#12171f}
.ng text,.ng .tip{fill:#a3afbe}.ng .title,.ng .maths{fill:#e7ecf3}.ng .thin{stroke:#66727f}
.ng .plain,.ng .back,.ng .halo{stroke:#a3afbe}}
</style>"""
BAD = """<style>.ng .bad{fill:#ab241c;font-weight:700}.ng .ring{fill:none;stroke:#ab241c;stroke-width:2.5}
@media screen and (prefers-color-scheme:dark){.ng .bad{fill:#ff9c92}.ng .ring{stroke:#ff9c92}}</style>"""


class Column(NamedTuple):
    """Neurons below each other, at x + iy, and the operation that makes them; "Affine" colours each."""

    symbol: str
    formula: str
    made_by: str
    places: Sequence[complex]
    colours: Sequence[str]


def network_graph(
    layers: Sequence[int], names: Sequence[str], title: str, wrong: Collection[str] = (), id: str = "ng"
) -> str:
    """Draw a network: its neurons, its weights by columns, and the gradients' way back.

    Parameters
    ----------
    layers : how many features go in, then how many outputs each affine layer has.
    names : the operations in order: "Affine" joins every neuron with every next one, "Loss" gathers
        all of them in one number, any other name stands for an element-wise function.
    title : the heading, and what a screen reader says first.
    wrong : gradients to be marked as wrong: "x", and "w1", "b1" and so on of the affine layers.
    id : what the ids in it begin with, where several pictures stand on one page.

    Returns
    -------
    A whole SVG document, readable on light and on dark grounds.

    Raises
    ------
    ValueError : the sizes are not one for the input and one for each affine layer.
    """
    columns = _columns(layers, names)
    floor = TOP + GAP * (max(layers) - 1) + RADIUS + 34
    back = floor + CELL * max(max(layers), 3) + 42
    width, height = columns[-1].places[0].real + EDGE, back + 48
    parts = [_text(width / 2, 40, title, "title")]
    for before, after in pairwise(columns):
        parts += _edges(before, after) + _operation(before, after, floor, back, wrong)
    parts += [part for column in columns for part in _neurons(column, floor, back)] + _collecting(*columns[:2])
    if "x" in wrong:
        parts.append(_text(columns[0].places[0].real, back - 26, f"✗ {say('page.wrong')}", "bad"))
    about = "; ".join(f"{len(c.places)} × {c.symbol}, {c.formula}" for c in columns)
    told = f" {say('graph.wrong_are', names=', '.join(sorted(wrong)))}" if wrong else ""
    paper = f'<rect class="paper" x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="14"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ng" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="{id}-title {id}-desc">\n'
        f'<title id="{id}-title">{escape(title)}</title>\n'
        f'<desc id="{id}-desc">{escape(say("graph.about", columns=about) + told)}</desc>\n'
        + "\n".join([STYLE + (BAD if wrong else ""), paper, *parts, "</svg>\n"])
    )


def _columns(layers: Sequence[int], names: Sequence[str]) -> list[Column]:
    if not names or len(layers) != 1 + list(names).count(AFFINE):
        raise ValueError(f"expected a size for the input and one per {AFFINE} of {list(names)}, got {list(layers)}")
    columns, x, affine, used, size, before = [], 0, 0, 0, layers[0], ""
    for name in ("", *names):
        x += {"": EDGE, AFFINE: WIDE}.get(name, NARROW)
        affine += name == AFFINE
        size = layers[affine] if name == AFFINE else 1 if name == LOSS else size
        n = str(affine).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
        special = {
            "": ("X", say("graph.sample")),
            AFFINE: (f"Y{n}", f"{before}W{n} + b{n}"),
            LOSS: ("L", say("graph.number")),
        }
        before, formula = special.get(name, (f"H{n}", f"{name}({before})"))
        places = [complex(x, TOP + GAP * (i + (max(layers) - size) / 2)) for i in range(size)]
        colours = [COLOURS[(used + i) % len(COLOURS)] for i in range(size if name == AFFINE else 0)]
        used += len(colours)
        columns.append(Column(before, formula, name, places, colours))
    return columns


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _line(start: complex, end: complex, look: str) -> str:
    return f'<line {look} x1="{start.real:g}" y1="{start.imag:g}" x2="{end.real:g}" y2="{end.imag:g}"/>'


def _tip(start: complex, end: complex, short: float, look: str) -> str:
    """The head of an arrow from `start` that ends short of `end`."""
    along = (end - start) / abs(end - start)
    corners = [end - along * (short + corner) for corner in (0, 11 + 5j, 11 - 5j)]
    return f'<polygon {look} points="{" ".join(f"{c.real:.1f},{c.imag:.1f}" for c in corners)}"/>'


def _edges(before: Column, after: Column) -> list[str]:
    if after.made_by not in (AFFINE, LOSS):
        return [_line(p, q, 'class="thin"') for p, q in zip(before.places, after.places, strict=True)]
    looks = [f'class="edge" stroke="{colour}"' for colour in after.colours] or ['class="thin"']
    return [_line(p, q, look) for q, look in zip(after.places, looks, strict=True) for p in before.places]


def _neurons(column: Column, floor: float, back: float) -> list[str]:
    """The circles, and below them their name, how they are made, and their gradient."""
    looks = [f'class="node" stroke="{colour}"' for colour in column.colours] or ['class="node plain"']
    drawn = [_circle(p, RADIUS, looks[i % len(looks)]) for i, p in enumerate(column.places)]
    x, gradient = column.places[0].real, "1" if column.made_by == LOSS else f"∂L/∂{column.symbol}"
    names = [_text(x, floor, column.symbol, "maths"), _text(x, floor + 22, column.formula)]
    return [*drawn, *names, _text(x, back, gradient, "maths")]


def _circle(p: complex, radius: float, look: str) -> str:
    return f'<circle {look} cx="{p.real:g}" cy="{p.imag:g}" r="{radius:g}"/>'


def _collecting(column: Column, after: Column) -> list[str]:
    """One neuron with a Σ, and an arrow's head on every edge that brings it a gradient."""
    p = column.places[len(column.places) // 2]
    heads = [_tip(q, p, RADIUS + 14, f'fill="{c}"') for q, c in zip(after.places, after.colours, strict=False)]
    return [_circle(p, RADIUS + 6, 'class="halo"'), *heads, _text(p.real, p.imag + 6, "Σ", "maths")]


def _operation(before: Column, after: Column, floor: float, back: float, wrong: Collection[str]) -> list[str]:
    """The operation's name above, its weights below, the arrow back and what that leaves at the weights."""
    left, right = before.places[0].real, after.places[0].real
    middle, n, room = (left + right) / 2, after.symbol[1:], 14 if after.made_by == LOSS else 38
    start, end = complex(right - room, back - 6), complex(left + 38, back - 6)
    drawn = [_text(middle, 78, after.made_by), _line(start, end, 'class="back"'), _tip(start, end, -2, 'class="tip"')]
    x, y = middle + 10 - CELL * len(after.colours) / 2, floor - 15
    for j, colour in enumerate(after.colours):
        cells = [f"M{x + CELL * j + 1:g} {y + CELL * i:g}h9v9h-9z" for i in range(len(before.places))]
        drawn.append(f'<path fill="{colour}" d="{"".join(cells)}"/>')
    if after.colours:
        leaves = _text(middle, back + 22, say("graph.leaves", dw=f"∂L/∂W{n}", db=f"∂L/∂b{n}"))
        digit = str(n).translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
        bad = [f"∂L/∂{letter}{n}" for letter in "Wb" if f"{letter.lower()}{digit}" in wrong]
        if bad:
            leaves = _text(middle, back + 22, f"✗ {say('page.wrong')}: {say('and').join(bad)}", "bad")
            wide, high = CELL * len(after.colours) + 7, CELL * len(before.places) + 7
            drawn.append(f'<rect class="ring" x="{x - 4:g}" y="{y - 4:g}" width="{wide}" height="{high}" rx="4"/>')
        drawn += [_text(x - 20, y + CELL * len(before.places) / 2 + 5, f"W{n}", "maths"), leaves]
    return drawn
