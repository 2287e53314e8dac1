"""The spread of scores as a live figure: how dot products grow with the length of the vectors."""

from __future__ import annotations

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.core import dot, softmax
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Whole
from attnlab.lab.widgets.declared import Number, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent

_REACH, _BINS = 4, 24  # as in spread.js


class ScoreSpread(Figure):
    """A histogram of the dot products of many pairs, and the weights that they lead to.

    Only the first d numbers of each vector are used, and a slider sets d to a power of two. For
    entries that are independent, of mean 0 and variance 1, theory says: mean 0, variance d.

    Args:
        query: (query, d_k), real numbers.
        key: (query, key, d_k): each query has keys of its own.

    Traits: power (d is 2 to this power, from 1), divide (whether scores are divided by the root
    of d), focus ([query, key] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """

    _esm = bundle("spread.js")

    products = t.Any().tag(sync=True, to_json=sent)
    powers = t.Int(1).tag(sync=True)
    power = Whole(1, "powers", default=1)
    divide = t.Bool(False).tag(sync=True)

    controls = (Number("power", "d is 2 to the power"), Switch("divide", "divide by √d"))

    def __init__(self, query, key, **traits):
        query, key = numbers("query", query), numbers("key", key)
        if query.shape[:2] != (1, 1) or key.shape[0] != 1:
            raise ValueError(
                f"query has shape {query.shape} and key {key.shape}: give (query, d_k) and "
                "(query, key, d_k), keys for each query"
            )
        query, key = query[0, 0], key[0]
        if len(query) != len(key) or query.shape[-1] != key.shape[-1]:
            raise ValueError(
                f"query has {query.shape[0]} vectors of length {query.shape[1]}, and key "
                f"{key.shape[0]} rows of vectors of length {key.shape[2]}: give each query keys "
                "of its own, as long as itself"
            )
        if query.shape[-1] < 2:
            raise ValueError("query has vectors of length 1: give at least 2 numbers each")
        powers = int(np.log2(query.shape[-1]))
        lengths = [2**power for power in range(1, powers + 1)]
        products = [dot(query[:, None, :n], key[..., :n])[:, 0] for n in lengths]
        brief = np.array(products, np.float32)[None].astype(float)  # zeros at the end pack well
        super().__init__(products=brief, powers=powers, **traits)

    @property
    def scores(self) -> np.ndarray:
        """The scores, (query, key), as the controls are set now."""
        products = self.products[0, self.power - 1]
        return products / np.sqrt(2.0**self.power) if self.divide else products

    @property
    def result(self) -> list:
        """[mean, variance, variance in theory, mean of the largest weights], then the pairs in
        each bin, then the largest weight of each query."""
        scores, theory = self.scores, 1.0 if self.divide else 2.0**self.power
        bins = np.floor((scores / np.sqrt(theory) + _REACH) * (_BINS / (2 * _REACH)))
        counts = [int((bins == place).sum()) for place in range(_BINS)]
        largest = softmax(scores).max(axis=1)
        summary = [scores.mean(), scores.var(), theory, largest.mean()]
        return [[float(value) for value in summary], counts, largest.tolist()]

    @property
    def cells(self) -> tuple[int, int]:
        return self.products.shape[2:]

    def __repr__(self) -> str:
        queries, keys = self.cells
        return f"Live spread of scores, {queries} queries by {keys} keys, d up to {2**self.powers}"

    def png(self) -> bytes:
        (_, _, theory, _), counts, _ = self.result
        middles = (np.arange(_BINS) + 0.5) * 2 * _REACH / _BINS - _REACH
        still = Still(figsize=(6.4, 2.4), dpi=110)
        left, right = still.subplots(1, 2, width_ratios=[3, 2])
        wide = 2 * _REACH / _BINS * np.sqrt(theory)
        left.bar(middles * np.sqrt(theory), counts, wide, color=PALETTE["bar"])
        curve = np.exp(-(middles**2) / 2) / np.sqrt(2 * np.pi) * 2 * _REACH / _BINS
        left.plot(middles * np.sqrt(theory), curve * self.scores.size, color=PALETTE["ring"])
        reach = _REACH * (1 if self.divide else 2 ** (self.powers / 2))
        left.set(xlim=(-reach, reach), xlabel="score", ylabel="pairs", title=f"d = {2**self.power}")
        shown = self.focus[0] if self.focus else 0
        right.bar(range(self.cells[1]), softmax(self.scores)[shown], color=PALETTE["much"])
        right.set(ylim=(0, 1), xlabel="key", title=f"weights of query {shown}")
        return png(still)


def score_spread(query, key, **arguments) -> LiveFigure:
    """A `ScoreSpread` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        query, key and further arguments: as `ScoreSpread`.

    >>> score_spread(np.ones((3, 16)), np.ones((3, 5, 16)))
    Live spread of scores, 3 queries by 5 keys, d up to 16
    """
    return LiveFigure(ScoreSpread(query, key, **arguments))
