"""The live position clocks: a sinusoid as hands that turn, and the one turn that an offset is."""

from __future__ import annotations

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.core import sinusoids
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import SIGNED, draw_grid, png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Whole
from attnlab.lab.widgets.declared import Number
from attnlab.lab.widgets.figure import Figure, LiveFigure

_MOST = 16


class PositionClocks(Figure):
    """The sinusoids of two positions as clocks: one for each pair of features, fast to slow.

    A hand points at (sine, cosine), so position 0 stands at twelve o'clock. One hand belongs to
    `position`, the other to `position + offset`; the angle between them depends on the offset
    only. Below, the same numbers as the two vectors that `attnlab.sinusoids` gives.

    Args:
        d_model: how many features, an even number from 2 to 16: two make a clock.
        position, offset: whole numbers from 0 to `last`.
        last: where the sliders end.

    Traits: d_model, position, offset, last, focus ([0, clock] or []).

    Raises:
        ValueError: naming the argument, its value and what it may be.
    """

    _esm = bundle("clocks.js")

    d_model = t.Int(8).tag(sync=True)
    last = t.Int(63).tag(sync=True)
    position = Whole(0, "last")
    offset = Whole(0, "last")

    controls = (Number("position"), Number("offset"))

    def __init__(self, d_model=8, *, position=3, offset=5, last=63, **traits):
        if last < 1:  # before the traits are set, whose bounds it is
            raise ValueError(f"last is {last}, and must be at least 1: the sliders end there")
        super().__init__(d_model=d_model, position=position, offset=offset, last=last, **traits)

    @property
    def result(self) -> np.ndarray:
        """The vectors of the two positions, (2, d_model), as the controls are set now."""
        return sinusoids(np.array([self.position, self.position + self.offset]), self.d_model)

    @t.validate("d_model")
    def _in_pairs(self, proposal):
        size = proposal.value
        if size % 2 or not 2 <= size <= _MOST:
            even = min(max(size + size % 2, 2), _MOST)
            raise ValueError(
                f"d_model is {size}, and must be even, from 2 to {_MOST}, since a clock has two "
                f"features, a sine and a cosine: take {even}"
            )
        return size

    @t.observe("d_model")
    def _leave_a_clock_that_goes(self, change):
        if self.focus and self.focus[1] >= change.new // 2:
            self.focus = []

    @property
    def cells(self) -> tuple[int, int]:
        return 1, self.d_model // 2

    def __repr__(self) -> str:
        return (
            f"Live position clocks, {self.cells[1]} clocks, "
            f"positions {self.position} and {self.position + self.offset}"
        )

    def png(self) -> bytes:
        picture = Still(figsize=(0.45 * self.d_model + 1.2, 3), dpi=110, layout="constrained")
        faces, cells = picture.subplots(2, 1)
        words = [str(self.position), str(self.position + self.offset)]
        features = [str(feature) for feature in range(self.d_model)]
        draw_grid(
            cells,
            self.result,
            ("position", words),
            ("feature", features),
            colours=SIGNED,
            low=-1.0,
            write=lambda value: f"{value:.2f}",
        )
        turn, hands = np.linspace(0, 2 * np.pi), [PALETTE["query"], PALETTE["key"]]
        for clock in range(self.cells[1]):
            middle = 2 * clock + 0.5  # right over its two features
            faces.plot(middle + np.sin(turn), np.cos(turn), color=PALETTE["hatch"], lw=0.8)
            for row, colour in zip(self.result, hands, strict=True):
                sine, cosine = row[2 * clock : 2 * clock + 2]
                faces.plot([middle, middle + sine], [0, cosine], color=colour, marker=".")
        faces.set_xlim(cells.get_xlim())
        faces.set_aspect("equal")
        faces.set_axis_off()
        return png(picture)


def position_clocks(d_model=8, *, controls=("position", "offset"), **arguments) -> LiveFigure:
    """A `PositionClocks` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        d_model and further arguments: as `PositionClocks`.
        controls: which of position and offset to show, in this order.

    >>> position_clocks(4, position=1, offset=2)
    Live position clocks, 2 clocks, positions 1 and 3
    """
    return LiveFigure(PositionClocks(d_model, **arguments), controls)
