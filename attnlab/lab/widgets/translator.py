"""A translator to type into, with the weights of its cross-attention, head by head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle

from attnlab.lab.attended_sentences import Looking
from attnlab.lab.cross_attention import looking
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import draw_grid, png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Whole
from attnlab.lab.widgets.declared import Number, Switch, TextField
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import sent
from attnlab.nn import Transformer
from attnlab.tasks import Pair
from attnlab.training import alignment_error


class Translator(Figure):
    """The translation of a typed sentence, and where each head of cross-attention looked.

    What is typed is translated by the model, here. Some sentences are prepared: their weights are
    sent along, so that a page without a kernel shows them too. Words that the model does not know
    carry a question mark. Pairs of words that belong together are outlined, where this is known.

    Args:
        model: a Transformer that was trained on the translation task of this course.
        sentences: texts or pairs to prepare, at least one, all different.

    Traits: typed (the English sentence), layer, head, mean (over all heads of all layers), focus
    ([target, source] or []).

    Raises:
        ValueError: no sentences, the same one twice, or as `attnlab.lab.looking`.

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.3; Och and Ney 2003 (the
    alignment error).
    """

    _esm = bundle("translator.js")

    weights = t.Any().tag(sync=True, to_json=sent)  # (sentence, layer and head, target, source)
    heads = t.Int().tag(sync=True)
    names = t.List(t.Unicode()).tag(sync=True)
    sources = t.List(t.List(t.Unicode())).tag(sync=True)
    targets = t.List(t.List(t.Unicode())).tag(sync=True)
    gold = t.List(t.List(t.List(t.Int()))).tag(sync=True)
    unknown = t.List(t.List(t.Int())).tag(sync=True)
    typed = t.Unicode().tag(sync=True)
    noted = t.Unicode().tag(sync=True)  # what could not be translated, and why
    note = t.Unicode().tag(sync=True)
    layer = Whole(0, lambda figure: figure.weights.shape[1] // figure.heads - 1)
    head = Whole(0, lambda figure: figure.heads - 1)
    mean = t.Bool(False).tag(sync=True)

    controls = (
        TextField("typed", "English", options="names"),
        Number("layer"),
        Number("head"),
        Switch("mean", "mean of all heads"),
    )
    _last = ""  # what was typed before and translated: it stays while something else is not

    def __init__(self, model: Transformer, sentences: Sequence[str | Pair], **traits):
        self._model = model
        self._prepared = {_name(each): looking(model, each) for each in sentences}
        if len(self._prepared) < max(len(sentences), 1):
            raise ValueError(
                "sentences is empty or has one twice: give at least one, all different"
            )
        first = next(iter(self._prepared))
        super().__init__(**_traits(self._prepared), **{"typed": first, **traits})

    @t.observe("typed")
    def _translate(self, change) -> None:
        """Translate what was typed, or say why that cannot be."""
        name = change.new.strip()
        if name in self.names:
            self._last = name
        if name in self.names or not self.names:
            return
        with self.hold_sync():
            try:
                found = looking(self._model, name)
                if not found.target:
                    raise ValueError("the model writes no word for this: try another sentence")
                self.set_trait("focus", [])
                for trait, value in _traits({**self._prepared, name: found}).items():
                    self.set_trait(trait, value)
                self._last = name
            except ValueError as error:
                self.noted, self.note = name, f"{error}."

    @property
    def translation(self) -> list[str]:
        """The words that the model wrote for the sentence that is shown."""
        return self.targets[self._place]

    @property
    def shown(self) -> np.ndarray:
        """The weights of the chosen head, or the mean of all, (target, source)."""
        every = self._every()
        return every.mean(axis=0) if self.mean else every[self.layer * self.heads + self.head]

    @property
    def errors(self) -> list[list[float]]:
        """The alignment error of each head, (layer, head); nothing where no gold is known."""
        gold = {tuple(pair) for pair in self.gold[self._place]}
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
        return len(self.translation), len(self.sources[self._place])

    @property
    def _place(self) -> int:
        for name in (self.typed.strip(), self._last):
            if name in self.names:
                return self.names.index(name)
        return len(self.names) - 1

    def _every(self) -> np.ndarray:
        target, source = len(self.targets[self._place]), len(self.sources[self._place])
        return self.weights[self._place, :, :target, :source]

    def __repr__(self) -> str:
        layers = self.weights.shape[1] // self.heads
        return f"Live translator, {layers} layers of {self.heads} heads of cross-attention"

    def png(self) -> bytes:
        source, target = self.sources[self._place], self.translation
        still = Still(figsize=(0.36 * len(source) + 1.8, 0.36 * len(target) + 1.4), dpi=110)
        axes = still.add_subplot()
        draw_grid(axes, self.shown, ("query", target), ("key", source), 0.36)
        for j, i in self.gold[self._place]:
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


def _traits(found: dict[str, Looking]) -> dict:
    """The traits of these sentences; weights in one array, zeros where one has no more words."""
    each = list(found.values())
    sizes = [one.weights.shape for one in each]
    stack = np.zeros((len(each), sizes[0][0] * sizes[0][1], *np.max(sizes, axis=0)[2:]))
    for place, one in enumerate(each):
        _, _, target, source = one.weights.shape
        stack[place, :, :target, :source] = one.weights.reshape(-1, target, source)
    return {
        "weights": stack,
        "heads": sizes[0][1],
        "names": list(found),
        "sources": [list(one.source) for one in each],
        "targets": [list(one.target) for one in each],
        "gold": [[list(pair) for pair in one.gold] for one in each],
        "unknown": [list(one.unknown) for one in each],
    }
