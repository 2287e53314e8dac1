"""The live view of heads: the same pair of words in several heads side by side, a budget each."""

from __future__ import annotations

import matplotlib.figure
import numpy as np
import traitlets as t

from attnlab.core import softmax
from attnlab.lab.stills import draw_grid, png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Positive, Whole
from attnlab.lab.widgets.declared import TEMPERATURE, Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import (
    mask_of,
    numbers,
    scored,
    scores_behind,
    sent,
    words_beside,
    words_of,
)

JOINED = "one head"


class AttentionHeads(Figure):
    """The weights of several heads side by side; one focus, and a bar for each head's budget of 1.

    Args:
        scores: real numbers, (head, query, key) or (layer, head, query, key).
        words: the words of the queries, and of the keys unless `key_words` says otherwise.
        weights: in place of scores, weights that a model was seen to use, from 0 to 1.
        query, key: in place of scores, vectors (head, query, d_k) and (head, key, d_k): the scores
            are then q · k / scale.
        scale: what q · k is divided by; sqrt(d_k) if not given.
        names: what each head is called; "head 0", "head 1" ... if not given.
        moments: what each layer is called in the sentence, such as "after 40 steps", where the
            axis is not layers but moments of a training; the slider is then called so, too.
        mask: boolean (query, key), True = may attend.
        joined: whether one more grid shows what a single head, as wide as all of them together,
            would make of the same queries and keys: softmax of the sum of the heads' scores over
            the root of their number.

    Traits: temperature (above 0), layer, joined, focus ([row, column] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """

    _esm = bundle("heads_view.js")

    scores = t.Any().tag(sync=True, to_json=sent)
    mask = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    names = t.List(t.Unicode()).tag(sync=True)
    moments = t.List(t.Unicode()).tag(sync=True)
    query_words = t.List(t.Unicode()).tag(sync=True)
    key_words = t.List(t.Unicode()).tag(sync=True)
    temperature = Positive(1.0)
    layer = Whole(0, lambda figure: len(figure.scores) - 1)
    joined = t.Bool(False).tag(sync=True)
    seen = t.Bool(False).tag(sync=True)  # weights were given, and have no scores to write out

    controls = (
        Number("layer", lambda figure: "moment" if figure.moments else "layer", asked=False),
        TEMPERATURE,
    )

    def __init__(
        self,
        scores=None,
        words=None,
        *,
        weights=None,
        query=None,
        key=None,
        scale=None,
        key_words=None,
        names=None,
        moments=None,
        mask=None,
        **traits,
    ):
        if weights is not None:
            if not (scores is query is key is None):
                raise TypeError("give scores, weights, or both query and key: one of these")
            scores = scores_behind(numbers("weights", weights))
        scores, _, _, _ = scored(scores, query, key, scale)
        heads, queries, keys = scores.shape[1:]
        query_words, key_words = words_beside(queries, keys, words, key_words)
        names = [f"head {head}" for head in range(heads)] if names is None else names
        super().__init__(
            scores=scores,
            mask=mask_of(mask, queries, keys),
            names=words_of("names", names, heads),
            moments=[] if moments is None else words_of("moments", moments, len(scores)),
            query_words=query_words,
            key_words=key_words,
            seen=weights is not None,
            **traits,
        )

    @property
    def allowed(self) -> np.ndarray:
        """Which key each query may attend to, boolean (query, key)."""
        return np.ones(self.cells, bool) if self.mask is None else self.mask[0, 0] == 1

    @property
    def weights(self) -> np.ndarray:
        """The weights of each head as the controls are set now, (head, query, key)."""
        return softmax(self.scores[self.layer], self.allowed, temperature=self.temperature)

    @property
    def joined_weights(self) -> np.ndarray:
        """The weights of a single head with the same queries and keys, (query, key)."""
        scores = self.scores[self.layer]
        together = scores.sum(axis=0) / np.sqrt(len(scores))
        return softmax(together, self.allowed, temperature=self.temperature)

    @property
    def result(self) -> np.ndarray:
        """What is on the screen: each head's weights, and those of the single head if shown."""
        last = [self.joined_weights] if self.joined else []
        return np.stack([*self.weights, *last])

    @property
    def cells(self) -> tuple[int, int]:
        return self.scores.shape[-2:]

    def __repr__(self) -> str:
        queries, keys = self.cells
        heads = self.scores.shape[1]
        one = ", and one head for all" if self.joined else ""
        return f"Live view of {heads} heads, {queries} queries by {keys} keys{one}"

    def png(self) -> bytes:
        (queries, keys), grids = self.cells, self.result
        across = min(len(grids), 4)
        down = -(-len(grids) // across)
        cell = max(0.05, min(0.42, 8 / (across * keys), 6 / queries))
        size = (across * (cell * keys + 1.3), down * (cell * queries + 1.5))
        figure = matplotlib.figure.Figure(figsize=size, dpi=110, layout="constrained")
        sides = ("query", self.query_words), ("key", self.key_words)
        for place, (name, weights) in enumerate(zip([*self.names, JOINED], grids, strict=False)):
            axes = figure.add_subplot(down, across, place + 1)
            draw_grid(axes, weights, *sides, cell, allowed=self.allowed)
            axes.set_title(name, fontsize=10, loc="left", parse_math=False)
        return png(figure)


def attention_heads(
    scores=None, words=None, *, controls=("temperature",), **arguments
) -> LiveFigure:
    """An `AttentionHeads` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        scores, words and further arguments: as `AttentionHeads`.
        controls: ["temperature"], or [] for none. A slider for the layer comes by itself where
            the scores have this axis.

    >>> attention_heads(np.zeros((2, 3, 3)), ["a", "b", "c"])
    Live view of 2 heads, 3 queries by 3 keys
    """
    return LiveFigure(AttentionHeads(scores, words, **arguments), controls)
