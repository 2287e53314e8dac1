"""The live attention heatmap: weights that a browser computes again whenever a slider moves."""

from __future__ import annotations

import numpy as np
import traitlets as t

from attnlab.core import causal, softmax, window
from attnlab.lab.stills import heatmap_png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Positive, Whole
from attnlab.lab.widgets.declared import TEMPERATURE, Number, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import mask_of, numbers, scored, scores_behind, sent, words_beside


class AttentionHeatmap(Figure):
    """Attention weights as a heatmap: queries are rows, keys are columns.

    The browser computes mask and softmax from the scores with the same mathematics as
    `attnlab.softmax`, so the figure moves without a kernel; where there is one, the traits
    below follow the controls, and `weights` is what is on the screen.

    Args:
        scores: real numbers, (query, key), (head, query, key) or (layer, head, query, key).
        words: the words of the queries, and of the keys unless `key_words` says otherwise.
        weights: in place of scores, weights from 0 to 1, as a model was seen to use them; their
            logarithms stand for the scores, so that the controls still sharpen and forbid.
        query, key: in place of scores, vectors (..., query, d_k) and (..., key, d_k): the scores
            are then q · k / scale, and the figure writes each product out.
        scale: what q · k is divided by; sqrt(d_k) if not given.
        mask: boolean (query, key), True = may attend; the controls can only forbid more.
        row_name, column_name: what a row and a column are called, where they are no query and
            key: "picture" and "digit", say.

    Traits: temperature (above 0), causal, reach (how far a query may look, in positions), layer,
    head, focus ([row, column] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure; for scores that are
        not finite with the place where they stand.
    """

    _esm = bundle("heatmap.js")

    scores = t.Any().tag(sync=True, to_json=sent)
    query = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    key = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    mask = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    scale = t.Float(1.0).tag(sync=True)
    query_words = t.List(t.Unicode()).tag(sync=True)
    key_words = t.List(t.Unicode()).tag(sync=True)
    row_name = t.Unicode("query").tag(sync=True)
    column_name = t.Unicode("key").tag(sync=True)
    temperature = Positive(1.0)
    causal = t.Bool(False).tag(sync=True)
    reach = Whole(0, lambda figure: max(figure.cells) - 1)
    layer = Whole(0, lambda figure: figure.scores.shape[0] - 1)
    head = Whole(0, lambda figure: figure.scores.shape[1] - 1)

    controls = (
        Number("layer", asked=False),
        Number("head", asked=False),
        TEMPERATURE,
        Switch("causal"),
        Number("reach", "window reach"),
    )

    def __init__(
        self,
        scores=None,
        words=None,
        *,
        weights=None,
        query=None,
        key=None,
        key_words=None,
        scale=None,
        mask=None,
        reach=None,
        **traits,
    ):
        if weights is not None:
            if not (scores is query is key is None):
                raise TypeError("give scores, weights, or both query and key: one of these")
            scores = scores_behind(numbers("weights", weights))
        scores, query, key, scale = scored(scores, query, key, scale)
        queries, keys = scores.shape[-2:]
        query_words, key_words = words_beside(queries, keys, words, key_words)
        super().__init__(
            scores=scores,
            query=query,
            key=key,
            scale=scale,
            mask=mask_of(mask, queries, keys),
            query_words=query_words,
            key_words=key_words,
            reach=max(queries, keys) - 1 if reach is None else reach,
            **traits,
        )

    @property
    def allowed(self) -> np.ndarray:
        """Which key each query may attend to now, boolean (query, key)."""
        queries, keys = (np.arange(n) for n in self.scores.shape[-2:])
        allowed = window(queries, keys, self.reach)
        if self.causal:
            allowed = allowed & causal(queries, keys)
        return allowed if self.mask is None else allowed & (self.mask[0, 0] == 1)

    @property
    def weights(self) -> np.ndarray:
        """The weights of the visible head, (query, key), as the controls are set now."""
        scores = self.scores[self.layer, self.head]
        return softmax(scores, self.allowed, temperature=self.temperature)

    @property
    def result(self) -> np.ndarray:
        return self.weights

    @property
    def cells(self) -> tuple[int, int]:
        return self.scores.shape[-2:]

    def __repr__(self) -> str:
        queries, keys = self.scores.shape[-2:]
        return f"Live attention heatmap, {queries} queries by {keys} keys"

    def png(self) -> bytes:
        rows, columns = (self.row_name, self.query_words), (self.column_name, self.key_words)
        return heatmap_png(self.weights, self.allowed, rows, columns)


def attention_heatmap(
    scores=None, words=None, *, controls=("temperature", "causal", "reach"), **arguments
) -> LiveFigure:
    """An `AttentionHeatmap` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        scores, words and further arguments: as `AttentionHeatmap`.
        controls: which of temperature, causal and reach to show, in this order. Sliders for
            layer and head come by themselves where the scores have these axes; one for reach
            stays away where there is only one word.

    >>> attention_heatmap(np.eye(3), ["a", "b", "c"])
    Live attention heatmap, 3 queries by 3 keys
    """
    return LiveFigure(AttentionHeatmap(scores, words, **arguments), controls)
