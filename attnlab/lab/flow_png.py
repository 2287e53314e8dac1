"""A flow of data as a picture, for viewers that show no drawing in HTML."""

from __future__ import annotations

import re

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from attnlab.lab.flow_layout import Box, Cell, Layout, Point, bent
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import SIGNED, WEIGHTS, ink_on, png

_PIXEL = 0.72  # of 100 to an inch, in points
_DENSE = 120


def flow_png(boxes: list[Box], cell: Cell, numbers: bool, layout: Layout) -> bytes:
    """The drawing on light paper as PNG bytes.

    Args:
        boxes: of the flow.
        cell: the size of a number.
        numbers: whether they are written.
        layout: across.
    """
    width, height = layout.size
    figure = Still(figsize=(width / 100, height / 100), dpi=_DENSE)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    colours = {box.name: PALETTE.get(box.kind, PALETTE["hatch"]) for box in boxes}
    for name, line in layout.lines:
        _line(axes, line, colours[name])
    for box in boxes:
        if box.of:
            _arrow(axes, *layout.arrows[box.name], box, colours[box.name])
        _array(axes, box, cell, numbers, layout.grids[box.name], colours[box.name])
    return png(figure)


def _line(axes: Axes, line: list[Point], colour: str) -> None:
    codes = {"M": [Path.MOVETO], "L": [Path.LINETO], "Q": [Path.CURVE3] * 2}
    strokes = bent(line)
    points = [point for _, points in strokes for point in points]
    path = Path(points, [code for kind, _ in strokes for code in codes[kind]])
    axes.add_patch(PathPatch(path, fill=False, ec=colour, lw=1.6 * _PIXEL))


def _arrow(axes: Axes, start: Point, end: Point, box: Box, colour: str) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0, "lw": 1.6 * _PIXEL}
    axes.annotate("", end, start, arrowprops=style)
    x, y = (start[0] + end[0]) / 2 - 4, end[1]
    for text, below in zip(box.over_and_below, (-9, 16), strict=True):
        _text(axes, x, y + below, text, 13)


def _array(axes: Axes, box: Box, cell: Cell, numbers: bool, corner: Point, colour: str) -> None:
    (x, y), (width, height) = corner, box.size(cell)
    scale, low = (WEIGHTS, 0) if box.weights else (SIGNED, -1)
    axes.imshow(
        box.parts,
        extent=(x, x + width, y + height, y),
        cmap=scale,
        vmin=low,
        vmax=1,
        aspect="auto",
        zorder=1,
    )
    own = box.kind and colour
    look = {"fill": False, "ec": colour, "lw": (2 if own else 1) * _PIXEL, "zorder": 2}
    axes.add_patch(Rectangle(corner, width, height, **look))
    middle = x + width / 2
    _text(axes, middle, y - 22, box.name, 13, color=own or PALETTE["ink"], weight="bold")
    _text(axes, middle, y - 7, box.shape, 12, color=PALETTE["quiet"])
    for row, word in box.labels(cell[1]):
        _text(axes, x - 8, y + (row + 0.5) * cell[1] + 4, word, 12, ha="right", parse_math=False)
    if numbers:
        _numbers(axes, box, cell, corner)


def _numbers(axes: Axes, box: Box, cell: Cell, corner: Point) -> None:
    for row, texts in enumerate(box.written):
        for column, text in enumerate(texts):
            x, y = corner[0] + (column + 0.5) * cell[0], corner[1] + (row + 0.5) * cell[1] + 4
            part = box.parts[row, column]
            colour = WEIGHTS(part) if box.weights else SIGNED((part + 1) / 2)
            _text(axes, x, y, text, 11, color=ink_on(colour))


def _text(axes: Axes, x: float, y: float, text: str, size: float, **look) -> None:
    """Text on the line y; what follows an underscore is an index."""
    text = re.sub(r"(\w)_(\w+)", r"\1$_{\2}$", text)
    look = {"ha": "center", "va": "baseline", "color": PALETTE["ink"], "zorder": 3} | look
    axes.text(x, y, text, fontsize=size * _PIXEL, **look)
