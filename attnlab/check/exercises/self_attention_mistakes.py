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
)

EXERCISES = ()  # the exercise itself stands in self_attention_exercise
