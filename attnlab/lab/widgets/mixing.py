"""Who mixes what: the influence of each position on each other one, part by part of a layer."""

from __future__ import annotations

import matplotlib.figure
import numpy as np
import torch
import traitlets as t

from attnlab.core import causal, window
from attnlab.lab.jacobians import influence, jacobian, parts_of
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.stills import SIGNED, draw_grid, png
from attnlab.lab.tables import isolated
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf
from attnlab.lab.widgets.declared import Menu
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent, words_of


class LayerMixing(Figure):
    """Two grids of slopes: output positions by input positions, and for the pair of positions in
    focus output features by input features. What is exactly 0 is hatched: nothing gets through.

    Args:
        slopes: for each part and each mask a Jacobian, (part, mask, output position, feature,
            input position, feature).
        parts, masks: a word for each.
        words: a word for each position.
        features: a word for each feature.

    Traits: part, mask (which of them is shown), focus ([output, input] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """

    _esm = bundle("mixing.js")

    slopes = t.Any().tag(sync=True, to_json=sent)
    parts = t.List(t.Unicode()).tag(sync=True)
    masks = t.List(t.Unicode()).tag(sync=True)
    words = t.List(t.Unicode()).tag(sync=True)
    features = t.List(t.Unicode()).tag(sync=True)
    part = OneOf("parts")
    mask = OneOf("masks")

    controls = (Menu("part"), Menu("mask"))

    def __init__(self, slopes, parts, masks, words=None, *, features=None, **traits):
        slopes = as_array("slopes", slopes)
        if slopes.ndim != 6 or slopes.shape[2:4] != slopes.shape[4:]:
            raise ValueError(
                f"slopes has shape {slopes.shape}, and needs (part, mask, position, feature, "
                "position, feature): outputs and inputs of the same size"
            )
        count, ways, positions, width = slopes.shape[:4]
        flat = slopes.reshape(count, ways, positions * width, positions * width)
        parts, masks = words_of("parts", parts, count), words_of("masks", masks, ways)
        super().__init__(
            slopes=numbers("slopes", flat),
            parts=parts,
            masks=masks,
            words=words_of("words", words, positions),
            features=words_of("features", features, width),
            **({"part": parts[0], "mask": masks[0]} | traits),
        )

    @property
    def shown(self) -> np.ndarray:
        """The Jacobian on the screen, (output position, feature, input position, feature)."""
        return self._of_part()[self.masks.index(self.mask)]

    @property
    def result(self) -> np.ndarray:
        """The influence of each input position (column) on each output position (row)."""
        return influence(self.shown)

    @property
    def cells(self) -> tuple[int, int]:
        return len(self.words), len(self.words)

    def __repr__(self) -> str:
        return (
            f"Live view of who mixes what, {len(self.words)} positions of {len(self.features)} "
            f"features: {', '.join(map(isolated, self.parts))}"
        )

    def png(self) -> bytes:
        figure = matplotlib.figure.Figure(figsize=(9, 4), dpi=110, layout="constrained")
        across, down = figure.subplots(1, 2)
        moved, everything = self.result, self._of_part()
        sides = ("output", self.words), ("input", self.words)
        draw_grid(across, moved, *sides, allowed=moved != 0, high=_highest(influence(everything)))
        row, column = self.focus or [0, 0]
        block, most = self.shown[row, :, column], _highest(everything)
        sides = ("output", self.features), ("input", self.features)
        ends = {"colours": SIGNED, "low": -most, "high": most, "write": "{:.2f}".format}
        draw_grid(down, block, *sides, allowed=block != 0, **ends)
        title = f"{self.words[column]} to {self.words[row]}"
        for axes, words in [(across, f"{self.part}, mask: {self.mask}"), (down, title)]:
            axes.set_title(words, fontsize=10, loc="left", parse_math=False)
        return png(figure)

    def _of_part(self) -> np.ndarray:
        """The Jacobians of the part that is shown, with every mask."""
        sizes = 2 * (len(self.words), len(self.features))
        return self.slopes[self.parts.index(self.part)].reshape(-1, *sizes)


def layer_mixing(layers, x, words=None, *, masks=None, **arguments) -> LiveFigure:
    """A `LayerMixing` of an encoder with its controls; the widget itself is `.figure`.

    Args:
        layers: EncoderLayers; shown are the parts of the first one, and stacks of the first few.
        x: the vectors that come in, (position, feature).
        words and further arguments: as `LayerMixing`.
        masks: by name boolean (position, position), True = may attend, or None; none, causal and
            a window that reaches to both neighbours if not given.

    Raises:
        TypeError, ValueError: as `LayerMixing`, and vectors that do not fit the layers.

    >>> from attnlab.nn import EncoderLayer
    >>> layer_mixing([EncoderLayer(4, 2, 8)], np.eye(3, 4))
    Live view of who mixes what, 3 positions of 4 features: residual, LayerNorm, feed-forward, \
attention, 1 layer
    """
    x = numbers("x", x)[0, 0]
    parts, places = parts_of(layers), torch.arange(len(x))
    if masks is None:
        near = window(places, places, 1)
        masks = {"none": None, "causal": causal(places, places), "neighbours": near}
    masks = {name: None if m is None else torch.as_tensor(m) for name, m in masks.items()}
    slopes = [
        [jacobian(lambda x, part=part, mask=mask: part(x, mask), x) for mask in masks.values()]
        for part in parts.values()
    ]
    return LiveFigure(LayerMixing(slopes, list(parts), list(masks), words, **arguments))


def _highest(array: np.ndarray) -> float:
    return float(np.abs(array).max()) or 1.0
