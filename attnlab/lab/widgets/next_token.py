"""The next token as a live figure: a model's distribution, flattened, sharpened and cut."""

from __future__ import annotations

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.core import softmax
from attnlab.lab.palette import PALETTE
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf, Positive, Real, Whole
from attnlab.lab.widgets.declared import TEMPERATURE, Menu, Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent, words_of

_MOST = 12  # as in next_token.js


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
    def order(self) -> list[int]:
        """The tokens from the most to the least probable; of equal ones the first comes first."""
        return np.argsort(-self._scores, kind="stable").tolist()

    @property
    def kept(self) -> int:
        """How many tokens stay."""
        soft = softmax(self._scores, temperature=self.temperature)[self.order][: self.top_k]
        before = np.cumsum(soft[:-1] / soft.sum())
        if self.top_p == 1.0:
            return len(soft)
        return 1 + int((before < self.top_p - 8 * np.finfo(float).eps).sum())

    @property
    def weights(self) -> np.ndarray:
        """The chance to draw each token, (token,), as the controls are set now."""
        stays = np.isin(np.arange(len(self.words)), self.order[: self.kept])
        return softmax(self._scores, stays, temperature=self.temperature)

    @property
    def result(self) -> list:
        """[entropy, share of the chances that stays, how many tokens stay], then each token's
        chance before the controls, then after them."""
        soft = softmax(self._scores, temperature=self.temperature)
        real = self.weights[self.weights > 0]
        entropy, mass = -(real * np.log(real)).sum(), soft[self.order[: self.kept]].sum()
        before, after = softmax(self._scores), self.weights
        return [[float(entropy), float(mass), self.kept], before.tolist(), after.tolist()]

    @property
    def _scores(self) -> np.ndarray:
        return self.logits[0, 0, self.beginnings.index(self.beginning)]

    @property
    def cells(self) -> tuple[int, int]:
        return min(len(self.words), _MOST), 1

    def __repr__(self) -> str:
        tokens, beginnings = len(self.words), len(self.beginnings)
        return (
            f"Live next token, {tokens} tokens after {beginnings} beginning{'s'[: beginnings > 1]}"
        )

    def png(self) -> bytes:
        shown = self.order[: self.cells[0]]
        places = np.arange(len(shown))
        before, after = softmax(self._scores)[shown], self.weights[shown]
        still = Still(figsize=(5.2, 0.6 + 0.26 * len(shown)), dpi=110)
        axes = still.subplots()
        axes.barh(places - 0.28, before, 0.2, color=PALETTE["bar"])
        axes.barh(places + 0.12, after, 0.5, color=PALETTE["much"])
        axes.set_yticks(places, [self.words[token] for token in shown], parse_math=False)
        axes.set(xlim=(0, 1), xlabel="chance to be the next token")
        axes.set_title(f"after “{self.beginning}”", fontsize=9, parse_math=False)
        axes.invert_yaxis()
        return png(still)


def next_token(logits, words, beginnings=("",), **arguments) -> LiveFigure:
    """A `NextToken` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        logits, words, beginnings and further arguments: as `NextToken`.

    >>> next_token([2.0, 1.0, -1.0], ["mat", "bed", "moon"], ["The cat sat on the"])
    Live next token, 3 tokens after 1 beginning
    """
    return LiveFigure(NextToken(logits, words, beginnings, **arguments))
