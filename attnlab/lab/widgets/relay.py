"""The live relay: what a recurrent state still holds of each word, and what attention reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.core import softmax
from attnlab.lab.palette import PALETTE
from attnlab.lab.shown_arrays import listed_words
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Real, Whole
from attnlab.lab.widgets.declared import Number, TextField
from attnlab.lab.widgets.figure import Figure, LiveFigure

MOST = 40  # words, as in relay.js
SENTENCES = (
    "Keys that somebody left under a flat stone beside the door of an old house at the end of the "
    "road where a cat sleeps all day in the sun and dreams of milk and of small birds are rusty",
    "The cat sat on the mat",
    "Anna who has a naughty cat and two birds that sing all day long likes her garden",
)


class Relay(Figure):
    """One sentence, read twice: handed on from state to state, and by attention at once.

    Above, each word has its state, h = g h + (1 - g) x with h = 0 before the first word: word i
    makes up (1 - g) g^(t - i) of the state of word t. Between, the gradient of the last state on
    its way back: each step multiplies it by g. Below, what the last word reads by attention, where
    the first word's key has a score of `fit`, and all others a score of 0.

    Args:
        sentence: the sentence that is read first; the first of `sentences` if not given.
        sentences: texts to choose from, each with a word at least, all different.

    Traits: sentence (any text, of which the first 40 words are read; one without words leaves the
    sentence before), length (how many words are read,
    all where the sentence has fewer), gate (g, from 0 to 1), fit, focus ([0,
    word] or []).

    Raises:
        TypeError, ValueError: naming the argument and the cure.
    """

    _esm = bundle("relay.js")

    sentence = t.Unicode().tag(sync=True)
    sentences = t.List(t.Unicode()).tag(sync=True)
    length = Whole(2, MOST, default=12)
    gate = Real(0.0, 1.0, default=0.8)
    fit = Real(0.0, 8.0, default=5.0)

    controls = (
        TextField("sentence", "sentence", options="sentences"),
        Number("length"),
        Number("gate", "gate g", step=0.01),
        Number("fit", "score of the first key", step=0.5),
    )
    _before = ""  # the sentence before, which had words

    def __init__(self, sentence: str | None = None, *, sentences=SENTENCES, **traits):
        sentences = _prepared(sentences)
        if sentence is not None and sentence not in sentences:
            sentences = _prepared([sentence, *sentences])
        first = sentences[0] if sentence is None else sentence
        super().__init__(**{"sentences": sentences, "sentence": first, "focus": [0, 0]} | traits)

    @t.observe("sentence")
    def _keep(self, change) -> None:
        if _words(change.old or ""):
            self._before = change.old

    @t.observe("sentence", "length")
    def _leave_a_word_that_goes(self, _) -> None:
        if self.focus and self.focus[1] >= len(self.words):
            self.focus = []

    @property
    def words(self) -> list[str]:
        """The words that are read now."""
        texts = (self.sentence, self._before, *self.sentences)
        return next(filter(None, map(_words, texts)))[: self.length]

    @property
    def shares(self) -> np.ndarray:
        """How much each word makes up of each state, (state, word)."""
        steps = np.subtract.outer(*[np.arange(len(self.words))] * 2)
        return np.where(steps < 0, 0.0, (1 - self.gate) * self.gate ** np.maximum(steps, 0))

    @property
    def gradient(self) -> np.ndarray:
        """What is left of the last state's gradient at each state, (state,)."""
        return self.gate ** np.arange(len(self.words))[::-1]

    @property
    def weights(self) -> np.ndarray:
        """How much the last word reads of each word by attention, (word,)."""
        return softmax(np.where(np.arange(len(self.words)) == 0, self.fit, 0.0))

    @property
    def result(self) -> list:
        """The share of the first word in each state, the gradient there, and the weights."""
        return [each.tolist() for each in (self.shares[:, 0], self.gradient, self.weights)]

    @property
    def cells(self) -> tuple[int, int]:
        return 1, len(self.words)

    def __repr__(self) -> str:
        return f"Live relay, {len(self.words)} words, gate {self.gate:.2f}"

    def png(self) -> bytes:
        words, word = self.words, self.focus[1] if self.focus else 0
        still = Still(figsize=(max(4.0, 0.24 * len(words) + 1), 4.2), dpi=110, layout="constrained")
        bands = {
            f"share of “{words[word]}” in each state": (self.shares[:, word], "value"),
            "gradient of the last state": (self.gradient, "middle"),
            f"weights of “{words[-1]}”": (self.weights, "much"),
        }
        every = still.subplots(len(bands), 1, sharex=True)
        for axes, (title, (heights, colour)) in zip(every, bands.items(), strict=True):
            axes.bar(range(len(words)), heights, 0.7, color=PALETTE[colour])
            axes.set_title(title, fontsize=9, loc="left", parse_math=False)
            axes.set_ylim(0, 1)
            axes.spines[["top", "right"]].set_visible(False)
        every[-1].set_xticks(range(len(words)), words, rotation=60, ha="right", parse_math=False)
        return png(still)


def relay(sentence: str | None = None, *, controls: Sequence[str] | None = None, **arguments):
    """A `Relay` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        sentence and further arguments: as `Relay`.
        controls: which of sentence, length, gate and fit to show, in this order; all of them if
            not given.

    >>> relay(length=23)
    Live relay, 23 words, gate 0.80
    """
    return LiveFigure(Relay(sentence, **arguments), controls)


def _words(text: str) -> list[str]:
    """The words of a text, without stops, as the page has them (sentences.js)."""
    return [word for part in text.split() if (word := part.strip('.,;:!?"“”'))][:MOST]


def _prepared(sentences) -> list[str]:
    sentences = listed_words("sentences", sentences)
    if empty := [each for each in sentences if not _words(each)]:
        raise ValueError(f"sentences has {empty[0]!r}, and needs a word at least in each")
    if not sentences or len(set(sentences)) < len(sentences):
        raise ValueError("sentences is empty or has one twice: give at least one, all different")
    return sentences
