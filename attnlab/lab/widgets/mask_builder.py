"""The live mask builder: which looks are forbidden, and what that does to the weights."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_

import numpy as np
import traitlets as t

from attnlab.core import causal, edges, padding, softmax, window
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.stills import masks_png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf, Whole
from attnlab.lab.widgets.declared import Menu, Number, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import scored, sent, words_beside


class MaskBuilder(Figure):
    """A mask, the scores that it is laid over, and the weights that are left, side by side.

    The masks that are switched on are combined: with "and" a pair needs the yes of all of them,
    with "or" one yes is enough. With none switched on, everything is allowed. The browser asks
    the same questions about positions as `attnlab.causal`, `window`, `padding` and `edges`.

    Args:
        scores: real numbers, (query, key).
        words: the words of the queries, and of the keys unless `key_words` says otherwise.
        query, key: in place of scores, vectors (query, d_k) and (key, d_k): the scores are then
            q · k / scale, and the figure writes each product out.
        scale: what q · k is divided by; sqrt(d_k) if not given.
        adjacency: which nodes of a graph are joined, (query, key), not 0 = joined; square.

    Traits: causal, window with reach, padding with length (how many keys are real), graph,
    combine ("and" or "or"), focus ([row, column] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """

    _esm = bundle("mask_builder.js")

    scores = t.Any().tag(sync=True, to_json=sent)
    query = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    key = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    scale = t.Float(1.0).tag(sync=True)
    adjacency = t.Any(None, allow_none=True).tag(sync=True, to_json=sent)
    query_words = t.List(t.Unicode()).tag(sync=True)
    key_words = t.List(t.Unicode()).tag(sync=True)
    causal = t.Bool(False).tag(sync=True)
    window = t.Bool(False).tag(sync=True)
    reach = Whole(0, lambda figure: max(figure.cells) - 1)
    padding = t.Bool(False).tag(sync=True)
    length = Whole(0, lambda figure: figure.cells[1])
    graph = t.Bool(False).tag(sync=True)
    combine = OneOf(["and", "or"], "and")

    controls = (
        Switch("causal"),
        Switch("window", beside=Number("reach", "window reach")),
        Switch("padding", beside=Number("length", "valid length")),
        Switch("graph", needs="adjacency"),
        Menu("combine", "combine with"),
    )

    def __init__(
        self,
        scores=None,
        words=None,
        *,
        query=None,
        key=None,
        key_words=None,
        scale=None,
        adjacency=None,
        reach=None,
        length=None,
        **traits,
    ):
        scores, query, key, scale = scored(scores, query, key, scale)
        layers, heads, queries, keys = scores.shape
        if layers * heads > 1:
            raise ValueError(
                f"scores has {layers} layers and {heads} heads: a mask is shown over one of them, "
                "so give scores[layer, head]"
            )
        query_words, key_words = words_beside(queries, keys, words, key_words)
        super().__init__(
            scores=scores,
            query=query,
            key=key,
            scale=scale,
            adjacency=_adjacency(adjacency, queries, keys),
            query_words=query_words,
            key_words=key_words,
            reach=max(queries, keys) - 1 if reach is None else reach,
            length=keys if length is None else length,
            **traits,
        )

    @property
    def allowed(self) -> np.ndarray:
        """Which key each query may attend to now, boolean (query, key)."""
        queries, keys = (np.arange(n) for n in self.cells)
        masks = {
            "causal": lambda: causal(queries, keys),
            "window": lambda: window(queries, keys, self.reach),
            "padding": lambda: padding(np.array(self.length), keys),
            "graph": lambda: edges(self.adjacency),
        }
        chosen = [mask() for name, mask in masks.items() if getattr(self, name)]
        allowed = reduce(and_ if self.combine == "and" else or_, chosen) if chosen else True
        return np.broadcast_to(allowed, self.cells)

    @property
    def weights(self) -> np.ndarray:
        """The weights (query, key), as the controls are set now."""
        return softmax(self.scores[0, 0], self.allowed)

    @property
    def result(self) -> np.ndarray:
        """The weights, as every figure is asked for them."""
        return self.weights

    @t.validate("graph")
    def _has_edges(self, proposal):
        if proposal.value and self.adjacency is None:
            raise ValueError("graph is True, and no edges are known: give adjacency, too")
        return proposal.value

    @property
    def cells(self) -> tuple[int, int]:
        return self.scores.shape[-2:]

    def __repr__(self) -> str:
        queries, keys = self.cells
        return f"Live mask builder, {queries} queries by {keys} keys"

    def png(self) -> bytes:
        grids = (self.allowed, self.scores[0, 0], self.weights)
        return masks_png(*grids, self.query_words, self.key_words)


def mask_builder(scores=None, words=None, *, controls=None, **arguments) -> LiveFigure:
    """A `MaskBuilder` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        scores, words and further arguments: as `MaskBuilder`.
        controls: which of causal, window, padding, graph and combine to show, in this order;
            all of them if not given, but graph only where there is an adjacency.

    >>> mask_builder(np.eye(3), ["a", "b", "c"])
    Live mask builder, 3 queries by 3 keys
    """
    return LiveFigure(MaskBuilder(scores, words, **arguments), controls)


def _adjacency(adjacency, queries: int, keys: int):
    if adjacency is None:
        return None
    joined = edges(as_array("adjacency", adjacency))
    if joined.shape != (queries, keys):
        raise ValueError(
            f"adjacency has shape {joined.shape}, and the figure {queries} queries by {keys} keys: "
            "give a row for each query and a column for each key"
        )
    return joined.astype(np.uint8)
