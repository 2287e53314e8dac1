"""Chapter 4: additive scores, a small network on each pair of query and key."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake
from attnlab.check.wording import few, said, shape_said
from attnlab.core import additive


def _pairs(from_query: Any, from_key: Any) -> Any:
    return from_query[:, None, :] + from_key[None, :, :]


def _judged(change: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    """A way to go on once query and key are mapped to hidden numbers."""
    return lambda query, key, w_query, w_key, w_value: change(query @ w_query, key @ w_key, w_value)


def _shared(scores: Any) -> Any:
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)


def _end_to_end(query: Any, key: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    sizes = len(query), len(key)
    rows = np.concatenate(
        [
            np.broadcast_to(query[:, None, :], (*sizes, query.shape[1])),
            np.broadcast_to(key[None, :, :], (*sizes, key.shape[1])),
        ],
        axis=2,
    )
    return np.tanh(rows @ np.vstack([w_query, w_key])) @ w_value


ADDITIVE_SCORES = Exercise(
    number="4.5",
    name="additive_scores",
    title="Additive scores",
    difficulty="hard",
    minutes=15,
    parameters={
        "query": "query d_q",
        "key": "key d_k",
        "w_query": "d_q hidden",
        "w_key": "d_k hidden",
        "w_value": "hidden",
    },
    result="query key",
    reference=additive,
    probes=(
        lambda _: {
            "query": np.array([[0.0], [1], [2], [-1], [3]]),
            "key": np.array([[1.0, 0], [0, 1], [1, 1], [2, 0]]),
            "w_query": np.array([[1.0, -1, 0]]),
            "w_key": np.array([[1.0, 0, 1], [0, 1, 1]]),
            "w_value": np.array([1.0, 2, -1]),
        },
        lambda random: {
            "query": random.normal(size=(2, 5)),
            "key": random.normal(size=(7, 3)),
            "w_query": random.normal(size=(5, 4)) / 2,
            "w_key": random.normal(size=(3, 4)),
            "w_value": random.normal(size=4),
        },
        lambda random: {
            "query": random.normal(size=(1, 2)),
            "key": random.normal(size=(3, 7)),
            "w_query": random.normal(size=(2, 5)),
            "w_key": random.normal(size=(7, 5)) / 2,
            "w_value": random.normal(size=5),
        },
    ),
    mistakes=(
        Mistake(
            "no bend",
            _judged(lambda q, k, w_value: _pairs(q, k) @ w_value),
            "Between any two keys your score makes the same difference for every query: it can say "
            "that a key is good, never that it is good for this query. tanh is missing.",
        ),
        Mistake(
            "bent before they meet",
            _judged(lambda q, k, w_value: _pairs(np.tanh(q), np.tanh(k)) @ w_value),
            "You bend query and key each by itself, and add then. So a key is as good for one query "
            "as for another. Add first, then bend the sum.",
        ),
        Mistake(
            "bent at the end",
            _judged(lambda q, k, w_value: np.tanh(_pairs(q, k) @ w_value)),
            lambda seen: (
                f"All your scores lie between −1 and 1; the largest is {said(seen.got.max())}. You "
                "bend what was weighed and added up already: bend the hidden numbers, then weigh."
            ),
        ),
        Mistake(
            "weighed before the bend",
            _judged(lambda q, k, w_value: np.tanh(_pairs(q, k) * w_value).sum(axis=2)),
            "You weigh the hidden numbers first, and bend then. So no hidden number can count for "
            "more than 1. First bend, then weigh.",
        ),
        Mistake(
            "sigmoid",
            _judged(lambda q, k, w_value: 1 / (1 + np.exp(-_pairs(q, k))) @ w_value),
            "You bend by the sigmoid, the S from 0 to 1. The one that is wanted goes from −1 to 1: "
            "tanh.",
        ),
        Mistake(
            "multiplied in place of added",
            _judged(lambda q, k, w_value: np.tanh(q[:, None] * k[None]) @ w_value),
            "You multiply the hidden numbers of query and key. This score has its name from adding "
            "them.",
        ),
        Mistake(
            "subtracted",
            _judged(lambda q, k, w_value: np.tanh(_pairs(q, -k)) @ w_value),
            "You subtract the key's hidden numbers from the query's. Add them: w_key has learnt its "
            "own signs.",
        ),
        Mistake(
            "not weighed",
            _judged(lambda q, k, w_value: np.tanh(_pairs(q, k)).sum(axis=2)),
            "You add up the bent numbers as if each were worth the same. w_value says what each is "
            "worth.",
        ),
        Mistake(
            "not added up",
            _judged(lambda q, k, w_value: np.tanh(_pairs(q, k)) * w_value),
            lambda seen: (
                f"You return {shape_said(seen.got.shape, 'query key hidden')}: the hidden numbers "
                "are weighed, and not added up. A pair has one score: @ does both."
            ),
        ),
        Mistake(
            "hidden numbers returned",
            _judged(lambda q, k, w_value: np.tanh(_pairs(q, k))),
            lambda seen: (
                f"You return {shape_said(seen.got.shape, 'query key hidden')}, the hidden numbers "
                "of each pair. One step is left: weigh them by w_value."
            ),
        ),
        Mistake(
            "keys are rows",
            _judged(lambda q, k, w_value: np.tanh(_pairs(k, q)) @ w_value),
            lambda seen: (
                f"You return {shape_said(seen.got.shape)}, a row for each key. Queries are rows: "
                "the new axis of the queries comes after, that of the keys before."
            ),
        ),
        Mistake(
            "not every pair",
            _judged(lambda q, k, w_value: np.tanh(q + k) @ w_value),
            lambda seen: (
                f"You add the hidden numbers of {len(seen.query)} queries to those of "
                f"{len(seen.key)} keys, row by row. Each query meets each key: put in an axis of "
                "length 1 on both sides."
            ),
        ),
        Mistake(
            "new axes on the same side",
            _judged(lambda q, k, w_value: np.tanh(q[:, None, :] + k[:, None, :]) @ w_value),
            lambda seen: (
                "You put the new axis into the same place in both. If queries and keys are to meet "
                f"in a table of {len(seen.query)} by {len(seen.key)}, one is spread along its rows, "
                "the other along its columns."
            ),
        ),
        Mistake(
            "a dot product in between",
            _judged(lambda q, k, w_value: q @ k.T),
            "You map both and take the dot product: that is the bilinear score. Here the two are "
            "added, bent and weighed.",
        ),
        Mistake(
            "matrices swapped",
            lambda query, key, w_query, w_key, w_value: (query @ w_key, key @ w_query),
            lambda seen: (
                f"w_key has {seen.key.shape[1]} rows, one for each number of a key, and you give it "
                f"a query, which has {seen.query.shape[1]}. Each has a matrix of its own."
            ),
        ),
        Mistake(
            "divided by a root",
            _judged(
                lambda q, k, w_value: np.tanh(_pairs(q, k)) @ w_value / math.sqrt(len(w_value))
            ),
            lambda seen: (
                f"You divide by √{len(seen.w_value)}. That is for dot products; what is bent lies "
                "between −1 and 1 already, and w_value learns its own size."
            ),
        ),
        Mistake(
            "weights already",
            _judged(lambda q, k, w_value: _shared(np.tanh(_pairs(q, k)) @ w_value)),
            lambda seen: (
                f"Your rows sum to {few(seen.got.sum(axis=1))}: those are weights. Scores are what "
                "goes into softmax."
            ),
        ),
    ),
    flaws=(
        Flaw(
            "each key mapped for each query",
            _end_to_end,
            lambda random: {
                "query": random.normal(size=(50, 70)),
                "key": random.normal(size=(60, 80)),
                "w_query": random.normal(size=(70, 2)) / 8,
                "w_key": random.normal(size=(80, 2)) / 8,
                "w_value": random.normal(size=2),
            },
            lambda seen: (
                f"it puts query and key end to end for each of {len(seen.query)} × {len(seen.key)} "
                f"pairs, {seen.query.shape[1] + seen.key.shape[1]} numbers each. Map first, pair "
                f"then: a pair needs {len(seen.w_value)} numbers only."
            ),
            most_bytes=8 * 50 * 60 * 2 * 30,
        ),
    ),
    hints=(
        "Four steps: map the query, map the key, add and bend, weigh. Which of them need pairs?",
        'The sections "When query and key are unlike" and "Every shape on the way", without the '
        "batch.",
        "score = tanh(q W_q + k W_k) · w_v, for each query q and each key k.",
        "Shapes for 3 queries, 5 keys and 16 hidden numbers: (3, 16) and (5, 16), then (3, 1, 16) "
        "and (1, 5, 16), together (3, 5, 16), weighed (3, 5).",
    ),
    solution="""def my_additive_scores(query, key, w_query, w_key, w_value):
    from_query, from_key = query @ w_query, key @ w_key
    pairs = from_query[:, None, :] + from_key[None, :, :]
    return np.tanh(pairs) @ w_value
""",
)

EXERCISES = (ADDITIVE_SCORES,)
