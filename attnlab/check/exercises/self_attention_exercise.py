"""Chapter 2: self-attention with three matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake
from attnlab.check.exercises.self_attention_mistakes import MISTAKES
from attnlab.check.wording import few, shape_said
from attnlab.core import attention, self_attention


def _shared(scores: Any, axis: int | None = 1) -> Any:
    e = np.exp(scores)
    return e / e.sum(axis=axis, keepdims=True)


def _mapped(change: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """A way to go on once query, key and value are there."""
    return lambda x, w_query, w_key, w_value: change(x @ w_query, x @ w_key, x @ w_value)


def _divided_by(unit: Callable[[Any, Any], float]) -> Callable[..., Any]:
    def function(x: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
        scores = (x @ w_query) @ (x @ w_key).T / unit(x, w_key)
        return _shared(scores) @ (x @ w_value)

    return function


def _scores(query: Any, key: Any) -> Any:
    return query @ key.T / math.sqrt(query.shape[1])


def _without_keepdims(query: Any, key: Any, value: Any) -> Any:
    e = np.exp(_scores(query, key))
    return (e / e.sum(axis=1)) @ value


def _pair_by_pair(query: Any, key: Any, value: Any) -> Any:
    products = (query[:, None, :] * key[None, :, :]).sum(axis=2)
    return _shared(products / math.sqrt(query.shape[1])) @ value


SELF_ATTENTION = Exercise(
    number="2.4",
    name="self_attention",
    title="Self-attention with three matrices",
    difficulty="medium",
    minutes=10,
    parameters={
        "x": "word d_model",
        "w_query": "d_model d_k",
        "w_key": "d_model d_k",
        "w_value": "d_model d_v",
    },
    result="word d_v",
    reference=self_attention,
    probes=(
        lambda _: {
            "x": np.array([[1.0, 0], [0, 1], [1, 1]]),
            "w_query": np.array([[1.0, 0, 2, 0], [0, 1, 0, 0]]),
            "w_key": np.array([[0.0, 2, 0, 0], [1, 0, 1, 0]]),
            "w_value": np.array([[10.0], [20]]),
        },
        lambda random: {
            "x": random.normal(size=(5, 7)),
            "w_query": random.normal(size=(7, 3)) / 2,
            "w_key": random.normal(size=(7, 3)) / 2,
            "w_value": random.normal(size=(7, 2)),
        },
        lambda random: {
            "x": random.normal(size=(2, 3)),
            "w_query": random.normal(size=(3, 5)),
            "w_key": random.normal(size=(3, 5)),
            "w_value": random.normal(size=(3, 7)),
        },
    ),
    mistakes=(
        Mistake(
            "no scale",
            _mapped(lambda query, key, value: _shared(query @ key.T) @ value),
            lambda seen: (
                "Your weights come from the bare dot products of queries and keys. Divide by "
                f"√{seen.w_key.shape[1]} before exp, the root of their length."
            ),
        ),
        Mistake(
            "divided by the length",
            _divided_by(lambda x, w_key: w_key.shape[1]),
            lambda seen: (
                f"You divide the products by {seen.w_key.shape[1]}, the length of a query. Divide "
                "by its square root."
            ),
        ),
        Mistake(
            "root of the length of a word",
            _divided_by(lambda x, w_key: math.sqrt(x.shape[1])),
            lambda seen: (
                f"You divide by √{seen.x.shape[1]}, the root of the length of a word. The vectors "
                f"that you multiply are queries and keys, and they have {seen.w_key.shape[1]} numbers."
            ),
        ),
        Mistake(
            "root of the number of words",
            _divided_by(lambda x, w_key: math.sqrt(len(x))),
            lambda seen: (
                f"You divide by √{len(seen.x)}, and {len(seen.x)} is the number of words. It is "
                f"the length of a query that counts, {seen.w_key.shape[1]}: its shape[1], not its len."
            ),
        ),
        Mistake(
            "always root of 2",
            _divided_by(lambda x, w_key: math.sqrt(2)),
            lambda seen: (
                "You always divide by √2. That is right for the queries of the chapter, which have "
                f"2 numbers; these have {seen.w_key.shape[1]}. Ask the query how long it is."
            ),
        ),
        Mistake(
            "down the columns",
            _mapped(lambda query, key, value: _shared(_scores(query, key), 0) @ value),
            "In your table of weights the columns sum to 1, and the rows do not. Each query shares "
            "out its own 1, along its row: sum over axis=1, with keepdims=True.",
        ),
        Mistake(
            "over the whole table",
            _mapped(lambda query, key, value: _shared(_scores(query, key), None) @ value),
            lambda seen: (
                f"All your {len(seen.x) ** 2} weights together sum to 1. Each row must: sum along "
                "axis=1, with keepdims=True."
            ),
        ),
        Mistake(
            "keepdims forgotten",
            _mapped(_without_keepdims),
            "Your row sums lie flat, so each divides a column: the wrong sums for the wrong rows. "
            "Keep them as a column, with keepdims=True.",
        ),
        Mistake(
            "not shared out",
            _mapped(lambda query, key, value: np.exp(_scores(query, key)) @ value),
            "You sum the values, each times exp of its score. Divide by the sum of the row first: "
            "weights are shares of 1.",
        ),
        Mistake(
            "scores as weights",
            _mapped(lambda query, key, value: _scores(query, key) @ value),
            "You take the scores themselves as weights. Between them and the sum stand exp and the "
            "division by the sum of the row.",
        ),
        Mistake(
            "values forgotten",
            _mapped(lambda query, key, value: _shared(_scores(query, key))),
            lambda seen: (
                f"You return the weights, {len(seen.x)} by {len(seen.x)}; your rows sum to "
                f"{few(seen.got.sum(axis=1))}. The weighted sum of the values is still to come."
            ),
        ),
        Mistake(
            "words as values",
            lambda x, w_query, w_key, w_value: attention(x @ w_query, x @ w_key, x),
            lambda seen: (
                f"You return {seen.got.shape[1]} numbers a word, as many as x has: you sum the "
                "words themselves. Sum the values, which w_value makes of them."
            ),
        ),
        Mistake(
            "keys as values",
            _mapped(lambda query, key, value: attention(query, key, key)),
            lambda seen: (
                f"You return {shape_said(seen.got.shape)}: you sum the keys. They are labels to be "
                "found by; what is handed over are the values."
            ),
        ),
        Mistake(
            "query and key swapped",
            _mapped(lambda query, key, value: _shared(_scores(key, query)) @ value),
            "The keys ask, and the queries answer. It is the query that has the row: query @ key.T, "
            "not key @ query.T, and w_query makes the query.",
        ),
        Mistake(
            "one matrix for both",
            _mapped(lambda query, key, value: attention(query, query, value)),
            "Your queries look at queries: w_key takes no part. Each row of scores is one query "
            "with all keys.",
        ),
        Mistake(
            "no maps",
            lambda x, w_query, w_key, w_value: attention(x, x, x),
            "That is the attention of chapter 1, words with words, and the three matrices take no "
            "part. First map x to query, key and value.",
        ),
        Mistake(
            "key not turned",
            _mapped(lambda query, key, value: query @ key @ value),
            lambda seen: (
                f"A row of {seen.w_key.shape[1]} numbers meets {len(seen.x)} rows. Either the key is "
                f"not turned on its side, for query and key are both "
                f"{shape_said((len(seen.x), seen.w_key.shape[1]))}, or a matrix stands left of x. "
                "Words are rows: x stands left of its matrix."
            ),
        ),
        Mistake(
            "weights turned",
            _mapped(lambda query, key, value: _shared(_scores(query, key)).T @ value),
            "Your weights are turned before the sum: each word takes what others give it, by their "
            "rows. Use the row of the word that asks.",
        ),
        *MISTAKES,
    ),
    flaws=(
        Flaw(
            "needs more than n²",
            _mapped(_pair_by_pair),
            lambda random: {
                "x": random.normal(size=(150, 3)),
                "w_query": random.normal(size=(3, 70)) / 70,
                "w_key": random.normal(size=(3, 70)) / 70,
                "w_value": random.normal(size=(3, 2)),
            },
            lambda seen: (
                f"for {len(seen.x)} words it holds a table of {len(seen.x)} × {len(seen.x)} × "
                f"{seen.w_key.shape[1]} numbers on the way: let query @ key.T multiply and add in one go."
            ),
            most_bytes=8 * 150 * 150 * 16,
        ),
    ),
    hints=(
        "First the three maps of the last exercise, then chapter 1, with three names in place of x.",
        'The sections "Three maps of one word" and "Loop, vector, matrix".',
        "softmax(Q Kᵀ / √d_k) V, with Q = x W_q, K = x W_k, V = x W_v; softmax along each row.",
        "With x and the matrices of the chapter it gives Table 2.5: cat becomes 0.02, 2.93, 0.01.",
    ),
    solution="""def my_self_attention(x, w_query, w_key, w_value):
    query, key, value = x @ w_query, x @ w_key, x @ w_value
    exponentials = np.exp(query @ key.T / np.sqrt(query.shape[1]))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return weights @ value
""",
)

EXERCISES = (SELF_ATTENTION,)
