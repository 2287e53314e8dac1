"""The chances of the next token, what temperature, k and p leave of them, and their picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure as Still

from attnlab.core import softmax
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png

MOST = 12  # so many tokens stand in the drawing, as in next_bars.js


@dataclass(frozen=True)
class NextChances:
    """Scores of the next token, (token,), and what the controls make of them.

    This is what `attnlab.training.sampling_weights` computes.
    """

    scores: np.ndarray
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0

    @property
    def order(self) -> list[int]:
        """The tokens from the most to the least probable; of equal ones the first comes first."""
        return np.argsort(-self.scores, kind="stable").tolist()

    @property
    def kept(self) -> int:
        """How many tokens stay."""
        soft = softmax(self.scores, temperature=self.temperature)[self.order][: self.top_k]
        before = np.cumsum(soft[:-1] / soft.sum())
        if self.top_p == 1.0:
            return len(soft)
        return 1 + int((before < self.top_p - 8 * np.finfo(float).eps).sum())

    @property
    def weights(self) -> np.ndarray:
        """The chance to draw each token, (token,)."""
        stays = np.isin(np.arange(len(self.scores)), self.order[: self.kept])
        return softmax(self.scores, stays, temperature=self.temperature)

    @property
    def result(self) -> list:
        """[entropy, share of the chances that stays, how many tokens stay], then each token's
        chance before the controls, then after them."""
        soft = softmax(self.scores, temperature=self.temperature)
        real = self.weights[self.weights > 0]
        entropy, mass = -(real * np.log(real)).sum(), soft[self.order[: self.kept]].sum()
        before, after = softmax(self.scores), self.weights
        return [[float(entropy), float(mass), self.kept], before.tolist(), after.tolist()]


def bars_png(chances: NextChances, words: Sequence[str], title: str) -> bytes:
    """The most probable tokens as bars, before and after the controls."""
    shown = chances.order[:MOST]
    places = np.arange(len(shown))
    before, after = softmax(chances.scores)[shown], chances.weights[shown]
    still = Still(figsize=(5.2, 0.6 + 0.26 * len(shown)), dpi=110)
    axes = still.subplots()
    axes.barh(places - 0.28, before, 0.2, color=PALETTE["bar"])
    axes.barh(places + 0.12, after, 0.5, color=PALETTE["much"])
    axes.set_yticks(places, [words[token] for token in shown], parse_math=False)
    axes.set(xlim=(0, 1), xlabel="chance to be the next token")
    axes.set_title(title, fontsize=9, parse_math=False)
    axes.invert_yaxis()
    return png(still)
