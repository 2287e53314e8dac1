"""The live figures of images as pictures that do not move."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import SIGNED, WEIGHTS, png


def pixels_png(
    picture: np.ndarray,
    weights: np.ndarray,
    output: np.ndarray,
    *,
    query: tuple[int, int],
    head: str,
) -> bytes:
    """A picture, the weights of one of its pixels, and what all of them read, as PNG bytes.

    Args:
        picture, output: colours, (height, width, 3), from 0 to 1.
        weights: (height, width).
        query: row and column of the pixel that asks.
        head: the name of the head.
    """
    height, width = weights.shape
    still = Still(figsize=(9, 9 * height / (3 * width) + 0.6), dpi=110, layout="constrained")
    row, column = query
    titles = ["picture", f"weights of ({row}, {column})", "output"]
    for title, values, axes in zip(
        titles, (picture, weights, output), still.subplots(1, 3), strict=True
    ):
        axes.imshow(values, cmap=WEIGHTS, vmin=0, vmax=max(weights.max(), 4 / weights.size))
        _finish(axes, title)
        _ring(axes, query)
    still.suptitle(head, fontsize=10, parse_math=False)
    return png(still)


def _ring(axes: Axes, cell: tuple[int, int]) -> None:
    row, column = cell
    for colour, wide in (("little", 4.5), ("query", 2.2)):
        axes.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, ec=PALETTE[colour], lw=wide)
        )


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color(PALETTE["faint"])
