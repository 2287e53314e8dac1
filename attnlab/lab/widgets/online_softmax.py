"""Online softmax as a live figure: scores come block by block, and little is kept of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import traitlets as t

from attnlab.core import blockwise_steps, dot, softmax
from attnlab.lab.online_still import online_png
from attnlab.lab.uniforms import uniforms
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import Numbers, Whole
from attnlab.lab.widgets.declared import Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, one_for_each_word, words_of

_MOST_KEYS, _MOST_NUMBERS = 16, 4


class OnlineSoftmax(Figure):
    """The scores of one query, in blocks of keys: softmax that never holds more than one block.

    Of all blocks that have come three things are kept: the highest score m, the total ℓ of
    exp(score - m), and the output o so far. A block with a higher score makes m grow, and what was
    summed under the old m is brought to the new one by the factor exp(m old - m new). Behind the
    last block the output is that of softmax over all scores at once.

    Args:
        scores: a number for each key, at most 16; each is dragged up and down.
        values: (key, d_v), at most four numbers for each key; some of one digit if not given.
        words: a word for each key; its position if not given.

    Traits: scores, block (how many keys come together), step (how many blocks have come; more than
    there are are all of them), blocks (how many there are, which follows), focus ([0, key] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Milakov and Gimelshein 2018, "Online normalizer calculation for softmax", algorithm 3.
    """

    _esm = bundle("online_softmax.js")
    _css = Figure._css + style("online_softmax.css")

    words = t.List(t.Unicode()).tag(sync=True)
    scores = t.List(t.Float()).tag(sync=True)
    values = Numbers("key", "d_v")
    block = Whole(1, lambda figure: figure.cells[1], default=1)
    step = Whole(0, lambda figure: figure.cells[1])
    blocks = t.Int().tag(sync=True)

    controls = (Number("block", "block size"), Number("step", "blocks arrived", high="blocks"))

    def __init__(self, scores, values=None, words=None, *, block=2, step=0, **traits):
        scores = _row("scores", scores)
        values = _some(len(scores)) if values is None else numbers("values", values)[0, 0]
        _check_values(values, len(scores))
        words = words_of("words", words, len(scores))
        super().__init__(
            words=words, scores=scores, values=values, block=block, step=step, **traits
        )
        self._count()

    @t.observe("block", "step", "blocks")
    def _count(self, _=None) -> None:
        """Keep to the blocks that there are; the page does the same."""
        self.blocks = -(-len(self.words) // self.block)
        self.step = min(self.step, self.blocks)

    @property
    def steps(self) -> list[tuple[float, float, np.ndarray]]:
        """After each block the maximum, the total and the output; first what is there before."""
        query, key = np.ones((1, 1)), np.array(self.scores)[:, None]
        found = blockwise_steps(query, key, self.values, block=self.block, score=dot)
        start = (-np.inf, 0.0, np.zeros(self.values.shape[1]))
        return [start, *((float(m[0]), float(total[0]), o[0]) for m, total, o in found)]

    @property
    def arrived(self) -> int:
        """How many keys have come."""
        return min(self.step * self.block, len(self.scores))

    @property
    def output(self) -> np.ndarray:
        """Of the keys that have come, (d_v,)."""
        return self._now[2]

    @property
    def weights(self) -> np.ndarray:
        """The weights of softmax over all scores at once, (key,)."""
        return softmax(np.array(self.scores))

    @property
    def result(self) -> list:
        """[m, ℓ, factor], the output so far, and the weights of softmax over all scores; None for
        m and the factor before the first block."""
        maximum, total, output = self._now
        kept = [maximum, total, self.factor] if self.step else [None, total, None]
        return [kept, output.tolist(), self.weights.tolist()]

    @property
    def factor(self) -> float:
        """By which the last block has rescaled what was there; 1 if none has come."""
        factors = [float(np.exp(old[0] - new[0])) for old, new in pairwise(self.steps)]
        return factors[self.step - 1] if self.step else 1.0

    @property
    def _now(self) -> tuple[float, float, np.ndarray]:
        return self.steps[self.step]

    @property
    def cells(self) -> tuple[int, int]:
        return 1, len(self.words)

    @t.validate("scores")
    def _one_for_each_word(self, proposal):
        return one_for_each_word(_row("scores", proposal.value), self.words)

    def __repr__(self) -> str:
        count = len(self.words)
        return f"Live online softmax, {count} key{'s'[: count > 1]} in blocks of {self.block}"

    def png(self) -> bytes:
        scores, arrived = np.array(self.scores), self.arrived
        shares = np.zeros(len(scores))
        if arrived:
            shares[:arrived] = np.exp(scores[:arrived] - self._now[0]) / self._now[1]
        bars = (scores, shares, self.weights)
        outputs = (self.output, self.weights @ self.values)
        return online_png(self.words, bars, outputs, self.block, arrived, self._now[:2])


def online_softmax(scores, values=None, words=None, *, controls=None, **arguments) -> LiveFigure:
    """An `OnlineSoftmax` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        scores, values, words and further arguments: as `OnlineSoftmax`.
        controls: which of block and step to show, in this order; both if not given.

    >>> online_softmax([1.0, 2.0, 0.5], block=2)
    Live online softmax, 3 keys in blocks of 2
    """
    return LiveFigure(OnlineSoftmax(scores, values, words, **arguments), controls)


def _row(name: str, values) -> list[float]:
    """At least one finite number, and no more than there is room for."""
    if np.ndim(values) != 1:
        raise ValueError(f"{name} has shape {np.shape(values)}, and needs (key,): one for each")
    if len(values) > _MOST_KEYS:
        raise ValueError(
            f"{name} has {len(values)} numbers, and the figure room for {_MOST_KEYS}: "
            f"give {name}[:{_MOST_KEYS}]"
        )
    return numbers(name, [values])[0, 0, 0].tolist()


def _some(count: int) -> np.ndarray:
    """Three numbers of one digit for each key, the same each time."""
    return np.round(2 * np.array(uniforms(14, 3 * count)).reshape(count, 3) - 1, 1)


def _check_values(values: np.ndarray, count: int) -> None:
    if len(values) != count:
        raise ValueError(
            f"values has {len(values)} rows, and scores {count} numbers: give a value for each key"
        )
    if values.shape[1] > _MOST_NUMBERS:
        raise ValueError(
            f"values has {values.shape[1]} numbers for each key, and the figure room for "
            f"{_MOST_NUMBERS}: give values[:, :{_MOST_NUMBERS}]"
        )
