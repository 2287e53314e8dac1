"""Chapter 10: wrong ways to take one step with a cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake
from attnlab.check.wording import few, said


def _shared(scores: Any) -> Any:
    e = np.exp(scores - scores.max())
    return e / e.sum()


def scaled(scores: Any, width: int) -> Any:
    return _shared(scores / math.sqrt(width))


def grown(key: Any, value: Any, keys: Any, values: Any) -> tuple[Any, Any]:
    return np.vstack([keys, key]), np.vstack([values, value])


def with_new(new: Callable[..., Any]) -> Callable[..., Any]:
    """A wrong new vector beside the right cache, of query and all keys and values."""

    def step(query: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
        keys, values = grown(key, value, keys, values)
        return new(query, keys, values), keys, values

    return step


def look(query: Any, keys: Any, values: Any) -> Any:
    return scaled(keys @ query, len(query)) @ values


right = with_new(look)


def _earlier_only(query: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    return look(query, keys, values), *grown(key, value, keys, values)


MISTAKES = (
    Mistake(
        "itself left out",
        _earlier_only,
        lambda seen: (
            f"Your query looks at the {len(seen.keys)} earlier tokens only, and then the cache "
            "grows. The newest may look at itself: extend the cache first."
        ),
    ),
    Mistake(
        "cache ignored",
        with_new(lambda query, keys, values: values[-1]),
        lambda seen: (
            f"Your new vector is the newest value itself, {few(seen.value)}: the query looks at one "
            "key, and so gives it all the weight. It may look at the earlier ones, too."
        ),
    ),
    Mistake(
        "mask not offset",
        with_new(lambda query, keys, values: values[0]),
        lambda seen: (
            f"Your query looks at the first token only, {few(seen.values[0])}, as if it stood at "
            f"position 0. It stands at {len(seen.keys)}, and no key is later: it needs no mask."
        ),
    ),
    Mistake(
        "no scale",
        with_new(lambda query, keys, values: _shared(keys @ query) @ values),
        lambda seen: (
            f"Your scores are bare dot products. Divide them by √{len(seen.query)} before exp, the "
            "root of the length of a key."
        ),
    ),
    Mistake(
        "divided by the length",
        with_new(lambda query, keys, values: _shared(keys @ query / len(query)) @ values),
        lambda seen: (
            f"You divide the scores by {len(seen.query)}, the length of a key. Divide by its root."
        ),
    ),
    Mistake(
        "root of the number of keys",
        with_new(lambda query, keys, values: scaled(keys @ query, len(keys)) @ values),
        lambda seen: (
            f"You divide by √{len(seen.keys) + 1}, and {len(seen.keys) + 1} is how many keys there "
            "are: it would change with every step. It is the length of a key that counts."
        ),
    ),
    Mistake(
        "root of the earlier keys",
        with_new(lambda query, keys, values: scaled(keys @ query, len(keys) - 1) @ values),
        lambda seen: (
            f"You divide by √{len(seen.keys)}, and {len(seen.keys)} is how many earlier tokens "
            "there are. It is the length of a key that counts."
        ),
    ),
    Mistake(
        "key asks",
        with_new(lambda query, keys, values: look(keys[-1], keys, values)),
        "The newest key asks, and the query is not used. Each key meets the query.",
    ),
    Mistake(
        "keys for values",
        with_new(lambda query, keys, values: look(query, keys, keys)),
        lambda seen: (
            f"Your new vector has {len(seen.query)} numbers: it is a sum of keys. The weights are "
            "for the values."
        ),
    ),
    Mistake(
        "values forgotten",
        with_new(lambda query, keys, values: scaled(keys @ query, len(query))),
        lambda seen: (
            f"You return the {len(seen.keys) + 1} weights, {few(seen.got[0])}. The weighted sum of "
            "the values is still to come."
        ),
    ),
    Mistake(
        "not shared out",
        with_new(lambda q, k, v: np.exp(k @ q / math.sqrt(len(q))) @ v),
        "You sum the values, each times exp of its score. Divide by the sum of all exp first: "
        "weights are shares of 1.",
    ),
    Mistake(
        "no exp",
        with_new(lambda q, k, v: k @ q / (k @ q).sum() @ v),
        "Your weights are the scores divided by their sum. Before that, take exp of them.",
    ),
    Mistake(
        "plain mean",
        with_new(lambda query, keys, values: values.mean(axis=0)),
        lambda seen: (
            f"{said(seen.got[0])} is the plain mean of all values. Weigh them by what the query "
            "thinks of their keys."
        ),
    ),
    Mistake(
        "still a row",
        with_new(lambda query, keys, values: look(query, keys, values)[None]),
        "Your new vector stands in a table of one row. One vector is asked: take row 0, or let the query "
        "be a vector, keys @ query.",
    ),
    Mistake(
        "not turned round",
        with_new(lambda query, keys, values: scaled(query @ keys, len(query)) @ values),
        "query @ keys does not fit: the query must meet each key, and a key is a row. Put the keys "
        "first, or turn them round.",
    ),
    Mistake(
        "no softmax",
        with_new(lambda query, keys, values: keys @ query / math.sqrt(len(query)) @ values),
        "You multiply the values by the scores as they are. Make shares of them first, by softmax.",
    ),
    Mistake(
        "root of d_v",
        with_new(lambda query, keys, values: scaled(keys @ query, values.shape[1]) @ values),
        lambda seen: (
            f"You divide the scores by √{len(seen.value)}, the root of the values' length. The scores are "
            f"sums of {len(seen.query)} products, of query and key: take the root of that."
        ),
    ),
)
