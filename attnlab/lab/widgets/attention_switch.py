"""A translator with one switch: what it writes with attention, and what without."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import cached_property

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.lab.attended_sentences import Looking
from attnlab.lab.attention_ablation import attention_off
from attnlab.lab.cross_attention import looking
from attnlab.lab.palette import PALETTE
from attnlab.lab.right_words import right_words
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf
from attnlab.lab.widgets.declared import Menu, Switch
from attnlab.lab.widgets.figure import LiveFigure
from attnlab.lab.widgets.model_figure import ModelFigure
from attnlab.nn import Transformer
from attnlab.tasks import Pair


class AttentionSwitch(ModelFigure):
    """A sentence and its translation, with lines from each word to those that it looked at.

    A line is as wide as its weight: the mean over all heads of all layers of cross-attention.
    Switched off, `attnlab.lab.attention_off` takes the choice from the model, and it translates
    again, in the page, so the switch needs no kernel. What is wrong then is struck out; a word is
    right if it belongs to the longest common subsequence with the right translation.

    Args:
        model: a Transformer that was trained on the translation task of this course.
        sentences: pairs, at least one, all different; the first is shown first.

    Traits: sentence (the English of one of them), attention (on or off), focus ([target word,
    source word] or []).

    Raises:
        ValueError: no sentences, the same one twice, one for which the model writes nothing, or
            as `attnlab.lab.looking`.
        TypeError: a sentence that is no pair, or a model that is no such Transformer.

    Source: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
    Translate", figure 3 (the weights); Vaswani et al. 2017, section 3.2.3.
    """

    _esm = bundle("attention_switch.js")

    names = t.List(t.Unicode()).tag(sync=True)
    references = t.List(t.List(t.Unicode())).tag(sync=True)
    translations = t.List(t.List(t.List(t.Unicode()))).tag(sync=True)  # of each off and on
    sentence = OneOf("names")
    attention = t.Bool(True).tag(sync=True)

    controls = (Menu("sentence"), Switch("attention"))

    def __init__(self, model: Transformer, sentences: Sequence[Pair], **traits):
        pairs = _pairs(sentences)
        names = [" ".join(pair.source) for pair in pairs]
        answers = [[_looking(model, name, on) for on in (True, False)] for name in names]
        super().__init__(
            model,
            names=names,
            references=[list(pair.target) for pair in pairs],
            translations=[[list(off.target), list(on.target)] for on, off in answers],
            **{"sentence": names[0], **traits},
        )

    @property
    def looking(self) -> Looking:
        """The translation with attention or without, as is shown, and where it looked."""
        asked = self.sentence, self.attention
        if asked not in self._found:
            self._found[asked] = _looking(self.module, *asked)
        return self._found[asked]

    @property
    def translation(self) -> list[str]:
        """The words that the model wrote, with attention or without, as is shown."""
        return list(self.looking.target)

    @property
    def shown(self) -> np.ndarray:
        """The weights that are shown, (target, source): the mean over all heads."""
        return self.looking.weights.mean(axis=(0, 1))

    @property
    def right(self) -> list[bool]:
        """For each word written, whether it is right."""
        return right_words(self.translation, self._reference)

    @property
    def result(self) -> list:
        """The weights that are shown, and for each word written 1 if it is right, and else 0."""
        return [self.shown.tolist(), [int(each) for each in self.right]]

    @property
    def cells(self) -> tuple[int, int]:
        return len(self.looking.target), len(self.looking.source)

    @property
    def _reference(self) -> list[str]:
        return self.references[self.names.index(self.sentence)]

    @cached_property
    def _found(self) -> dict[tuple[str, bool], Looking]:
        return {}

    def __repr__(self) -> str:
        return f"Live translator of {len(self.names)} sentences, with a switch for its attention"

    def png(self) -> bytes:
        source, written = self.looking.source, self.translation
        wide = max(len(source), len(written))
        rows = _spread(len(source), wide), _spread(len(written), wide)
        still = Still(figsize=(1.05 * wide + 0.4, 2.4), dpi=110)
        axes = still.add_axes((0, 0, 1, 1))
        axes.set(xlim=(-0.6, wide - 0.4), ylim=(-1.2, 2.2))
        axes.axis("off")
        _draw_lines(axes, self.shown, *rows, self.focus[:1])
        _draw_words(axes, source, rows[0], 2, ["key"] * len(source))
        _draw_words(axes, written, rows[1], 0, ["query" if each else "" for each in self.right])
        wanted = "right: " + " ".join(self._reference)
        axes.text(-0.5, -0.9, wanted, color=PALETTE["quiet"], fontsize=9, parse_math=False)
        return png(still)


def attention_switch(model: Transformer, sentences: Sequence[Pair], **arguments) -> LiveFigure:
    """An `AttentionSwitch` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        model, sentences and further arguments: as `AttentionSwitch`.
    """
    return LiveFigure(AttentionSwitch(model, sentences, **arguments))


def _pairs(sentences: Sequence[Pair]) -> list[Pair]:
    pairs = [*sentences]
    for place, pair in enumerate(pairs):
        if not isinstance(pair, Pair):
            raise TypeError(
                f"sentences holds a {type(pair).__name__} in place {place}, and must hold pairs, "
                "English with the right French: take some of attnlab.tasks.EXAMPLE_PAIRS"
            )
    if len({pair.source for pair in pairs}) < max(len(pairs), 1):
        raise ValueError("sentences is empty or has one twice: give at least one, all different")
    return pairs


def _looking(model: Transformer, sentence: str, attention: bool) -> Looking:
    with nullcontext() if attention else attention_off(model):
        found = looking(model, sentence)
    if not found.target:
        raise ValueError(f"the model writes no word for {sentence!r}: take another sentence")
    return found


def _spread(count: int, wide: int) -> np.ndarray:
    """Places for so many words, in the middle of a row that is so wide."""
    return np.arange(count) + (wide - count) / 2


def _draw_words(axes, words, places, height, inks) -> None:
    """A row of words; those without an ink are struck out."""
    for word, x, ink in zip(words, places, inks, strict=True):
        options = {"ha": "center", "va": "center", "fontsize": 11, "parse_math": False}
        axes.text(x, height, word, color=PALETTE[ink or "quiet"], **options)
        if not ink:
            half = 0.045 * len(word) + 0.04
            axes.plot([x - half, x + half], [height] * 2, color=PALETTE["ring"], lw=1.2)


def _draw_lines(axes, weights, sources, targets, focus) -> None:
    """A line for each pair; those of the row in focus, if there is one, stand out."""
    for (i, j), weight in np.ndenumerate(weights):
        strength = 0.35 if focus and i != focus[0] else 1
        style = {"lw": 0.4 + 7 * weight, "alpha": strength * (0.1 + 0.8 * weight)}
        axes.plot([targets[i], sources[j]], [0.25, 1.75], color=PALETTE["middle"], **style)
