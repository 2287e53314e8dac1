"""The machine: the drawing of a whole model, with the actual arrays of a run in its boxes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import traitlets as t
from torch import nn

from attnlab.lab.cross_attention import LONGEST, check_words, english
from attnlab.lab.machine_answer import Answer, answer, vocabularies_of
from attnlab.lab.machine_boxes import items_of, switches_of
from attnlab.lab.machine_plan import plan_of
from attnlab.lab.machine_png import machine_png
from attnlab.lab.machine_run import running
from attnlab.lab.machine_strips import Run
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import Whole
from attnlab.lab.widgets.declared import Switch, TextField
from attnlab.lab.widgets.figure import LiveFigure
from attnlab.lab.widgets.model_figure import ModelFigure
from attnlab.lab.widgets.model_weights import Model, kind_of
from attnlab.lab.widgets.sending import numbers, sent, words_of
from attnlab.tasks import BEGIN, MARKS, Pair, Vocabulary

_READS = ("transformer", "gru", "language")


class Machine(ModelFigure):
    """A model as boxes and arrows, as in figure 1 of the paper, while it runs.

    Each box holds the array that the model made there; boxes open to their numbers, formula and
    line of code. A translator writes word by word: text, mask, keys and values, weights and
    probabilities grow with each step. Parts of it can be switched off.

    Args:
        model: a `Transformer`, `LanguageModel` or `Seq2Seq`, which reads sentences; an
            `EncoderLayer`, a `MultiHeadAttention` or three matrices (w_query, w_key, w_value),
            which read vectors.
        sentences: for a model that reads sentences: texts or pairs to choose from, all different.
        x: for the others: a vector for each word, (word, d_model).
        words: a word for each row of x; numbers if not given.
        part: "encoder" or "decoder" of a translator, to draw that alone.
        vocabulary: of a language model; ENGLISH or FRENCH, by its size, if not given.

    Traits: sentence (any text; one that cannot be read leaves the sentence before), step (how many
    words are written, from 0; all if not given), attention (False: in each cross-attention all
    weights are equal), off (names of parts that are switched off), unfolded (ids of boxes and
    groups of the plan that are open), head (-1 for all), focus ([place of a box or group in the
    plan, row]).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Vaswani et al. 2017, "Attention Is All You Need", figures 1 and 2.
    """

    _esm = bundle("machine.js")
    _css = ModelFigure._css + style("machine.css")

    plan = t.Dict().tag(sync=True)
    sentence = t.Unicode().tag(sync=True)
    sentences = t.List(t.Unicode()).tag(sync=True)
    words = t.List(t.Unicode()).tag(sync=True)
    x = t.Any().tag(sync=True, to_json=sent)
    step = Whole(0)
    attention = t.Bool(True).tag(sync=True)
    off = t.List(t.Unicode()).tag(sync=True)
    unfolded = t.List(t.Unicode()).tag(sync=True)
    head = Whole(-1, lambda figure: figure.heads - 1, default=-1)

    _before = ""
    controls = (
        TextField("sentence", lambda figure: figure.language, options="sentences", needs="reads"),
        Switch("attention", needs="crossing"),
    )

    def __init__(
        self,
        model: Model,
        sentences: Sequence[str | Pair] | None = None,
        *,
        x: Any = None,
        words: Sequence[str] | None = None,
        part: str | None = None,
        vocabulary: Vocabulary | None = None,
        **traits,
    ):
        plan, known = plan_of(model, part), {}
        if isinstance(model, nn.Module) and kind_of(model) in _READS:
            _only("x", x, "an EncoderLayer, MultiHeadAttention or matrices", "sentences=...")
            _only("words", words, "the rows of x", "sentences=...")
            source, target = vocabularies_of(model, vocabulary)
            known = {"source_words": list(source.words), "target_words": list(target.words)}
            given = _prepared(sentences, traits.get("sentence"))
        else:
            _only("sentences", sentences, "a model that reads sentences", "x=..., words=...")
            given = _vectors(x, words, _width(model))
        super().__init__(model, plan=plan, **{**given, **traits})
        self.model = dict(self.model) | known
        if self.writes and "step" not in traits:
            self.step = self._now.steps

    @t.observe("sentence")
    def _keep(self, change) -> None:
        """The sentence before stays, as long as this one cannot be read."""
        if _readable(change.old or ""):
            self._before = change.old

    @property
    def read(self) -> str:
        """The sentence that is read: what is typed, or else what was typed before."""
        return self.sentence if _readable(self.sentence) else self._before or self.sentences[0]

    @t.validate("off", "unfolded")
    def _of_the_model(self, proposal):
        name = proposal.trait.name
        known = [each["id"] for each in items_of(self.plan)]
        if name == "off":
            known = [switch["off"] for each in self._whole for switch in each.get("switches", ())]
        if unknown := [each for each in proposal.value if each not in known]:
            raise ValueError(
                f"{name} names {', '.join(unknown)}, and this machine has "
                f"{', '.join(known) or 'nothing'}: take some of these"
            )
        return proposal.value

    @property
    def reads(self) -> bool | None:
        """True of a model that reads sentences, and else None."""
        return True if self.model["kind"] in _READS else None

    @property
    def writes(self) -> bool | None:
        """True if a decoder is drawn, and else None."""
        return True if self.plan["columns"][-1]["rows"] == "target" else None

    @property
    def crossing(self) -> list[str] | None:
        """The names of the cross-attentions that are drawn; None without any."""
        return [name for name, label in switches_of(self.plan) if label == "attention"] or None

    @property
    def heads(self) -> int:
        """The most heads of an attention."""
        return max(each.get("heads", 1) for each in items_of(self.plan))

    @property
    def language(self) -> str:
        """What is typed."""
        return "English" if self.model["kind"] != "language" else "beginning"

    @property
    def source(self) -> list[str]:
        """The words of the rows of the source."""
        return list(self._now.source) if self.reads else self.words

    @property
    def written(self) -> list[str]:
        """The words of the whole answer, without its end mark."""
        return list(self._now.words)

    @property
    def row(self) -> int:
        """The last row of the target that is shown: the one that writes the next word."""
        return len(self._beginning) + min(self.step, self._now.steps)

    @property
    def target(self) -> list[str]:
        """The words of the rows of the target that are shown."""
        if not self.reads:
            return []
        return [MARKS[BEGIN], *self._beginning, *self.written][: self.row + 1]

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of the whole run by their paths: (row, column), or (head, query, key)."""
        return self._now.arrays

    @property
    def result(self) -> list:
        """The probabilities of the next word, and the weights by which the last attention to the
        source looked at it, the mean of its heads; of a model that reads vectors the weights of
        each head, and what comes out."""
        boxes = [each for each in self._whole if each["kind"] != "group"]
        pairs = [each for each in boxes if each["kind"] == "weights"]
        if not self.reads:
            weights, output = (self.arrays[each["array"]] for each in (pairs[-1], boxes[-1]))
            return [*weights.tolist(), output.tolist()]
        next_word, shown = self.arrays["probabilities"][self.row], np.zeros((1, 0, 0))
        if pairs and pairs[-1]["rows"] == "target":
            shown = self.arrays[pairs[-1]["array"]][:, : self.row + 1]
            shown = shown[..., : self.row + 1] if pairs[-1]["keys"] == "target" else shown
        return [[next_word.tolist()], shown.mean(0).tolist()]

    @property
    def cells(self) -> tuple[int, int]:
        return len(list(items_of(self.plan))), max(len(self.source), len(self.target), 1)

    def __repr__(self) -> str:
        boxes = sum(each["kind"] != "group" for each in items_of(self.plan))
        return f"Live machine: {self.plan['title']}, {boxes} boxes"

    def png(self) -> bytes:
        known = [*MARKS, *self.model["target_words"]] if self.reads else []
        off = frozenset(self._off)
        run = Run(self.arrays, self.source, self.target, known, off)
        return machine_png(self.plan, run, self.unfolded)

    @property
    def _beginning(self) -> list[str]:
        """What a language model has read before it writes."""
        return self.source if self.model["kind"] == "language" else []

    @property
    def _now(self) -> Answer:
        return self._answer(self.read if self.reads else "", self._off)

    @property
    def _off(self) -> tuple[str, ...]:
        """The names of all that is switched off, the cross-attentions among them."""
        return (*self.off, *(() if self.attention else self.crossing or ()))

    def _answer(self, sentence: str, off: tuple[str, ...]) -> Answer:
        """The run with these settings; the last one is kept, since much is asked of it."""
        asked = sentence, off, id(self.x)
        if getattr(self, "_kept", (None,))[0] != asked:
            self._kept = asked, self._run(sentence, off)
        return self._kept[1]

    def _run(self, sentence: str, off: tuple[str, ...]) -> Answer:
        module = self.module if isinstance(self.module, nn.Module) else tuple(self.module)
        if isinstance(module, tuple) or not self.reads:
            return Answer((), (), 0, running(module, x=self.x[0, 0], off=off))
        known = self.model["source_words"], self.model["target_words"]
        return answer(module, sentence, [Vocabulary(words) for words in known], off)

    @cached_property
    def _whole(self) -> list[dict[str, Any]]:
        """All that the plan of the model has, also where only a part is drawn."""
        return list(items_of(plan_of(self.module)))


