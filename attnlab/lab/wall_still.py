"""The wall of heads as a picture that does not move."""

from __future__ import annotations

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle
from PIL import Image  # which comes with Matplotlib

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import WEIGHTS, draw_grid, png
from attnlab.lab.widgets.wall_input import CHANGE, DOES, LAYERS

TILE, GAP = 40, 5  # pixels


def wall_png(figure) -> bytes:
    """A `HeadWall` as PNG bytes: the wall, its large head, and what that does among all heads.

    Args:
        figure: as its traits stand now.
    """
    across, down = 0.42 * figure.layers + 0.5, 0.42 * figure.heads + 0.5
    side = max(3.4, min(5.0, down - 1.6))
    still = Still(figsize=(across + side + 1.4, max(down, side + 1.9)), dpi=110)
    still.set_layout_engine("constrained")
    lines = len(figure.kinds) + (figure.changes is not None)
    sizes = {"width_ratios": [across, side + 1.4], "height_ratios": [side, 0.1 + 0.26 * lines]}
    grid = still.add_gridspec(2, 2, **sizes)
    _draw_wall(still.add_subplot(grid[:, 0]), figure)
    _draw_large(still.add_subplot(grid[0, 1] if lines else grid[:, 1]), figure)
    if lines:
        _draw_doings(still.add_subplot(grid[1, 1]), figure)
    return _of_few_colours(png(still))


def _of_few_colours(content: bytes) -> bytes:
    """The picture in 128 colours: thousands of shades would make it four times as large."""
    small = io.BytesIO()
    Image.open(io.BytesIO(content)).convert("RGB").quantize(128).save(small, "png", optimize=True)
    return small.getvalue()


def _draw_large(axes: Axes, figure) -> None:
    words, weights = figure.words, figure.all_weights[figure.opened]
    draw_grid(axes, weights, ("query", words), ("key", words), 4 / len(words))
    axes.set_title(_called(figure.opened, figure.heads), fontsize=10, loc="left")


def _called(head: int, heads: int) -> str:
    return f"layer {head // heads}, head {head % heads}"


def _draw_wall(axes: Axes, figure) -> None:
    """The tiles in their order, under each how far the embedding moves without it."""
    layers, heads, step = figure.layers, figure.heads, TILE + GAP
    picture = np.ones((heads * step, layers * step, 4))
    moves, every = figure.moves, figure.all_weights
    for at, head in enumerate(figure.order):
        top, left = at // layers * step, at % layers * step
        picture[top : top + TILE, left : left + TILE] = WEIGHTS(_enlarged(every[head]))
        frame = {"fill": False, "ec": PALETTE["faint"], "lw": 0.7}
        if head == figure.opened:
            frame |= {"ec": PALETTE["ring"], "lw": 2, "zorder": 3}
        axes.add_patch(Rectangle((left - 0.5, top - 0.5), TILE, TILE, **frame))
        if moves is not None:
            wide = TILE * moves[head] / max(moves.max(), 1e-9)
            axes.add_patch(Rectangle((left, top + TILE - 4), wide, 4, fc=PALETTE["output"]))
        if figure.sort in (LAYERS, DOES) and len(figure.kinds) > 1:
            sign = [*figure.marks, "·"][figure.does[head]]
            ground = {"boxstyle": "square,pad=0.1", "fc": PALETTE["little"], "ec": "none"}
            place = {"ha": "right", "va": "top", "fontsize": 7, "bbox": ground}
            axes.text(left + TILE - 3, top + 3, sign, **place, parse_math=False)
    axes.imshow(picture)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    plain = figure.sort == LAYERS
    first = [
        str(i) if plain else f"{figure.values[figure.order[i * layers]]:.2f}" for i in range(heads)
    ]
    labels = [""] * heads if figure.sort == DOES else first
    axes.set_yticks([i * step + TILE / 2 for i in range(heads)], labels, fontsize=8)
    axes.tick_params(length=0, colors=PALETTE["quiet"])
    titles = {LAYERS: "layers →, heads ↓", DOES: "what each does most"}
    title = titles.get(figure.sort, f"{figure.sort}: from much to little")
    axes.set_title(title, fontsize=10, loc="left", parse_math=False)


def _enlarged(weights: np.ndarray) -> np.ndarray:
    """A heatmap of TILE pixels a side, without in-between colours."""
    places = np.arange(TILE) * len(weights) // TILE
    return weights[np.ix_(places, places)]


def _draw_doings(axes: Axes, figure) -> None:
    """A line for each kind: a stroke for each head, and a bar for the large one."""
    labels = [f"{mark} {kind}" for mark, kind in zip(figure.marks, figure.kinds, strict=True)]
    rows = dict(zip(labels, figure.shares if labels else [], strict=True))
    highs = dict.fromkeys(rows, 1.0)
    if figure.moves is not None:
        rows[CHANGE], highs[CHANGE] = figure.moves, max(float(figure.moves.max()), 1e-9)
    for place, (kind, values) in enumerate(rows.items()):
        values = values / highs[kind]
        axes.vlines(values, place - 0.35, place + 0.35, color=PALETTE["hatch"], lw=0.7, alpha=0.6)
        colour = PALETTE["output" if kind == CHANGE else "much"]
        own = values[figure.opened]
        axes.barh(place, own, 0.35, color=colour)
        said = f"{own * highs[kind]:.3f}" if kind == CHANGE else f"{own:.2f}"
        axes.text(1.02, place, said, fontsize=8, va="center")
    axes.set(xlim=(0, 1.0), ylim=(len(rows) - 0.4, -0.6), xticks=[])
    axes.set_yticks(range(len(rows)), list(rows), fontsize=8, parse_math=False)
    axes.tick_params(length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_title("what it does, among all heads", fontsize=9, loc="left")
