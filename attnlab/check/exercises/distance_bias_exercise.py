"""Chapter 7: a price for every place of distance, another one in each head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import distance_bias


def _steps(query: Any, key: Any) -> Any:
    return query[:, None] - key


def _from_one(heads: int) -> Any:
    return np.arange(1, heads + 1)


def _with(
    prices: Callable[[int], Any] = lambda heads: 2.0 ** (-8 * _from_one(heads) / heads),
    far: Callable[[Any], Any] = np.abs,
    sign: float = -1.0,
) -> Callable[[Any, Any, int], Any]:
    """The bias with other prices, another distance or another sign."""
    return lambda query, key, heads: sign * prices(heads)[:, None, None] * far(_steps(query, key))


def _places_ignored(query: Any, key: Any, heads: int) -> Any:
    return distance_bias(np.arange(len(query)), np.arange(len(key)), heads)


def _no_look_ahead(query: Any, key: Any, heads: int) -> Any:
    return np.where(_steps(query, key) >= 0, distance_bias(query, key, heads), -np.inf)


def _with_heads_last(query: Any, key: Any, heads: int) -> Any:
    return np.moveaxis(distance_bias(query, key, heads), 0, 2)


def _price(seen: Seen, head: int) -> str:
    """What a place costs in one head."""
    far = np.abs(_steps(seen.query, seen.key))
    return said((-seen.got[head])[far > 0][0] / far[far > 0][0])


DISTANCE_BIAS = Exercise(
    number="7.6",
    name="distance_bias",
    title="A price for distance",
    difficulty="medium",
    minutes=10,
    parameters={"query": "query", "key": "key", "heads": ""},
    result="heads query key",
    reference=distance_bias,
    probes=(
        lambda _: {"query": np.array([3]), "key": np.array([0, 2, 4]), "heads": 4},
        lambda _: {"query": np.arange(5), "key": np.arange(2, 9), "heads": 3},
        lambda _: {"query": np.array([9, 0, 4]), "key": np.array([3, 8]), "heads": 8},
    ),
    mistakes=(
        Mistake(
            "a reward",
            _with(sign=1.0),
            lambda seen: (
                f"Your numbers are positive, up to {said(seen.got.max())}: far keys would gain. A price "
                "is taken off the score."
            ),
        ),
        Mistake(
            "signed distance",
            _with(far=lambda steps: steps),
            lambda seen: (
                f"Your numbers reach from {said(seen.got.min())} to {said(seen.got.max())}: keys on one "
                "side are charged, and those on the other rewarded. Left and right count alike."
            ),
        ),
        Mistake(
            "signed distance, turned round",
            _with(far=lambda steps: steps, sign=1.0),
            lambda seen: (
                f"Your numbers reach from {said(seen.got.min())} to {said(seen.got.max())}: you take "
                "key minus query with its sign, and keys that come later are rewarded. A distance is "
                "never negative."
            ),
        ),
        Mistake(
            "squared distance",
            _with(far=np.square),
            lambda seen: (
                f"In head 0 your largest price is {said(-seen.got[0].min())}: two places cost four "
                "times as much as one. Each place costs the same: do not square."
            ),
        ),
        Mistake(
            "heads from 0",
            _with(lambda heads: 2.0 ** (-8 * np.arange(heads) / heads)),
            lambda seen: (
                f"In head 0 a place costs you {_price(seen, 0)}. The exponent counts heads from 1: "
                "h + 1, if your h begins at 0."
            ),
        ),
        Mistake(
            "not divided by the heads",
            _with(lambda heads: 2.0 ** (-8.0 * _from_one(heads))),
            lambda seen: (
                f"In head 0 a place costs {_price(seen, 0)}, in head 1 {_price(seen, 1)}: too steep. "
                "Divide the exponent by the number of heads, so that the last price is always 1/256."
            ),
        ),
        Mistake(
            "a half each time",
            _with(lambda heads: 2.0 ** -_from_one(heads)),
            lambda seen: (
                "Your prices are 1/2, 1/4, 1/8, …. That is so with 8 heads only, and here are "
                f"{seen.heads}: the last price is always 1/256, and the steps fit in between."
            ),
        ),
        Mistake(
            "the 8 forgotten",
            _with(lambda heads: 2.0 ** (-_from_one(heads) / heads)),
            lambda seen: (
                f"Your last head charges {_price(seen, seen.heads - 1)} for a place. It should be 1/256, "
                "which is 2 to the power −8: where is the 8?"
            ),
        ),
        Mistake(
            "prices that grow",
            _with(lambda heads: 2.0 ** (8 * _from_one(heads) / heads)),
            lambda seen: (
                f"In head 0 a place costs {_price(seen, 0)}, and in the last one "
                f"{_price(seen, seen.heads - 1)}. The minus in the exponent is missing: prices fall "
                "below 1."
            ),
        ),
        Mistake(
            "the last head nearest",
            _with(lambda heads: 2.0 ** (-8 * _from_one(heads)[::-1] / heads)),
            lambda seen: (
                f"In head 0 a place costs {_price(seen, 0)}, in the last one "
                f"{_price(seen, seen.heads - 1)}: the order of your heads is turned round. Head 0 is "
                "the dearest."
            ),
        ),
        Mistake(
            "even steps",
            _with(lambda heads: 1.0 / _from_one(heads)),
            "Your prices are 1, 1/2, 1/3, …. From head to head the price is multiplied by the same "
            "number: a power of 2.",
        ),
        Mistake(
            "one price for all heads",
            _with(lambda heads: np.full(heads, 2.0 ** (-8 / heads))),
            lambda seen: (
                f"A place costs {_price(seen, 0)} in every head. Each head has a price of its own."
            ),
        ),
        Mistake(
            "no price",
            _with(lambda heads: np.ones(heads)),
            "In each head a place costs 1: you return the distances. Multiply by the price of the head.",
        ),
        Mistake(
            "brackets of the exponent",
            _with(lambda heads: 2.0**-8 * _from_one(heads) / heads),
            "Your prices grow from head to head by equal steps. Python takes ** before * and /: put the "
            "whole exponent in brackets.",
        ),
        Mistake(
            "8 divided by the head",
            _with(lambda heads: 2.0 ** (-8 / _from_one(heads))),
            lambda seen: (
                f"In head 0 a place costs {_price(seen, 0)}, and later heads charge more: you divide 8 "
                "by the number of the head. Multiply by it, and divide by how many heads there are."
            ),
        ),
        Mistake(
            "places ignored",
            _places_ignored,
            lambda seen: (
                f"You count queries and keys as 0, 1, 2, …, but the queries stand at "
                f"{few(seen.query, 5)} and the keys at {few(seen.key, 5)}. Use the places handed in."
            ),
        ),
        Mistake(
            "later keys forbidden",
            _no_look_ahead,
            "You forbid keys that come later. That is the causal mask of chapter 6, another part: here "
            "the way to the right costs as much as that to the left.",
        ),
        Mistake(
            "queries and keys exchanged",
            lambda query, key, heads: np.swapaxes(distance_bias(query, key, heads), 1, 2),
            "Your keys are the rows. Queries are rows, keys columns.",
        ),
        Mistake(
            "heads behind",
            _with_heads_last,
            "Your heads are the last axis. They come first: one table of query by key for each.",
        ),
        Mistake(
            "places not lined up",
            lambda query, key, heads: _with()(query, key, heads) * 0 - np.abs(query - key),
            "query − key pairs the two lists one to one. Every query meets every key: make the "
            "queries a column.",
        ),
        Mistake(
            "prices not lined up",
            lambda query, key, heads: (
                -(2.0 ** (-8 * _from_one(heads) / heads)) * np.abs(_steps(query, key))
            ),
            lambda seen: (
                f"There are {seen.heads} prices and a table of {len(seen.query)} by {len(seen.key)}: "
                "as they are, prices meet keys. Give the prices two axes of length 1 behind."
            ),
        ),
        Mistake(
            "exp of it",
            lambda query, key, heads: np.exp(distance_bias(query, key, heads)),
            "You return exp of the bias, a factor. It is added to the scores, and softmax takes exp "
            "later.",
        ),
    ),
    hints=(
        "Two parts: a table of distances, the same for all heads, and a price for each head.",
        'Figure 7.4 and the text around it; move "head".',
        "bias = −price × |query − key|, and head h, from 0, has the price 2^(−8 (h + 1) / heads).",
        "With four heads the prices are 1/4, 1/16, 1/64 and 1/256; a query at 4 and a key at 1 give "
        "−0.75 in head 0.",
    ),
    solution="""def my_distance_bias(query, key, heads):
    distance = np.abs(query[:, None] - key)
    price = 2.0 ** (-8 * np.arange(1, heads + 1) / heads)
    return -price[:, None, None] * distance
""",
)

EXERCISES = (DISTANCE_BIAS,)
