"""Chapter 1: one row of weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake
from attnlab.check.wording import few, said
from attnlab.core import attention_weights


def _reference(query: Any, keys: Any) -> Any:
    return attention_weights(query[None, :], keys)[0]


def _scores(query: Any, keys: Any) -> Any:
    return keys @ query / math.sqrt(len(query))


def _shared(scores: Any) -> Any:
    return np.exp(scores) / np.exp(scores).sum()


def _of_scores(change: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda query, keys: change(_scores(query, keys))


WEIGHTS = Exercise(
    number="1.3",
    name="weights",
    title="One row of weights",
    difficulty="medium",
    minutes=10,
    parameters={"query": "d", "keys": "word d"},
    result="word",
    reference=_reference,
    probes=(
        lambda _: {
            "query": np.array([2.0, 0.0]),
            "keys": np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]),
        },
        lambda random: {"query": random.normal(size=3), "keys": random.normal(size=(5, 3))},
        lambda random: {"query": random.normal(size=7), "keys": random.normal(size=(2, 7))},
    ),
    mistakes=(
        Mistake(
            "no scale",
            lambda query, keys: _shared(keys @ query),
            lambda seen: (
                f"Your weights {few(seen.got)} come from the bare dot products. Divide them "
                f"by √{len(seen.query)} first, the root of the length of the query."
            ),
        ),
        Mistake(
            "divided by the length",
            lambda query, keys: _shared(keys @ query / len(query)),
            lambda seen: (
                f"Your scores are the products divided by {len(seen.query)}, the length of "
                "the query. Divide by its square root."
            ),
        ),
        Mistake(
            "root of the number of words",
            lambda query, keys: _shared(keys @ query / math.sqrt(len(keys))),
            lambda seen: (
                f"You divide by √{len(seen.keys)}, and {len(seen.keys)} is the number of "
                f"words. It is the length of a vector that counts, here {len(seen.query)}."
            ),
        ),
        Mistake(
            "scores returned",
            _of_scores(lambda scores: scores),
            lambda seen: (
                f"You return the scores; they sum to {said(seen.got.sum())}. To become "
                "weights, they must be made positive, and then shared out."
            ),
        ),
        Mistake(
            "no exp",
            _of_scores(lambda scores: scores / scores.sum()),
            lambda seen: (
                f"Your weights {few(seen.got)} are the scores divided by their sum. Before "
                "that, make them positive with exp: with negative scores it would go wrong."
            ),
        ),
        Mistake(
            "not shared out",
            _of_scores(np.exp),
            lambda seen: (
                f"Your weights sum to {said(seen.got.sum())}, not to 1: divide the "
                "exponentials by their sum."
            ),
        ),
        Mistake(
            "divided by the largest",
            _of_scores(lambda scores: np.exp(scores - scores.max())),
            lambda seen: (
                f"Your largest weight is 1, and all sum to {said(seen.got.sum())}: you "
                "divide by the largest exponential. Divide by the sum of all."
            ),
        ),
        Mistake(
            "mean in place of sum",
            _of_scores(lambda scores: np.exp(scores) / np.exp(scores).mean()),
            lambda seen: (
                f"Your weights sum to {said(seen.got.sum())}, the number of words: you "
                "divide by the mean of the exponentials. Divide by their sum."
            ),
        ),
        Mistake(
            "shared out before exp",
            _of_scores(lambda scores: np.exp(scores / scores.sum())),
            lambda seen: (
                f"Your weights sum to {said(seen.got.sum())}: you divide the scores by their "
                "sum, and take exp afterwards. First exp, then divide."
            ),
        ),
        Mistake(
            "scale after the shares",
            lambda query, keys: _shared(keys @ query) / math.sqrt(len(query)),
            lambda seen: (
                f"Your weights sum to {said(seen.got.sum())}, which is 1 / √{len(seen.query)}: "
                "the root divides the weights. It belongs to the scores, before exp."
            ),
        ),
        Mistake(
            "sign turned round",
            _of_scores(lambda scores: _shared(-scores)),
            lambda seen: (
                f"Your largest weight, {said(seen.got.max())}, goes to the word with the "
                "lowest score: a minus sign stands before the scores."
            ),
        ),
        Mistake(
            "2 to the power",
            _of_scores(lambda scores: 2.0**scores / (2.0**scores).sum()),
            "One point more gives twice the weight in your answer: you take 2 to the power of the "
            "score. Take exp, which is 2.718 to that power.",
        ),
        Mistake(
            "keys not turned round",
            lambda query, keys: _shared(query @ keys / math.sqrt(len(query))),
            "query @ keys adds up along the words. Each word has its own sum, over the numbers of its "
            "vector: write keys first.",
        ),
        Mistake(
            "squared in place of exp",
            _of_scores(lambda scores: scores**2 / (scores**2).sum()),
            "You make the scores positive by squaring them. Then −3 beats 2: take exp instead.",
        ),
    ),
    hints=(
        "Three steps: a score for each word, exp of each, each divided by the sum.",
        'The sections "One row of scores" and "From scores to weights".',
        "weightᵢ = exp(sᵢ) / (exp(s₁) + … + exp(s_n)), with sᵢ = kᵢ · q / √d.",
        "For query (2, 0) and keys (0, 1), (1, 1), (2, 0): 0.045, 0.187 and 0.768.",
    ),
    solution="""def my_weights(query, keys):
    scores = keys @ query / np.sqrt(len(query))
    exponentials = np.exp(scores)
    return exponentials / exponentials.sum()
""",
)

EXERCISES = (WEIGHTS,)
