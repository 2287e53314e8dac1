"""Chapter 1: all new vectors of a sentence at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Seen
from attnlab.check.wording import few
from attnlab.core import attention


def _scores(x: Any) -> Any:
    return x @ x.T / math.sqrt(x.shape[1])


def _shared(scores: Any, axis: int | None = 1) -> Any:
    e = np.exp(scores)
    return e / e.sum(axis=axis, keepdims=True)


def _with_scores(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: _shared(change(x)) @ x


def _without_itself(x: Any) -> Any:
    return _shared(np.where(np.eye(len(x)) == 1, -math.inf, _scores(x))) @ x


def _pair_by_pair(x: Any) -> Any:
    products = x[:, None, :] * x[None, :, :]
    return _shared(products.sum(axis=2) / math.sqrt(x.shape[1])) @ x


def _same_for_all(seen: Seen) -> str:
    return f"All your rows are alike, {few(seen.got[0])}, the plain mean of the words."


ATTEND = Exercise(
    number="1.5",
    name="attend",
    title="A whole sentence",
    difficulty="hard",
    minutes=15,
    parameters={"x": "word d"},
    result="word d",
    reference=lambda x: attention(x, x, x),
    probes=(
        lambda _: {"x": np.array([[0.0, 2.0], [1.0, 0.0], [2.0, 1.0]])},
        lambda random: {"x": random.normal(size=(5, 3))},
        lambda random: {"x": random.normal(size=(2, 7))},
    ),
    mistakes=(
        Mistake(
            "no scale",
            _with_scores(lambda x: x @ x.T),
            lambda seen: (
                "Your new vectors come from the bare dot products. Divide them by "
                f"√{seen.x.shape[1]} before exp, the root of the length of the vectors."
            ),
        ),
        Mistake(
            "divided by the length",
            _with_scores(lambda x: x @ x.T / x.shape[1]),
            lambda seen: (
                f"You divide the products by {seen.x.shape[1]}, the length of the vectors. "
                "Divide by its square root."
            ),
        ),
        Mistake(
            "root of the number of words",
            _with_scores(lambda x: x @ x.T / math.sqrt(len(x))),
            lambda seen: (
                f"You divide by √{len(seen.x)}, and {len(seen.x)} is the number of words. "
                f"It is the length of a vector that counts, {seen.x.shape[1]}: x.shape[1], not len(x)."
            ),
        ),
        Mistake(
            "down the columns",
            lambda x: _shared(_scores(x), 0) @ x,
            "In your table of weights the columns sum to 1, and the rows do not. Each word shares "
            "out its own 1, along its row: sum over axis=1, with keepdims=True.",
        ),
        Mistake(
            "over the whole table",
            lambda x: _shared(_scores(x), None) @ x,
            lambda seen: (
                f"All your {len(seen.x) ** 2} weights together sum to 1. Each row must: sum "
                "along axis=1, with keepdims=True."
            ),
        ),
        Mistake(
            "values forgotten",
            lambda x: _shared(_scores(x)),
            lambda seen: (
                f"You return the weights, {len(seen.x)} by {len(seen.x)}; your rows sum to "
                f"{few(seen.got.sum(axis=1))}. The weighted sum of the words is still to come: … @ x."
            ),
        ),
        Mistake(
            "not turned round",
            lambda x: _shared(x @ x / math.sqrt(x.shape[1])) @ x,
            "x @ x does not fit: each row of the first meets a column of the second. To have words "
            "meet words, turn the second round: its words must be columns.",
        ),
        Mistake(
            "numbers look at numbers",
            lambda x: x @ _shared(x.T @ x / math.sqrt(x.shape[1])),
            lambda seen: (
                f"Your table of scores is {seen.x.shape[1]} by {seen.x.shape[1]}: the places in the "
                f"vectors look at each other. The {len(seen.x)} words should: turn the second x "
                "round, not the first."
            ),
        ),
        Mistake(
            "no exp",
            lambda x: _scores(x) / _scores(x).sum(axis=1, keepdims=True) @ x,
            "Your weights are the scores divided by their sum. Before that, take exp of them, so "
            "that none is negative.",
        ),
        Mistake(
            "not shared out",
            lambda x: np.exp(_scores(x)) @ x,
            "You sum the words, each times exp of its score. Divide by the sum of the row first: "
            "weights are shares of 1.",
        ),
        Mistake(
            "scores as weights",
            lambda x: _scores(x) @ x,
            "You take the scores themselves as weights. Between them and the sum stand exp and the "
            "division by the sum of the row.",
        ),
        Mistake(
            "itself left out",
            _without_itself,
            "In your answer no word looks at itself. It may: a word is in its own list of words.",
        ),
        Mistake(
            "added to the old vectors",
            lambda x: x + attention(x, x, x),
            lambda seen: (
                f"Your first vector is the right one plus the old one, {few(seen.x[0])}. "
                "The new vector is the weighted sum alone."
            ),
        ),
        Mistake(
            "all alike",
            lambda x: 0 * x + x.mean(axis=0),
            lambda seen: _same_for_all(seen) + " Each word must weigh them by its own scores.",
        ),
        Mistake(
            "the first word only",
            lambda x: attention(x[:1], x, x)[0],
            lambda seen: (
                f"You return one vector, {few(seen.got)}, that of the first word. Each of "
                f"the {len(seen.x)} words gets one: is a return inside the loop?"
            ),
        ),
    ),
    flaws=(
        Flaw(
            "needs more than n²",
            _pair_by_pair,
            lambda random: {"x": random.normal(size=(150, 70))},
            lambda seen: (
                f"for a sentence of {len(seen.x)} words with vectors of {seen.x.shape[1]} "
                f"numbers it holds a table of {len(seen.x)} × {len(seen.x)} × {seen.x.shape[1]} on the "
                "way: let x @ x.T multiply and add in one go."
            ),
            most_bytes=8 * 150 * 150 * 16,
        ),
    ),
    hints=(
        "You have one row of weights from the last exercise. Now a row for each word, as a table.",
        'The section "The same without a loop": three lines.',
        "table = exp(x xᵀ / √d), each row divided by its sum; new = table x.",
        "With the x of the chapter it gives Table 1.6: sat becomes 1.1, 1.17, 0.93, 0.07.",
    ),
    solution="""def my_attend(x):
    exponentials = np.exp(x @ x.T / np.sqrt(x.shape[1]))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return weights @ x
""",
)

EXERCISES = (ATTEND,)
