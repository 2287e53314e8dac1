"""A ring of processes as a picture that does not move."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Still
from matplotlib.patches import FancyBboxPatch, Rectangle

from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import WEIGHTS, draw_grid, ink_on, png


def ring_png(held: np.ndarray, counts: np.ndarray, step: int, sent: list[float]) -> bytes:
    """The processes in a circle, what each holds, and what the busiest one sends, as PNG bytes.

    Args:
        held, counts: (process, chunk): sums, and of how many gradients each is one.
        step: how many steps have been made.
        sent: in gradients, in the ring so far and in two other ways.
    """
    count = len(held)
    still = Still(figsize=(8.6, 4.9), dpi=110, layout="constrained")
    over, under = still.add_gridspec(2, 1, height_ratios=[3.4, 1])
    left, right = over.subgridspec(1, 2)
    _ring(still.add_subplot(left), held, counts, step)
    grid = still.add_subplot(right)
    names = [str(process) for process in range(count)]
    draw_grid(
        grid,
        counts.astype(float),
        ("process", names),
        ("chunk", list("abcdefgh"[:count])),
        high=float(count),
        write=lambda _: "",
    )
    for (process, chunk), value in np.ndenumerate(held):
        ink = ink_on(WEIGHTS(counts[process, chunk] / count))
        grid.text(chunk, process, f"{value:g}", ha="center", va="center", color=ink, fontsize=9)
    _bars(still.add_subplot(under), sent, 2 * (count - 1) / count)
    return png(still)


def _ring(axes: Axes, held: np.ndarray, counts: np.ndarray, step: int) -> None:
    """Each process as a box with a block for each chunk; on the arcs what has just been sent."""
    count = len(held)
    turn = np.linspace(0, 2 * np.pi, 200)
    axes.plot(np.cos(turn), np.sin(turn), color=PALETTE["faint"], lw=2, zorder=0)
    for process in range(count):
        _process(axes, process, counts[process] / count)
        if step:
            chunk = (process - step + 1) % count
            text = f"{'abcdefgh'[chunk]} {held[process, chunk]:g}"
            colour = WEIGHTS(counts[process, chunk] / count)
            _chip(axes, _place(process + 0.5, count), text, colour)
    said = f"step {step} of {2 * (count - 1)}"
    axes.text(0, 0, said, ha="center", va="center", fontsize=11)
    axes.set(xlim=(-1.3, 1.3), ylim=(-1.25, 1.25), aspect="equal")
    axes.set_axis_off()


def _process(axes: Axes, process: int, complete: np.ndarray) -> None:
    """A box with the number of a process, and the colour of each of its chunks."""
    (x, y), block = _place(process, len(complete)), 0.36 / len(complete)
    left, low = x - 0.18, y - 0.13
    look = {"boxstyle": "round,pad=0.03", "fc": PALETTE["little"], "ec": PALETTE["hatch"]}
    axes.add_patch(FancyBboxPatch((left, low), 0.36, 0.26, **look))
    axes.text(x, y + 0.06, str(process), ha="center", va="center", fontsize=10)
    for chunk, share in enumerate(complete):
        box = (left + chunk * block, low), block, 0.1
        axes.add_patch(Rectangle(*box, fc=WEIGHTS(share), ec=PALETTE["hatch"], lw=0.5, zorder=3))


def _chip(axes: Axes, place: tuple[float, float], text: str, colour: tuple) -> None:
    """A chunk on its way to the next process."""
    look = {"boxstyle": "round,pad=0.25", "fc": colour, "ec": PALETTE["ring"]}
    middle = {"ha": "center", "va": "center", "fontsize": 8}
    axes.text(*place, text, bbox=look, color=ink_on(colour), **middle)


def _place(process: float, count: int) -> tuple[float, float]:
    angle = np.pi / 2 - 2 * np.pi * process / count
    return float(np.cos(angle)), float(np.sin(angle))


def _bars(axes: Axes, sent: list[float], whole: float) -> None:
    ways = ["ring, so far", "everyone to everyone", "all to one, and back"]
    axes.barh(ways, sent, 0.6, color=[PALETTE["output"], PALETTE["bar"], PALETTE["bar"]])
    axes.barh(ways[:1], [whole], 0.6, fill=False, ec=PALETTE["output"])
    axes.set_xlabel("gradients that the busiest process sends", fontsize=9)
    axes.invert_yaxis()
    axes.tick_params(length=0, labelsize=9)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
