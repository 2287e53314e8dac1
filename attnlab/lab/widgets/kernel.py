"""Kernel regression as a live figure: a curve through points, by attention to what is near."""

from __future__ import annotations

from functools import partial

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.core import attention, gaussian
from attnlab.lab.palette import PALETTE
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Positive
from attnlab.lab.widgets.declared import Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent


class KernelRegression(Figure):
    """A curve through points: at each place the values of the keys, weighted by nearness.

    The browser computes what `attention` with the score `gaussian` computes, keys and queries
    being places on a line. The place in focus shows its weights as bars.

    Args:
        x: the keys, (key,), at least two different places.
        y: their values, (key,).
        at: the queries, (query,): where the curve is worked out. 97 places from the first key to
            the last if not given.
        truth: what the curve should be there, (query,), if known.
        across, up: what the two axes mean.

    Traits: bandwidth (the width of the Gaussian, above 0, in the units of x), focus ([0, query]
    or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """

    _esm = bundle("kernel.js")

    x = t.Any().tag(sync=True, to_json=sent)
    y = t.Any().tag(sync=True, to_json=sent)
    at = t.Any().tag(sync=True, to_json=sent)
    truth = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    across = t.Unicode("x").tag(sync=True)
    up = t.Unicode("y").tag(sync=True)
    bandwidth = Positive(least=1e-9, cure=": a small one follows the nearest key")

    controls = (
        Number("bandwidth", low="pitch", high=lambda figure: 33 * figure.pitch, step="pitch"),
    )

    def __init__(self, x, y, *, at=None, truth=None, **traits):
        x, y = _line("x", x), _line("y", y)
        if x.size != y.size:
            raise ValueError(f"x has {x.size} keys and y {y.size} values: give one for each")
        if np.ptp(x) == 0:
            raise ValueError(f"x has only the place {x.flat[0]}: give at least two different ones")
        at = np.linspace(x.min(), x.max(), 97) if at is None else at
        at = _line("at", at)
        truth = None if truth is None else _line("truth", truth)
        if truth is not None and truth.size != at.size:
            raise ValueError(
                f"truth has {truth.size} numbers and at {at.size} places: "
                "give the true value for each place"
            )
        super().__init__(x=x, y=y, at=at, truth=truth, **traits)

    @property
    def pitch(self) -> float:
        """The step of the slider: a power of 2, which has no rounding error."""
        return float(2.0 ** np.floor(np.log2(np.ptp(self.x) / 64)))

    @property
    def result(self) -> np.ndarray:
        """The curve, one output for each place of `at`, (query,), for the bandwidth now."""
        at, x, y = (array.reshape(-1, 1) for array in (self.at, self.x, self.y))
        return attention(at, x, y, score=partial(gaussian, width=self.bandwidth))[:, 0]

    @property
    def cells(self) -> tuple[int, int]:
        return 1, self.at.size

    def __repr__(self) -> str:
        return f"Live kernel regression, {self.x.size} points, {self.at.size} places"

    def png(self) -> bytes:
        still = Still(figsize=(5.6, 2.8), dpi=110)
        axes = still.add_subplot()
        axes.plot(self.x.flat, self.y.flat, "o", ms=4, color=PALETTE["value"], label="value")
        axes.plot(self.at.flat, self.result, color=PALETTE["output"], label="output")
        if self.truth is not None:
            axes.plot(self.at.flat, self.truth.flat, ":", color=PALETTE["quiet"], label="truth")
        axes.set_xlabel(self.across, parse_math=False)
        axes.set_ylabel(self.up, parse_math=False)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
        return png(still)


def kernel_regression(x, y, **arguments) -> LiveFigure:
    """A `KernelRegression` with a slider for its bandwidth; the widget itself is `.figure`.

    Args:
        x, y and further arguments: as `KernelRegression`. A bandwidth that is not given is a
            twenty-fourth of the span of x, rounded to a step of the slider.

    >>> kernel_regression([0, 1, 2], [5.0, 3.0, 4.0])
    Live kernel regression, 3 points, 97 places
    """
    figure = KernelRegression(x, y, **arguments)
    if "bandwidth" not in arguments:
        steps = round(float(np.ptp(figure.x)) / 24 / figure.pitch)
        figure.bandwidth = max(1, steps) * figure.pitch
    return LiveFigure(figure)


def _line(name: str, array) -> np.ndarray:
    """Numbers on one axis, as they are sent, or an error in the words of the figure."""
    shape = np.shape(array)
    if len(shape) != 1:
        raise ValueError(f"{name} has shape {shape}, and needs one axis: a list of numbers")
    array = as_array(name, array)
    return numbers(name, array[None])
