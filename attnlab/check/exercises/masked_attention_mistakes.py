"""Chapter 6: wrong ways to write attention with a mask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import attention_weights, dot, scaled_dot, softmax


def _shared(scores: Any) -> Any:
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def with_weights(change: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Attention whose weights are made in another way, of scores and mask."""
    return lambda query, key, value, mask: change(scaled_dot(query, key), mask) @ value


def _divided_by(number: Callable[[Any], float]) -> Callable[..., Any]:
    return lambda query, key, value, mask: softmax(dot(query, key) / number(key), mask) @ value


def _ignored(scores: Any, _: Any) -> Any:
    return _shared(scores)


def filled(number: float) -> Callable[[Any, Any], Any]:
    return lambda scores, mask: _shared(np.where(mask, scores, number))


def after_softmax(scores: Any, mask: Any) -> Any:
    return _shared(scores) * mask


def _lowered(scores: Any, mask: Any) -> Any:
    return _shared(scores - 10.0 * ~mask)


def _by_index(query: Any, key: Any, value: Any, mask: Any) -> Any:
    scores = scaled_dot(query, key)
    scores[~mask.T] = -np.inf
    return _shared(scores) @ value


def _leaked(seen: Seen, change: Callable[[Any, Any], Any]) -> str:
    """The most that a forbidden word gets, if this makes the weights."""
    return said(change(scaled_dot(seen.query, seen.key), seen.mask)[~seen.mask].max())


