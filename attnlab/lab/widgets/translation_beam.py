"""The beam of a translation: what a search keeps at each step, what it cuts off, and what ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle
from torch import nn

from attnlab.lab.cross_attention import LONGEST, ROOM
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Real, Whole
from attnlab.lab.widgets.declared import Number, TextField
from attnlab.lab.widgets.translation_figure import TranslationFigure
from attnlab.tasks import BEGIN
from attnlab.training import beams
from attnlab.training.decoding import without_dropout

_LOOKS = 7  # as in translation_beam.js


class Beginning(NamedTuple):
    """A beginning that a search looks at.

    Args:
        tokens: its tokens, without the begin mark.
        log: its log-probability.
        held: whether the search keeps it.
        whole: whether it has ended, and leaves the beam.
    """

    tokens: tuple[int, ...]
    log: float
    held: bool
    whole: bool

    def score(self, penalty: float) -> float:
        """As `attnlab.training.beam_search` compares whole sequences."""
        return self.log / ((5 + len(self.tokens)) / 6) ** penalty


class TranslationBeam(TranslationFigure):
    """The beginnings that a beam search keeps while it translates a typed sentence.

    At each step every beginning is continued by every token. The seven most probable of these are
    shown; the first `width` are kept, and the others cut off. What ends leaves the beam, and the
    one with the best score is the translation. All of it is computed in the page.

    Args:
        model, sentence, sentences: as `TranslationFigure`.

    Traits: sentence, width (1 to 6), step (how many steps are shown), length_penalty (0 to 2),
    focus ([place, step from 0] or []).

    Raises:
        TypeError, ValueError: as `TranslationFigure`.

    Source: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks", section
    3.2; Wu et al. 2016, "Google's Neural Machine Translation System", eq. 14 (the score).
    """

    _esm = bundle("translation_beam.js")

    width = Whole(1, 6, default=3)
    step = Whole(0, LONGEST + ROOM)
    length_penalty = Real(0, 2, default=0.0)

    controls = (
        TextField("sentence", "English", options="sentences"),
        Number("width"),
        Number("step", high=24),
        Number("length_penalty", "length penalty", high=1, step=0.125),
    )
    _found: tuple[tuple, list[list[Beginning]]] = (), []

    def __init__(self, model: nn.Module, sentence: str, sentences: Sequence[str] = (), **traits):
        super().__init__(model, sentence, sentences, **traits)

    @property
    def search(self) -> list[list[Beginning]]:
        """The seven most probable beginnings of each step, up to where none can do better."""
        asked = self.shown, self.width, self.length_penalty
        if self._found[0] != asked:
            self._found = asked, self._steps()
        return self._found[1]

    @property
    def best(self) -> Beginning:
        """Of all that have ended the one with the best score."""
        ended = [each for column in self.search for each in column if each.whole]
        return max(ended, key=lambda each: each.score(self.length_penalty))

    @property
    def result(self) -> list:
        """[log-probability and score of the best], then the log-probabilities of the beginnings of
        this step, then the scores of all that have ended so far."""
        now = self.search[: self.step]
        ended = [each for column in now for each in column if each.whole]
        return [
            [self.best.log, self.best.score(self.length_penalty)],
            [each.log for each in (now[-1] if now else [])],
            [each.score(self.length_penalty) for each in ended],
        ]

    def _steps(self) -> list[list[Beginning]]:
        steps, alive, best = [], [Beginning((), 0.0, True, False)], -math.inf
        for step in beams(
            self.network, torch.tensor([self.source]), width=self.width, **self.request
        ):
            kept = zip(step.tokens[0].tolist(), step.whole[0].tolist(), strict=True)
            steps.append(self._looked(alive, {tuple(tokens): whole for tokens, whole in kept}))
            alive = [each for each in steps[-1] if each.held and not each.whole]
            ended = [each.score(self.length_penalty) for each in steps[-1] if each.whole]
            best = max([best, *ended])
            hopes = [each.log / self._longest for each in alive]
            if max(hopes, default=-math.inf) <= best:
                break
        return steps

    @property
    def _longest(self) -> float:
        return ((5 + self.request["most"]) / 6) ** self.length_penalty

    def _looked(self, alive: Sequence[Beginning], kept: dict) -> list[Beginning]:
        """The most probable continuations; `kept` says which stay, and whether they end."""
        read = torch.tensor([[BEGIN, *each.tokens] for each in alive])
        source = torch.tensor([self.source]).expand(len(alive), -1)
        with torch.no_grad(), without_dropout(self.network):
            logs = self.network(source, read)[:, -1].double().log_softmax(-1)
        logs += torch.tensor([each.log for each in alive])[:, None]
        best, places = logs.flatten().sort(descending=True, stable=True)
        found = []
        for log, place in zip(best[:_LOOKS].tolist(), places[:_LOOKS].tolist(), strict=True):
            row, token = divmod(place, logs.shape[1])
            tokens = (*alive[row].tokens, token)
            found.append(Beginning(tokens, log, tokens in kept, kept.get(tokens, False)))
        return found

    @property
    def cells(self) -> tuple[int, int]:
        return _LOOKS, len(self.search)

    def __repr__(self) -> str:
        return f"Live beam of width {self.width} over a translation in {len(self.search)} steps"

    def png(self) -> bytes:
        steps = self.search[: self.step]
        still = Still(figsize=(1 + 0.9 * len(self.search), 3.6), dpi=110)
        axes = still.subplots()
        for column, found in enumerate(steps):
            for rank, each in enumerate(found):
                self._box(axes, column, rank, each)
                before = [other.tokens for other in steps[column - 1]] if column else []
                if each.held and each.tokens[:-1] in before:
                    rows = before.index(each.tokens[:-1]) + 0.4, rank + 0.4
                    axes.plot((column - 0.58, column - 0.42), rows, color=PALETTE["quiet"], lw=1)
        axes.set(xlim=(-0.6, len(self.search) - 0.4), ylim=(_LOOKS, -0.2), yticks=[], xlabel="step")
        axes.set_xticks(range(len(self.search)), [str(n + 1) for n in range(len(self.search))])
        axes.set_title(self.shown, fontsize=9, parse_math=False)
        return png(still)

    def _box(self, axes, column: int, rank: int, each: Beginning) -> None:
        cut = {"fill": False, "hatch": "////", "ec": PALETTE["hatch"]}
        kept = {"color": PALETTE["much"]} if each.held else cut
        axes.add_patch(Rectangle((column - 0.42, rank), 0.84, 0.8, **kept))
        word = f"{self.vocabulary[each.tokens[-1]]}\n{each.log:.2f}"
        ink = {"color": "white"} if each.held else {"bbox": {"color": "white", "pad": 1}}
        look = {"ha": "center", "va": "center", "fontsize": 7, "parse_math": False}
        axes.text(column, rank + 0.4, word, **look, **ink)
