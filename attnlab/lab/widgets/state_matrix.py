"""The live state of linear attention: one small matrix that grows by k v with each word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t
from matplotlib.figure import Figure as Still

from attnlab.core import associative_states
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.stills import SIGNED, draw_grid, png
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Numbers, OneOf, Real, Whole
from attnlab.lab.widgets.declared import Menu, Number
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import words_of

MOST = 8  # rows and columns of the matrix


class StateMatrix(Figure):
    """A memory of pairs, word by word: the matrix before, what a word adds, and the matrix after.

    Vectors are rows: a word adds the outer product of its key and its value to S, and a query q
    is answered by q S. The browser computes what `attnlab.associative_states` computes.

    Args:
        key: the keys, (word, d_k), at most 8 numbers each.
        value: their values, (word, d_v), at most 8 numbers each.
        query: the queries of the words, (word, d_k); their keys if not given.
        words: a word for each; their numbers if not given.

    Traits: key, value, query, step (how many words were read, from 1), asked (the number of the
    word, from 1, whose query is asked), rule ("sum": S + k v; "decay": decay S + k v; "delta":
    S + rate k (v - k S)), decay (from 0 to 1), rate (from 0 to 2), focus ([row, column] of S
    or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Katharopoulos et al. 2020, "Transformers are RNNs", section 3.4; Schlag et al. 2021,
    "Linear Transformers Are Secretly Fast Weight Programmers", section 4.2 (the delta rule).
    """

    _esm = bundle("state_matrix.js")

    key = Numbers("word", "d_k")
    value = Numbers("word", "d_v")
    query = Numbers("word", "d_k", allow_none=True)
    words = t.List(t.Unicode()).tag(sync=True)
    step = Whole(1, lambda figure: len(figure.words), default=1)
    asked = Whole(1, lambda figure: len(figure.words), default=1)
    rule = OneOf(["sum", "decay", "delta"], "sum")
    decay = Real(0.0, 1.0, default=0.9)
    rate = Real(0.0, 2.0, default=1.0)

    controls = (
        Number("step", "words read"),
        Number("asked", "asked for word"),
        Menu("rule"),
        Number("decay", step=0.05),
        Number("rate", step=0.1),
    )

    def __init__(self, key, value, query=None, words=None, **traits):
        given = {"key": key, "value": value, "query": query}
        arrays = {n: None if a is None else as_array(n, a) for n, a in given.items()}
        _check_sizes({name: np.shape(each) for name, each in arrays.items() if each is not None})
        words = words_of("words", words, np.shape(key)[0])
        super().__init__(**arrays, words=words, **{"focus": [0, 0]} | traits)

    @t.validate("key", "value", "query", "words")
    def _fits(self, proposal):
        """What a page or a cell sets must fit the rest; several are set together, or not at all."""
        now = {name: getattr(self, name) for name in ("key", "value", "query", "words")}
        now[proposal.trait.name] = proposal.value
        words_of("words", now.pop("words"), np.shape(now["key"])[0])
        _check_sizes({name: np.shape(each) for name, each in now.items() if each is not None})
        return proposal.value

    @property
    def how(self) -> dict[str, float]:
        """The decay or the rate of the rule that is chosen, as `associative_states` takes them."""
        decay = self.decay or 1e-12  # which forgets as much, and is above 0
        rules = {"sum": {}, "decay": {"decay": decay}, "delta": {"rate": self.rate}}
        return rules[self.rule]

    @property
    def states(self) -> np.ndarray:
        """The matrix after each word, (word, d_k, d_v), by the rule that is chosen."""
        return associative_states(self.key, self.value, **self.how)

    @property
    def state(self) -> np.ndarray:
        """The matrix after the words that were read, (d_k, d_v)."""
        return self.states[self.step - 1]

    @property
    def answer(self) -> np.ndarray:
        """What it answers the query that is asked, (d_v,)."""
        queries = self.key if self.query is None else self.query
        return queries[self.asked - 1] @ self.state

    @property
    def error(self) -> float:
        """How far the answer lies from the value of the word that is asked for."""
        return float(np.linalg.norm(self.answer - self.value[self.asked - 1]))

    @property
    def result(self) -> list:
        """The rows of the matrix, and the answer."""
        return [self.state.tolist(), self.answer.tolist()]

    @property
    def cells(self) -> tuple[int, int]:
        return self.key.shape[1], self.value.shape[1]

    def __repr__(self) -> str:
        rows, columns = self.cells
        return f"Live state matrix, {rows} by {columns}, {len(self.words)} words"

    def png(self) -> bytes:
        (rows, columns), now, after = self.cells, self.step - 1, self.state
        decay = self.how.get("decay", 1.0)
        before = decay * self.states[now - 1] if now else np.zeros_like(after)
        most = max(float(abs(self.states).max()), 1.0)
        sides = (
            ("", [f"k{i + 1}" for i in range(rows)]),
            ("", [f"v{j + 1}" for j in range(columns)]),
        )
        style = {"colours": SIGNED, "low": -most, "high": most, "write": "{:.1f}".format}
        still = Still(figsize=(3 * (0.42 * columns + 0.7), 0.42 * rows + 1.2), dpi=110)
        grids = {
            "S before" if decay == 1 else f"{decay:.2f} × S before": before,
            f"“{self.words[now]}” adds": after - before,
            "S after": after,
        }
        for place, (title, values) in enumerate(grids.items(), start=1):
            axes = still.add_subplot(1, 3, place)
            draw_grid(axes, values, *sides, **style)
            axes.set_title(title, fontsize=10, parse_math=False)
        answer = ", ".join(f"{number:.2f}" for number in self.answer)
        said = f"“{self.words[self.asked - 1]}” is answered by ({answer})"
        still.text(0.5, 0.02, said, ha="center", parse_math=False)
        return png(still)


def state_matrix(
    key, value, query=None, words=None, *, controls: Sequence[str] | None = None, **arguments
) -> LiveFigure:
    """A `StateMatrix` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        key, value, query, words and further arguments: as `StateMatrix`.
        controls: which of step, asked, rule, decay and rate to show, in this order; all of them
            if not given.

    >>> state_matrix(np.eye(3), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], words=["a", "b", "c"])
    Live state matrix, 3 by 2, 3 words
    """
    return LiveFigure(StateMatrix(key, value, query, words, **arguments), controls)


def _check_sizes(shapes: dict[str, tuple[int, ...]]) -> None:
    """Refuse what does not fit together."""
    for name, shape in shapes.items():
        width = "d_v" if name == "value" else "d_k"
        if len(shape) != 2 or 0 in shape:
            raise ValueError(f"{name} has shape {shape}, and needs (word, {width})")
        if shape[1] > MOST:
            raise ValueError(
                f"{name} has {shape[1]} numbers a word, and the figure room for {MOST}: show fewer"
            )
        if shape[0] != shapes["key"][0]:
            raise ValueError(
                f"key has {shapes['key'][0]} words and {name} {shape[0]}: give a row for each word"
            )
    if "query" in shapes and shapes["query"] != shapes["key"]:
        raise ValueError(
            f"key has {shapes['key'][1]} numbers a word and query {shapes['query'][1]}: a dot "
            "product needs as many"
        )
