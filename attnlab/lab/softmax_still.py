"""The bench of softmax as a picture that does not move."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still

from attnlab.core import softmax
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png


def softmax_png(words: list[str], scores, temperature: float, context: str, focus) -> bytes:
    """Bars of scores, of their exp and of the shares, beside the curve of exp, as PNG bytes.

    Args:
        words, scores, temperature: for each word its score, and what all are divided by.
        context: what stands before the word that is chosen.
        focus: the place of the word that is marked, or None.
    """
    scaled = np.array(scores) / temperature
    with np.errstate(over="ignore"):
        powers = np.exp(scaled)
    still = Still(figsize=(1.6 + 0.5 * len(words) + 3, 4), dpi=110, layout="constrained")
    axes = still.subplot_mosaic("ad;bd;cd", width_ratios=[1.6 + 0.5 * len(words), 3])
    rows = {
        "score": (axes["a"], np.array(scores), "bar", "{:.3g}"),
        "exp": (axes["b"], powers, "middle", "{:.3g}"),
        "share": (axes["c"], softmax(scaled), "much", "{:.2f}"),
    }
    for name, (place, values, colour, form) in rows.items():
        _bars(place, name, values, PALETTE[colour], form.format)
        if focus is not None:
            place.axvspan(focus - 0.48, focus + 0.48, fill=False, ec=PALETTE["ring"], lw=1.2)
    axes["a"].set_xticks(range(len(words)), words, fontsize=9, rotation=30, parse_math=False)
    axes["a"].tick_params(labeltop=True, labelbottom=False, length=0)
    axes["c"].set_ylim(0, 1.15)
    axes["a"].set_title(
        f"{context} …" if context else "", loc="left", fontsize=10, parse_math=False
    )
    _curve(axes["d"], words, scaled, powers, "score" if temperature == 1 else "score / temperature")
    return png(still)


def _bars(axes: Axes, name: str, values: np.ndarray, colour: str, write) -> None:
    finite = np.where(np.isfinite(values), values, 0.0)
    bars = axes.bar(range(len(values)), finite, 0.68, color=colour)
    axes.bar_label(bars, [write(value) for value in values], padding=2, fontsize=8)
    axes.axhline(0, color=PALETTE["quiet"], lw=0.8)
    axes.margins(y=0.3)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_ylabel(name, rotation=0, ha="right", va="center", color=PALETTE["quiet"])
    axes.spines[:].set_visible(False)


def _curve(axes: Axes, words: list[str], scaled: np.ndarray, powers: np.ndarray, across: str):
    shown = np.isfinite(powers)
    low, high = min(scaled[shown].min(initial=0), -1), max(scaled[shown].max(initial=0), 1)
    xs = np.linspace(low, high, 100)
    axes.plot(xs, np.exp(xs), color=PALETTE["quiet"], lw=1.5)
    axes.plot(scaled[shown], powers[shown], "o", color=PALETTE["middle"], ms=5)
    for place in np.flatnonzero(shown & (powers > 0.12 * powers[shown].max(initial=0))):
        spot = scaled[place], powers[place]
        move = {"xytext": (-6, 3), "textcoords": "offset points", "ha": "right"}
        axes.annotate(words[place], spot, fontsize=8, parse_math=False, **move)
    axes.set_xlabel(across, fontsize=9)
    axes.set_title("exp", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
