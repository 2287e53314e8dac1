"""The live graph as a picture that does not move."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import WEIGHTS, draw_grid, ink_on, png


def graph_png(figure, places: np.ndarray) -> bytes:
    """An `AttentionGraph` as PNG bytes: its graph, its matrix, and the shares of the node in focus.

    Args:
        figure: as its traits stand now.
        places: (node, 2), from 0 to 1 to the right and down.
    """
    still = Still(figsize=(8.4, 4.4), dpi=110, layout="constrained")
    (graph, matrix), (strip, rest) = still.subplots(
        2, 2, height_ratios=[8, 1], width_ratios=[1.1, 1]
    )
    node, shares = figure.focus[0] if figure.focus else 0, figure.shares
    _draw_graph(graph, figure, places, node, shares[node])
    sides = ("query", figure.labels), ("key", figure.labels)
    draw_grid(matrix, shares, *sides, 4 / len(shares), allowed=_reached(figure))
    _draw_strip(strip, shares[node], figure.labels)
    vector = ", ".join(f"{number:.2f}" for number in figure.output[node])
    strip.set_title(
        f"new vector of {figure.labels[node]}: ({vector})", fontsize=9, parse_math=False
    )
    rest.set_axis_off()
    return png(still)


def _reached(figure) -> np.ndarray:
    """Whom each node reads after all layers, boolean (query, key)."""
    mask = figure.mask
    return mask if figure.layers == 1 else mask @ mask


def _draw_graph(axes: Axes, figure, places: np.ndarray, node: int, shares: np.ndarray) -> None:
    style = {"color": PALETTE["hatch"], "lw": 1, "zorder": 1}
    for one, other in np.argwhere(figure.mask | figure.mask.T):
        axes.plot(*places[[one, other]].T, **style)
    for other, share in enumerate(figure.steps[-1][node]):
        width = 8 * share if other != node else 0.0
        axes.plot(*places[[node, other]].T, color=PALETTE["much"], lw=width, zorder=2)
    rings = [PALETTE["key" if share else "hatch"] for share in shares]
    rings[node] = PALETTE["query"]
    colours = np.asarray(WEIGHTS(shares))
    few = len(places) <= 16
    axes.scatter(
        *places.T, s=420 if few else 90, c=colours, edgecolors=rings, linewidths=2, zorder=3
    )
    for place, label, share, colour in zip(places, figure.labels, shares, colours, strict=True):
        number = f"{share:.2f}".removeprefix("0") if share and few else ""
        ink = {"ha": "center", "va": "center", "fontsize": 8, "color": ink_on(colour), "zorder": 4}
        axes.text(place[0], place[1], number, **ink)
        axes.text(
            place[0], place[1] + 0.09, label, **{**ink, "color": PALETTE["ink"]}, parse_math=False
        )
    axes.set(xlim=(-0.1, 1.1), ylim=(1.16, -0.1))
    axes.set_axis_off()
    axes.set_title(f"{figure.graph}, score {figure.rule}, layers: {figure.layers}", fontsize=10)


def _draw_strip(axes: Axes, shares: np.ndarray, labels: list[str]) -> None:
    """The shares side by side: together 1."""
    start = 0.0
    for share, label in zip(shares, labels, strict=True):
        axes.barh(0, share, left=start, color=WEIGHTS(share), edgecolor=PALETTE["hatch"])
        if share > 0.1:
            ink = {"ha": "center", "va": "center", "fontsize": 8, "color": ink_on(WEIGHTS(share))}
            axes.text(start + share / 2, 0, label, **ink, parse_math=False)
        start += share
    axes.set(xlim=(0, 1), yticks=[])
    axes.spines[["top", "right", "left"]].set_visible(False)
