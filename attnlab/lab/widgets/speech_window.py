"""The live window over speech: which scores it leaves to compute, and what it misses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import traitlets as t

from attnlab.core import causal, window
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.speech_still import speech_png
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import OneOf, Positive, Whole
from attnlab.lab.widgets.declared import Menu, Number, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent

# As in speech_window.js: how many seconds each of them lasts.
LENGTHS = {"this sound": 0, "1 minute": 60, "1 hour": 3600, "1 day": 86400}
_MOST_FRAMES, _MOST_CURVES = 1000, 4


class SpeechWindow(Figure):
    """A window over the frames of a spectrogram: the scores that it leaves to compute.

    Each frame attends to those that are at most `reach` frames away. Under the spectrogram stands
    the plane of all scores, frames by frames, with the band that is computed; beside it how many
    scores that is, for this sound and for longer ones, and the error at each reach, if it is known.

    Args:
        spectrogram: loudness, (frame, band), low bands first. It is sent in 256 steps.
        reach: how far a frame looks to each side, 20 if not given.
        errors: {reach: error} of a task, as measured; or {name: {reach: error}}, at most four.
        task: what the errors were measured on, in a word or two.
        milliseconds: from one frame to the next.

    Traits: reach (0 to the last frame), causal, length (for which sound the scores are counted),
    query (the frame whose window is shown), focus ([0, query]).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Beltagy et al. 2020, "Longformer", section 3.1.
    """

    _esm = bundle("speech_window.js")
    _css = Figure._css + style("speech_window.css")

    spectrogram = t.Any().tag(sync=True, to_json=sent)
    names = t.List(t.Unicode()).tag(sync=True)
    reaches = t.List(t.List(t.Int())).tag(sync=True)
    errors = t.List(t.List(t.Float())).tag(sync=True)
    task = t.Unicode().tag(sync=True)
    milliseconds = Positive(10.0)
    reach = Whole(0, lambda figure: figure.cells[1] - 1)
    query = Whole(0, lambda figure: figure.cells[1] - 1)
    causal = t.Bool(False).tag(sync=True)
    length = OneOf(list(LENGTHS), "this sound")

    controls = (Number("reach", "window reach"), Switch("causal"), Menu("length", "scores for"))

    def __init__(self, spectrogram, reach=None, errors=None, *, query=None, **traits):
        spectrogram = _in_bytes(spectrogram)
        middle = len(spectrogram) // 2 if query is None else query
        names, reaches, measured = _curves(errors)
        widest = len(spectrogram) - 1
        super().__init__(
            spectrogram=spectrogram,
            names=names,
            reaches=reaches,
            errors=measured,
            reach=min(20, widest) if reach is None else reach,
            query=middle,
            **traits,
        )
        if "focus" not in traits:
            self.focus = [0, self.query]

    @property
    def allowed(self) -> np.ndarray:
        """Which scores are computed, boolean (query, key): the mask of the window."""
        frames = np.arange(self.cells[1])
        allowed = window(frames, frames, self.reach)
        return allowed & causal(frames, frames) if self.causal else allowed

    @property
    def frames(self) -> int:
        """How many frames the sound has for which the scores are counted."""
        seconds = LENGTHS[self.length]
        return round(seconds * 1000 / self.milliseconds) if seconds else self.cells[1]

    @property
    def computed(self) -> int:
        """How many scores the window leaves to compute."""
        if self.length == "this sound":
            return int(self.allowed.sum())
        reach = min(self.reach, self.frames - 1)
        one_side = self.frames * reach - reach * (reach + 1) // 2
        return self.frames + (1 if self.causal else 2) * one_side

    @property
    def result(self) -> list:
        """[scores computed, scores of full attention, share], [first frame, last frame] of the
        window in focus, and for each curve its error at this reach, None where not measured."""
        full = self.frames**2
        seen = np.flatnonzero(self.allowed[self.query])
        found = [
            dict(zip(reaches, errors, strict=True)).get(self.reach)
            for reaches, errors in zip(self.reaches, self.errors, strict=True)
        ]
        return [
            [self.computed, full, self.computed / full],
            [int(seen[0]), int(seen[-1])],
            found,
        ]

    @property
    def cells(self) -> tuple[int, int]:
        return 1, self.spectrogram.shape[0]

    def __repr__(self) -> str:
        frames, bands = self.spectrogram.shape
        return f"Live window over a spectrogram, {frames} frames of {bands} bands"

    def png(self) -> bytes:
        first, last = self.result[1]
        curves = zip(self.names, self.reaches, self.errors, strict=True)
        return speech_png(
            self.spectrogram,
            self.allowed,
            (self.query, first, last),
            seconds=self.milliseconds / 1000,
            reach=self.reach,
            curves=list(curves),
            task=self.task,
        )


def speech_window(
    spectrogram, reach: int | None = None, errors=None, *, controls=None, **arguments
) -> LiveFigure:
    """A `SpeechWindow` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        spectrogram, reach, errors and further arguments: as `SpeechWindow`.
        controls: which of reach, causal and length to show, in this order; all if not given.

    >>> speech_window(np.eye(5), reach=1)
    Live window over a spectrogram, 5 frames of 5 bands
    """
    return LiveFigure(SpeechWindow(spectrogram, reach, errors, **arguments), controls)


def _in_bytes(spectrogram) -> np.ndarray:
    """Loudness in 256 steps, from the least to the most; bytes stay what they are."""
    array = as_array("spectrogram", spectrogram)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"spectrogram has shape {array.shape}, and needs (frame, band)")
    if len(array) > _MOST_FRAMES:
        raise ValueError(
            f"spectrogram has {len(array)} frames, and the figure shows at most {_MOST_FRAMES}: "
            f"give a part, spectrogram[:{_MOST_FRAMES}]"
        )
    if array.dtype == np.uint8:
        return array
    loudness = numbers("spectrogram", array)[0, 0]
    least, most = loudness.min(), loudness.max()
    return np.round(255 * (loudness - least) / ((most - least) or 1.0)).astype(np.uint8)


def _curves(errors) -> tuple[list, list, list]:
    """Names, reaches and errors of each curve, by reach."""
    if errors is None:
        return [], [], []
    if not isinstance(errors, Mapping) or not errors:
        raise TypeError(f"errors is {errors!r}, and must be {{reach: error}} or {{name: those}}")
    named = errors if isinstance(next(iter(errors.values())), Mapping) else {"": errors}
    if len(named) > _MOST_CURVES:
        raise ValueError(f"errors has {len(named)} curves, and the figure shows {_MOST_CURVES}")
    for name, curve in named.items():
        if not curve:
            raise ValueError(f"errors has no number for {name!r}: give {{reach: error}}")
    curves = [sorted(map(_measured, curve.items())) for curve in named.values()]
    reaches, measured = ([[pair[i] for pair in curve] for curve in curves] for i in (0, 1))
    return [str(name) for name in named], reaches, measured


def _measured(pair: tuple) -> tuple[int, float]:
    reach, error = int(pair[0]), float(pair[1])
    if reach != float(pair[0]) or reach < 0:
        raise ValueError(f"errors has the reach {pair[0]}, and a reach is whole and at least 0")
    if not 0 <= error < np.inf:
        raise ValueError(f"errors has {error} at reach {reach}, and an error is finite, at least 0")
    return reach, error
