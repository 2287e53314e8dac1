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


def _scaled(scores: Any, width: int) -> Any:
    return _shared(scores / math.sqrt(width))


def _grown(key: Any, value: Any, keys: Any, values: Any) -> tuple[Any, Any]:
    return np.vstack([keys, key]), np.vstack([values, value])


def with_new(new: Callable[..., Any]) -> Callable[..., Any]:
    """A wrong new vector beside the right cache, of query and all keys and values."""

    def step(query: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
        keys, values = _grown(key, value, keys, values)
        return new(query, keys, values), keys, values

    return step


def _look(query: Any, keys: Any, values: Any) -> Any:
    return _scaled(keys @ query, len(query)) @ values


right = with_new(_look)


def _with_cache(cache: Callable[..., Any]) -> Callable[..., Any]:
    """The right new vector beside a wrong cache, of all arguments."""
    return lambda *given: (right(*given)[0], *cache(*given))


def _wrongly_grown(grow: Callable[..., Any]) -> Callable[..., Any]:
    """A look into a wrong cache, of all arguments."""

    def step(query: Any, *more: Any) -> Any:
        keys, values = grow(query, *more)
        return _look(query, keys, values), keys, values

    return step


def _in_front(_: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    return np.vstack([key, keys]), np.vstack([value, values])


def _last_replaced(_: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    return np.vstack([keys[:-1], key]), np.vstack([values[:-1], value])


def _first_dropped(_: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    return np.vstack([keys[1:], key]), np.vstack([values[1:], value])


def _query_kept(query: Any, _: Any, value: Any, keys: Any, values: Any) -> Any:
    return np.vstack([keys, query]), np.vstack([values, value])


def _key_forgotten(query: Any, _: Any, value: Any, keys: Any, values: Any) -> Any:
    return _look(query, keys, np.vstack([values, value])), keys, values


def _earlier_only(query: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    return _look(query, keys, values), *_grown(key, value, keys, values)


def _flattened(query: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    keys, values = np.append(keys, key), np.append(values, value)
    return _scaled(keys @ query, len(query)) @ values, keys, values


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
        "cache not grown",
        _with_cache(lambda query, key, value, keys, values: (keys, values)),
        lambda seen: (
            f"The new vector is right, but you return the old cache, {len(seen.keys)} keys. The "
            "next token will miss this one."
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
        "in front",
        _wrongly_grown(_in_front),
        "You put the newest key and value in front. The cache is in the order of the text: behind.",
    ),
    Mistake(
        "last one replaced",
        _wrongly_grown(_last_replaced),
        lambda seen: (
            f"Your cache has {len(seen.got[1])} keys, as before: you write over the last one. "
            "It must grow by one place."
        ),
    ),
    Mistake(
        "first one dropped",
        _wrongly_grown(_first_dropped),
        "You drop the oldest key and value. Nothing is forgotten here: the cache grows by one.",
    ),
    Mistake(
        "query kept",
        _wrongly_grown(_query_kept),
        lambda seen: (
            f"The last row of your keys is the query, {few(seen.query)}. Queries are asked once; "
            "what is kept is the key."
        ),
    ),
    Mistake(
        "keys not grown",
        _key_forgotten,
        lambda seen: (
            f"You have {len(seen.values) + 1} values and {len(seen.keys)} keys: the values grew, "
            "the keys did not. Both belong to a token."
        ),
    ),
    Mistake(
        "flattened",
        _flattened,
        "np.append without an axis makes one long row of all numbers. Each token must stay a row: "
        "np.vstack puts rows below each other.",
    ),
    Mistake(
        "swapped",
        _with_cache(lambda query, *more: _grown(*more)[::-1]),
        "You return the values before the keys. The order is: new vector, keys, values.",
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
        with_new(lambda query, keys, values: _scaled(keys @ query, len(keys)) @ values),
        lambda seen: (
            f"You divide by √{len(seen.keys) + 1}, and {len(seen.keys) + 1} is how many keys there "
            "are: it would change with every step. It is the length of a key that counts."
        ),
    ),
    Mistake(
        "root of the earlier keys",
        with_new(lambda query, keys, values: _scaled(keys @ query, len(keys) - 1) @ values),
        lambda seen: (
            f"You divide by √{len(seen.keys)}, and {len(seen.keys)} is how many earlier tokens "
            "there are. It is the length of a key that counts."
        ),
    ),
    Mistake(
        "key asks",
        with_new(lambda query, keys, values: _look(keys[-1], keys, values)),
        "The newest key asks, and the query is not used. Each key meets the query.",
    ),
    Mistake(
        "keys for values",
        with_new(lambda query, keys, values: _look(query, keys, keys)),
        lambda seen: (
            f"Your new vector has {len(seen.query)} numbers: it is a sum of keys. The weights are "
            "for the values."
        ),
    ),
    Mistake(
        "values forgotten",
        with_new(lambda query, keys, values: _scaled(keys @ query, len(query))),
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
        "new vector kept",
        _with_cache(
            lambda *given: (
                np.vstack([given[3], given[1]]),
                np.vstack([given[4], right(*given)[0]]),
            )
        ),
        "The last row of your values is the new vector. What is kept is the value of the token, not "
        "what it collected.",
    ),
)
