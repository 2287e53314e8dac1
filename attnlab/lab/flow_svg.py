"""A flow of data as SVG: one drawing that runs across or, where the page is narrow, down."""

from __future__ import annotations

import html
import math
import re

import numpy as np

from attnlab.lab.flow_layout import Box, Cell, Layout, Point, bent

_LECTURE = 1.25  # so much larger flow.css draws in a room
_TALL = 300  # pixels; what is higher fills a slide


def flow_svg(
    boxes: list[Box], cell: Cell, numbers: bool, across: Layout, down: Layout, words: str
) -> str:
    """The drawing, to be looked at with flow.css and `flow_style`.

    Args:
        boxes: of the flow.
        cell: the size of a number.
        numbers: whether they are written.
        across, down: the two layouts; the page takes the first that has room.
        words: what is read out in place of the drawing.
    """
    sizes = _both(("width", across.size[0], down.size[0]), ("height", across.size[1], down.size[1]))
    arrays = "\n".join(
        _array(box, cell, numbers, across.grids[box.name], down.grids[box.name]) for box in boxes
    )
    return (
        f'<svg class="attn-drawn" role="img" aria-label="{html.escape(words)}" style="{sizes}">\n'
        f'<g class="attn-across">{_arrows(boxes, across, False)}</g>\n'
        f'<g class="attn-down">{_arrows(boxes, down, True)}</g>\n'
        f"{arrays}\n</svg>"
    )


def flow_class(across: Layout) -> str:
    """The classes of what holds a drawing: how wide it is, and whether it fills a slide."""
    tall = " attn-flow-tall" if across.size[1] > _TALL else ""
    return f"attn-flow attn-flow-{math.ceil(across.size[0])}{tall}"


def flow_style(across: Layout) -> str:
    """What turns the drawing where there is less room than it takes; in a room it takes more."""
    width, rules = math.ceil(across.size[0]), []
    for needed, where in [(width, ""), (round(width * _LECTURE), ".attn-lecture ")]:
        flow = f"{where}.attn-flow.attn-flow-{width}"
        rules.append(
            f"@container (max-width: {needed - 1}px) {{"
            f"{flow} .attn-drawn {{ width: var(--down-width); height: var(--down-height); "
            "margin: auto } "
            f"{flow} .attn-array {{ translate: var(--down-x) var(--down-y) }} "
            f"{flow} .attn-across {{ display: none }} {flow} .attn-down {{ display: block }} }}"
        )
    return f"<style>@media screen {{ {' '.join(rules)} }}</style>"


def _array(box: Box, cell: Cell, numbers: bool, across: Point, down: Point) -> str:
    width, height = box.size(cell)
    place = _both(("x", across[0], down[0]), ("y", across[1], down[1]))
    parts = [
        f'<text class="attn-name" x="{width / 2:g}" y="-22">{_lowered(box.name)}</text>',
        f'<text class="attn-shape" x="{width / 2:g}" y="-7">{box.shape}</text>',
        *_cells(box, cell),
        f'<rect class="attn-edge" width="{width:g}" height="{height:g}" rx="1.5"/>',
        *(_numbers(box, cell) if numbers else []),
    ]
    for row, word in box.labels(cell[1]):
        y = f"{(row + 0.5) * cell[1] + 4:g}"
        parts.append(f'<text class="attn-word" x="-8" y="{y}">{html.escape(word)}</text> ')
    kind = f" attn-{box.kind}" if box.kind else ""
    return f'<g class="attn-array{kind}" style="{place}">{"".join(parts)}</g>'


def _cells(box: Box, cell: Cell) -> list[str]:
    """One path for all cells of a colour."""
    paths, (wide, high) = [], cell
    for part in np.unique(box.parts):
        squares = "".join(
            f"M{column * wide:g} {row * high:g}h{wide:g}v{high:g}h-{wide:g}z"
            for row, column in np.argwhere(box.parts == part)
        )
        paths.append(
            f'<path class="attn-{_scale(box, part)}" style="{_part(part)}" d="{squares}"/>'
        )
    return paths


def _scale(box: Box, part: float) -> str:
    return "share" if box.weights else "above" if part >= 0 else "below"


def _part(part: float) -> str:
    """How far from paper to the end of its scale a number stands; the style colours it so."""
    return f"--part:{100 * abs(part):.0f}%"


def _numbers(box: Box, cell: Cell) -> list[str]:
    texts, written = [], box.written
    for (row, column), part in np.ndenumerate(box.parts):
        x, y = f"{(column + 0.5) * cell[0]:g}", f"{(row + 0.5) * cell[1] + 4:g}"
        scale = _scale(box, part)
        kind = f'class="attn-number attn-on-{scale}" style="{_part(part)}"'
        texts.append(f'<text {kind} x="{x}" y="{y}">{written[row][column]}</text> ')
    return texts


def _arrows(boxes: list[Box], layout: Layout, beside: bool) -> str:
    """Lines, arrows with their tips, and what makes each array: beside its arrow, or around it."""
    kinds = {box.name: f" attn-{box.kind}" if box.kind else "" for box in boxes}
    drawn = [
        f'<path class="attn-arrow{kinds[name]}" d="{_path(line)}"/>' for name, line in layout.lines
    ]
    for box in boxes:
        if box.of:
            start, end = layout.arrows[box.name]
            drawn.append(_arrow(start, end, kinds[box.name]))
            drawn += _labels(box.over_and_below, start, end, beside)
    return "".join(drawn)


def _arrow(start: Point, end: Point, kind: str) -> str:
    (x, y), (right, down) = end, (end[0] > start[0], end[1] > start[1])
    tip = f"M{x:g} {y:g}l{-7 * right - 4 * down:g} {-4 * right - 7 * down:g}"
    tip += f"l{8 * down:g} {8 * right:g}z"
    line = f"M{start[0]:g} {start[1]:g}L{x - 5 * right:g} {y - 5 * down:g}"
    return f'<path class="attn-arrow{kind}" d="{line}"/><path class="attn-tip{kind}" d="{tip}"/>'


def _labels(by: tuple[str, str], start: Point, end: Point, beside: bool) -> list[str]:
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    places = [(x + 9, y - 4), (x + 9, y + 11)] if beside else [(x - 4, y - 9), (x - 4, y + 16)]
    if beside and not by[1]:
        places[0] = x + 9, y + 3
    return [
        f'<text class="attn-by" x="{x:g}" y="{y:g}">{_lowered(text)}</text> '
        for (x, y), text in zip(places, by, strict=True)
        if text
    ]


def _path(line: list[Point]) -> str:
    strokes = [kind + " ".join(f"{x:g} {y:g}" for x, y in points) for kind, points in bent(line)]
    return "".join(strokes)


def _both(*sizes: tuple[str, float, float]) -> str:
    """Sizes for the drawing across and for that downwards, which the style chooses from."""
    return ";".join(
        f"--{way}-{name}:{size:g}px"
        for name, *both in sizes
        for way, size in zip(("across", "down"), both, strict=True)
    )


def _lowered(text: str) -> str:
    """Text with what follows an underscore as an index."""
    lower = r'\1<tspan class="attn-sub" dy="3">\2</tspan>'
    return re.sub(r"(\w)_(\w+)", lower, html.escape(text))
