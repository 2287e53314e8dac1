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


def _ring(axes: Axes, cell: tuple[int, int], *, thin: bool = False) -> None:
    row, column = cell
    for colour, wide in (("little", 4.5), ("query", 2.2))[thin:]:
        axes.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5),
                1,
                1,
                fill=False,
                ec=PALETTE[colour],
                lw=1 if thin else wide,
            )
        )


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_color(PALETTE["faint"])


def convolution_png(
    picture: np.ndarray,
    maps: np.ndarray,
    outputs: tuple[np.ndarray, np.ndarray],
    *,
    kernel: np.ndarray,
    query: tuple[int, int],
    said: str,
) -> bytes:
    """A picture, where nine heads of one of its pixels look, and two outputs, as PNG bytes.

    Args:
        picture: in grey, (height, width).
        maps: weights, (3, 3, height, width), a head for each cell of the kernel.
        outputs: of the heads and of the convolution, (height, width) each.
        kernel: (3, 3).
        query: row and column of the pixel that asks.
        said: what is set.
    """
    still = Still(figsize=(9, 3.6), dpi=110, layout="constrained")
    left, middle, right = still.add_gridspec(1, 3, width_ratios=[3, 4, 2])
    axes = still.add_subplot(left)
    axes.imshow(picture, cmap="gray", vmin=min(0.0, picture.min()))
    _finish(axes, "picture")
    _ring(axes, query)
    most = max(maps.max(), 4 / picture.size)
    nine, two = middle.subgridspec(3, 3), right.subgridspec(2, 1)
    for cell in np.ndindex(3, 3):
        axes = still.add_subplot(nine[cell])
        axes.imshow(maps[cell], cmap=WEIGHTS, vmin=0, vmax=most)
        _finish(axes, f"{kernel[cell]:.3g}".replace("-", "−"))
        _ring(axes, query, thin=True)
    high = abs(outputs[1]).max() or 1.0
    for row, title in enumerate(("nine heads", "convolution")):
        axes = still.add_subplot(two[row, 0])
        axes.imshow(outputs[row], cmap=SIGNED, vmin=-high, vmax=high)
        _finish(axes, title)
        _ring(axes, query)
    apart = abs(outputs[0] - outputs[1]).max()
    still.suptitle(f"{said}: they differ by up to {apart:.2g}", fontsize=10, parse_math=False)
    return png(still)
