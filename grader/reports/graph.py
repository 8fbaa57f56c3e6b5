"""A network's computational graph as an SVG, drawn from the network's description (seed fig. 1).

Every colour is one column vector of a layer's weights: the edges that lead to one neuron. The way back
stands below, and one neuron of the input shows where its gradients collect.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import hypot
from typing import NamedTuple

AFFINE, LOSS = "Affine", "Loss"
WIDE, NARROW, GAP, EDGE = 200, 124, 56, 72
RADIUS, TOP, CELL = 16, 112, 11
COLOURS = ("#d9622b", "#2f7fd1", "#1f9a6d", "#b05bc4", "#b8860b", "#d1477a", "#178f9e", "#7a6ff0")
STYLE = """
.ng .paper{fill:#fff;stroke:#d5dae1}.ng .node{fill:#fff;stroke:#5b6775;stroke-width:2.5}
.ng text{fill:#1d2733;font:13px system-ui,"Segoe UI","DejaVu Sans",sans-serif;text-anchor:middle}
.ng .title{font-size:19px;font-weight:600}.ng .maths{font:italic 18px Cambria,"STIX Two Text","DejaVu Serif",serif}
.ng .quiet{fill:#5b6775}.ng .edge{stroke-width:2;stroke-opacity:.85}.ng .thin{stroke:#98a3b1;stroke-width:1.5}
.ng .back{stroke:#5b6775;stroke-width:2}.ng .tip{fill:#5b6775}
.ng .halo{fill:none;stroke:#5b6775;stroke-width:1.5;stroke-dasharray:3 4}
@media (prefers-color-scheme:dark){.ng .paper{fill:#12171f;stroke:#2b3441}.ng .node{fill:#12171f;stroke:#a3afbe}
.ng text{fill:#e7ecf3}.ng .quiet{fill:#a3afbe}.ng .thin{stroke:#66727f}.ng .back,.ng .halo{stroke:#a3afbe}
.ng .tip{fill:#a3afbe}}
"""


class Column(NamedTuple):
    """Neurons below each other: what they are called, how they are made of those before, and where they are.

    `colours` holds one colour a neuron behind an affine layer, else nothing.
    """

    symbol: str
    formula: str
    made_by: str
    colours: Sequence[str]
    places: Sequence[tuple[float, float]]


def network_graph(layers: Sequence[int], names: Sequence[str], title: str) -> str:
    """Draw a network: its neurons, its weights by columns, and the gradients' way back.

    Parameters
    ----------
    layers : how many features go in, then how many outputs each affine layer has.
    names : the operations in order: "Affine" joins every neuron with every next one, "Loss" gathers
        all of them in one number, any other name stands for an element-wise function.
    title : the heading, and what a screen reader says first.

    Returns
    -------
    A whole SVG document, readable on light and on dark grounds.

    Raises
    ------
    ValueError : the sizes are not one for the input and one for each affine layer.
    """
    columns = _columns(layers, names)
    tallest = max(len(c.places) for c in columns)
    floor = TOP + GAP * (tallest - 1) + RADIUS + 34
    back = floor + max(CELL * max(layers), 24) + 62
    width, height = columns[-1].places[0][0] + EDGE, back + 52
    parts = [
        f'<rect class="paper" x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="14"/>',
        _text(width / 2, 40, title, "title"),
    ]
    pairs = list(zip(columns, columns[1:], strict=False))
    for before, after in pairs:
        parts += _edges(before, after)
    for column in columns:
        parts += _neurons(column, floor)
    parts += _collecting(columns[0], columns[1])
    for before, after in pairs:
        parts += _operation(before, after, floor, back)
    parts += [_text(c.places[0][0], back, f"∂L/∂{c.symbol}", "maths") for c in columns[:-1]]
    parts.append(_text(columns[-1].places[0][0], back, "1", "maths"))
    about = "; ".join(f"{len(c.places)} × {c.symbol}: {c.formula}" for c in columns)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ng" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="ng-title ng-desc">\n'
        f'<title id="ng-title">{escape(title)}</title>\n'
        f'<desc id="ng-desc">Columns of neurons from left to right: {escape(about)}. Each colour is one column of '
        f"weights. Below, arrows lead from right to left: the gradients flow back from the loss.</desc>\n"
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _columns(layers: Sequence[int], names: Sequence[str]) -> list[Column]:
    if len(layers) != 1 + list(names).count(AFFINE):
        raise ValueError(f"expected a size for the input and one per {AFFINE} of {list(names)}, got {list(layers)}")
    tallest, x, affine, used = max(layers), EDGE, 0, 0
    columns = [Column("X", "one sample", "", (), _places(x, layers[0], tallest))]
    for name in names:
        before, x = columns[-1], x + (WIDE if name == AFFINE else NARROW)
        size = {AFFINE: layers[min(affine + 1, len(layers) - 1)], LOSS: 1}.get(name, len(before.places))
        affine += name == AFFINE
        n = "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(affine))
        symbol, formula = {
            AFFINE: (f"Y{n}", f"{before.symbol}W{n} + b{n}"),
            LOSS: ("L", "one number"),
        }.get(name, (f"H{n}", f"{name}({before.symbol})"))
        colours = [COLOURS[(used + i) % len(COLOURS)] for i in range(size)] if name == AFFINE else []
        used += len(colours)
        columns.append(Column(symbol, formula, name, colours, _places(x, size, tallest)))
    return columns


def _places(x: float, size: int, tallest: int) -> list[tuple[float, float]]:
    return [(x, TOP + GAP * (i + (tallest - size) / 2)) for i in range(size)]


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _line(start: tuple[float, float], end: tuple[float, float], style: str, colour: str = "") -> str:
    (x1, y1), (x2, y2) = start, end
    stroke = f' stroke="{colour}"' if colour else ""
    return f'<line class="{style}"{stroke} x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'


def _tip(at: tuple[float, float], toward: tuple[float, float], distance: float, colour: str = "") -> str:
    """An arrow's head on the line from `at` to `toward`, so far from `toward`."""
    (x1, y1), (x2, y2) = at, toward
    length = hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    x, y = x2 - distance * ux, y2 - distance * uy
    corners = [(x, y), (x - 11 * ux + 5 * uy, y - 11 * uy - 5 * ux), (x - 11 * ux - 5 * uy, y - 11 * uy + 5 * ux)]
    look = f'fill="{colour}"' if colour else 'class="tip"'
    return f'<polygon {look} points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in corners)}"/>'


def _edges(before: Column, after: Column) -> list[str]:
    """All pairs behind an affine layer and in front of the loss, else neuron by neuron."""
    if after.made_by not in (AFFINE, LOSS):
        return [_line(p, q, "thin") for p, q in zip(before.places, after.places, strict=True)]
    style, colours = ("edge", after.colours) if after.colours else ("thin", [""])
    return [_line(p, q, style, c) for q, c in zip(after.places, colours, strict=True) for p in before.places]


def _neurons(column: Column, floor: float) -> list[str]:
    rings = [f' style="stroke:{c}"' for c in column.colours] or [""] * len(column.places)
    circles = [
        f'<circle class="node"{ring} cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>'
        for (x, y), ring in zip(column.places, rings, strict=True)
    ]
    x = column.places[0][0]
    return [*circles, _text(x, floor, column.symbol, "maths"), _text(x, floor + 22, column.formula, "quiet")]


def _collecting(column: Column, after: Column) -> list[str]:
    """One neuron with a Σ, and an arrow's head on every edge that brings it a gradient."""
    place = column.places[len(column.places) // 2]
    heads = [_tip(q, place, RADIUS + 8, c) for q, c in zip(after.places, after.colours, strict=False)]
    halo = f'<circle class="halo" cx="{place[0]:g}" cy="{place[1]:g}" r="{RADIUS + 6}"/>'
    return [halo, *heads, _text(place[0], place[1] + 6, "Σ", "maths")]


def _operation(before: Column, after: Column, floor: float, back: float) -> list[str]:
    """The operation's name above; its weights below, if it has any; the arrow back, and what it leaves there."""
    left, right = before.places[0][0], after.places[0][0]
    middle = (left + right) / 2
    start, end = (right - (14 if after.made_by == LOSS else 36), back - 6), (left + 36, back - 6)
    drawn = [_text(middle, 78, after.made_by, "quiet"), _line(start, end, "back"), _tip(start, end, -2)]
    if after.made_by == AFFINE:
        rows, columns, n = len(before.places), len(after.places), after.symbol[1:]
        x0 = middle - CELL * columns / 2
        drawn += [
            f'<rect fill="{colour}" x="{x0 + CELL * j + 1:g}" y="{floor - 12 + CELL * i:g}" width="{CELL - 2}" '
            f'height="{CELL - 2}" rx="2"/>'
            for j, colour in enumerate(after.colours)
            for i in range(rows)
        ]
        drawn.append(_text(x0 - 16, floor + CELL * rows / 2 - 7, f"W{n}", "maths"))
        drawn.append(_text(middle, back + 22, f"leaves ∂L/∂W{n} and ∂L/∂b{n} here", "quiet"))
    return drawn
