"""A machine as a still picture, for print and for viewers that show no widgets."""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from attnlab.lab.flow_layout import Point, bent
from attnlab.lab.machine_places import PAD, Item, Layout, Place, Route, places
from attnlab.lab.machine_strips import LABEL, LINE, Run, Strip, last_box, lines, strips, width_of
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import SIGNED, WEIGHTS, png

_PIXEL, _DENSE = 0.72, 120  # of 100 to an inch, in points; dots to an inch
_INSIDE, _APART, _NARROW, _LOW = 10, 9, 200, 17
# Room within a box and between strips; no label at the side below; the height of a line of code.
_WEIGHTS, _SIGNED = (each.with_extremes(bad=PALETTE["faint"]) for each in (WEIGHTS, SIGNED))
_FACES = "#ebe9f4", "#f6f5fa"  # of frames within each other, so that they can be told apart


def machine_png(plan: dict[str, Any], run: Run, unfolded: list[str]) -> bytes:
    """The drawing on light paper as PNG bytes.

    Args:
        plan: as `attnlab.lab.machine_plan.plan_of` makes it.
        run: the arrays, with words, as far as they are shown.
        unfolded: ids of the groups whose boxes are seen.
    """
    layout = places(plan, unfolded, lambda item, width: _height(item, width, run, unfolded))
    width, height = layout.size
    still = Still(figsize=(width / 100, height / 100), dpi=_DENSE)
    axes = still.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    _Drawing(axes, run, layout, unfolded).all()
    return png(still)


def _height(item: Item, width: float, run: Run, unfolded: list[str]) -> float:
    """Of a box, open or not, or of a folded group."""
    found = strips(item, run)
    inner = width - 2 * _INSIDE - (LABEL if width >= _NARROW else 0)
    high = sum(strip.height(inner) for strip in found) + _APART * (len(found) - 1)
    title = LINE + 4 if _has_title(found, width) else 0
    return max(high + title + 2 * _INSIDE, 34) + _LOW * len(_told(item, width, unfolded))


def _told(item: Item, width: float, unfolded: list[str]) -> list[tuple[str, str]]:
    """What an open box says of itself: its formula and its line of code, as (font, text)."""
    if item["id"] not in unfolded or not item.get("formula"):
        return []
    marks = {"sub": r"$_{{\mathrm{{{}}}}}$", "sup": r"$^{{\mathrm{{{}}}}}$"}
    formula = "".join(marks.get(kind, "{}").format(text) for kind, text in item["formula"])
    code = wrap(item["code"]["line"], int((width - 2 * _INSIDE) / 6.4), subsequent_indent="    ")
    lines_of_code = [("monospace", line) for line in code] if width >= _NARROW else []
    return [("sans-serif", formula), *lines_of_code]


def _has_title(found: list[Strip], width: float) -> bool:
    """Whether the label stands over the strips, and not beside the only one."""
    return len(found) > 1 or width < _NARROW