MISTAKES = (
    Mistake(
        "mask ignored",
        with_weights(_ignored),
        lambda seen: (
            "Your answer does not depend on the mask: a forbidden word gets as much as "
            f"{_leaked(seen, _ignored)} of the weight. It must get exactly 0."
        ),
    ),
    Mistake(
        "mask turned round",
        with_weights(lambda scores, mask: softmax(scores, ~mask)),
        lambda seen: (
            "Your queries look at what is forbidden, and at nothing else: a forbidden word gets "
            f"{_leaked(seen, lambda scores, mask: softmax(scores, ~mask))}. True means: may attend."
        ),
    ),
    Mistake(
        "after softmax",
        with_weights(after_softmax),
        lambda seen: (
            "The weights in a row of yours sum to "
            f"{few(after_softmax(scaled_dot(seen.query, seen.key), seen.mask).sum(axis=1))}: the "
            "forbidden words were in the sum when softmax divided. Mask before softmax."
        ),
    ),
    Mistake(
        "masked scores as 0",
        with_weights(filled(0.0)),
        lambda seen: (
            f"A forbidden word still gets {_leaked(seen, filled(0.0))}. You set its score to 0, which is "
            "a middling score: exp(0) = 1. Which score has the exponential 0?"
        ),
    ),
    Mistake(
        "masked scores as −1",
        with_weights(filled(-1.0)),
        lambda seen: (
            f"A forbidden word still gets {_leaked(seen, filled(-1.0))}. −1 is low, but not low "
            "enough: only minus infinity gives exactly 0."
        ),
    ),
    Mistake(
        "masked scores as −10",
        with_weights(filled(-10.0)),
        lambda seen: (
            f"A forbidden word still gets {_leaked(seen, filled(-10.0))}: you set its score to −10, "
            "which is low, but not low enough. Which score has the exponential 0?"
        ),
    ),
    Mistake(
        "10 taken off",
        with_weights(_lowered),
        lambda seen: (
            f"A forbidden word still gets {_leaked(seen, _lowered)}: you lower its score by 10, and "
            "that divides its share by about 22,000. It must get exactly 0."
        ),
    ),
    Mistake(
        "masked scores as a large number",
        with_weights(filled(1e9)),
        "The forbidden words get all the weight: the large score has the wrong sign.",
    ),
    Mistake(
        "mask added",
        with_weights(lambda scores, mask: _shared(scores + mask)),
        "You add True and False to the scores, and they count as 1 and 0: that raises the "
        "allowed ones by 1, and shuts nobody out.",
    ),
    Mistake(
        "0 times infinity",
        with_weights(lambda scores, mask: _shared(scores + ~mask * -np.inf)),
        "All your numbers are NaN: mask times infinity is 0 times infinity for some, and that is no "
        "number. Choose instead of multiplying: np.where.",
    ),
    Mistake(
        "mask turned on its side",
        with_weights(lambda scores, mask: filled(-np.inf)(scores, mask.T)),
        "Your mask is turned on its side. It has the shape of the scores as it is: a row for each "
        "query.",
    ),
    Mistake(
        "mask turned on its side, as an index",
        _by_index,
        "Is your mask turned on its side? It has the shape of the scores as it is, a row for each "
        "query: leave off the .T.",
    ),
    Mistake(
        "mask turned on its side, and NaN made 0",
        with_weights(lambda scores, mask: np.nan_to_num(filled(-np.inf)(scores, mask.T))),
        "Your mask is turned on its side. It has the shape of the scores as it is: a row for each "
        "query.",
    ),
    Mistake(
        "values masked",
        lambda query, key, value, mask: (
            _shared(scaled_dot(query, key)) @ (value * mask.any(axis=0)[:, None])
        ),
        "You shut values out, and a value belongs to no single query. Who may look at what is "
        "settled before softmax, for each pair, in the scores.",
    ),
    Mistake(
        "one question for the whole mask",
        lambda query, key, value, mask: query if mask else key,
        "Python wants a single yes or no here, and the mask has one for each pair: if, and, or and "
        "not cannot ask a table. Choose for all pairs at once: np.where.",
    ),
    Mistake(
        "no mask and no scale",
        lambda query, key, value, mask: _shared(dot(query, key)) @ value,
        lambda seen: (
            "Your answer does not depend on the mask, and your scores are bare dot products: divide "
            f"them by √{seen.key.shape[1]}, and shut the forbidden ones out before softmax."
        ),
    ),
    Mistake(
        "allowed scores as 0",
        with_weights(lambda scores, mask: _shared(np.where(mask, 0, scores))),
        "You put 0 where the mask is True: the allowed scores are lost, and the forbidden ones "
        "kept. True means: may attend.",
    ),
    Mistake(
        "not shared out",
        with_weights(lambda scores, mask: np.exp(scores) * mask),
        "You sum the values, each times exp of its score. Divide by the sum of the allowed "
        "exponentials first: weights are shares of 1.",
    ),
    Mistake(
        "no scale",
        _divided_by(lambda _: 1.0),
        lambda seen: (
            "The mask is right, but your scores are bare dot products: divide them by "
            f"√{seen.key.shape[1]}, the root of d_k."
        ),
    ),
    Mistake(
        "divided by d_k",
        _divided_by(lambda key: key.shape[1]),
        lambda seen: (
            f"The mask is right, but you divide the scores by {seen.key.shape[1]}, d_k itself. "
            "Divide by its root."
        ),
    ),
    Mistake(
        "root of the number of keys",
        _divided_by(lambda key: len(key) ** 0.5),
        lambda seen: (
            f"You divide by √{len(seen.key)}, and {len(seen.key)} is the number of keys. It is the "
            "length of a key that counts, d_k."
        ),
    ),
    Mistake(
        "softmax over the queries",
        with_weights(lambda scores, mask: softmax(scores, mask, axis=0)),
        "In your table of weights the columns sum to 1. Each query shares out its own 1, along "
        "its row.",
    ),
    Mistake(
        "over the whole table",
        lambda query, key, value, mask: (
            softmax(scaled_dot(query, key).reshape(-1), mask.reshape(-1)).reshape(mask.shape)
            @ value
        ),
        "All your weights together sum to 1. Each query shares out its own 1, along its row.",
    ),
    Mistake(
        "values forgotten",
        lambda query, key, value, mask: attention_weights(query, key, mask),
        "You return the weights, and they are right. They are still to fetch the values.",
    ),
)

EXERCISES = ()  # the exercise itself stands in masked_attention_exercise
