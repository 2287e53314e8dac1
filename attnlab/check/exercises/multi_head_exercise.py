"""Chapter 5: the whole layer, project, split, attend, join, project."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Probe
from attnlab.core import attention, dot, join_heads, softmax, split_heads

_NAMES = ("w_query", "w_key", "w_value", "w_output")


def _cut_by_reshape(x: Any, heads: int) -> Any:
    return x.reshape(heads, len(x), -1)


def _join_by_reshape(x: Any) -> Any:
    return x.reshape(x.shape[1], -1)


def _layer(
    cut: Callable[..., Any] = split_heads,
    attend: Callable[..., Any] = attention,
    join: Callable[..., Any] = join_heads,
) -> Callable[..., Any]:
    """The layer with one of its parts exchanged."""

    def layer(x: Any, w_query: Any, w_key: Any, w_value: Any, w_output: Any, heads: int) -> Any:
        parts = (cut(x @ matrix, heads) for matrix in (w_query, w_key, w_value))
        return join(attend(*parts)) @ w_output

    return layer


_RIGHT = _layer()


def _divided_by(number: Callable[[Any], float]) -> Callable[..., Any]:
    """Another divisor of the scores, of the queries of all heads."""
    return _layer(attend=lambda q, k, v: softmax(dot(q, k) / number(q)) @ v)


def _shared_along(axis: int) -> Callable[..., Any]:
    return _layer(attend=lambda q, k, v: softmax(dot(q, k) / math.sqrt(q.shape[-1]), axis=axis) @ v)


def _plain(q: Any, k: Any, v: Any) -> Any:
    e = np.exp(dot(q, k) / math.sqrt(q.shape[-1]))
    return e / e.sum(axis=-1, keepdims=True) @ v


def _everyone_meets(q: Any, k: Any, v: Any) -> Any:
    heads, words, d_k = q.shape
    same_head = np.kron(np.eye(heads), np.ones((words, words))) == 1
    q, k, v = (part.reshape(heads * words, d_k) for part in (q, k, v))
    return attention(q, k, v, same_head).reshape(heads, words, d_k)


def _random(words: int, d_model: int, heads: int, size: float = 1.0) -> Probe:
    def probe(random: np.random.Generator) -> dict[str, Any]:
        x = size * random.normal(size=(words, d_model))
        square = (d_model, d_model)
        matrices = {name: random.normal(size=square) / math.sqrt(d_model) for name in _NAMES}
        return {"x": x, **matrices, "heads": heads}

    return probe


def _first(_: np.random.Generator) -> dict[str, Any]:
    matrices = ([[1, 0], [0, 2]], [[1, 1], [0, 1]], [[0, 1], [1, 1]], [[1, 2], [0, 1]])
    named = {name: np.array(matrix, float) for name, matrix in zip(_NAMES, matrices, strict=True)}
    return {"x": np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), **named, "heads": 2}


MULTI_HEAD = Exercise(
    number="5.6",
    name="multi_head",
    title="The whole layer",
    difficulty="hard",
    minutes=15,
    parameters={
        "x": "position d_model",
        **dict.fromkeys(_NAMES, "d_model d_model"),
        "heads": "",
    },
    result="position d_model",
    reference=_RIGHT,
    probes=(_first, _random(5, 6, 2), _random(4, 6, 3), _random(7, 15, 5)),
    mistakes=(
        Mistake(
            "W_o forgotten",
            lambda x, q, k, v, o, heads: _RIGHT(x, q, k, v, np.eye(len(o)), heads),
            "These are the joined heads, side by side and not mixed. The last step is missing: "
            "one more matrix, w_output.",
        ),
        Mistake(
            "one head",
            lambda x, q, k, v, o, heads: attention(x @ q, x @ k, x @ v) @ o,
            lambda seen: (
                "Your numbers are those of a single head with whole vectors: one budget a word in "
                f"place of {seen.heads}. Split queries, keys and values before they meet."
            ),
        ),
        Mistake(
            "split by reshape alone",
            _layer(cut=_cut_by_reshape),
            "You split by reshape alone. That deals out words, so a head has whole words and "
            "misses others. Cut each word, then swap axes.",
        ),
        Mistake(
            "joined by reshape alone",
            _layer(join=_join_by_reshape),
            "The heads are right, but joined by reshape alone: a row then holds several words "
            "from one head. Swap heads and words first.",
        ),
        Mistake(
            "split and joined by reshape alone",
            _layer(cut=_cut_by_reshape, join=_join_by_reshape),
            "You split and join by reshape alone. The shapes fit, but each head sees other words "
            "only, not other numbers. Both need a swap of two axes.",
        ),
        Mistake(
            "numbers dealt out in turn",
            _layer(cut=lambda x, heads: x.reshape(len(x), -1, heads).transpose(2, 0, 1)),
            lambda seen: (
                f"Your heads take numbers that lie {seen.heads} apart in place of neighbours: "
                "first cut into (position, heads, d_k), in this order."
            ),
        ),
        Mistake(
            "root of d_model",
            _divided_by(lambda q: math.sqrt(q.shape[0] * q.shape[-1])),
            lambda seen: (
                f"You divide by √{seen.x.shape[1]}, the root of d_model. The vectors that meet in "
                f"a head have length {seen.x.shape[1] // seen.heads}: divide by √d_k."
            ),
        ),
        Mistake(
            "no scale",
            _divided_by(lambda _: 1.0),
            "Your scores are bare dot products. If d_k is 1 that makes no difference; here it does: "
            "divide them by √d_k.",
        ),
        Mistake(
            "divided by d_k",
            _divided_by(lambda q: q.shape[-1]),
            "You divide the scores by d_k itself. If d_k is 1 that makes no difference; here it "
            "does: divide by its root.",
        ),
        Mistake(
            "scaled twice",
            _divided_by(lambda q: q.shape[-1] ** 1.5),
            "Your scores are divided by more than d_k. Is something divided by d_k before it is "
            "handed to attention, which divides by √d_k itself?",
        ),
        Mistake(
            "softmax over the queries",
            _shared_along(-2),
            "In your tables of weights each column sums to 1. Each query shares out its own 1, "
            "along its row: softmax over the last axis.",
        ),
        Mistake(
            "softmax over the heads",
            _shared_along(0),
            "Your heads share one budget: for each pair their weights sum to 1. Each head has a "
            "budget of its own: softmax over the keys, the last axis.",
        ),
        Mistake(
            "query and key swapped",
            _layer(attend=lambda q, k, v: attention(k, q, v)),
            "Your keys ask and your queries answer. The queries come first: query @ keyᵀ.",
        ),
        Mistake(
            "values not projected",
            lambda x, q, k, v, o, heads: _RIGHT(x, q, k, np.eye(len(v)), o, heads),
            "Your heads bring home pieces of x itself. The values are x @ w_value.",
        ),
        Mistake(
            "one matrix for query and key",
            lambda x, q, k, v, o, heads: _RIGHT(x, q, q, v, o, heads),
            "Your queries and keys come from the same matrix, w_query. The keys are x @ w_key.",
        ),
        Mistake(
            "w_output turned on its side",
            lambda x, q, k, v, o, heads: _RIGHT(x, q, k, v, o.T, heads),
            "You multiply by w_output.T, as PyTorch's layer keeps it. Here words are rows: "
            "joined @ w_output.",
        ),
        Mistake(
            "matrices turned on their side",
            lambda x, *rest: _RIGHT(x, *(w.T for w in rest[:-1]), rest[-1]),
            "You multiply by all matrices turned on their side. Here words are rows: x @ w_query.",
        ),
        Mistake(
            "heads added",
            _layer(join=lambda parts: parts.sum(axis=0)),
            "What the heads bring home is added up, and is then too short for w_output. Put it "
            "end to end.",
        ),
        Mistake(
            "added to x",
            lambda x, *rest: x + _RIGHT(x, *rest),
            "Your answer is the right one plus x. The layer alone is asked.",
        ),
    ),
    flaws=(
        Flaw(
            "overflows",
            _layer(attend=_plain),
            _random(5, 6, 2, size=100.0),
            "for vectors a hundred times as long it gives NaN: exp of a large score is infinite. "
            "Subtract the largest score of each row first, or call softmax.",
        ),
        Flaw(
            "larger than needed",
            _layer(attend=_everyone_meets),
            _random(100, 80, 8),
            lambda seen: (
                f"for {len(seen.x)} words and {seen.heads} heads it holds far more than "
                f"{seen.heads} tables of {len(seen.x)} × {len(seen.x)}. Queries need not meet keys of "
                "other heads, and @ multiplies and adds in one go."
            ),
            most_bytes=9 * 8 * 8 * 100 * 100,
        ),
    ),
    hints=(
        "Five steps, and you wrote two of them in the last two exercises.",
        'The section "The last matrix", and the cell that proves "no loop, same numbers".',
        "output = join(attention(split(x W_q), split(x W_k), split(x W_v))) W_o.",
        "Five words of length 6 and two heads: (5, 6) → (2, 5, 3) → (5, 6).",
    ),
    solution="""from attnlab import attention, join_heads, split_heads
def my_multi_head(x, w_query, w_key, w_value, w_output, heads):
    query, key, value = x @ w_query, x @ w_key, x @ w_value  # project
    query, key, value = (split_heads(wide, heads) for wide in [query, key, value])
    return join_heads(attention(query, key, value)) @ w_output  # attend, join, project
""",
)

EXERCISES = (MULTI_HEAD,)