def machine(model: Model, sentences: Sequence[str | Pair] | None = None, **arguments) -> LiveFigure:
    """A `Machine` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        model, sentences and further arguments: as `Machine`.

    >>> machine((np.eye(2), np.eye(2), np.eye(2)), x=[[3.0, 0.0], [1.0, 1.0]], words=["cat", "sat"])
    Live machine: attention, 8 boxes
    """
    return LiveFigure(Machine(model, sentences, **arguments))


def _only(name: str, value: object, of: str, instead: str) -> None:
    if value is not None:
        raise TypeError(f"{name} is given, and is for {of}: of this model give {instead}")


def _readable(sentence: str) -> bool:
    return 0 < len(english(sentence)) <= LONGEST


def _prepared(sentences: Sequence[str | Pair] | None, chosen: str | None) -> dict[str, Any]:
    """The sentences to choose from, and the one that is read first."""
    if isinstance(sentences, str):
        raise TypeError("sentences is one string: write [sentence] for a list")
    names = [each if isinstance(each, str) else " ".join(each.source) for each in sentences or ()]
    if len(set(names)) < max(len(names), 1):
        raise ValueError("sentences is empty or has one twice: give at least one, all different")
    for name in [*names, names[0] if chosen is None else chosen]:
        check_words(english(name))
    return {"sentences": names, "sentence": names[0]}


def _vectors(x: Any, words: Sequence[str] | None, width: int) -> dict[str, Any]:
    """The vectors of the words, and the words."""
    if x is None:
        raise TypeError("x is missing: give a vector for each word, (word, d_model)")
    rows = numbers("x", x)
    if rows.shape[:2] != (1, 1) or rows.shape[3] != width:
        raise ValueError(
            f"x has shape {np.shape(x)}, and this model reads vectors of length {width}: it needs "
            f"(word, {width})"
        )
    return {"x": rows, "words": words_of("words", words, rows.shape[2])}


def _width(model: Any) -> int:
    if isinstance(model, tuple | list):
        return len(model[0])
    return getattr(model, "attention", model).d_model
