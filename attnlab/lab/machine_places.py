"""Where the boxes of a machine stand in a still picture, and how its arrows run: geometry alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

_ACROSS = 26  # from a column to the arrows that leave it, with room for their shape

Point = tuple[float, float]
Item = dict[str, Any]

WIDTH, PAD, TITLE = 320, 26, 24
"""Of a box that stands in no group; of the room at the sides of boxes; of a heading."""

_GAP, _BESIDE, _BETWEEN, _LANE, _FIRST, _MARGIN = 30, 8, 48, 7, 9, 4


@dataclass(frozen=True)
class Place:
    """Where a box or a group stands: its top left corner, its size, and in which groups."""

    item: Item
    x: float
    y: float
    width: float
    height: float
    within: tuple[str, ...]  # the column, and the unfolded groups

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def at(self, across: float, down: float) -> Point:
        """A point of it, by parts of its width and height."""
        return self.x + across * self.width, self.y + down * self.height


@dataclass(frozen=True)
class Route:
    """An arrow: which box it leaves and which it reaches, its way, and its corners."""

    start: Place
    end: Place
    way: str
    offs: tuple[str, ...]
    points: tuple[Point, ...]

    @property
    def straight(self) -> bool:
        return len(self.points) == 2


@dataclass
class Layout:
    """All places in pixels.

    Args:
        boxes: what is drawn as a box: boxes, and groups that are folded.
        frames: the columns, and the groups that are unfolded.
        routes: the arrows.
        size: width and height of the whole.
    """

    boxes: dict[str, Place] = field(default_factory=dict)
    frames: dict[str, Place] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    size: Point = (0, 0)


def places(
    plan: dict[str, Any], unfolded: list[str], height: Callable[[Item, float], float]
) -> Layout:
    """Give each box that is seen its place: columns beside each other, boxes from top to bottom.

    Args:
        plan: as `attnlab.lab.machine_plan.plan_of` makes it.
        unfolded: ids of the groups whose boxes are seen.
        height: of a box or a folded group, of it and its width.
    """
    layout, x, bottom = Layout(), float(_MARGIN), 0.0
    depth = max((_depth(column, unfolded) for column in plan["columns"]), default=0)
    width = WIDTH + 2 * PAD * max(depth, 1)
    for column in plan["columns"]:
        put = _Putting(layout, unfolded, height)
        end = put.all(column["items"], (x + PAD, TITLE + 14), width - 2 * PAD, (column["id"],))
        layout.frames[column["id"]] = Place(column, x, 0, width, end, ())
        x, bottom = x + width + _BETWEEN, max(bottom, end)
    layout.size = x - _BETWEEN + _MARGIN, bottom + _MARGIN
    layout.routes = list(_Routing(plan, layout).all())
    return layout


def is_seen_within(item: Item, unfolded: list[str]) -> bool:
    """Whether a group's boxes are seen; those that stand side by side always are."""
    return item["kind"] == "group" and (item["side"] or item["id"] in unfolded)


def _depth(item: Item, unfolded: list[str]) -> int:
    """How many frames stand within each other."""
    inner = [e for e in item["items"] if is_seen_within(e, unfolded) and not e["side"]]
    return 1 + max((_depth(each, unfolded) for each in inner), default=0)


@dataclass
class _Putting:
    layout: Layout
    unfolded: list[str]
    height: Callable[[Item, float], float]

    def all(self, items: list[Item], corner: Point, width: float, within: tuple[str, ...]) -> float:
        """Put these items below each other; gives where the last one ends."""
        x, y = corner
        for item in items:
            if not is_seen_within(item, self.unfolded):
                bottom = self.one(item, (x, y), width, within)
            elif item["side"]:
                bottom = self.beside(item["items"], (x, y), width, within)
            else:
                bottom = self.framed(item, (x, y), width, within)
            y = bottom + _GAP
        return y - _GAP

    def one(
        self,
        item: Item,
        corner: Point,
        width: float,
        within: tuple[str, ...],
        height: float | None = None,
    ) -> float:
        tall = self.height(item, width) if height is None else height
        self.layout.boxes[item["id"]] = place = Place(item, *corner, width, tall, within)
        return place.bottom

    def beside(
        self, items: list[Item], corner: Point, width: float, within: tuple[str, ...]
    ) -> float:
        each = (width - _BESIDE * (len(items) - 1)) / len(items)
        tall = max(self.height(item, each) for item in items)
        for place, item in enumerate(items):
            left = corner[0] + place * (each + _BESIDE), corner[1]
            self.one(item, left, each, within, tall)
        return corner[1] + tall

    def framed(self, item: Item, corner: Point, width: float, within: tuple[str, ...]) -> float:
        (x, y), inner = corner, (*within, item["id"])
        end = self.all(item["items"], (x + PAD, y + TITLE + 20), width - 2 * PAD, inner) + 14
        self.layout.frames[item["id"]] = Place(item, x, y, width, end - y, within)
        return end


