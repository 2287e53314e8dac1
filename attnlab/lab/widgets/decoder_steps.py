"""The steps of a decoder as a live figure: scores, weights and context, word after word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still
from matplotlib.patches import Rectangle

from attnlab.core import softmax
from attnlab.lab.attended_sentences import Reading
from attnlab.lab.palette import PALETTE
from attnlab.lab.stills import draw_grid, png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import OneOf, Positive, Whole
from attnlab.lab.widgets.declared import TEMPERATURE, Menu, Number, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, sent, words_of


class DecoderSteps(Figure):
    """What each step of a decoder looks at: e, softmax, and the context as a weighted sum.

    Target words are rows, source words are columns. What is written later than the chosen step is
    pale. Pairs of words that belong together are outlined. Under the weights stand a few numbers
    of the encoder's states, and beside them the same numbers of the context.

    Args:
        readings: sentences, as `attnlab.lab.reading` makes them, whose states are equally long.
        names: what each sentence is called; its source if not given. All different.
        features: which numbers of the states are shown, and computed with; if not given, the
            four that differ most from word to word.

    Traits: sentence (one of names), step (from 1), temperature (above 0), shuffled (the source
    words with their states in another order), focus ([step - 1, column]).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
    Translate", eq. 5 and 6, figure 3.
    """

    _esm = bundle("decoder_steps.js")

    scores = t.Any().tag(sync=True, to_json=sent)
    states = t.Any().tag(sync=True, to_json=sent)
    sources = t.List(t.List(t.Unicode())).tag(sync=True)
    targets = t.List(t.List(t.Unicode())).tag(sync=True)
    gold = t.List(t.List(t.List(t.Int()))).tag(sync=True)
    orders = t.List(t.List(t.Int())).tag(sync=True)
    names = t.List(t.Unicode()).tag(sync=True)
    features = t.List(t.Unicode()).tag(sync=True)
    sentence = OneOf("names")
    step = Whole(1, lambda figure: figure.scores.shape[-2], default=1)
    temperature = Positive(1.0)
    shuffled = t.Bool(False).tag(sync=True)

    controls = (
        Menu("sentence"),
        Number("step"),
        TEMPERATURE,
        Switch("shuffled", "shuffle the states"),
    )

    def __init__(
        self,
        readings: Sequence[Reading],
        names: Sequence[str] | None = None,
        *,
        features: Sequence[int] | None = None,
        **traits,
    ):
        readings = [_checked(place, each) for place, each in enumerate(readings)]
        states = _together(readings)
        chosen = _chosen(states, features)
        names = [" ".join(each.source) for each in readings] if names is None else names
        names = words_of("names", names, len(readings))
        if len(set(names)) < len(names):
            raise ValueError("names has the same name twice: each sentence needs one of its own")
        super().__init__(
            scores=_stacked([each.scores for each in readings]),
            states=_stacked([each.states[:, chosen] for each in readings]),
            sources=[list(each.source) for each in readings],
            targets=[list(each.target) for each in readings],
            gold=[[list(pair) for pair in each.gold] for each in readings],
            orders=[_other_order(len(each.source)) for each in readings],
            names=names,
            features=[str(number) for number in chosen],
            **{"sentence": names[0], **traits},
        )
        if not self.focus:
            self.focus = [self.row, int(self.weights[self.row].argmax())]

    @property
    def row(self) -> int:
        """The row of the step: a sentence may have fewer steps than the slider."""
        return min(self.step, len(self.targets[self._place])) - 1

    @property
    def order(self) -> list[int]:
        """The places of the source words in the order in which they are shown."""
        order = self.orders[self._place]
        return order if self.shuffled else sorted(order)

    @property
    def weights(self) -> np.ndarray:
        """The weights of all steps of the sentence, (target, source), as it is shown."""
        rows = self.scores[self._place, 0, : len(self.targets[self._place])]
        return softmax(rows[:, self.order], temperature=self.temperature)

    @property
    def context(self) -> np.ndarray:
        """The numbers of the step's context that are shown, (feature,)."""
        return self.weights[self.row] @ self.states[self._place, 0, self.order]

    @property
    def result(self) -> list:
        """The weights of all steps, and the context of the chosen one."""
        return [self.weights.tolist(), [self.context.tolist()]]

    @property
    def _place(self) -> int:
        return self.names.index(self.sentence)

    @property
    def cells(self) -> tuple[int, int]:
        return len(self.targets[self._place]), len(self.sources[self._place])

    def __repr__(self) -> str:
        count = len(self.names)
        return f"Live steps of a decoder, {count} sentence{'s'[: count > 1]}"

    def png(self) -> bytes:
        target, source = self.targets[self._place], self.sources[self._place]
        still = Still(figsize=(0.3 * len(source) + 1.8, 0.3 * len(target) + 1.4), dpi=110)
        axes = still.add_subplot()
        words = [source[j] for j in self.order]
        draw_grid(axes, self.weights, ("query", target), ("key", words), 0.3)
        for j, i in self.gold[self._place]:
            corner = self.order.index(j) - 0.42, i - 0.42
            axes.add_patch(Rectangle(corner, 0.84, 0.84, fill=False, lw=1.8, ec=PALETTE["gold"]))
        axes.set(xlabel="and looks at", ylabel="a step writes")
        return png(still)


