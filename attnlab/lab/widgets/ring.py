"""The live ring: processes add up their gradients, and each sends only to its neighbour."""

from __future__ import annotations

import numpy as np
import traitlets as t

from attnlab.core import ring_steps
from attnlab.core.scalars import at_least
from attnlab.lab.ring_still import ring_png
from attnlab.lab.uniforms import uniforms
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import Numbers, Whole
from attnlab.lab.widgets.declared import Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers

_MOST = 8
_BYTES = 4  # of a number in float32


class RingAllReduce(Figure):
    """Processes in a ring that hand on chunks of their gradients until all hold the sum of all.

    Each process has a gradient, cut into as many chunks as there are processes; a chunk is shown
    by one number. In the first half of the steps the neighbour adds what it gets to its own
    (reduce-scatter), in the second half it puts it in place of its own (all-gather). The matrix
    shows what each process holds, its colour of how many gradients that is the sum, and its dots
    of which. The bars show what the busiest process sends, in the ring and in two other ways.

    Args:
        gradients: numbers (process, chunk), square, for 2 to 8 processes: the first rows and
            columns are taken where fewer are shown; small whole numbers for 8 if not given.
        parameters: how many numbers a whole gradient really has, 4 bytes each.

    Traits: processes, step (from 0 to 2 (processes - 1); more are all of them), size (bytes of
    a gradient), focus ([process, chunk] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Patarasuk and Yuan 2009, "Bandwidth optimal all-reduce algorithms for clusters of
    workstations".
    """

    _esm = bundle("ring.js")
    _css = Figure._css + style("ring.css")

    gradients = Numbers("process", "chunk")
    size = t.Float().tag(sync=True)
    processes = Whole(2, lambda figure: len(figure.gradients), default=2)
    step = Whole(0, lambda figure: 2 * (len(figure.gradients) - 1))

    controls = (Number("processes"), Number("step"))

    def __init__(self, gradients=None, *, processes=None, step=0, parameters=124_000_000, **traits):
        gradients = _some() if gradients is None else _square(gradients)
        size = float(_BYTES * at_least("parameters", parameters, 1, "a gradient has numbers"))
        processes = min(4, len(gradients)) if processes is None else processes
        super().__init__(gradients=gradients, size=size, processes=processes, step=step, **traits)

    @t.observe("processes")
    def _leave_a_process_that_goes(self, change):
        if self.focus and max(self.focus) >= change.new:
            self.focus = []

    @property
    def last(self) -> int:
        """How many steps there are."""
        return 2 * (self.processes - 1)

    @property
    def at(self) -> int:
        """After which step the processes are shown."""
        return min(self.step, self.last)

    @property
    def held(self) -> np.ndarray:
        """What each process holds now, (process, chunk)."""
        return self._after(self.gradients)

    @property
    def counts(self) -> np.ndarray:
        """Of how many gradients that is the sum, (process, chunk)."""
        return self._after(np.ones_like(self.gradients)).astype(int)

    @property
    def sent(self) -> list[float]:
        """What the busiest process sends, in gradients: in the ring so far; in all, if everyone
        sends to everyone; in all, if one gathers them and sends the sums back."""
        others = float(self.processes - 1)
        return [self.at / self.processes, others, others]

    @property
    def result(self) -> list:
        """What is held, of how many gradients each is the sum, and what is sent."""
        return [self.held.tolist(), self.counts.tolist(), self.sent]

    def _after(self, gradients: np.ndarray) -> np.ndarray:
        shown = gradients[: self.processes, : self.processes]
        return ring_steps(shown)[self.at]

    @property
    def cells(self) -> tuple[int, int]:
        return self.processes, self.processes

    def __repr__(self) -> str:
        return f"Live ring of {self.processes} processes, step {self.at} of {self.last}"

    def png(self) -> bytes:
        return ring_png(self.held, self.counts, self.at, self.sent)


def ring_all_reduce(
    gradients=None, *, processes=None, controls=("processes", "step"), **arguments
) -> LiveFigure:
    """A `RingAllReduce` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        gradients, processes and further arguments: as `RingAllReduce`.
        controls: which of processes and step to show, in this order.

    >>> ring_all_reduce([[1, 2, 3], [4, 5, 6], [7, 8, 9]], step=1)
    Live ring of 3 processes, step 1 of 4
    """
    return LiveFigure(RingAllReduce(gradients, processes=processes, **arguments), controls)


def _some() -> np.ndarray:
    """A digit from 1 to 9 for each chunk of eight processes, the same each time."""
    drawn = np.array(uniforms(19, _MOST**2)).reshape(_MOST, _MOST)
    return np.floor(9 * drawn) + 1


def _square(gradients) -> np.ndarray:
    shape = np.shape(gradients)
    if len(shape) != 2:
        raise ValueError(f"gradients has shape {shape}, and needs (process, chunk): a row for each")
    if shape[0] != shape[1]:
        raise ValueError(
            f"gradients has {shape[0]} processes and {shape[1]} chunks: give each process "
            f"{shape[0]} numbers, one for each chunk"
        )
    if not 2 <= shape[0] <= _MOST:
        raise ValueError(
            f"gradients has {shape[0]} processes, and the figure shows 2 to {_MOST}: give so many "
            "rows and columns"
        )
    return numbers("gradients", gradients)[0, 0]
