"""The attention bench: one attention with all that goes in and comes out, moved by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets as t

from attnlab.core import scaled_dot, softmax
from attnlab.lab.attention_plane import bench_png
from attnlab.lab.shown_arrays import as_array, listed_words
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Numbers, Positive
from attnlab.lab.widgets.declared import TEMPERATURE
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import numbers, words_of

_MATRICES = ("w_query", "w_key", "w_value")


class AttentionBench(Figure):
    """Words as points, a query as an arrow, the output as a point inside the hull of the values.

    Everything is moved by hand: the query, the words and their order, the entries of the matrices,
    and where there is a lexicon the sentence. The browser computes what `attention` computes, with
    the score q · k / sqrt(d) / temperature; where there is a kernel, the traits follow.

    Args:
        words: a word for each position.
        x: their vectors, (position, feature).
        features: names of the features; f1, f2 ... if not given. The plane shows the first two.
        w_query, w_key: matrices (feature, d_k): queries and keys are then x @ w_query and
            x @ w_key, and x itself where there are none.
        w_value: a matrix (feature, d_v), given with the other two.
        asked: names of the d_k columns of queries and keys; q1, q2 ... if not given.
        handed: names of the d_v columns of the values; v1, v2 ... if not given.
        lexicon: a vector for each word that may be typed; the sentence can then be edited.
        parts: which of sentence, plane, strip, heatmap, matrices and formula to show; all that
            apply if not given.

    Traits: words, x, w_query, w_key, w_value, question (a query vector of the reader's own; [] is
    that of the word in focus), temperature (above 0), focus ([query, key]).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
    """

    _esm = bundle("attention_bench.js")

    words = t.List(t.Unicode()).tag(sync=True)
    x = Numbers("position", "feature")
    w_query = Numbers("feature", "d_k", allow_none=True)
    w_key = Numbers("feature", "d_k", allow_none=True)
    w_value = Numbers("feature", "d_v", allow_none=True)
    question = Numbers("d_k")
    temperature = Positive(1.0)
    features = t.List(t.Unicode()).tag(sync=True)
    asked = t.List(t.Unicode()).tag(sync=True)
    handed = t.List(t.Unicode()).tag(sync=True)
    lexicon = t.Dict(allow_none=True, default_value=None).tag(sync=True)
    parts = t.List(t.Unicode()).tag(sync=True)

    controls = (TEMPERATURE,)

    def __init__(
        self,
        words,
        x,
        *,
        w_query=None,
        w_key=None,
        w_value=None,
        features=None,
        asked=None,
        handed=None,
        lexicon=None,
        parts=None,
        **traits,
    ):
        words, x = listed_words("words", words), as_array("x", x)
        given = dict(zip(_MATRICES, (w_query, w_key, w_value), strict=True))
        matrices = {n: None if m is None else as_array(n, m) for n, m in given.items()}
        sizes = _sizes(words, x, matrices)
        super().__init__(
            words=words,
            x=x,
            **matrices,
            features=_named("features", features, sizes[0], "f"),
            asked=_named("asked", asked if w_query is not None else features, sizes[1], "q"),
            handed=_named("handed", handed if w_query is not None else features, sizes[2], "v"),
            lexicon=_vectors(lexicon, sizes[0]),
            parts=_chosen(parts, _parts(sizes, w_query is not None)),
            **({"focus": [0, 0], "question": []} | traits),
        )

    @t.validate("words", "x", *_MATRICES, "question")
    def _fits(self, proposal):
        """What a page or a cell sets must fit the rest; several are set together, or not at all."""
        now = {name: getattr(self, name) for name in ("words", "x", *_MATRICES, "question")}
        now[proposal.trait.name] = proposal.value
        _, d_k, _ = _sizes(now["words"], now["x"], {name: now[name] for name in _MATRICES})
        if len(now["question"]) not in (0, d_k):
            raise ValueError(
                f"question has {len(now['question'])} numbers, and a query here {d_k}: give one "
                "for each, or [] for the query of the word in focus"
            )
        return proposal.value

    @property
    def query(self) -> np.ndarray:
        """The queries of the words, (word, d_k)."""
        return self.x if self.w_query is None else self.x @ self.w_query

    @property
    def key(self) -> np.ndarray:
        """The keys of the words, (word, d_k)."""
        return self.x if self.w_key is None else self.x @ self.w_key

    @property
    def value(self) -> np.ndarray:
        """The values of the words, (word, d_v)."""
        return self.x if self.w_value is None else self.x @ self.w_value

    @property
    def weights(self) -> np.ndarray:
        """The weights of all words, (query, key), as the heatmap shows them."""
        return self._shares(self.query)

    @property
    def output(self) -> np.ndarray:
        """The new vectors of all words, (query, d_v)."""
        return self.weights @ self.value

    @property
    def asking(self) -> np.ndarray:
        """The query of the arrow, (d_k,): the reader's own, or that of the word in focus."""
        return self.question if self.question.size else self.query[self.row]

    @property
    def shares(self) -> np.ndarray:
        """The weights that this query gives to the words, (key,)."""
        return self._shares(self.asking[None])[0]

    @property
    def answer(self) -> np.ndarray:
        """What this query reads, (d_v,): the output that the plane shows."""
        return self.shares @ self.value

    @property
    def result(self) -> list:
        """Weights and new vectors of all words; and those of the reader's own question."""
        own = [self.shares, self.answer] if self.question.size else []
        return [each.tolist() for each in (self.weights, self.output, *own)]

    @property
    def row(self) -> int:
        """The word that asks."""
        return self.focus[0] if self.focus else 0

    @property
    def cells(self) -> tuple[int, int]:
        return len(self.words), len(self.words)

    def __repr__(self) -> str:
        maps = "" if self.w_query is None else ", with W_q, W_k and W_v"
        count, width = self.x.shape
        return f"Live attention bench, {count} words of {width} features{maps}"

    def png(self) -> bytes:
        return bench_png(self)

    def _shares(self, query: np.ndarray) -> np.ndarray:
        return softmax(scaled_dot(query, self.key), temperature=self.temperature)


