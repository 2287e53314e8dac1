"""Pictures that do not move: what stands in for a live figure where widgets are not shown.

Words of Hebrew or Arabic stand in their order from right to left where matplotlib lays them out so,
from 3.11 on; older ones draw their letters from left to right.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Still
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from attnlab.lab.palette import PALETTE


def _scale(name: str, *colours: str) -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list(name, [PALETTE[colour] for colour in colours])


# The scales of the live figures on light paper.
WEIGHTS = _scale("weights", "little", "middle", "much")
SIGNED = _scale("signed", "negative", "little", "positive")
_INK = {kind: PALETTE[kind] for kind in ("query", "key", "value", "output")}


def heatmap_png(
    weights: np.ndarray,
    allowed: np.ndarray,
    rows: tuple[str, list[str]],
    columns: tuple[str, list[str]],
) -> bytes:
    """A heatmap of weights (row, column) as PNG bytes; forbidden pairs are hatched.

    Args:
        weights, allowed: numbers and booleans, (row, column).
        rows, columns: what a row and a column are called, and a word for each.
    """
    queries, keys = weights.shape
    cell = max(0.05, min(0.42, 6 / max(keys, queries)))
    figure = Still(figsize=(cell * keys + 1.5, cell * queries + 1.2), dpi=110)
    axes = figure.add_subplot()
    draw_grid(axes, weights, rows, columns, cell, allowed=allowed)
    return png(figure)


def norm_block_png(values, real, samples, features, high, names) -> bytes:
    """Samples side by side as PNG bytes, each a grid of its positions by features.

    Args:
        values: (sample, position, feature); `high` is the end of the scale of colours.
        real: boolean (sample, position); what is only padding is hatched.
        samples: for each its title, and a word for each position.
        features: a word for each.
        names: what a position is called, and a feature.
    """
    count, rows, columns = values.shape
    cell = max(0.05, min(0.42, 8 / (count * columns), 6 / rows))
    size = (count * (cell * columns + 1.3), cell * rows + 1.4)
    figure = Still(figsize=size, dpi=110, layout="constrained")
    for sample, (title, words) in enumerate(samples):
        axes = figure.add_subplot(1, count, sample + 1)
        allowed = np.repeat(real[sample][:, None], columns, axis=1)
        ends = {"colours": SIGNED, "low": -high, "high": high, "write": "{:.3g}".format}
        sides = (names[0], words), (names[1], features)
        draw_grid(axes, values[sample].round(2), *sides, cell, allowed=allowed, **ends)
        axes.set_title(title, fontsize=10, loc="left", parse_math=False)
    return png(figure)


def masks_png(
    allowed: np.ndarray,
    scores: np.ndarray,
    weights: np.ndarray,
    query_words: list[str],
    key_words: list[str],
) -> bytes:
    """A mask, the scores and the weights (query, key) side by side as PNG bytes."""
    queries, keys = weights.shape
    cell = max(0.05, min(0.42, 6 / max(keys, queries)))
    figure = Still(figsize=(3 * (cell * keys + 1.2), cell * queries + 1.4), dpi=110)
    words, most = (("query", query_words), ("key", key_words)), abs(scores).max() or 1.0
    signed = {"colours": SIGNED, "low": -most, "high": most}
    grids = {
        "mask": (allowed, {"allowed": allowed, "high": 3.0, "write": lambda _: "yes"}),
        "scores": (scores, signed | {"write": lambda score: f"{score:.1f}"}),
        "weights": (weights, {"allowed": allowed}),
    }
    for place, (title, (values, style)) in enumerate(grids.items(), start=1):
        axes = figure.add_subplot(1, 3, place)
        draw_grid(axes, values.astype(float), *words, cell, **style)
        axes.set_title(title, fontsize=10)
    return png(figure)


def draw_grid(
    axes: Axes,
    values: np.ndarray,
    rows: tuple[str, list[str]],
    columns: tuple[str, list[str]],
    cell: float = 0.42,
    *,
    allowed: np.ndarray | None = None,
    colours=WEIGHTS,
    low: float = 0.0,
    high: float = 1.0,
    write: Callable[[float], str] = lambda value: f"{value:.2f}".removeprefix("0"),
) -> None:
    """Draw a grid of coloured cells with numbers, its words at the sides.

    Args:
        axes: where to draw.
        values: (row, column); `low` and `high` are the ends of the scale of colours.
        rows, columns: what the axis is called, and a word for each of its places.
        cell: the size of a cell in inches; labels that would overlap are left out.
        allowed: boolean (row, column); what is not allowed is hatched and has no number.
        write: the text of a cell.
    """
    axes.imshow(values, cmap=colours, vmin=low, vmax=high)
    allowed = np.ones(values.shape, bool) if allowed is None else allowed
    if not allowed.all():
        axes.add_patch(
            PathPatch(_squares(~allowed), fill=False, lw=0, hatch="////", ec=PALETTE["hatch"])
        )
    if max(values.shape) <= 12:
        for row, column in np.argwhere(allowed):
            colour = ink_on(colours((values[row, column] - low) / (high - low)))
            text = write(float(values[row, column]))
            axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    tilt = {"rotation": 45, "ha": "left", "rotation_mode": "anchor"}
    _label(axes.set_xticks, *columns, cell, **tilt)
    _label(axes.set_yticks, *rows, cell)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.set_xlabel(columns[0], color=_INK.get(columns[0], "black"))
    axes.xaxis.set_label_position("top")
    axes.set_ylabel(rows[0], color=_INK.get(rows[0], "black"))
    axes.spines[:].set_visible(False)


def ink_on(colour: Sequence[float] | np.ndarray) -> str:
    """Black or white, whichever can be read on this colour."""
    red, green, blue, _ = colour
    return "white" if 0.3 * red + 0.59 * green + 0.11 * blue < 0.5 else "black"


def png(figure: Still) -> bytes:
    """The bytes of a figure, without what depends on the machine."""
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a word in a rare script
        figure.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
    return buffer.getvalue()


def _squares(where: np.ndarray) -> Path:
    """The cells where it is true, as one path: thousands of patches would take seconds."""
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]])
    places = np.argwhere(where)[:, None, ::-1] + corners
    codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY]
    return Path(places.reshape(-1, 2), np.tile(codes, len(places)))


def _label(set_ticks, kind: str, words: list[str], cell: float, **options) -> None:
    every = int(np.ceil(0.15 / cell))
    short = [word if len(word) <= 14 else word[:13] + "…" for word in words]
    places = range(0, len(words), every)
    set_ticks(
        places,
        [short[i] for i in places],
        color=_INK.get(kind, "black"),
        fontsize=9,
        parse_math=False,
        **options,
    )
