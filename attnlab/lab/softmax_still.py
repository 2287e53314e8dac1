"""The bench of softmax as a picture that does not move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png


@dataclass(frozen=True)
class Band:
    """Bars with a number over each: one that is not finite has no bar, and is written in red."""

    name: str
    values: np.ndarray
    colour: str
    form: str = "{:.3g}"
    base: float = 0.0  # the value of the line on which the bars stand

    @property
    def heights(self) -> np.ndarray:
        """From -1 to 1."""
        finite = np.where(np.isfinite(self.values), self.values - self.base, 0.0)
        return finite / (abs(finite).max() or 1.0)


def softmax_png(
    words: list[str],
    bands: list[Band],
    curve: tuple[str, np.ndarray, np.ndarray] | None = None,
    *,
    context: str = "",
    focus: int | None = None,
    counts: list[int] | None = None,
) -> bytes:
    """Bands of bars, one under the other, beside the curve of exp, as PNG bytes.

    Args:
        words: a word for each column.
        bands: the bars; the last are the shares.
        curve: what stands along its axis, and for each word its place there, and exp of that;
            none if not given.
        context: what stands before the word that is chosen.
        focus: the place of the word that is marked.
        counts: how often each word was drawn, as dots beside the shares; of none if not given.
    """
    wide, beside = 1.6 + 0.5 * len(words), 3 if curve else 0.01
    still = Still(figsize=(wide + beside, 0.8 + 0.9 * len(bands)), dpi=110, layout="constrained")
    left, right = still.add_gridspec(1, 2, width_ratios=[wide, beside])
    column = left.subgridspec(len(bands), 1)
    rows = [still.add_subplot(place) for place in column]
    for axes, band in zip(rows, bands, strict=True):
        _bars(axes, band, focus)
    rows[0].set_xticks(range(len(words)), words, fontsize=9, rotation=30, parse_math=False)
    rows[0].tick_params(labeltop=True, labelbottom=False, length=0)
    title = f"{context} …" if context else ""
    rows[0].set_title(title, loc="left", fontsize=10, parse_math=False)
    _dots(rows[-1], counts or [], float(bands[-1].values.max()))
    if curve:
        _curve(still.add_subplot(right), words, *curve, focus)
    return png(still)


def _bars(axes: Axes, band: Band, focus: int | None) -> None:
    axes.bar(range(len(band.values)), band.heights, 0.6, color=PALETTE[band.colour])
    for place, (value, height) in enumerate(zip(band.values, band.heights, strict=True)):
        move = {"xytext": (0, 2 if height >= 0 else -10), "textcoords": "offset points"}
        colour = PALETTE["ink" if np.isfinite(value) else "ring"]
        text = band.form.format(value).replace("-", "−")
        axes.annotate(text, (place, height), ha="center", fontsize=8, color=colour, **move)
    if focus is not None:
        axes.axvspan(focus - 0.48, focus + 0.48, fill=False, ec=PALETTE["ring"], lw=1.2)
    axes.axhline(0, color=PALETTE["quiet"], lw=0.8)
    axes.set(xticks=[], yticks=[], ylim=(min(0, 1.5 * band.heights.min()), 1.5))
    axes.set_ylabel(band.name, rotation=0, ha="right", va="center", color=PALETTE["quiet"])
    axes.spines[:].set_visible(False)


def _dots(axes: Axes, counts: list[int], largest: float) -> None:
    """A dot for each draw, in the scale of the shares."""
    places = [(place + 0.4, each) for place, count in enumerate(counts) for each in range(count)]
    xs, each = np.array(places).reshape(-1, 2).T
    heights = (each + 0.5) / (sum(counts) * largest) if places else each
    axes.plot(xs, heights, "o", color=PALETTE["output"], ms=2)
    axes.set_ylim(0, max(1.5, heights.max(initial=0) + 0.1))


def _curve(axes: Axes, words: list[str], across: str, exponents, powers, focus) -> None:
    shown = np.isfinite(powers)
    most = powers[shown].max(initial=0.0) or 1.0
    low, high = exponents.min() - 0.5, exponents[shown].max(initial=exponents.min())
    xs = np.linspace(low, max(high, low + 1), 100)
    with np.errstate(over="ignore"):
        axes.plot(xs, np.exp(xs) / most, color=PALETTE["quiet"], lw=1.5)
    colours = [PALETTE["output" if place == focus else "middle"] for place in range(len(words))]
    axes.scatter(exponents, np.where(shown, powers / most, 1.0), c=colours, s=25, zorder=3)
    for place in np.flatnonzero(shown & (powers > 0.12 * most)):
        move = {"xytext": (-6, 3), "textcoords": "offset points", "ha": "right"}
        spot = exponents[place], powers[place] / most
        axes.annotate(words[place], spot, fontsize=8, parse_math=False, **move)
    if not shown.any():
        axes.text(exponents.mean(), 0.5, "every exp is inf", ha="center", color=PALETTE["ring"])
    axes.set_yticks([0, 1], ["0", f"{most:.3g}" if shown.any() else "inf"])
    axes.set(ylim=(-0.05, 1.15), xlabel=across)
    axes.set_title("exp", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
