"""Pictures that do not move: what stands in for a live figure where widgets are not shown."""

from __future__ import annotations

import io
import warnings

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

# The ends of the live figures' scale on light paper; see figures.css.
_WEIGHTS = LinearSegmentedColormap.from_list("weights", ["#faf8ff", "#8f7fba", "#2c0f72"])
_QUERY, _KEY = "#0a5eb0", "#a84300"


def heatmap_png(
    weights: np.ndarray, allowed: np.ndarray, query_words: list[str], key_words: list[str]
) -> bytes:
    """A heatmap of weights (query, key) as PNG bytes; forbidden pairs are hatched."""
    queries, keys = weights.shape
    cell = max(0.05, min(0.42, 6 / max(keys, queries)))
    figure = Figure(figsize=(cell * keys + 1.5, cell * queries + 1.2), dpi=110)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(weights, cmap=_WEIGHTS, vmin=0, vmax=1)
    if not allowed.all():
        axes.add_patch(PathPatch(_squares(~allowed), fill=False, lw=0, hatch="////", ec="#8b8794"))
    if max(queries, keys) <= 12:
        for row, column in np.argwhere(allowed):
            value = weights[row, column]
            text = f"{value:.2f}".removeprefix("0")
            colour = "white" if value > 0.56 else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=8, color=colour)
    _label(axes.set_xticks, key_words, cell, _KEY, rotation=45, ha="left", rotation_mode="anchor")
    _label(axes.set_yticks, query_words, cell, _QUERY)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.set_xlabel("key", color=_KEY)
    axes.xaxis.set_label_position("top")
    axes.set_ylabel("query", color=_QUERY)
    axes.spines[:].set_visible(False)
    return _png(figure)


class Pictures:
    """Small grey pictures in a row, each with a caption, as PNG; elsewhere the captions alone."""

    def __init__(self, images: np.ndarray, captions: list[str]):
        self.images, self.captions = images, captions

    def __repr__(self) -> str:
        return f"{len(self.captions)} pictures: {', '.join(self.captions)}"

    def _repr_png_(self) -> bytes:
        figure = Figure(figsize=(0.95 * len(self.images), 1.25), dpi=110)
        FigureCanvasAgg(figure)
        for index, (image, caption) in enumerate(zip(self.images, self.captions, strict=True)):
            axes = figure.add_subplot(1, len(self.images), index + 1)
            axes.imshow(image, cmap="gray_r")
            axes.set_title(caption, fontsize=9, parse_math=False)
            axes.set_axis_off()
        return _png(figure)


def pictures(images, captions) -> Pictures:
    """Show small grey pictures in a row, dark where the numbers are large.

    Args:
        images: (count, height, width), real numbers.
        captions: a word for each.

    Raises:
        ValueError: another number of axes, or of captions, naming both.
    """
    images, captions = np.asarray(images), [str(word) for word in captions]
    if images.ndim != 3 or len(images) != len(captions):
        raise ValueError(
            f"images has shape {images.shape} and captions {len(captions)} words: "
            "give (count, height, width) and one caption for each"
        )
    return Pictures(images, captions)


def _png(figure: Figure) -> bytes:
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


def _label(set_ticks, words: list[str], cell: float, colour: str, **options) -> None:
    every = int(np.ceil(0.15 / cell))
    short = [word if len(word) <= 14 else word[:13] + "…" for word in words]
    places = range(0, len(words), every)
    set_ticks(
        places,
        [short[i] for i in places],
        color=colour,
        fontsize=9,
        parse_math=False,
        **options,
    )