def attention_bench(words, x, *, controls: Sequence[str] = (), **arguments) -> LiveFigure:
    """An `AttentionBench`, ready to show; the widget itself is `.figure`.

    Args:
        words, x and further arguments: as `AttentionBench`.
        controls: ("temperature",) for a slider of the temperature; none if not given.

    >>> attention_bench(["one", "other"], np.eye(2))
    Live attention bench, 2 words of 2 features
    """
    return LiveFigure(AttentionBench(words, x, **arguments), controls)


def _sizes(words: list[str], x, matrices: Mapping) -> tuple[int, int, int]:
    """How many features there are, d_k and d_v; or what does not fit together."""
    shapes = {"x": np.shape(x)} | {name: np.shape(m) for name, m in matrices.items()}
    if len(shapes["x"]) != 2 or 0 in shapes["x"]:
        raise ValueError(f"x has shape {shapes['x']}, and needs (position, feature)")
    count, width = shapes["x"]
    if count != len(words):
        raise ValueError(f"x has {count} rows and words {len(words)}: give a row for each word")
    given = [name for name, matrix in matrices.items() if matrix is not None]
    if not given:
        return width, width, width
    if len(given) < 3:
        raise TypeError(f"of the three matrices only {given} are given: give all, or none")
    for name in _MATRICES:
        if len(shapes[name]) != 2 or shapes[name][0] != width or not shapes[name][1]:
            raise ValueError(
                f"{name} has shape {shapes[name]} and x {width} features: words are rows, so "
                f"{name} needs {width} rows"
            )
    d_q, d_k, d_v = (shapes[name][1] for name in _MATRICES)
    if d_q != d_k:
        raise ValueError(
            f"w_query has {d_q} columns and w_key {d_k}: a dot product needs the same number"
        )
    return width, d_k, d_v


def _named(name: str, names, count: int, letter: str) -> list[str]:
    numbered = [f"{letter}{place + 1}" for place in range(count)]
    return words_of(name, numbered if names is None else names, count)


def _parts(sizes: tuple[int, int, int], mapped: bool) -> list[str]:
    """The parts that a bench of these sizes can have."""
    offered = {"sentence": True, "plane": min(sizes) > 1, "strip": True, "heatmap": True}
    offered |= {"matrices": mapped, "formula": True}
    return [part for part, applies in offered.items() if applies]


def _chosen(parts, offered: list[str]) -> list[str]:
    parts = offered if parts is None else listed_words("parts", parts)
    if unknown := sorted(set(parts) - set(offered)):
        raise ValueError(f"parts has {unknown}, and this bench can show {offered}")
    return [part for part in offered if part in parts]


def _vectors(lexicon, width: int) -> dict | None:
    """A list of numbers for each word."""
    if lexicon is None:
        return None
    if not isinstance(lexicon, Mapping) or not lexicon:
        raise TypeError(f"lexicon is {lexicon!r}, and must be a dict: word -> vector")
    return {str(word): _entry(f"lexicon[{word!r}]", v, width) for word, v in lexicon.items()}


def _entry(name: str, vector, width: int) -> list[float]:
    vector = as_array(name, vector)
    if vector.shape != (width,):
        raise ValueError(
            f"{name} has shape {vector.shape}, and a word here {width} features: "
            f"give {width} numbers"
        )
    return numbers(name, vector[None])[0, 0, 0].tolist()
