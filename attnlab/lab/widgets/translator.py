"""A translator to type into, with the weights of its cross-attention, head by head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle

from attnlab.lab.attended_sentences import Looking
from attnlab.lab.cross_attention import LONGEST, english, looking
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import draw_grid, png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Whole
from attnlab.lab.widgets.declared import Number, Switch, TextField
from attnlab.lab.widgets.figure import LiveFigure
from attnlab.lab.widgets.model_figure import ModelFigure
from attnlab.nn import Transformer
from attnlab.tasks import Pair
from attnlab.training import alignment_error


class Translator(ModelFigure):
    """The translation of a typed sentence, and where each head of cross-attention looked.

    Whatever is typed is translated where it is typed: in the page, also in the book. Words that
    the model does not know carry a question mark. Some sentences are prepared, to choose from;
    pairs of words that belong together are outlined, where this is known.

    Args:
        model: a Transformer that was trained on the translation task of this course.
        sentences: texts or pairs to prepare, at least one, all different.

    Traits: typed (the English sentence; one that cannot be translated leaves the sentence before),
    layer, head, mean (over all heads of all layers), focus ([target, source] or []).

    Raises:
        ValueError: no sentences, the same one twice, or as `attnlab.lab.looking`.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3; Och and Ney 2003 (the
    alignment error).
    """

    _esm = bundle("translator.js")

    names = t.List(t.Unicode()).tag(sync=True)
    targets = t.List(t.List(t.Unicode())).tag(sync=True)  # of the prepared ones
    gold = t.List(t.List(t.List(t.Int()))).tag(sync=True)
    typed = t.Unicode().tag(sync=True)
    layer = Whole(0, lambda figure: figure.model["config"]["layers"] - 1)
    head = Whole(0, lambda figure: figure.heads - 1)
    mean = t.Bool(False).tag(sync=True)

    controls = (
        TextField("typed", "English", options="names"),
        Number("layer"),
        Number("head"),
        Switch("mean", "mean of all heads"),
    )
    _before = ""  # what was typed before, and could be translated
    _translated: tuple[str, Looking | None] = "", None  # the last one

    def __init__(self, model: Transformer, sentences: Sequence[str | Pair], **traits):
        prepared = {_name(each): looking(model, each) for each in sentences}
        if len(prepared) < max(len(sentences), 1):
            raise ValueError(
                "sentences is empty or has one twice: give at least one, all different"
            )
        super().__init__(
            model,
            names=list(prepared),
            targets=[list(one.target) for one in prepared.values()],
            gold=[[list(pair) for pair in one.gold] for one in prepared.values()],
            **{"typed": next(iter(prepared)), **traits},
        )

    @property
    def heads(self) -> int:
        """How many there are in each layer."""
        return self.model["config"]["heads"]

    @property
    def looking(self) -> Looking:
        """The translation that is shown: that of `typed`, or else that of the sentence before."""
        texts = dict.fromkeys((self.typed.strip(), self._before, *self.names))
        return next(found for text in texts if (found := self._looking(text)))

    @property
    def translation(self) -> list[str]:
        """The words that the model wrote for the sentence that is shown."""
        return list(self.looking.target)

    @property
    def shown(self) -> np.ndarray:
        """The weights of the chosen head, or the mean of all, (target, source)."""
        every = self._every()
        return every.mean(axis=0) if self.mean else every[self.layer * self.heads + self.head]

    @property
    def errors(self) -> list[list[float]]:
        """The alignment error of each head, (layer, head); nothing where no gold is known."""
        gold = {tuple(pair) for pair in self._gold()}
        if not gold:
            return []
        rates = [
            alignment_error({(int(j), i) for i, j in enumerate(each.argmax(axis=1))}, gold)
            for each in self._every()
        ]
        return np.reshape(rates, (-1, self.heads)).tolist()

    @property
    def result(self) -> list:
        """The weights that are shown, and the alignment error of each head."""
        return [self.shown.tolist(), self.errors]

    @property
    def cells(self) -> tuple[int, int]:
        return len(self.looking.target), len(self.looking.source)

    @t.observe("typed")
    def _keep(self, change) -> None:
        """The sentence before stays, as long as this one cannot be translated."""
        if 0 < len(english(change.old or "")) <= LONGEST:
            self._before = change.old.strip()

    def _looking(self, text: str) -> Looking | None:
        """Its translation; nothing if it has none."""
        if self._translated[0] != text:
            try:
                self._translated = text, looking(self.module, text)
            except ValueError:  # no words, or too many
                return None
        found = self._translated[1]
        return found if found and found.target else None

    def _gold(self) -> list[list[int]]:
        shown = self.looking and self._translated[0]
        return self.gold[self.names.index(shown)] if shown in self.names else []

    def _every(self) -> np.ndarray:
        weights = self.looking.weights
        return weights.reshape(-1, *weights.shape[2:])

    def __repr__(self) -> str:
        layers = self.model["config"]["layers"]
        return f"Live translator, {layers} layers of {self.heads} heads of cross-attention"

    def png(self) -> bytes:
        source, target = list(self.looking.source), self.translation
        still = Still(figsize=(0.36 * len(source) + 1.8, 0.36 * len(target) + 1.4), dpi=110)
        axes = still.add_subplot()
        draw_grid(axes, self.shown, ("query", target), ("key", source), 0.36)
        for j, i in self._gold():
            corner = j - 0.42, i - 0.42
            axes.add_patch(Rectangle(corner, 0.84, 0.84, fill=False, lw=1.8, ec=PALETTE["gold"]))
        axes.set(xlabel="and looks at", ylabel="a step writes")
        return png(still)


def translator(model: Transformer, sentences: Sequence[str | Pair], **arguments) -> LiveFigure:
    """A `Translator` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        model, sentences and further arguments: as `Translator`.
    """
    return LiveFigure(Translator(model, sentences, **arguments))


def _name(sentence: str | Pair) -> str:
    """What is typed for it."""
    return sentence.strip() if isinstance(sentence, str) else " ".join(sentence.source)
