"""Where the arrays of a flow of data stand, and how its arrows run: geometry, and no colours.

A flow is a list of boxes, each with the stage in which it is made, and of which boxes, and by what.
Stages follow each other from left to right or, where a page is narrow, downwards.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from attnlab.lab.tables import columns_of

TITLE, BEND = 38, 7
"""The height of what stands over an array, its name and its shape; the radius of a bend."""

_TURN, _END, _DOWN, _CHANNEL, _APART, _MARGIN = 9, 4, 52, 16, 14, 2

Point = tuple[float, float]
Cell = tuple[float, float]
"""The width and height of a number, in pixels."""


@dataclass(frozen=True)
class Box:
    """An array in a flow of data.

    Args:
        name: as it is written over the array.
        values: (row, column), real numbers.
        stage, lane: how many steps come before it, and on which of the lines beside each other it
            stands; halves stand between two lines.
        of: the names of the boxes that it is made of.
        by: what makes it; what follows a stroke stands below the arrow: Q Kᵀ / √2.
        kind: "query", "key", "value", "output", or "" for none of them.
        high: the end of the scale of colours, which is signed.
        weights: whether the numbers are shares from 0 to 1, with the scale of weights.
        words: a word for each row, or none.
    """

    name: str
    values: np.ndarray
    stage: int
    lane: float = 0
    of: tuple[str, ...] = ()
    by: str = ""
    kind: str = ""
    high: float = 1.0
    weights: bool = False
    words: tuple[str, ...] = ()

    @property
    def shape(self) -> str:
        """As it is written over the array: 6 × 4."""
        return " × ".join(map(str, self.values.shape))

    def size(self, cell: Cell) -> Point:
        """The width and height of its grid."""
        rows, columns = self.values.shape
        return columns * cell[0], rows * cell[1]

    @property
    def over_and_below(self) -> tuple[str, str]:
        """What makes it, as it is written over the arrow, and below."""
        over, stroke, below = self.by.partition(" / ")
        return over, f"/ {below}" if stroke else ""

    @property
    def written(self) -> list[list[str]]:
        """Its numbers as they stand in the cells: shares to 2 places, others to 1 or none."""
        return [[self._written(value) for value in row] for row in self.values.tolist()]

    def _written(self, value: float) -> str:
        if abs(value - round(value)) < 1e-9:
            return str(round(value))
        text = f"{value:.2f}".removeprefix("0") if self.weights else f"{value:.1f}"
        return text.replace("-0.0", "0.0").replace("-", "−")

    def labels(self, height: float) -> list[tuple[int, str]]:
        """The words of its rows with their places; where cells are low, not every row has one."""
        every = math.ceil(13 / height)
        return [(row, self.words[row]) for row in range(0, len(self.words), every)]

    @property
    def parts(self) -> np.ndarray:
        """Where its numbers stand on the scale of colours, from -1 to 1, to 2 places."""
        return (self.values / (self.high or 1.0)).round(2) + 0.0


@dataclass(frozen=True)
class Layout:
    """Places in pixels.

    Args:
        grids: for each box the top left corner of its numbers.
        lines: a box, and the corners of a line from it to where an arrow begins.
        arrows: for each box that is made of others, where the arrow to it begins and ends.
        size: width and height of the whole.
    """

    grids: dict[str, Point]
    lines: list[tuple[str, list[Point]]]
    arrows: dict[str, tuple[Point, Point]]
    size: Point


@dataclass
class _Measured:
    """A box along the flow, from start to end, and across it, before and after its middle."""

    box: Box
    long: float
    before: float
    after: float
    half: float  # of its grid, along the flow
    start: float = field(default=0.0)
    turn: float = field(default=0.0)  # where lines to it turn towards it
    middle: float = field(default=0.0)

    @property
    def end(self) -> float:
        return self.start + self.long

    @property
    def words(self) -> float:
        return max((1.2 * width_of(word) + 10 for word in self.box.words), default=0)


def width_of(text: str) -> float:
    """About how many pixels a label takes."""
    return 7.1 * columns_of(text)


def laid_out(boxes: list[Box], cell: Cell, *, down: bool = False) -> Layout:
    """Give each box its place.

    Args:
        boxes: in the order of their stages, which start at 0 and leave none out.
        cell: the size of a number.
        down: whether the stages stand below each other.
    """
    measured = [_measured(box, cell, down) for box in boxes]
    _put(measured, down)
    lines = [
        (source.box.name, _line(source, target, measured))
        for target in measured
        for source in measured
        if source.box.name in target.box.of
    ]
    return _on_paper(measured, lines, cell, down)


def bent(line: list[Point]) -> list[tuple[str, list[Point]]]:
    """The strokes of a line whose corners are rounded off, by the letters of SVG: M, L and Q."""
    strokes = [("M", [line[0]])]
    for before, corner, after in zip(line, line[1:], line[2:], strict=False):
        strokes += [("L", [_near(corner, before)]), ("Q", [corner, _near(corner, after)])]
    return [*strokes, ("L", [line[-1]])]


def _near(corner: Point, other: Point) -> Point:
    """The point on the way from a corner to another where its bend begins."""
    (x, y), far = corner, math.dist(corner, other) or 1.0
    part = min(BEND, far / 2) / far
    return x + part * (other[0] - x), y + part * (other[1] - y)


def _measured(box: Box, cell: Cell, down: bool) -> _Measured:
    columns, rows = box.size(cell)
    width = max(columns, width_of(box.name), width_of(box.shape))
    if down:
        return _Measured(box, TITLE + rows, width / 2, width / 2, rows / 2)
    return _Measured(box, width, TITLE + rows / 2, rows / 2, width / 2)


def _put(measured: list[_Measured], down: bool) -> None:
    """Stage by stage along the flow, with room for the arrows, and lane by lane across it."""
    stages = [each.box.stage for each in measured]
    beside = [each.before + each.after for each in measured if stages.count(each.box.stage) > 1]
    end = 0.0
    for stage in range(max(stages) + 1):
        there = [each for each in measured if each.box.stage == stage]
        room = max(_room(each.box, down) for each in there)
        for each in there:
            each.start, each.turn = end + room, end + _TURN
            each.middle = each.box.lane * (max(beside, default=0) + _APART)
        end = max(each.end for each in there)


def _room(box: Box, down: bool) -> float:
    """How long the arrow to a box is: what makes it is written along it, or beside it."""
    if not box.of:
        return 0
    return _DOWN if down else _TURN + max(map(width_of, box.over_and_below)) + 7


def _line(source: _Measured, target: _Measured, measured: list[_Measured]) -> list[Point]:
    """As points (along, across): straight on, or below the boxes that stand in between."""
    stages = range(source.box.stage + 1, target.box.stage)
    between = [each for each in measured if each.box.stage in stages]
    last = [(target.turn, target.middle), (target.turn + BEND, target.middle)]
    if all(not -e.before <= source.middle - e.middle <= e.after for e in between):
        return [(source.end + 2, source.middle), (target.turn, source.middle), *last]
    below = max(each.middle + each.after for each in [source, *between]) + _CHANNEL
    halfway = source.end - source.half
    leaving = [(halfway, source.middle + source.after + 2), (halfway, below)]
    return [*leaving, (target.turn, below), *last]


def _on_paper(
    measured: list[_Measured], lines: list[tuple[str, list[Point]]], cell: Cell, down: bool
) -> Layout:
    """From along and across to x and y, with nothing left of or above the paper."""
    inner = {each.box.name: _grid(each, cell, down) for each in measured}
    names = min(inner[each.box.name][0] - each.words for each in measured)
    low = min(each.middle - each.before for each in measured)
    turns = [across for _, line in lines for _, across in line]
    high = max([each.middle + each.after for each in measured] + turns)
    far = max(each.end for each in measured)
    left, top = (min(low, names), 0) if down else (min(0, names), low)
    right, bottom = (high, far) if down else (far, high)

    def moved(x: float, y: float) -> Point:
        return x - left + _MARGIN, y - top + _MARGIN

    def turned(along: float, across: float) -> Point:
        return moved(across, along) if down else moved(along, across)

    return Layout(
        {name: moved(*corner) for name, corner in inner.items()},
        [(name, [turned(*point) for point in line]) for name, line in lines],
        {
            e.box.name: (turned(e.turn + BEND, e.middle), turned(e.start - _END, e.middle))
            for e in measured
            if e.box.of
        },
        (right - left + 2 * _MARGIN, bottom - top + 2 * _MARGIN),
    )


def _grid(each: _Measured, cell: Cell, down: bool) -> Point:
    """The top left corner of a box's numbers, which stand in the middle below its name."""
    columns, rows = each.box.size(cell)
    if down:
        return each.middle - columns / 2, each.start + TITLE
    return each.start + (each.long - columns) / 2, each.middle - rows / 2
