"""Online softmax as a picture that does not move."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png


def online_png(
    words: list[str],
    bars: tuple[np.ndarray, np.ndarray, np.ndarray],
    outputs: tuple[np.ndarray, np.ndarray],
    block: int,
    arrived: int,
    kept: tuple[float, float],
) -> bytes:
    """Scores in blocks, the shares so far in those of softmax, and the output, as PNG bytes.

    Args:
        words: a word for each key.
        bars: (key,) each: the scores, the shares among the keys that have come, and among all.
        outputs: (d_v,) each: of the keys that have come, and of all.
        block: how many keys come together.
        arrived: how many have come.
        kept: the highest score and the total.
    """
    scores, shares, full = bars
    count = len(words)
    still = Still(figsize=(3.4 + 0.45 * count, 3.2), dpi=110, layout="constrained")
    left, right = still.add_gridspec(1, 2, width_ratios=[1 + 0.45 * count, 2.4])
    over, under = left.subgridspec(2, 1)
    rows = [still.add_subplot(over), still.add_subplot(under)]
    _bars(rows[0], scores, "bar", "score", arrived)
    _bars(rows[1], shares, "middle", "share", arrived)
    rows[1].bar(range(count), full, 0.68, fill=False, ec=PALETTE["much"], lw=1)
    for axes in rows:
        _block(axes, block, arrived)
    if arrived:
        rows[0].plot([-0.5, arrived - 0.5], [kept[0]] * 2, color=PALETTE["key"], lw=1.5)
    rows[0].set_xticks(range(count), words, fontsize=9, rotation=30, parse_math=False)
    rows[0].tick_params(labeltop=True, labelbottom=False, length=0)
    said = f"m = {kept[0]:.2f}, ℓ = {kept[1]:.2f}" if arrived else "nothing has come yet"
    _outputs(still.add_subplot(right), outputs, said.replace("-", "−"))
    return png(still)


def _bars(axes: Axes, values: np.ndarray, colour: str, name: str, arrived: int) -> None:
    drawn = axes.bar(range(len(values)), values, 0.68, color=PALETTE[colour])
    for bar in drawn[arrived:]:
        bar.set_alpha(0.3)
    axes.axhline(0, color=PALETTE["quiet"], lw=0.8)
    axes.set(xticks=[], yticks=[], xlim=(-0.6, len(values) - 0.4))
    axes.margins(y=0.15)
    axes.set_ylabel(name, color=PALETTE["quiet"])
    axes.spines[:].set_visible(False)


def _block(axes: Axes, block: int, arrived: int) -> None:
    """The block that has come last, shaded, and a line behind each."""
    if arrived:
        first = (arrived - 1) // block * block
        axes.axvspan(first - 0.5, arrived - 0.5, color=PALETTE["key"], alpha=0.1, lw=0)
    for start in range(block, round(axes.get_xlim()[1] + 0.4), block):
        axes.axvline(start - 0.5, color=PALETTE["faint"], lw=1)


def _outputs(axes: Axes, outputs: tuple[np.ndarray, np.ndarray], said: str) -> None:
    partial, full = outputs
    places = np.arange(len(full))
    axes.barh(places, partial, 0.62, color=PALETTE["output"], alpha=0.55, label="so far")
    axes.barh(places, full, 0.62, fill=False, ec=PALETTE["output"], label="softmax of all")
    axes.axvline(0, color=PALETTE["quiet"], lw=0.8)
    axes.set_yticks(places, [f"output {place}" for place in places], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(said, fontsize=10, loc="left")
    axes.tick_params(labelsize=8, length=0)
    axes.spines[:].set_visible(False)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.05))
