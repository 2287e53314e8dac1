"""The window over speech as a picture that does not move."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import WEIGHTS, png

_DASHES = ("-", "--", ":", "-.")


def speech_png(
    spectrogram: np.ndarray,
    allowed: np.ndarray,
    window: tuple[int, int, int],
    *,
    seconds: float,
    reach: int,
    curves: list[tuple[str, list[int], list[float]]],
    task: str,
) -> bytes:
    """A spectrogram with a window on it, the plane of its scores, and curves of errors, as PNG.

    Args:
        spectrogram: loudness, (frame, band), low bands first.
        allowed: which scores are computed, boolean (query, key).
        window: the frame that asks, and the first and the last that it looks at.
        seconds: from one frame to the next.
        reach: of the window now.
        curves: name, reaches and errors of each.
        task: what the errors were measured on.
    """
    still = Still(figsize=(7.2, 4.6 if curves else 4.8), dpi=110, layout="constrained")
    above, below = still.add_gridspec(2, 1, height_ratios=[1, 2])
    _sound(still.add_subplot(above), spectrogram, window, seconds)
    left, right = below.subgridspec(1, 2) if curves else (below, None)
    _plane(still.add_subplot(left), allowed, window)
    if right is not None:
        _errors(still.add_subplot(right), curves, reach, task)
    return png(still)


def _sound(axes: Axes, spectrogram: np.ndarray, window, seconds: float) -> None:
    query, first, last = window
    frames, bands = spectrogram.shape
    ends = (0, frames * seconds, 0, bands)
    axes.imshow(spectrogram.T, cmap=WEIGHTS, origin="lower", aspect="auto", extent=ends)
    for start, end in ((0, first), (last + 1, frames)):
        axes.axvspan(start * seconds, end * seconds, color=PALETTE["little"], alpha=0.72, lw=0)
    corner, width = (first * seconds, 0), (last + 1 - first) * seconds
    axes.add_patch(Rectangle(corner, width, bands, fill=False, ec=PALETTE["key"], lw=1.6))
    axes.axvline((query + 0.5) * seconds, color=PALETTE["query"], lw=1.6)
    axes.set(yticks=[], xlabel="seconds", ylabel="low to high", xlim=ends[:2], ylim=ends[2:])
    axes.spines[:].set_visible(False)


def _plane(axes: Axes, allowed: np.ndarray, window) -> None:
    query, first, last = window
    frames, share = len(allowed), allowed.mean()
    axes.imshow(np.where(allowed, 0.85, np.nan), cmap=WEIGHTS, vmin=0, vmax=1)
    whole = {"fill": False, "lw": 0, "hatch": "////", "ec": PALETTE["hatch"], "zorder": 0}
    axes.add_patch(Rectangle((-0.5, -0.5), frames, frames, **whole))
    row = {"fill": False, "ec": PALETTE["ring"], "lw": 1.2}
    axes.add_patch(Rectangle((first - 0.5, query - 0.5), last + 1 - first, 1, **row))
    axes.set_xlabel("key", color=PALETTE["key"])
    axes.set_ylabel("query", color=PALETTE["query"])
    title = f"{allowed.sum():,} of {frames**2:,} scores, {share:.3g} of all"
    axes.set_title(title, fontsize=10, loc="left")
    axes.tick_params(labelsize=8)


def _errors(axes: Axes, curves, reach: int, task: str) -> None:
    for (name, reaches, errors), dash in zip(curves, _DASHES, strict=False):
        line = {"color": PALETTE["output"], "ls": dash, "marker": "o", "ms": 3}
        axes.plot(np.add(reaches, 1), errors, **line, label=name or None)
    axes.axvline(reach + 1, color=PALETTE["ring"], lw=1.2)
    axes.set_xscale("log", base=2)
    marks = [0, *(2**power for power in range(9))]
    marks = [mark for mark in marks if mark <= max(curves[0][1])]
    axes.set_xticks(np.add(marks, 1), [str(mark) for mark in marks], fontsize=8)
    axes.set_ylim(bottom=0)
    axes.set(xlabel="window reach")
    axes.minorticks_off()
    axes.set_title(f"error on {task}" if task else "error", fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    if any(name for name, _, _ in curves):
        axes.legend(frameon=False, fontsize=8)