class _Drawing:
    """What is drawn on the axes, in pixels.

    Args:
        axes: with a pixel as unit, y downwards.
        run: as `machine_png`.
        layout: where everything stands.
        unfolded: as `machine_png`.
    """

    def __init__(self, axes: Axes, run: Run, layout: Layout, unfolded: list[str]):
        self.axes, self.run, self.layout, self.unfolded = axes, run, layout, unfolded

    def all(self) -> None:
        for place in sorted(self.layout.frames.values(), key=lambda place: len(place.within)):
            self.frame(place)
        told: set[str] = set()
        for route in self.layout.routes:
            self.route(route, told)
        for place in self.layout.boxes.values():
            self.box(place)

    def frame(self, place: Place) -> None:
        if not place.within:
            self.text(place.x + PAD, 22, place.item["title"], 15, weight="bold")
            return
        face = _FACES[len(place.within) % 2]
        self.rounded(place, PALETTE["faint"], face, 1.0)
        behind = {"fc": face, "ec": "none", "pad": 1.5}  # an arrow may pass there
        look = {"color": PALETTE["quiet"], "bbox": behind}
        self.text(place.x + 12, place.y + 18, place.item["label"], 12.5, **look)

    def route(self, route: Route, told: set[str]) -> None:
        off = any(each in self.run.off for each in route.offs) and route.way == "short"
        colour = PALETTE["ring" if off else _WAYS[route.way]]
        style = {"lw": 1.5 * _PIXEL, "ec": colour, "ls": (0, (2, 2)) if off else "-"}
        codes = {"M": [Path.MOVETO], "L": [Path.LINETO], "Q": [Path.CURVE3] * 2}
        strokes = bent(list(route.points))
        points = [point for _, corners in strokes for point in corners]
        path = Path(points, [code for kind, _ in strokes for code in codes[kind]])
        self.axes.add_patch(PathPatch(path, fill=False, zorder=2, **style))
        self.head(route.points[-2], route.points[-1], colour)
        name = route.start.item["id"]
        if name not in told and route.way != "short":
            told.add(name)
            self.shape(route)

    def head(self, before: Point, end: Point, colour: str) -> None:
        step = np.subtract(end, before)
        along = step / (np.hypot(*step) or 1)
        across = np.array([-along[1], along[0]])
        base = np.array(end) - 7 * along
        corners = [end, base + 3.6 * across, base - 3.6 * across]
        self.axes.add_patch(Polygon(corners, closed=True, fc=colour, lw=0, zorder=3))

    def shape(self, route: Route) -> None:
        """Along an arrow, the shape of what goes there."""
        box = last_box(route.start.item)
        array = self.run.shown(box)
        count = len(self.run.words(box["rows"]))
        each = "word" if box["rows"] == "source" else "token"  # the begin mark is no word
        said = f"{count} {each}{'s'[: count != 1]}"
        if array is not None:
            said = " × ".join(
                str(size)
                for size in (array.shape[1:] if box["keys"] and len(array) == 1 else array.shape)
            )
        x, y = route.points[0]
        if route.straight:
            leaves = len(route.start.within) > len(route.end.within)  # a frame ends there
            self.text(x + 7, y + (11 if leaves else 18), said, 11, color=PALETTE["quiet"])
        elif route.way == "across":
            self.text(x + 4, y - 5, said, 11, color=PALETTE["quiet"])

    def box(self, place: Place) -> None:
        item, found = place.item, strips(place.item, self.run)
        ink, title = _ink(item), _has_title(found, place.width)
        self.rounded(place, ink or PALETTE["hatch"], "white", 1.8 if ink else 1.0)
        place = self.told(place)
        self.name(place, title, ink or PALETTE["ink"])
        side = LABEL if place.width >= _NARROW else 0
        inner = place.width - 2 * _INSIDE - side
        high = sum(each.height(inner) for each in found) + _APART * (len(found) - 1)
        x, y = place.x + _INSIDE, place.y + _INSIDE + (LINE + 4 if title else 0)
        y += (place.bottom - _INSIDE - y - high) / 2
        for strip in found:
            tall = strip.height(inner)
            if title:
                self.label(x, y + tall / 2, strip.label, 11.5, color=PALETTE["quiet"])
            getattr(self, strip.kind)(strip, (x + side, y), inner, item)
            y += tall + _APART

    def told(self, place: Place) -> Place:
        """Write what an open box says of itself to its foot; gives the place that is left."""
        rows = _told(place.item, place.width, self.unfolded)
        left = replace(place, height=place.height - _LOW * len(rows))
        for row, (font, text) in enumerate(rows):
            look = {"family": font, "parse_math": font == "sans-serif"}
            y = left.bottom + _LOW * row + 6
            self.text(place.x + _INSIDE, y, text, 12 if row == 0 else 10, **look)
        return left

    def name(self, place: Place, title: bool, ink: str) -> None:
        """What a box is called, over what stands in it or at its side."""
        item, x = place.item, place.x + _INSIDE
        again = " ↻" if item.get("before") == item["id"] else ""  # it reads its own last row
        said = item["label"] + again
        middle = place.y + (_INSIDE + 8 if title else place.height / 2)
        if self.is_off(item):
            said = f"{said} off"
            ink = PALETTE["ring"]
        look = {"color": ink, "weight": "bold"}
        if title:
            self.text(x, middle + 4, said, 12.5, **look)
        else:
            self.label(x, middle, said, 12.5, **look)

    def label(self, x: float, middle: float, text: str, size: float, **look) -> None:
        """A label at the side, in lines that fit there."""
        rows = wrap(text, 15, break_on_hyphens=False)
        for place, row in enumerate(rows):
            y = middle + 4 + (place - (len(rows) - 1) / 2) * (size + 3)
            self.text(x, y, row, size, **look)

    def is_off(self, item: Item) -> bool:
        """Whether all of a box is: what has no heads, or one."""
        names = [switch["off"] for switch in item.get("switches", [])]
        return len(names) == 1 and names[0] in self.run.off and item["kind"] != "add"

    def words(self, strip: Strip, corner: Point, width: float, item: Item) -> None:
        ink = PALETTE["key" if item["rows"] == "source" else "query"]
        for row, line in enumerate(lines(strip.words, width)):
            x = corner[0]
            for word in line:
                mark = word.startswith("<") and word.endswith(">")
                colour = PALETTE["quiet"] if mark else ink
                self.text(x, corner[1] + row * LINE + 12.5, word, 12.5, color=colour)
                x += width_of([word])

    def rows(self, strip: Strip, corner: Point, width: float, item: Item) -> None:
        likely = item["kind"] == "probabilities"
        finite = np.abs(strip.array[np.isfinite(strip.array)])
        high = 1.0 if likely else float(np.quantile(finite, 0.98)) or 1.0
        count, columns = strip.array.shape
        size = min(width, 18.0 * columns), strip.height(width)
        self.cells(strip.array / high, likely, corner, size)
        (x, y), (wide, tall) = corner, size
        for row in range(1, count if tall >= 5 * count else 1):  # a word is a row
            at = y + row * tall / count
            self.axes.plot([x, x + wide], [at, at], color="white", lw=0.7, zorder=3.5)

    def heads(self, strip: Strip, corner: Point, width: float, item: Item) -> None:
        del item
        cell, (_, queries, keys) = strip.cell(width), strip.array.shape
        finite = np.abs(strip.array[np.isfinite(strip.array)])
        high = 1.0 if strip.shares else float(finite.max(initial=0.0)) or 1.0
        for head, (x, y) in enumerate(strip.corners(width)):
            at, size = (corner[0] + x, corner[1] + y), (keys * cell, queries * cell)
            values = np.where(strip.hidden, np.nan, strip.array[head] / high)
            self.cells(values, strip.shares, at, size)
            self.hatch(strip.hidden, at, cell)
            if head in strip.off:
                ends = [at[0], at[0] + size[0]], [at[1], at[1] + size[1]]
                self.axes.plot(*ends, color=PALETTE["ring"], lw=1.4, zorder=5)

    def hatch(self, hidden: np.ndarray, corner: Point, cell: float) -> None:
        """What is masked: 0 that was forbidden is not 0 that was small."""
        places = np.argwhere(hidden)[:, None, ::-1]
        square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
        codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
        if len(places):
            path = Path(corner + cell * (places + square).reshape(-1, 2), codes * len(places))
            look = {
                "fill": False,
                "lw": 0,
                "hatch": "//////",
                "ec": PALETTE["hatch"],
                "zorder": 3.5,
            }
            self.axes.add_patch(PathPatch(path, **look))

    def bars(self, strip: Strip, corner: Point, width: float, item: Item) -> None:
        del item
        (x, y), start, room = corner, 76, width - 76 - 34
        for place, (word, share) in enumerate(zip(strip.words, strip.array[0], strict=True)):
            low = y + place * LINE
            colour = PALETTE["output" if place == 0 else "bar"]
            self.text(x + start - 8, low + 12.5, word, 12, color=colour, ha="right")
            bar = Rectangle(
                (x + start, low + 4), max(room * share, 0.5), 9, fc=colour, lw=0, zorder=4
            )
            self.axes.add_patch(bar)
            said = f"{share:.2f}".removeprefix("0")
            self.text(x + start + room * share + 5, low + 12.5, said, 11, color=PALETTE["quiet"])

    def cells(self, values: np.ndarray, shares: bool, corner: Point, size: Point) -> None:
        """Numbers on the scale of weights, from 0 to 1, or on that of signed numbers."""
        (x, y), (width, height) = corner, size
        box = (x, x + width, y + height, y)
        ends = {"vmin": 0 if shares else -1, "vmax": 1, "aspect": "auto", "zorder": 3}
        colours = _WEIGHTS if shares else _SIGNED
        self.axes.imshow(values, extent=box, cmap=colours, interpolation="nearest", **ends)
        edge = Rectangle(corner, width, height, fill=False, lw=0.6, ec=PALETTE["hatch"], zorder=4)
        self.axes.add_patch(edge)

    def rounded(self, place: Place, edge: str, face: str, lw: float) -> None:
        corner = place.x, place.y
        shape = FancyBboxPatch(
            corner,
            place.width,
            place.height,
            boxstyle="round,pad=0,rounding_size=7",
            fc=face,
            ec=edge,
            lw=lw * _PIXEL,
            zorder=2.5 if face == "white" else 1,
        )
        self.axes.add_patch(shape)

    def text(self, x: float, y: float, text: str, size: float, **look) -> None:
        """Text on the line y."""
        look = {"va": "baseline", "color": PALETTE["ink"], "zorder": 5, "parse_math": False} | look
        self.axes.text(x, y, text, fontsize=size * _PIXEL, **look)


_WAYS = {"down": "bar", "short": "gold", "across": "key"}


def _ink(item: Item) -> str | None:
    """The colour of queries, keys, values and outputs of an attention."""
    name = item["id"].rpartition(".")[2]
    return PALETTE[name] if item["kind"] == "linear" and name in _NAMED else None


_NAMED = ("query", "key", "value")
