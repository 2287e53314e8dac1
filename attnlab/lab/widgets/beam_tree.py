"""The beam as a live figure: all beginnings of some texts, and which of them a search follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab import lab
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf, Whole
from attnlab.lab.widgets.declared import Menu, Number
from attnlab.lab.widgets.figure import Figure, LiveFigure

if TYPE_CHECKING:
    from torch import nn

_END = "<end>"  # as in beam_tree.js


class BeamTree(Figure):
    """Every beginning of some texts, as high as it is probable, under a search of a given width.

    A beginning is as probable as all texts together that begin so. At each step the search
    continues each beginning that it has by every next word, and keeps the `width` most probable
    of these; of equally probable ones the first. What ends there leaves it as a whole text.

    Args:
        stories: name -> {text: chance}, words with blanks between them; chances that sum to 1.

    Traits: name (of a story), width (1 to 6), step (0 to the longest text and its end mark),
    focus ([text, step from 0] or []).

    Raises:
        TypeError, ValueError: naming the argument, what is wrong and the cure.

    Source: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks", section
    3.2.
    """

    _esm = bundle("beam_tree.js")

    names = t.List(t.Unicode()).tag(sync=True)
    texts = t.List(t.List(t.Unicode())).tag(sync=True)
    chances = t.List(t.List(t.Float())).tag(sync=True)
    name = OneOf("names")
    width = Whole(1, 6, default=2)
    step = Whole(0, "steps")

    controls = (Menu("name", "scene"), Number("width"), Number("step"))

    def __init__(self, stories: Mapping[str, Mapping[str, float]], **traits):
        if not stories:
            raise ValueError("stories is empty: give at least one {text: chance} with its name")
        for name, texts in stories.items():
            _check(name, texts)
        super().__init__(
            names=list(stories),
            texts=[[" ".join(text.split()) for text in texts] for texts in stories.values()],
            chances=[[float(chance) for chance in texts.values()] for texts in stories.values()],
            **{"name": next(iter(stories)), **traits},
        )

    @property
    def search(self) -> list[list[tuple[str, ...]]]:
        """What the search keeps after each step, from step 0: beginnings as tuples of words."""
        kept: list[list[tuple[str, ...]]] = [[()]]
        while any(self._following(beginning) for beginning in kept[-1]):
            found = [longer for beginning in kept[-1] for longer in self._following(beginning)]
            places = {beginning: place for place, beginning in enumerate(self._beginnings)}
            found.sort(key=lambda words: (-round(self._beginnings[words], 12), places[words]))
            kept.append(found[: self.width])
        return kept

    @property
    def result(self) -> list:
        """[chance of the text that the search finds, of the best text of all], then those of
        what it keeps at this step, then those of the texts that have ended so far."""
        chances, search = self._beginnings, self.search
        now = search[self.step] if self.step < len(search) else []
        ended = [chances[b] for kept in search[: self.step + 1] for b in kept if b[-1:] == (_END,)]
        found = max(chances[b] for kept in search for b in kept if b[-1:] == (_END,))
        best = max(chance for b, chance in chances.items() if b[-1:] == (_END,))
        return [[found, best], [chances[beginning] for beginning in now], ended]

    @property
    def _beginnings(self) -> dict[tuple[str, ...], float]:
        """The chance of every beginning, in the order in which the texts bring them."""
        place, chances = self.names.index(self.name), {}
        for text, chance in zip(self.texts[place], self.chances[place], strict=True):
            words = (*text.split(), _END)
            for length in range(len(words) + 1):
                chances[words[:length]] = chances.get(words[:length], 0.0) + chance
        return chances

    def _following(self, beginning: tuple[str, ...]) -> list[tuple[str, ...]]:
        size = len(beginning)
        return [b for b in self._beginnings if len(b) == size + 1 and b[:size] == beginning]

    @property
    def steps(self) -> int:
        """How many steps the longest text of all takes, its end mark included."""
        return max(len(text.split()) for texts in self.texts for text in texts) + 1

    @property
    def cells(self) -> tuple[int, int]:
        texts = self.texts[self.names.index(self.name)]
        return len(texts), max(len(text.split()) for text in texts) + 1

    def __repr__(self) -> str:
        texts, steps = self.cells
        return f"Live beam of width {self.width} over {texts} texts in {steps} steps"

    def png(self) -> bytes:
        chances, search = self._beginnings, [*self.search, *[[]] * self.steps]
        still = Still(figsize=(7, 3.2), dpi=110)
        axes = still.subplots()
        tops: dict[tuple[str, ...], float] = {(): 0.0}
        for words, chance in chances.items():
            if not words:
                continue
            top = tops[words[:-1]]
            tops[words[:-1]] = top + chance
            tops[words] = top
            kept = len(words) <= self.step and words in search[len(words)]
            style = {"color": PALETTE["much"] if kept else "white", "ec": PALETTE["faint"]}
            ink = {
                "color": "white" if kept else PALETTE["quiet"],
                "fontsize": 8,
                "parse_math": False,
            }
            if len(words) <= self.step and not kept and words[:-1] in search[len(words) - 1]:
                style |= {"ec": PALETTE["hatch"], "hatch": "////"}  # looked at, and cut off
                ink |= {"bbox": {"color": "white", "pad": 1}}
            axes.barh(top, 1, chance, left=len(words) - 1, align="edge", **style)
            axes.text(
                len(words) - 0.5, top + chance / 2, words[-1], ha="center", va="center", **ink
            )
        axes.set(xlim=(0, self.cells[1]), ylim=(1, 0), yticks=[], xlabel="step")
        axes.set_title(self.name, fontsize=9, parse_math=False)
        return png(still)


def beam_tree(
    stories: Mapping[str, Mapping[str, float]] | None = None,
    *,
    model: nn.Module | None = None,
    **arguments,
) -> LiveFigure:
    """A beam search with its controls, ready to show; the widget itself is `.figure`.

    Args:
        stories and further arguments: as `BeamTree`; or
        model and further arguments: as `TranslationBeam`, which searches in the page, for any
            sentence.

    Raises:
        TypeError: both, or neither.

    >>> beam_tree({"greeting": {"good day": 0.6, "hello": 0.4}})
    Live beam of width 2 over 2 texts in 3 steps
    """
    if (stories is None) == (model is None):
        raise TypeError("give either stories, or a model with a sentence")
    if model is None:
        return LiveFigure(BeamTree(stories or {}, **arguments))
    return LiveFigure(lab.TranslationBeam(model, **arguments))  # which loads torch


def _check(name: str, texts: Mapping[str, float]) -> None:
    if not isinstance(texts, Mapping) or not texts:
        raise TypeError(f"stories[{name!r}] is {texts!r}, and needs a dictionary {{text: chance}}")
    split = [tuple(text.split()) for text in texts]
    if () in split or len(set(split)) < len(split):
        raise ValueError(f"stories[{name!r}] has an empty text, or the same words twice")
    chances = np.array(list(texts.values()), float)
    if not (chances > 0).all() or abs(chances.sum() - 1) > 1e-6:
        raise ValueError(
            f"stories[{name!r}] has chances from {chances.min():g} that sum to "
            f"{chances.sum():g}: each must be above 0, and all together 1"
        )
