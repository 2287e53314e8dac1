"""The wall of heads as a live figure: all heads of a model side by side, sorted by what they do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t

from attnlab.lab.wall_still import wall_png
from attnlab.lab.widgets.assets import bundle, style
from attnlab.lab.widgets.bounds import Numbers, OneOf, Real, Whole
from attnlab.lab.widgets.declared import Menu
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import sent
from attnlab.lab.widgets.wall_input import (
    CHANGE,
    DOES,
    LAYERS,
    bytes_of,
    changes_of,
    kinds_of,
    marks_of,
    names_of,
    sentences_of,
)


class HeadWall(Figure):
    """Every head of a model as a small heatmap, layers from left to right; one of them is large.

    The wall can be sorted by what the heads do, as measures say that are handed in, and by what
    is lost without them. Weights travel as bytes, in steps of 1/255, and so they are shown.

    Args:
        weights: (layer, head, query, key), from 0 to 1; or a list of such arrays, one for each
            sentence, all of as many layers and heads.
        tokens: a word for each query; or a list of such lists.
        kinds: by its name, for each thing that a head may do, how much of it each head does,
            (layer, head), from 0 to 1: how much of its weight lies on the previous word, say.
        changes: how far the sentence's embedding moves without each head, 1 - cosine:
            (layer, head), or (sentence, layer, head). None if that was not measured.
        names: what each sentence is called in the menu; its words if not given.
        marks: a sign for each kind, of one or two letters; arrows and first letters if not given.
        least: what a head does is the kind that it does most; if it does less of it than this, it
            does a bit of everything.

    Traits: sentence (a name), sort ("layer and head", "what it does", a kind, or "change without
    it"), opened (the number of the large head: layer × heads + head), pair ([query, key] of the
    large head or []), focus ([row, column] of the wall or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Clark et al. 2019, "What Does BERT Look At?", section 3; Michel et al. 2019, "Are
    Sixteen Heads Really Better than One?", section 3.2 (what is lost without a head).
    """

    _esm = bundle("head_wall.js")
    _css = Figure._css + style("head_wall.css")

    weights = t.Any().tag(sync=True, to_json=sent)
    tokens = t.List(t.List(t.Unicode())).tag(sync=True)
    layers = t.Int(1).tag(sync=True)
    heads = t.Int(1).tag(sync=True)
    names = t.List(t.Unicode()).tag(sync=True)
    kinds = t.List(t.Unicode()).tag(sync=True)
    marks = t.List(t.Unicode()).tag(sync=True)
    shares = Numbers("kind", "head", allow_none=True)
    changes = Numbers("sentence", "head", allow_none=True)
    least = Real(0, 1, default=0.4)
    sentence = OneOf("names")
    sort = OneOf("sorts", LAYERS)
    opened = Whole(0, lambda figure: figure.layers * figure.heads - 1)
    pair = t.List(t.Int()).tag(sync=True)

    controls = (Menu("sentence"), Menu("sort", "sort by"))

    def __init__(
        self, weights, tokens, *, kinds=None, changes=None, names=None, marks=None, **traits
    ):
        arrays, tokens = sentences_of(weights, tokens)
        layers, heads = arrays[0].shape[:2]
        kinds, shares = kinds_of(kinds, layers, heads)
        names = names_of(names, tokens)
        super().__init__(
            weights=bytes_of(arrays),
            tokens=tokens,
            layers=layers,
            heads=heads,
            names=names,
            kinds=kinds,
            marks=marks_of(marks, kinds),
            shares=shares,
            changes=changes_of(changes, len(tokens), layers, heads),
            **({"sentence": names[0]} | traits),
        )

    @property
    def sorts(self) -> list[str]:
        """All that the wall can be sorted by."""
        does = [DOES] if len(self.kinds) > 1 else []
        return [LAYERS, *does, *self.kinds, *([] if self.changes is None else [CHANGE])]

    @property
    def words(self) -> list[str]:
        """The words of the sentence that is shown."""
        return self.tokens[self.names.index(self.sentence)]

    @property
    def all_weights(self) -> np.ndarray:
        """The weights of the sentence that is shown, (layer × head, query, key), as sent."""
        place, count = self.names.index(self.sentence), len(self.words)
        sizes = [self.layers * self.heads * len(each) ** 2 for each in self.tokens]
        start = sum(sizes[:place])
        part = np.asarray(self.weights)[start : start + sizes[place]]
        return part.reshape(-1, count, count) / 255

    @property
    def does(self) -> np.ndarray:
        """The number of the kind that each head does most; that of all kinds if it does little."""
        if self.shares is None:
            return np.zeros(self.layers * self.heads, int)
        enough = self.shares.max(axis=0) >= self.least
        return np.where(enough, self.shares.argmax(axis=0), len(self.kinds))

    @property
    def moves(self) -> np.ndarray | None:
        """How far the embedding of the sentence moves without each head, (layer × head,)."""
        return None if self.changes is None else self.changes[self.names.index(self.sentence)]

    @property
    def values(self) -> np.ndarray:
        """What the heads are sorted by, (layer × head,); 0 where it is their place."""
        shares, moves = self.shares, self.moves
        if self.sort == CHANGE and moves is not None:
            return moves
        if self.sort == LAYERS or shares is None:
            return np.zeros(self.layers * self.heads)
        return shares.max(axis=0) if self.sort == DOES else shares[self.kinds.index(self.sort)]

    @property
    def order(self) -> list[int]:
        """The numbers of the heads as they stand on the wall, row by row."""
        if self.sort == LAYERS:
            return np.arange(self.layers * self.heads).reshape(self.layers, -1).T.ravel().tolist()
        groups = self.does if self.sort == DOES else np.zeros(self.layers * self.heads)
        return np.lexsort((-self.values, groups)).tolist()  # of equal ones the first comes first

    @property
    def result(self) -> list:
        """The weights of the large head, the order of the heads, and what they are sorted by."""
        shown = self.all_weights[self.opened]
        return [shown.tolist(), self.order, self.values.tolist()]

    @property
    def cells(self) -> tuple[int, int]:
        return self.heads, self.layers

    @t.validate("pair")
    def _of_the_sentence(self, proposal):
        pair, count = list(proposal.value), max(map(len, self.tokens))
        if pair and not (len(pair) == 2 and all(0 <= word < count for word in pair)):
            raise ValueError(f"pair is {pair}, and must be [] or [query, key], each below {count}")
        return pair

    def __repr__(self) -> str:
        count = len(self.names)
        return (
            f"Live wall of {self.layers} layers of {self.heads} heads, "
            f"{count} sentence{'s'[: count > 1]}"
        )

    def png(self) -> bytes:
        return wall_png(self)


def head_wall(weights, tokens, *, controls: Sequence[str] | None = None, **arguments) -> LiveFigure:
    """A `HeadWall` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        weights, tokens and further arguments: as `HeadWall`.
        controls: which of sentence and sort to show, in this order; both if not given.

    >>> head_wall(np.full((2, 3, 4, 4), 0.25), ["the", "cat", "sat", "down"])
    Live wall of 2 layers of 3 heads, 1 sentence
    """
    return LiveFigure(HeadWall(weights, tokens, **arguments), controls)