def decoder_steps(readings, names=None, **arguments) -> LiveFigure:
    """A `DecoderSteps` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        readings, names and further arguments: as `DecoderSteps`.

    >>> scores, states = np.zeros((2, 3)), np.eye(3)
    >>> decoder_steps([Reading(("a", "b", "c"), ("x", "y"), scores, states)])
    Live steps of a decoder, 1 sentence
    """
    return LiveFigure(DecoderSteps(readings, names, **arguments))


def _checked(place: int, reading: Reading) -> Reading:
    """A reading whose words, scores, states and gold fit each other."""
    words = len(reading.target), len(reading.source)
    scores, states = (
        numbers(f"readings[{place}].{name}", getattr(reading, name))
        for name in ("scores", "states")
    )
    if scores.shape != (1, 1, *words):
        raise ValueError(
            f"readings[{place}].scores has shape {scores.shape[2:]}, and the sentence {words[0]} "
            f"target and {words[1]} source words: give one row a target word"
        )
    if states.shape[:3] != (1, 1, words[1]):
        raise ValueError(
            f"readings[{place}].states has shape {states.shape[2:]}, and the sentence {words[1]} "
            "source words: give one row a source word"
        )
    if outside := [pair for pair in reading.gold if not _within(pair, words)]:
        raise ValueError(
            f"readings[{place}].gold holds {tuple(outside[0])}, and the sentence has {words[1]} "
            f"source and {words[0]} target words: give places (source, target) from 0"
        )
    return reading._replace(scores=scores[0, 0], states=states[0, 0])


def _within(pair, words: tuple[int, int]) -> bool:
    return len(pair) == 2 and 0 <= pair[0] < words[1] and 0 <= pair[1] < words[0]


def _together(readings: list[Reading]) -> np.ndarray:
    """All states of all sentences, (word, width)."""
    if not readings:
        raise ValueError("readings is empty: give at least one sentence")
    widths = [each.states.shape[1] for each in readings]
    if len(set(widths)) > 1:
        raise ValueError(
            f"readings has states of {widths[0]} and of {max(widths, key=widths[0].__ne__)} "
            "numbers: take all from the same model"
        )
    return np.concatenate([each.states for each in readings])


def _chosen(states: np.ndarray, features: Sequence[int] | None) -> list[int]:
    width = states.shape[1]
    if features is None:
        return sorted(np.argsort(-states.std(axis=0), kind="stable")[:4].tolist())
    chosen = [int(feature) for feature in features]
    if not chosen or not all(0 <= feature < width for feature in chosen):
        raise ValueError(
            f"features is {chosen}, and the states have {width} numbers: give at least one, each "
            f"from 0 to {width - 1}"
        )
    return chosen


def _stacked(matrices: list[np.ndarray]) -> np.ndarray:
    """Matrices in one array (sentence, 1, row, column), zeros where one has no more."""
    size = np.max([matrix.shape for matrix in matrices], axis=0)
    stack = np.zeros((len(matrices), 1, *size))
    for place, matrix in enumerate(matrices):
        stack[place, 0, : matrix.shape[0], : matrix.shape[1]] = matrix
    return stack


def _other_order(count: int) -> list[int]:
    """The same shuffled order for every sentence of this length."""
    order = np.random.default_rng(count).permutation(count).tolist()
    return order if order != sorted(order) or count < 2 else order[::-1]
