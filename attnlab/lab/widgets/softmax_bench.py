"""The bench of softmax: scores that are dragged, their exp, and the shares that come of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t

from attnlab.core import softmax
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.softmax_still import Band, softmax_png
from attnlab.lab.uniforms import uniforms
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Positive, Real, Whole
from attnlab.lab.widgets.declared import TEMPERATURE, Press, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import one_for_each_word, words_of

DRAWS = 20  # as in softmax_bench.js
PARTS = ("strip", "curve", "temperature", "shift", "draw", "formula")
_CONTROLS = {"temperature": ["temperature"], "shift": ["shift", "single"], "draw": ["seed"]}


class SoftmaxBench(Figure):
    """Scores of the words that may come next, which softmax turns into shares.

    Each score is a bar that is dragged up and down; exp and share follow, once with the maximum
    taken off first, and once as the formula is written, exp / sum, which overflows.

    Args:
        words: what there is to choose among.
        scores: a number (logit) for each word.
        context: what stands before the word that is chosen.
        parts: which parts are shown: "strip", and of "curve", "temperature", "shift", "draw" and
            "formula" those that are wanted.

    Traits: scores, temperature (above 0), shift (a number added to all scores), single (float32 in
    place of float64), seed (0 while no words are drawn, then the seed of those that are), focus
    ([0, place of the word] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.
    """

    _esm = bundle("softmax_bench.js")

    words = t.List(t.Unicode()).tag(sync=True)
    context = t.Unicode().tag(sync=True)
    parts = t.List(t.Unicode()).tag(sync=True)
    scores = t.List(t.Float()).tag(sync=True)
    temperature = Positive(1.0)
    shift = Real(-1e6, 1e6, default=0.0)
    single = t.Bool(False).tag(sync=True)
    seed = Whole(0, 2**31 - 1)

    controls = (
        TEMPERATURE,
        Press("shift", "added to all scores", says="+ 1000", add=1000.0),
        Switch("single", "float32"),
        Press("seed", "seed of the draw", says=f"draw {DRAWS} words", add=1, back="clear"),
    )

    def __init__(self, words, scores, context="The cat sat on the", parts=PARTS, **traits):
        words = words_of("words", words, _length(scores))
        highest = int(np.argmax(scores))
        super().__init__(
            words=words,
            scores=_real("scores", scores),
            context=context,
            parts=_known(parts),
            **{"focus": [0, highest], **traits},
        )

    @property
    def shares(self) -> np.ndarray:
        """The share of each word, (word,), computed with the maximum taken off."""
        return softmax(self._exponents)

    @property
    def naive_shares(self) -> np.ndarray:
        """exp / sum as the formula is written: inf and nan where exp or the sum overflow."""
        with np.errstate(all="ignore"):
            return self._powers / self._powers.sum()

    @property
    def entropy(self) -> float:
        """Of the shares, in nats."""
        real = self.shares[self.shares > 0].astype(float)
        return float(-(real * np.log(real)).sum())

    @property
    def log_sum_exp(self) -> float:
        """ln of the sum of exp(score / temperature)."""
        return float(np.logaddexp.reduce(self._exponents.astype(float)))

    @property
    def drawn(self) -> list[str]:
        """The words that were drawn from the shares; none while the seed is 0."""
        return [self.words[place] for place in self._places]

    @property
    def result(self) -> list:
        """[entropy, log-sum-exp], the scores, the shares, those of the formula as it is written
        (None for inf and nan), and how often each word was drawn."""
        naive = [float(share) if np.isfinite(share) else None for share in self.naive_shares]
        numbers = [self.entropy, self.log_sum_exp]
        counts = np.bincount(np.array(self._places, int), minlength=len(self.words))
        return [numbers, list(self.scores), self.shares.tolist(), naive, counts.tolist()]

    @property
    def _places(self) -> list[int]:
        if self.seed == 0:
            return []
        ends = np.cumsum(self.shares, dtype=float)
        last = np.flatnonzero(self.shares)[-1]
        places = np.searchsorted(ends, uniforms(self.seed, DRAWS), side="right")
        return np.minimum(places, last).tolist()

    @property
    def _exponents(self) -> np.ndarray:
        kind = np.float32 if self.single else np.float64
        return (np.array(self.scores) + self.shift).astype(kind) / kind(self.temperature)

    @property
    def _powers(self) -> np.ndarray:
        with np.errstate(over="ignore"):
            return np.exp(self._exponents)

    @property
    def cells(self) -> tuple[int, int]:
        return 1, len(self.words)

    @t.validate("scores")
    def _one_for_each_word(self, proposal):
        return one_for_each_word(_real("scores", proposal.value), self.words)

    def __repr__(self) -> str:
        count = len(self.words)
        return f"Live bench of softmax, {count} word{'s'[: count > 1]} to choose among"

    def png(self) -> bytes:
        bands = [
            Band("score", np.array(self.scores) + self.shift, "bar", "{:.6g}", self.shift),
            Band("exp", self._powers, "middle"),
            Band("share,\nnaive", self.naive_shares, "much", "{:.2f}"),
            Band("share,\nmax off", self.shares, "much", "{:.2f}"),
        ]
        if "shift" not in self.parts:
            bands[2:] = [Band("share", self.shares, "much", "{:.2f}")]
        curve = self._exponents.astype(float), self._powers.astype(float)
        across = "score" if self.temperature == 1 else "score / temperature"
        return softmax_png(
            self.words,
            bands,
            (across, *curve) if "curve" in self.parts else None,
            context=self.context,
            focus=self.focus[1] if self.focus else None,
            counts=self.result[-1],
        )


def softmax_bench(
    words,
    scores,
    context: str = "The cat sat on the",
    *,
    parts: Sequence[str] = PARTS,
    **arguments,
) -> LiveFigure:
    """A `SoftmaxBench` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        words, scores, context, parts and further arguments: as `SoftmaxBench`.

    >>> softmax_bench(["mat", "floor", "moon"], [3.1, 2.2, -1.0])
    Live bench of softmax, 3 words to choose among
    """
    figure = SoftmaxBench(words, scores, context, parts, **arguments)
    names = [name for part in PARTS if part in figure.parts for name in _CONTROLS.get(part, [])]
    return LiveFigure(figure, names)


def _length(scores) -> int:
    array = as_array("scores", scores)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"scores has shape {array.shape}, and needs (word,): a number for each")
    return len(array)


def _real(name: str, values) -> list[float]:
    """Finite numbers as a list."""
    array = as_array(name, values)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} holds {array.dtype}, and needs real numbers")
    wrong = np.flatnonzero(~np.isfinite(array))
    if len(wrong):
        raise ValueError(
            f"{name} holds {array[wrong[0]]} at {wrong[0]}, and a bar needs a finite number: "
            "leave away a word that cannot come"
        )
    return array.astype(float).tolist()


def _known(parts) -> list[str]:
    parts = [parts] if isinstance(parts, str) else list(parts)
    if unknown := set(parts) - set(PARTS):
        raise ValueError(f"parts has {sorted(unknown)}, and knows only {sorted(PARTS)}")
    if "strip" not in parts:
        raise ValueError(f"parts is {parts}, and needs 'strip' as well: its bars are dragged")
    return parts
