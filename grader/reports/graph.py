"""A network's computational graph as an SVG, drawn from the network's description (seed fig. 1).

Every colour is one column vector of a layer's weights: the edges that lead to one neuron. The way back
stands below, and one neuron of the input shows where its gradients collect.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from math import hypot
from typing import NamedTuple

AFFINE, LOSS = "Affine", "Loss"
WIDE, NARROW, GAP, EDGE, RADIUS, TOP, CELL = 200, 124, 56, 72, 16, 112, 11
COLOURS = ("#d9622b", "#2f7fd1", "#1f9a6d", "#b05bc4", "#b8860b", "#d1477a", "#178f9e", "#7a6ff0")
STYLE = """<style>.ng{--ink:#1d2733;--soft:#5b6775;--thin:#98a3b1;--paper:#fff;--rim:#d5dae1}
@media (prefers-color-scheme:dark){.ng{--ink:#e7ecf3;--soft:#a3afbe;--thin:#66727f;--paper:#12171f;--rim:#2b3441}}
.ng .paper{fill:var(--paper);stroke:var(--rim)}.ng .node{fill:var(--paper);stroke-width:2.5}
.ng text{fill:var(--soft);font:13px system-ui,"Segoe UI","DejaVu Sans",sans-serif;text-anchor:middle}
.ng .title{fill:var(--ink);font-size:19px;font-weight:600}.ng .edge{stroke-width:2;stroke-opacity:.85}
.ng .maths{fill:var(--ink);font:italic 18px Cambria,"STIX Two Text","DejaVu Serif",serif}
.ng .thin{stroke:var(--thin);stroke-width:1.5}.ng .back{stroke:var(--soft);stroke-width:2}.ng .tip{fill:var(--soft)}
.ng .halo{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-dasharray:3 4}</style>"""

Place = tuple[float, float]


class Column(NamedTuple):
    """Neurons below each other, and the operation that makes them; behind "Affine" each has a colour."""

    symbol: str
    formula: str
    made_by: str
    places: Sequence[Place]
    colours: Sequence[str] = ()


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
    floor = TOP + GAP * (max(layers) - 1) + RADIUS + 34
    back = floor + CELL * max(max(layers), 3) + 42
    width, height = columns[-1].places[0][0] + EDGE, back + 48
    parts = [_text(width / 2, 40, title, "title")]
    for before, after in pairwise(columns):
        parts += [*_edges(before, after), *_operation(before, after, floor, back)]
    for column in columns:
        parts += _neurons(column, floor)
        symbol = "1" if column.made_by == LOSS else f"∂L/∂{column.symbol}"
        parts.append(_text(column.places[0][0], back, symbol, "maths"))
    parts += _collecting(columns[0], columns[1])
    about = "; ".join(f"{len(c.places)} × {c.symbol}, {c.formula}" for c in columns)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ng" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-labelledby="ng-title ng-desc">\n'
        f'<title id="ng-title">{escape(title)}</title>\n'
        f'<desc id="ng-desc">Columns of neurons from left to right: {escape(about)}. Each colour is one column of '
        f"weights. Below, arrows lead from right to left: the gradients flow back from the loss.</desc>\n{STYLE}\n"
        f'<rect class="paper" x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="14"/>\n'
        + "\n".join([*parts, "</svg>\n"])
    )


def _columns(layers: Sequence[int], names: Sequence[str]) -> list[Column]:
    if len(layers) != 1 + list(names).count(AFFINE):
        raise ValueError(f"expected a size for the input and one per {AFFINE} of {list(names)}, got {list(layers)}")
    x, affine, used, size = float(EDGE), 0, 0, layers[0]
    columns = [Column("X", "one sample", "", _places(x, size, max(layers)))]
    for name in names:
        x += WIDE if name == AFFINE else NARROW
        affine += name == AFFINE
        size = layers[affine] if name == AFFINE else 1 if name == LOSS else size
        before, n = columns[-1].symbol, str(affine).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
        special = {AFFINE: (f"Y{n}", f"{before}W{n} + b{n}"), LOSS: ("L", "one number")}
        symbol, formula = special.get(name, (f"H{n}", f"{name}({before})"))
        colours = [COLOURS[(used + i) % len(COLOURS)] for i in range(size)] if name == AFFINE else []
        used += len(colours)
        columns.append(Column(symbol, formula, name, _places(x, size, max(layers)), colours))
    return columns


def _places(x: float, size: int, tallest: int) -> list[Place]:
    return [(x, TOP + GAP * (i + (tallest - size) / 2)) for i in range(size)]


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _line(start: Place, end: Place, look: str) -> str:
    return f'<line {look} x1="{start[0]:g}" y1="{start[1]:g}" x2="{end[0]:g}" y2="{end[1]:g}"/>'


def _tip(start: Place, end: Place, short: float, look: str) -> str:
    """The head of an arrow from `start` that ends short of `end`."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    corners = [
        (end[0] - along * ux + side * uy, end[1] - along * uy - side * ux)
        for along, side in ((short, 0), (short + 11, 5), (short + 11, -5))
    ]
    return f'<polygon {look} points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in corners)}"/>'


def _edges(before: Column, after: Column) -> list[str]:
    if after.made_by not in (AFFINE, LOSS):
        return [_line(p, q, 'class="thin"') for p, q in zip(before.places, after.places, strict=True)]
    looks = [f'class="edge" stroke="{colour}"' for colour in after.colours] or ['class="thin"']
    return [_line(p, q, look) for q, look in zip(after.places, looks, strict=True) for p in before.places]


def _neurons(column: Column, floor: float) -> list[str]:
    (x, _), colours = column.places[0], column.colours or ["var(--soft)"] * len(column.places)
    look = f'class="node" r="{RADIUS}" cx="{x:g}"'
    drawn = [f'<circle {look} cy="{y:g}" stroke="{c}"/>' for (_, y), c in zip(column.places, colours, strict=True)]
    return [*drawn, _text(x, floor, column.symbol, "maths"), _text(x, floor + 22, column.formula)]


def _collecting(column: Column, after: Column) -> list[str]:
    """One neuron with a Σ, and an arrow's head on every edge that brings it a gradient."""
    x, y = column.places[len(column.places) // 2]
    heads = [_tip(q, (x, y), RADIUS + 12, f'fill="{c}"') for q, c in zip(after.places, after.colours, strict=False)]
    halo = f'<circle class="halo" cx="{x:g}" cy="{y:g}" r="{RADIUS + 6}"/>'
    return [halo, *heads, _text(x, y + 6, "Σ", "maths")]


def _operation(before: Column, after: Column, floor: float, back: float) -> list[str]:
    """The operation's name above, its weights below, the arrow back and what that leaves at the weights."""
    left, right = before.places[0][0], after.places[0][0]
    middle, n = (left + right) / 2, after.symbol[1:]
    start, end = (right - (14 if after.made_by == LOSS else 38), back - 6), (left + 38, back - 6)
    drawn = [_text(middle, 78, after.made_by), _line(start, end, 'class="back"'), _tip(start, end, -2, 'class="tip"')]
    x, y = middle + 10 - CELL * len(after.colours) / 2, floor - 15
    for j, colour in enumerate(after.colours):
        cells = [f"M{x + CELL * j + 1:g} {y + CELL * i:g}h9v9h-9z" for i in range(len(before.places))]
        drawn.append(f'<path fill="{colour}" d="{"".join(cells)}"/>')
    if after.colours:
        drawn.append(_text(x - 16, y + CELL * len(before.places) / 2 + 5, f"W{n}", "maths"))
        drawn.append(_text(middle, back + 22, f"leaves ∂L/∂W{n} and ∂L/∂b{n} here"))
    return drawn
