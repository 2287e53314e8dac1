"""The next token as a live figure: a model's distribution, flattened, sharpened and cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import traitlets as t

from attnlab import lab
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf, Positive, Real, Whole
from attnlab.lab.widgets.declared import TEMPERATURE, Menu, Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.next_bars import MOST, NextChances, bars_png
from attnlab.lab.widgets.sending import numbers, sent, words_of

if TYPE_CHECKING:
    from torch import nn


class NextToken(Figure):
    """The chances of the next token after a beginning, before and after the controls.

    softmax(logits / temperature), of which the `top_k` most probable tokens stay, and of those
    the fewest whose chances sum to at least `top_p`; what stays is scaled up to sum to 1. This is
    what `attnlab.training.sampling_weights` computes.

    Args:
        logits: scores of the next token, (beginning, token), real numbers; or (token,).
        words: a word for each token.
        beginnings: a text for each row of logits, all different; the first is shown first.

    Traits: beginning (a text of beginnings), temperature (above 0), top_k (1 to all tokens),
    top_p (0.05 to 1), focus ([place in the order of chances, 0] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.
    """

    _esm = bundle("next_token.js")

    logits = t.Any().tag(sync=True, to_json=sent)
    words = t.List(t.Unicode()).tag(sync=True)
    beginnings = t.List(t.Unicode()).tag(sync=True)
    beginning = OneOf("beginnings")
    temperature = Positive(1.0)
    top_k = Whole(1, lambda figure: len(figure.words), default=1)
    top_p = Real(0.05, 1, default=1.0)

    controls = (
        Menu("beginning"),
        TEMPERATURE,
        # Sixteenths over a half have no rounding error, as other ranges have.
        Number("top_k", "top k"),
        Number("top_p", "top p", low=0.5, step=0.0625),
    )

    def __init__(self, logits, words, beginnings=("",), **traits):
        logits = as_array("logits", logits)
        logits = numbers("logits", logits[None] if logits.ndim == 1 else logits)
        if logits.shape[:2] != (1, 1):
            raise ValueError(
                f"logits has shape {logits.shape}, and needs (beginning, token): a row each"
            )
        count, tokens = logits.shape[2:]
        words = words_of("words", words, tokens)
        beginnings = words_of("beginnings", beginnings, count)
        if len(set(beginnings)) < count:
            raise ValueError("beginnings has the same text twice: each needs one of its own")
        chosen = {"beginning": beginnings[0], "top_k": tokens, **traits}
        super().__init__(logits=logits, words=words, beginnings=beginnings, **chosen)

    @property
    def chances(self) -> NextChances:
        """What the scores and the controls make of the tokens."""
        return NextChances(self._scores, self.temperature, self.top_k, self.top_p)

    @property
    def order(self) -> list[int]:
        """The tokens from the most to the least probable; of equal ones the first comes first."""
        return self.chances.order

    @property
    def kept(self) -> int:
        """How many tokens stay."""
        return self.chances.kept

    @property
    def weights(self) -> np.ndarray:
        """The chance to draw each token, (token,), as the controls are set now."""
        return self.chances.weights

    @property
    def result(self) -> list:
        """[entropy, share of the chances that stays, how many tokens stay], then each token's
        chance before the controls, then after them."""
        return self.chances.result

    @property
    def _scores(self) -> np.ndarray:
        return self.logits[0, 0, self.beginnings.index(self.beginning)]

    @property
    def cells(self) -> tuple[int, int]:
        return min(len(self.words), MOST), 1

    def __repr__(self) -> str:
        tokens, beginnings = len(self.words), len(self.beginnings)
        return (
            f"Live next token, {tokens} tokens after {beginnings} beginning{'s'[: beginnings > 1]}"
        )

    def png(self) -> bytes:
        return bars_png(self.chances, self.words, f"after “{self.beginning}”")


def next_token(
    logits=None, words=None, beginnings=("",), *, model: nn.Module | None = None, **arguments
) -> LiveFigure:
    """The next token with its controls, ready to show; the widget itself is `.figure`.

    Args:
        logits, words, beginnings and further arguments: as `NextToken`; or
        model and further arguments: as `TranslationStep`, which computes the scores in the page
            for any sentence, and goes on from each word that is written.

    Raises:
        TypeError: both, or neither.

    >>> next_token([2.0, 1.0, -1.0], ["mat", "bed", "moon"], ["The cat sat on the"])
    Live next token, 3 tokens after 1 beginning
    """
    if (logits is None) == (model is None):
        raise TypeError("give either logits with their words, or a model with a sentence")
    if model is None:
        return LiveFigure(NextToken(logits, words, beginnings, **arguments))
    return LiveFigure(lab.TranslationStep(model, **arguments))  # which loads torch
