"""Chapter 4: scaled dot-product scores of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake
from attnlab.check.wording import few, said, shape_said
from attnlab.core import scaled_dot


def _dot(query: Any, key: Any) -> Any:
    return query @ key.swapaxes(-1, -2)


def _divided_by(unit: Callable[[Any, Any], float]) -> Callable[[Any, Any], Any]:
    return lambda query, key: _dot(query, key) / unit(query, key)


def _shares(query: Any, key: Any) -> Any:
    e = np.exp(scaled_dot(query, key))
    return e / e.sum(axis=-1, keepdims=True)


def _reshaped(query: Any, key: Any) -> Any:
    batch, count, length = key.shape
    return query @ key.reshape(batch, length, count) / math.sqrt(length)


def _all_batches(query: Any, key: Any) -> Any:
    return np.einsum("aqd,bkd->aqbk", query, key) / math.sqrt(query.shape[-1])


def _pair_by_pair(query: Any, key: Any) -> Any:
    products = query[:, :, None, :] * key[:, None, :, :]
    return products.sum(axis=-1) / math.sqrt(query.shape[-1])


def _cosine(query: Any, key: Any) -> Any:
    sizes = [np.sqrt((part**2).sum(axis=-1)) for part in (query, key)]
    return _dot(query, key) / (sizes[0][:, :, None] * sizes[1][:, None, :])


SCALED_SCORES = Exercise(
    number="4.4",
    name="scaled_scores",
    title="Scaled dot products of a batch",
    difficulty="medium",
    minutes=8,
    parameters={"query": "batch query d", "key": "batch key d"},
    result="batch query key",
    reference=scaled_dot,
    probes=(
        lambda _: {
            "query": np.array([[[1.0, 0, 1, 2], [0, 2, 0, 0]]]),
            "key": np.array([[[2.0, 0, 0, 2], [1, 1, 1, 1], [0, 3, 0, 0]]]),
        },
        lambda random: {
            "query": random.normal(size=(3, 5, 7)),
            "key": random.normal(size=(3, 2, 7)),
        },
        lambda random: {
            "query": random.normal(size=(5, 1, 3)),
            "key": random.normal(size=(5, 7, 3)),
        },
    ),
    mistakes=(
        Mistake(
            "no scale",
            _dot,
            lambda seen: (
                f"You return the bare dot products; the first is {said(seen.got[0, 0, 0])}. Divide "
                f"by √{seen.query.shape[2]}, the root of their length, so that their spread is 1."
            ),
        ),
        Mistake(
            "divided by the length",
            _divided_by(lambda query, key: query.shape[2]),
            lambda seen: (
                f"You divide by {seen.query.shape[2]}, the length: or twice by its root. The spread "
                "grows like the root, so divide by the root, once."
            ),
        ),
        Mistake(
            "multiplied by the root",
            _divided_by(lambda query, key: 1 / math.sqrt(query.shape[2])),
            lambda seen: (
                f"You multiply by √{seen.query.shape[2]}: that makes the spread still wider. Divide."
            ),
        ),
        Mistake(
            "root of the batch",
            _divided_by(lambda query, key: math.sqrt(len(query))),
            lambda seen: (
                f"You divide by √{len(seen.query)}, and {len(seen.query)} is the size of the batch: "
                f"len counts the first axis. The length of a vector is the last, {seen.query.shape[2]}."
            ),
        ),
        Mistake(
            "root of the number of queries",
            _divided_by(lambda query, key: math.sqrt(query.shape[1])),
            lambda seen: (
                f"You divide by √{seen.query.shape[1]}, and {seen.query.shape[1]} is the number of "
                f"queries: axis 1. In a batch the length is the last axis, {seen.query.shape[2]}."
            ),
        ),
        Mistake(
            "root of the number of keys",
            _divided_by(lambda query, key: math.sqrt(key.shape[1])),
            lambda seen: (
                f"You divide by √{seen.key.shape[1]}, and {seen.key.shape[1]} is the number of keys: "
                f"axis 1. In a batch the length is the last axis, {seen.query.shape[2]}."
            ),
        ),
        Mistake(
            "always root of 2",
            _divided_by(lambda query, key: math.sqrt(2)),
            lambda seen: (
                "You always divide by √2. That is right for the queries of the chapter, which have "
                f"2 numbers; these have {seen.query.shape[2]}."
            ),
        ),
        Mistake(
            "root of everything",
            lambda query, key: np.sqrt(_dot(query, key) / query.shape[2]),
            "You take the root of product and length together. The root belongs to the length "
            "alone: a product can be negative.",
        ),
        Mistake(
            "key not turned",
            lambda query, key: query @ key,
            lambda seen: (
                f"Queries {shape_said(seen.query.shape)} and keys {shape_said(seen.key.shape)} must "
                "meet in their last axis: turn each problem's keys on their side. A .T will not do "
                "for a batch: it turns all three axes round. Swap the last two only."
            ),
        ),
        Mistake(
            "batch swapped with keys",
            lambda query, key: query @ key.swapaxes(0, 1),
            lambda seen: (
                f"You swap axes 0 and 1, so the keys become {shape_said(seen.key.swapaxes(0, 1).shape)}. "
                "The batch stays where it is: swap the last two axes."
            ),
        ),
        Mistake(
            "reshaped, not turned",
            _reshaped,
            "Your shape is right, and the numbers are not: reshape writes the keys into rows of "
            "another length, and mixes them up. To turn them on their side, swap axes.",
        ),
        Mistake(
            "keys ask",
            lambda query, key: scaled_dot(key, query),
            lambda seen: (
                f"You return {shape_said(seen.got.shape)}, a row for each key: the two are swapped. "
                "Queries are rows."
            ),
        ),
        Mistake(
            "weights already",
            _shares,
            lambda seen: (
                f"Your rows sum to {few(seen.got.sum(axis=-1))}: those are weights. Scores are what "
                "goes into softmax."
            ),
        ),
        Mistake(
            "every problem with every other",
            _all_batches,
            lambda seen: (
                f"You return {shape_said(seen.got.shape)}: queries of one problem meet keys of the "
                "others. A batch is a heap of independent problems; each stays by itself."
            ),
        ),
        Mistake(
            "number by number",
            lambda query, key: query * key,
            lambda seen: (
                f"You wrote *, for {seen.query.shape[1]} queries and {seen.key.shape[1]} keys. Each "
                "query meets each key, in a product with @."
            ),
        ),
        Mistake(
            "divided by the sizes of the vectors",
            _cosine,
            "None of your scores leaves −1 to 1: you divide by how large the two vectors are. "
            "Divide by the root of how many numbers they have.",
        ),
    ),
    flaws=(
        Flaw(
            "needs more than n × m",
            _pair_by_pair,
            lambda random: {
                "query": random.normal(size=(2, 30, 600)),
                "key": random.normal(size=(2, 40, 600)),
            },
            lambda seen: (
                "it holds a table of "
                f"{' × '.join(map(str, [*seen.query.shape[:2], seen.key.shape[1], seen.key.shape[2]]))} "
                "numbers on the way. A matrix product multiplies and adds in one go, and holds "
                "nothing but the scores."
            ),
            most_bytes=8 * 2 * 30 * 40 * 200,
        ),
    ),
    hints=(
        "One matrix product and one division. On which axis do queries and keys meet?",
        'The section "The dot product beside it": how are the keys turned on their side?',
        "scores = Q Kᵀ / √d for each problem of the batch; d is the length of the last axis.",
        "For (2, 2, 20) and (2, 10, 20): the turned keys are (2, 20, 10), the scores (2, 2, 10), "
        "the divisor √20.",
    ),
    solution="""def my_scaled_scores(query, key):
    return query @ key.swapaxes(1, 2) / np.sqrt(query.shape[2])
""",
)

EXERCISES = (SCALED_SCORES,)
