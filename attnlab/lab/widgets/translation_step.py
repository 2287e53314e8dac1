"""The next token of a translation: the reader writes it word by word, as the model scores them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import traitlets as t
from torch import nn

from attnlab.core import softmax
from attnlab.lab.cross_attention import ROOM, english
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Positive, Real, Whole
from attnlab.lab.widgets.declared import TEMPERATURE, Number, TextField
from attnlab.lab.widgets.next_bars import MOST, NextChances, bars_png
from attnlab.lab.widgets.translation_figure import TranslationFigure
from attnlab.tasks import BEGIN, MARKS
from attnlab.training.decoding import without_dropout

_END = "<end>"


class TranslationStep(TranslationFigure):
    """The chances of the next token of a translation, and the beginning that it goes on from.

    A word is written by pressing its bar, or drawn by chance; the model reads it, and scores the
    next one. All of it is computed in the page, for any sentence. The chances are cut as in
    `NextToken`.

    Args:
        model, sentence, sentences: as `TranslationFigure`.

    Traits: sentence, written (the tokens so far, as words, or those of each sentence), temperature
    (above 0), top_k (1 to all tokens), top_p (0.05 to 1), focus ([place in the order of chances, 0]
    or []).

    Raises:
        TypeError, ValueError: as `TranslationFigure`; or a token that cannot be written.

    Source: Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.
    """

    _esm = bundle("translation_step.js")

    written = t.Union([t.Dict(), t.List(t.Unicode())]).tag(sync=True)
    temperature = Positive(1.0)
    top_k = Whole(1, lambda figure: len(figure.vocabulary), default=1)
    top_p = Real(0.05, 1, default=1.0)

    controls = (
        TextField("sentence", "English", options="sentences"),
        TEMPERATURE,
        Number("top_k", "top k"),
        Number("top_p", "top p", low=0.5, step=0.0625),
    )

    def __init__(
        self,
        model: nn.Module,
        sentence: str,
        sentences: Sequence[str] = (),
        written: Sequence[str] = (),
        **traits,
    ):
        tokens = getattr(getattr(model, "config", None), "target_vocabulary", 1)
        chosen = {"top_k": tokens, "written": list(written), **traits}
        super().__init__(model, sentence, sentences, **chosen)

    @t.validate("written")
    def _beginnings(self, proposal) -> dict[str, list[str]]:
        """The beginning of each sentence; a list is that of the one that is shown."""
        told = proposal.value
        told = told if isinstance(told, dict) else {self.shown: list(told)}
        for sentence, words in told.items():
            self._check_tokens(words, len(english(sentence)) + ROOM)
        return told

    def _check_tokens(self, words: Sequence[str], most: int) -> None:
        for word in words:
            if word not in self.vocabulary:
                raise ValueError(f"written has {word!r}, which is no token of the model")
        if _END in words[:-1] or len(words) > most:
            raise ValueError(
                f"written has {len(words)} tokens, and may have {most}, none behind {_END}"
            )

    @property
    def beginning(self) -> list[str]:
        """The tokens so far, of the sentence that is shown."""
        return self.written.get(self.shown, [])

    @property
    def scores(self) -> np.ndarray:
        """The model's scores after the begin mark and after each token so far, (step, token)."""
        read = [self.vocabulary.index(word) for word in self.beginning if word != _END]
        with torch.no_grad(), without_dropout(self.network):
            found = self.network(torch.tensor([self.source]), torch.tensor([[BEGIN, *read]]))
        return found[0].double().numpy()

    @property
    def chances(self) -> NextChances:
        """What the scores and the controls make of the tokens."""
        return NextChances(self.scores[-1], self.temperature, self.top_k, self.top_p)

    @property
    def result(self) -> list:
        """As of `NextToken`, and the probability of each token so far."""
        steps = zip(self.scores, self.beginning, strict=False)
        sure = [float(softmax(row)[self.vocabulary.index(word)]) for row, word in steps]
        return [*self.chances.result, sure]

    @property
    def cells(self) -> tuple[int, int]:
        return min(len(self.vocabulary), MOST), 1

    def __repr__(self) -> str:
        return f"Live next token of a translation, {len(self.vocabulary)} tokens"

    def png(self) -> bytes:
        title = f"{self.shown}: after “{' '.join([MARKS[BEGIN], *self.beginning])}”"
        return bars_png(self.chances, self.vocabulary, title)
