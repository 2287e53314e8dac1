"""What the live figures share that write the translation of a typed sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import traitlets as t
from torch import nn

from attnlab.lab.cross_attention import LONGEST, ROOM, english
from attnlab.lab.widgets.model_figure import ModelFigure
from attnlab.tasks import BEGIN, END, ENGLISH, FRENCH, MARKS


class TranslationFigure(ModelFigure):
    """A figure whose model translates the sentence that is typed over it.

    Args:
        model: a Transformer or Seq2Seq that was trained on the translation task of this course.
        sentence: the English sentence that is shown first, 1 to 40 words.
        sentences: others to choose from.

    Traits: sentence. What is typed and has no words, or too many, leaves the one before.

    Raises:
        TypeError, ValueError: a model that does not translate, or a sentence that does not fit.
    """

    sentence = t.Unicode().tag(sync=True)
    sentences = t.List(t.Unicode()).tag(sync=True)
    _last = ""  # the one before, while the sentence is none

    def __init__(self, model: nn.Module, sentence: str, sentences: Sequence[str] = (), **traits):
        every = list(dict.fromkeys([sentence, *sentences]))
        for each in every:
            _check(each)
        _check_model(model)
        super().__init__(model, sentence=sentence, sentences=every, **traits)

    @t.observe("sentence")
    def _keep(self, change) -> None:
        if _fits(change.new):
            self._last = change.new

    @property
    def network(self) -> nn.Module:
        """The model, which is no bare matrices here."""
        return cast("nn.Module", self.module)

    @property
    def shown(self) -> str:
        """The sentence that is translated."""
        return self.sentence if _fits(self.sentence) else self._last or self.sentences[0]

    @property
    def source(self) -> list[int]:
        """The tokens of the sentence that is translated."""
        return ENGLISH.encode(english(self.shown), unknown="<unknown>")

    @property
    def vocabulary(self) -> list[str]:
        """The tokens of the translation, as words."""
        return [*MARKS, *self.model["target_words"]]

    @property
    def request(self) -> dict[str, Any]:
        """How `attnlab.training` is asked to write: begin, end, most."""
        return {"begin": BEGIN, "end": END, "most": len(self.source) + ROOM}


def _fits(sentence: str) -> bool:
    return 1 <= len(english(sentence)) <= LONGEST


def _check_model(model: nn.Module) -> None:
    config = getattr(model, "config", None)
    has = [getattr(config, f"{side}_vocabulary", 0) for side in ("source", "target")]
    if has != [len(ENGLISH), len(FRENCH)]:
        raise ValueError(
            f"model has vocabularies of {has[0]} and {has[1]} tokens, and ENGLISH and FRENCH have "
            f"{len(ENGLISH)} and {len(FRENCH)}: give a model that was trained on these, such as "
            "trained('translation')"
        )


def _check(sentence: str) -> None:
    if not isinstance(sentence, str):
        raise TypeError(f"sentence is {sentence!r}, and must be a text")
    if not _fits(sentence):
        raise ValueError(
            f"sentence has {len(english(sentence))} words, and needs 1 to {LONGEST}: type an "
            'English one, such as "the cat sleeps"'
        )