class _Routing:
    """Arrows between what is seen; those that run along the same side get lanes of their own."""

    def __init__(self, plan: dict[str, Any], layout: Layout):
        self.plan, self.layout = plan, layout
        self.seen = {
            box["id"]: place for place in layout.boxes.values() for box in _inner(place.item)
        }
        self.offs = {
            box["id"]: tuple(switch["off"] for switch in box["switches"])
            for place in layout.boxes.values()
            for box in _inner(place.item)
        }
        self.lanes: dict[tuple[str, str], list[tuple[str, float, float, int]]] = {}

    def all(self) -> Iterator[Route]:
        done = set()
        # The way round a folded sublayer or layer is within it: of both ways in, one is drawn.
        for arrow in sorted(self.plan["arrows"], key=lambda arrow: arrow["way"] == "short"):
            start, end = self.seen[arrow["from"]], self.seen[arrow["to"]]
            named = start.item["id"], end.item["id"]
            if start is not end and named not in done:
                done.add(named)
                points = self.points(start, end, arrow["way"])
                yield Route(start, end, arrow["way"], self.offs[arrow["to"]], tuple(points))

    def points(self, start: Place, end: Place, way: str) -> list[Point]:
        if start.within[0] != end.within[0]:
            return self.across(start, end)
        middle = min(start, end, key=lambda place: place.width).at(0.5, 0)[0]
        if way == "down" and self.free(start, end, middle):
            return [(middle, start.bottom), (middle, end.y)]
        return self.around(start, end, "left" if way == "short" else "right")

    def free(self, start: Place, end: Place, x: float) -> bool:
        """Whether a line straight down meets both and no other box."""
        if not (start.x <= x <= start.right and end.x <= x <= end.right):
            return False
        return not any(
            place.x <= x <= place.right and start.bottom <= place.y and place.bottom <= end.y
            for place in self.layout.boxes.values()
        )

    def around(self, start: Place, end: Place, side: str) -> list[Point]:
        frame = self.layout.frames[_common(start, end)]
        edge = 0.0 if side == "left" else 1.0
        (x0, y0), (x1, y1) = start.at(edge, 0.72), end.at(edge, 0.28)
        lane = self.lane((frame.item["id"], side), start, (y0, y1))
        x = frame.x + PAD - lane if side == "left" else frame.right - PAD + lane
        return [(x0, y0), (x, y0), (x, y1), (x1, y1)]

    def across(self, start: Place, end: Place) -> list[Point]:
        frame = self.layout.frames[start.within[0]]
        lane = self.lane((frame.item["id"], "across"), start, (start.y, end.bottom))
        x, (x0, y0) = frame.right + _ACROSS + lane, start.at(1, 0.5)
        if self.first_of_its_row(end):
            x1, y1 = end.at(0, 0.5)
            return [(x0, y0), (x, y0), (x, y1), (x1, y1)]
        (x1, y1), above = end.at(0.5, 0), end.y - 11
        return [(x0, y0), (x, y0), (x, above), (x1, above), (x1, y1)]

    def first_of_its_row(self, place: Place) -> bool:
        return not any(
            other.within == place.within and other.y == place.y and other.x < place.x
            for other in self.layout.boxes.values()
        )

    def lane(self, side: tuple[str, str], start: Place, ends: Point) -> float:
        """How far out an arrow runs: what leaves the same box may share its lane."""
        name, low, high = start.item["id"], *sorted(ends)
        taken = self.lanes.setdefault(side, [])
        used = {
            lane
            for other, first, last, lane in taken
            if other != name and first < high and low < last
        }
        lane = next(n for n in range(len(taken) + 1) if n not in used)
        taken.append((name, low, high, lane))
        return _FIRST + _LANE * lane


def _inner(item: Item) -> Iterator[Item]:
    """The boxes of an item."""
    if item["kind"] != "group":
        yield item
    for each in item.get("items", []):
        yield from _inner(each)


def _common(start: Place, end: Place) -> str:
    """The innermost frame that holds both."""
    pairs = zip(start.within, end.within, strict=False)
    return [one for one, other in pairs if one == other][-1]
