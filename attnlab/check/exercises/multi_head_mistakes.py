"""Chapter 5: wrong ways to write the whole layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake
from attnlab.core import attention, dot, join_heads, softmax, split_heads


def _cut_by_reshape(x: Any, heads: int) -> Any:
    return x.reshape(heads, len(x), -1)


def _join_by_reshape(x: Any) -> Any:
    return x.reshape(x.shape[1], -1)


def layer_with(
    cut: Callable[..., Any] = split_heads,
    attend: Callable[..., Any] = attention,
    join: Callable[..., Any] = join_heads,
) -> Callable[..., Any]:
    """The layer with one of its parts exchanged."""

    def layer(x: Any, w_query: Any, w_key: Any, w_value: Any, w_output: Any, heads: int) -> Any:
        parts = (cut(x @ matrix, heads) for matrix in (w_query, w_key, w_value))
        return join(attend(*parts)) @ w_output

    return layer


RIGHT = layer_with()


def _divided_by(number: Callable[[Any], float]) -> Callable[..., Any]:
    """Another divisor of the scores, of the queries of all heads."""
    return layer_with(attend=lambda q, k, v: softmax(dot(q, k) / number(q)) @ v)


def _shared_along(axis: int) -> Callable[..., Any]:
    return layer_with(
        attend=lambda q, k, v: softmax(dot(q, k) / math.sqrt(q.shape[-1]), axis=axis) @ v
    )


MISTAKES = (
    Mistake(
        "W_o forgotten",
        lambda x, q, k, v, o, heads: RIGHT(x, q, k, v, np.eye(len(o)), heads),
        "These are the joined heads, side by side and not mixed. The last step is missing: "
        "one more matrix, w_output.",
    ),
    Mistake(
        "not joined",
        lambda x, q, k, v, o, heads: attention(*(split_heads(x @ w, heads) for w in (q, k, v))),
        "The heads are right, and still apart. Join them, and then comes one more matrix, w_output.",
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
        "head 0 again and again",
        layer_with(cut=lambda x, heads: np.stack([x[:, : x.shape[1] // heads]] * heads)),
        "All your heads use the same numbers, those of head 0. The slice must move on with the head.",
    ),
    Mistake(
        "split by reshape alone",
        layer_with(cut=_cut_by_reshape),
        "You split by reshape alone. That deals out words, so a head has whole words and "
        "misses others. Cut each word, then swap axes.",
    ),
    Mistake(
        "joined by reshape alone",
        layer_with(join=_join_by_reshape),
        "The heads are right, but joined by reshape alone: a row then holds several words "
        "from one head. Swap heads and words first.",
    ),
    Mistake(
        "joined in turn",
        layer_with(join=lambda parts: np.moveaxis(parts, 0, -1).reshape(parts.shape[1], -1)),
        "The heads are right, but in a joined row their numbers alternate. First all numbers of "
        "head 0, then all of head 1.",
    ),
    Mistake(
        "split and joined by reshape alone",
        layer_with(cut=_cut_by_reshape, join=_join_by_reshape),
        "You split and join by reshape alone. The shapes fit, but each head has whole words, and "
        "only some of them. Both need a swap of two axes.",
    ),
    Mistake(
        "numbers dealt out in turn",
        layer_with(cut=lambda x, heads: x.reshape(len(x), -1, heads).transpose(2, 0, 1)),
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
        "Your scores are divided by d_k, and not by its root. If you call attention, it divides by "
        "√d_k itself: then leave yours away.",
    ),
    Mistake(
        "root of the number of heads",
        _divided_by(lambda q: math.sqrt(len(q))),
        lambda seen: (
            f"You divide by √{seen.heads}, the root of the number of heads. It is the length of the "
            "vectors in a head that counts, d_k."
        ),
    ),
    Mistake(
        "scaled too often",
        _divided_by(lambda q: q.shape[-1] ** 1.5),
        "Your scores are divided by more than d_k: once for the queries, once for the keys, and once "
        "more in attention? By √d_k, once, is enough.",
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
        layer_with(attend=lambda q, k, v: attention(k, q, v)),
        "Your keys ask and your queries answer. The queries come first: query @ keyᵀ.",
    ),
    Mistake(
        "all axes of the keys turned round",
        layer_with(attend=lambda q, k, v: softmax(q @ k.T / math.sqrt(q.shape[-1])) @ v),
        "The keys have three axes now, and .T turns all of them round. Only the last two should "
        "change places.",
    ),
    Mistake(
        "values not projected",
        lambda x, q, k, v, o, heads: RIGHT(x, q, k, np.eye(len(v)), o, heads),
        "Your heads bring home pieces of x itself. The values are x @ w_value.",
    ),
    Mistake(
        "values from the keys",
        lambda x, q, k, v, o, heads: RIGHT(x, q, k, k, o, heads),
        "Your heads bring home the keys. The values are x @ w_value.",
    ),
    Mistake(
        "key and value swapped",
        lambda x, q, k, v, o, heads: RIGHT(x, q, v, k, o, heads),
        "Keys and values have changed places: the queries meet x @ w_value, and bring home x @ w_key.",
    ),
    Mistake(
        "nothing projected",
        lambda x, q, k, v, o, heads: RIGHT(x, *[np.eye(len(q))] * 3, o, heads),
        "Your heads see pieces of x itself. Queries, keys and values are three maps of x.",
    ),
    Mistake(
        "one matrix for query and key",
        lambda x, q, k, v, o, heads: RIGHT(x, q, q, v, o, heads),
        "Your queries and keys come from the same matrix, w_query. The keys are x @ w_key.",
    ),
    Mistake(
        "w_output turned on its side",
        lambda x, q, k, v, o, heads: RIGHT(x, q, k, v, o.T, heads),
        "You multiply by w_output.T, as PyTorch's layer keeps it. Here words are rows: "
        "joined @ w_output.",
    ),
    Mistake(
        "w_output from the left",
        lambda x, q, k, v, o, heads: o @ RIGHT(x, q, k, v, np.eye(len(o)), heads),
        "w_output stands on the left, where it would mix words. Words are rows: a matrix that maps "
        "their numbers stands on the right.",
    ),
    Mistake(
        "matrices turned on their side",
        lambda x, *rest: RIGHT(x, *(w.T for w in rest[:-1]), rest[-1]),
        "You multiply by all matrices turned on their side. Here words are rows: x @ w_query.",
    ),
    Mistake(
        "a piece meets a whole matrix",
        layer_with(join=lambda parts: parts.sum(axis=0)),
        lambda seen: (
            "Somewhere a piece of d_k numbers meets a matrix that takes whole vectors of "
            f"{seen.x.shape[1]}. Project before the split, and join, end to end, before w_output."
        ),
    ),
    Mistake(
        "values not split",
        lambda x, q, k, v, o, heads: (
            join_heads(attention(split_heads(x @ q, heads), split_heads(x @ k, heads), x @ v)) @ o
        ),
        lambda seen: (
            f"Rows of {seen.heads * seen.x.shape[1]} numbers meet w_output, in place of "
            f"{seen.x.shape[1]}. Does each head bring home whole values? Queries, keys and values "
            "are all split."
        ),
    ),
    Mistake(
        "added to x",
        lambda x, *rest: x + RIGHT(x, *rest),
        "Your answer is the right one plus x. The layer alone is asked.",
    ),
)

EXERCISES = ()  # the exercise itself stands in multi_head_exercise
