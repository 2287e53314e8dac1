"""Chapter 2: cross-attention, where queries and what is read come from different sentences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake
from attnlab.check.wording import few, shape_said
from attnlab.core import attention


def _reference(x: Any, source: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    return attention(x @ w_query, source @ w_key, source @ w_value)


def _shared(scores: Any, axis: int | None = 1) -> Any:
    e = np.exp(scores)
    return e / e.sum(axis=axis, keepdims=True)


def _mapped(change: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """A way to go on once query, key and value are there."""
    return lambda x, source, w_query, w_key, w_value: change(
        x @ w_query, source @ w_key, source @ w_value
    )


def _read_from(choose: Callable[[Any, Any], tuple[Any, Any, Any]]) -> Callable[..., Any]:
    """Attention when queries, keys and values are made of what was chosen."""

    def function(x: Any, source: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
        asking, found, read = choose(x, source)
        scores = (asking @ w_query) @ (found @ w_key).T / math.sqrt(w_key.shape[1])
        return _shared(scores) @ (read @ w_value)

    return function


def _scores(query: Any, key: Any) -> Any:
    return query @ key.T / math.sqrt(query.shape[1])


def _pair_by_pair(query: Any, key: Any, value: Any) -> Any:
    products = (query[:, None, :] * key[None, :, :]).sum(axis=2)
    return _shared(products / math.sqrt(query.shape[1])) @ value


def _without_keepdims(query: Any, key: Any, value: Any) -> Any:
    e = np.exp(_scores(query, key))
    return (e / e.sum(axis=1)) @ value


def _mapped_by_length(x: Any, source: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    scores = (x @ w_query) @ (source @ w_key).T / math.sqrt(x.shape[1])
    return _shared(scores) @ (source @ w_value)


CROSS_ATTENTION = Exercise(
    number="2.5",
    name="cross_attention",
    title="A question to another sentence",
    difficulty="medium",
    minutes=10,
    parameters={
        "x": "word d_model",
        "source": "source d_model",
        "w_query": "d_model d_k",
        "w_key": "d_model d_k",
        "w_value": "d_model d_v",
    },
    result="word d_v",
    reference=_reference,
    probes=(
        lambda _: {
            "x": np.array([[1.0], [2]]),
            "source": np.array([[0.0], [1], [2]]),
            "w_query": np.array([[1.0, 0, 1, 0]]),
            "w_key": np.array([[1.0, 1, 0, 0]]),
            "w_value": np.array([[1.0, 0, 2, 3, 10]]),
        },
        lambda random: {
            "x": random.normal(size=(3, 7)),
            "source": random.normal(size=(5, 7)),
            "w_query": random.normal(size=(7, 4)) / 2,
            "w_key": random.normal(size=(7, 4)) / 2,
            "w_value": random.normal(size=(7, 2)),
        },
        lambda random: {
            "x": random.normal(size=(1, 3)),
            "source": random.normal(size=(4, 3)),
            "w_query": random.normal(size=(3, 2)),
            "w_key": random.normal(size=(3, 2)),
            "w_value": random.normal(size=(3, 5)),
        },
    ),
    mistakes=(
        Mistake(
            "source ignored",
            _read_from(lambda x, source: (x, x, x)),
            lambda seen: (
                f"That is self-attention: the {len(seen.source)} words of source take no part. "
                "What is read comes from source, the keys as well as the values."
            ),
        ),
        Mistake(
            "sides swapped",
            _read_from(lambda x, source: (source, x, x)),
            lambda seen: (
                f"You return {len(seen.got)} rows, one for each word of source: source asks, and x "
                f"is read. It is x that asks, with {len(seen.x)} words: as many rows come out."
            ),
        ),
        Mistake(
            "keys from the own sentence",
            _read_from(lambda x, source: (x, x, source)),
            lambda seen: (
                f"You have {len(seen.x)} weights in a row, and {len(seen.source)} values from "
                "source: x has made the keys. A key is the label of its value: the queries come "
                "from x, and both of these from source."
            ),
        ),
        Mistake(
            "values from the own sentence",
            _read_from(lambda x, source: (x, source, x)),
            lambda seen: (
                f"You have {len(seen.source)} keys, from source, and {len(seen.x)} values, from x. "
                "What is found is also what is read: take both from source."
            ),
        ),
        Mistake(
            "key not turned",
            _mapped(lambda query, key, value: _shared(query @ key)),
            lambda seen: (
                f"A row of {seen.w_key.shape[1]} numbers, a query, meets {len(seen.source)} rows: "
                "the key is not turned on its side, so that both meet in their numbers."
            ),
        ),
        Mistake(
            "both sentences read",
            _read_from(lambda x, source: (x, *[np.concatenate([source, x])] * 2)),
            lambda seen: (
                f"Each of your words reads {len(seen.source) + len(seen.x)} words, those of source "
                f"and its own sentence. Only the {len(seen.source)} of source are read here."
            ),
        ),
        Mistake(
            "matrices swapped",
            lambda x, source, w_query, w_key, w_value: attention(
                x @ w_key, source @ w_query, source @ w_value
            ),
            "You map x by w_key, and source by w_query. Who asks goes through w_query.",
        ),
        Mistake(
            "source as values",
            lambda x, source, w_query, w_key, w_value: attention(
                x @ w_query, source @ w_key, source
            ),
            lambda seen: (
                f"Your rows are as long as those of source, {seen.got.shape[1]}: you sum its words "
                "themselves. Sum what w_value makes of them."
            ),
        ),
        Mistake(
            "no scale",
            _mapped(lambda query, key, value: _shared(query @ key.T) @ value),
            lambda seen: (
                f"Your weights come from the bare dot products. Divide them by √{seen.w_key.shape[1]} "
                "before exp, the root of the length of a query."
            ),
        ),
        Mistake(
            "root of the number of words",
            _mapped(lambda query, key, value: _shared(query @ key.T / math.sqrt(len(key))) @ value),
            lambda seen: (
                f"You divide by √{len(seen.source)}, and {len(seen.source)} is the number of words "
                f"in source. It is the length of a query that counts, {seen.w_key.shape[1]}."
            ),
        ),
        Mistake(
            "root of the length of a word",
            _mapped_by_length,
            lambda seen: (
                f"You divide by √{seen.x.shape[1]}, the root of the length of a word. You multiply "
                f"queries and keys, and they have {seen.w_key.shape[1]} numbers."
            ),
        ),
        Mistake(
            "down the columns",
            _mapped(lambda query, key, value: _shared(_scores(query, key), 0) @ value),
            "In your table of weights the columns sum to 1, and the rows do not: each word of "
            "source shares itself out. Each query shares out its own 1, along its row.",
        ),
        Mistake(
            "keepdims forgotten",
            _mapped(_without_keepdims),
            lambda seen: (
                f"Your {len(seen.x)} row sums lie flat, and do not line up with rows of "
                f"{len(seen.source)} weights. Keep them as a column, with keepdims=True."
            ),
        ),
        Mistake(
            "values forgotten",
            _mapped(lambda query, key, value: _shared(_scores(query, key))),
            lambda seen: (
                f"You return the weights, {shape_said(seen.got.shape, 'word source')}; your rows sum "
                f"to {few(seen.got.sum(axis=1))}. The weighted sum of the values is still to come."
            ),
        ),
    ),
    flaws=(
        Flaw(
            "needs more than n × m",
            _mapped(_pair_by_pair),
            lambda random: {
                "x": random.normal(size=(120, 3)),
                "source": random.normal(size=(150, 3)),
                "w_query": random.normal(size=(3, 70)) / 70,
                "w_key": random.normal(size=(3, 70)) / 70,
                "w_value": random.normal(size=(3, 2)),
            },
            lambda seen: (
                f"for {len(seen.x)} and {len(seen.source)} words it holds a table of {len(seen.x)} × "
                f"{len(seen.source)} × {seen.w_key.shape[1]} numbers on the way: let query @ key.T "
                "multiply and add in one go."
            ),
            most_bytes=8 * 120 * 150 * 16,
        ),
    ),
    hints=(
        "Start from your self-attention. In how many places does it say x? Which of them ask?",
        'The section "One function, four uses", and the library in "Three parts for each word".',
        "softmax(Q Kᵀ / √d_k) V, with Q = x W_q; K and V from what is read.",
        "A row for each word of x. If all words of source are alike, each row is the value of "
        "that word. If x and source are the same, it is self-attention.",
    ),
    solution="""def my_cross_attention(x, source, w_query, w_key, w_value):
    query, key, value = x @ w_query, source @ w_key, source @ w_value
    exponentials = np.exp(query @ key.T / np.sqrt(query.shape[1]))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return weights @ value
""",
)

EXERCISES = (CROSS_ATTENTION,)
