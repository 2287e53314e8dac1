"""Chapter 10: wrong ways to let a cache grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake
from attnlab.check.exercises.cached_step_mistakes import grown, look, right, scaled
from attnlab.check.wording import few


def _with_cache(cache: Callable[..., Any]) -> Callable[..., Any]:
    """The right new vector beside a wrong cache, of all arguments."""
    return lambda *given: (right(*given)[0], *cache(*given))


def _wrongly_grown(grow: Callable[..., Any]) -> Callable[..., Any]:
    """A look into a wrong cache, of all arguments."""

    def step(query: Any, *more: Any) -> Any:
        keys, values = grow(query, *more)
        return look(query, keys, values), keys, values

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
    return look(query, keys, np.vstack([values, value])), keys, values


def _flattened(query: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    keys, values = np.append(keys, key), np.append(values, value)
    return scaled(keys @ query, len(query)) @ values, keys, values


def _not_a_row(_: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    return np.concatenate([keys, key]), np.concatenate([values, value])


def _appended(_: Any, key: Any, value: Any, keys: Any, values: Any) -> Any:
    keys.append(key)
    values.append(value)
    return keys, values


GROWTH = (
    Mistake(
        "cache not grown",
        _with_cache(lambda query, key, value, keys, values: (keys, values)),
        lambda seen: (
            f"The new vector is right, but you return the old cache, {len(seen.keys)} keys. The "
            "next token will miss this one."
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
            f"You have {len(seen.values) + 1} values, and weights for {len(seen.keys)} keys: the keys did "
            "not grow, or only after the look. Both belong to a token."
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
        _with_cache(lambda query, *more: grown(*more)[::-1]),
        "You return the values before the keys. The order is: new vector, keys, values.",
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
    Mistake(
        "not a row",
        _wrongly_grown(_not_a_row),
        "A table and a vector cannot be joined as they are: the vector must become a row first, key[None]. "
        "np.vstack does it by itself.",
    ),
    Mistake(
        "appended as to a list",
        _wrongly_grown(_appended),
        "An array does not grow by append, as a list does. Make a new one: np.vstack puts rows below "
        "each other.",
    ),
    Mistake(
        "new vector last",
        lambda *given: (*right(*given)[1:], right(*given)[0]),
        "You return keys and values first. The order is: new vector, keys, values.",
    ),
)
