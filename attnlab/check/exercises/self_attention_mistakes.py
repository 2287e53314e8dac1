"""Chapter 2: more wrong ways to write self-attention."""

from __future__ import annotations

import math
from typing import Any

from attnlab.check.exercise import Mistake
from attnlab.core import softmax


def _parts(x: Any, w_query: Any, w_key: Any, w_value: Any) -> tuple[Any, Any]:
    """The scores and the values."""
    return (x @ w_query) @ (x @ w_key).T / math.sqrt(w_key.shape[1]), x @ w_value


def _weights_too(x: Any, *matrices: Any) -> tuple[Any, Any]:
    scores, value = _parts(x, *matrices)
    return softmax(scores) @ value, softmax(scores)


def _weights_first(x: Any, *matrices: Any) -> tuple[Any, Any]:
    return _weights_too(x, *matrices)[::-1]


def _no_exp(x: Any, *matrices: Any) -> Any:
    scores, value = _parts(x, *matrices)
    return scores / scores.sum(axis=1, keepdims=True) @ value


def _root_of_the_values(x: Any, w_query: Any, w_key: Any, w_value: Any) -> Any:
    scores = (x @ w_query) @ (x @ w_key).T / math.sqrt(w_value.shape[1])
    return softmax(scores) @ (x @ w_value)


def _times_the_root(x: Any, *matrices: Any) -> Any:
    scores, value = _parts(x, *matrices)
    return softmax(scores * matrices[0].shape[1]) @ value


def _divided_last(x: Any, *matrices: Any) -> Any:
    scores, value = _parts(x, *matrices)
    unit = math.sqrt(matrices[0].shape[1])
    return softmax(scores * unit) / unit @ value


def _best_only(x: Any, *matrices: Any) -> Any:
    scores, value = _parts(x, *matrices)
    return value[scores.argmax(axis=1)]


_ALONE = "You return two things, and one of them is the weights. Return the new vectors alone."

MISTAKES = (
    Mistake("weights as well", _weights_too, _ALONE),
    Mistake("weights first", _weights_first, _ALONE),
    Mistake(
        "no exp",
        _no_exp,
        "You divide the scores by the sum of their row. First exp of each score, then divide: a "
        "score may be negative, a weight may not.",
    ),
    Mistake(
        "root of the length of a value",
        _root_of_the_values,
        lambda seen: (
            f"You divide by √{seen.w_value.shape[1]}, and {seen.w_value.shape[1]} is the length of a "
            "value. Queries and keys make the scores: it is their length that counts."
        ),
    ),
    Mistake(
        "times the root",
        _times_the_root,
        "You multiply the products by the root of their length. Divide by it.",
    ),
    Mistake(
        "divided after softmax",
        _divided_last,
        lambda seen: (
            f"Your weights sum to 1 / √{seen.w_key.shape[1]}: you divide by the root after softmax. "
            "It belongs to the scores, before exp."
        ),
    ),
    Mistake(
        "the best key only",
        _best_only,
        "Each of your words takes the value of its best key, whole. Attention mixes them all, by "
        "shares: softmax of the scores.",
    ),
)

EXERCISES = ()  # the exercise itself stands in self_attention_exercise
