"""Chapter 6: attention in which some looks are forbidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Probe, Seen
from attnlab.check.wording import few, said
from attnlab.core import attention, attention_weights, dot, scaled_dot, softmax


def _shared(scores: Any) -> Any:
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _weights(change: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Attention whose weights are made in another way, of scores and mask."""
    return lambda query, key, value, mask: change(scaled_dot(query, key), mask) @ value


def _divided_by(number: Callable[[Any], float]) -> Callable[..., Any]:
    return lambda query, key, value, mask: softmax(dot(query, key) / number(key), mask) @ value


def _ignored(scores: Any, _: Any) -> Any:
    return _shared(scores)


def _filled(number: float) -> Callable[[Any, Any], Any]:
    return lambda scores, mask: _shared(np.where(mask, scores, number))


def _after(scores: Any, mask: Any) -> Any:
    return _shared(scores) * mask


def _divided(parts: Any, mask: Any) -> Any:
    total = parts.sum(axis=-1, keepdims=True)
    return parts / np.where(mask.any(axis=-1, keepdims=True), total, 1)


def _triple_by_triple(query: Any, key: Any, value: Any, mask: Any) -> Any:
    return (attention_weights(query, key, mask)[:, :, None] * value).sum(axis=1)


def _random(queries: int, keys: int, d_k: int, d_v: int) -> Probe:
    def probe(random: np.random.Generator) -> dict[str, Any]:
        mask = random.random((queries, keys)) < 0.6
        mask[:, 0], mask[0] = True, np.arange(keys) != 1
        shapes = {"query": (queries, d_k), "key": (keys, d_k), "value": (keys, d_v)}
        vectors = {name: random.normal(size=shape) for name, shape in shapes.items()}
        return vectors | {"mask": mask}

    return probe


def _first(_: np.random.Generator) -> dict[str, Any]:
    # The first three numbers of the output are the weights.
    return {
        "query": np.array([[1.0, 1.0]]),
        "key": np.array([[1.0, 0.0], [0.0, 2.0], [2.0, 1.0]]),
        "value": np.array([[1.0, 0, 0, 10], [0, 1, 0, 20], [0, 0, 1, 30]]),
        "mask": np.array([[True, True, False]]),
    }


def _with_empty_row(random: np.random.Generator) -> dict[str, Any]:
    mask = np.array([[True, True, False], [False, False, False]])
    return _first(random) | {"query": np.array([[1.0, 1.0], [0.0, 1.0]]), "mask": mask}


def _forbidden_far_above(random: np.random.Generator) -> dict[str, Any]:
    return _first(random) | {"key": np.array([[1.0, 0.0], [0.0, 2.0], [2000.0, 1.0]])}


def _large(random: np.random.Generator) -> dict[str, Any]:
    large = _random(5, 3, 2, 7)(random)
    return large | {"query": 2000 * large["query"], "mask": np.ones((5, 3), bool)}


def _empty(seen: Seen) -> str:
    return f"the query that may look at nothing gets {few(seen.got[1])}"


def _leaked(seen: Seen, change: Callable[[Any, Any], Any]) -> str:
    """The most that a forbidden word gets, if this makes the weights."""
    return said(change(scaled_dot(seen.query, seen.key), seen.mask)[~seen.mask].max())


MASKED_ATTENTION = Exercise(
    number="6.7",
    name="masked_attention",
    title="Attention with a mask",
    difficulty="hard",
    minutes=15,
    parameters={"query": "query d_k", "key": "key d_k", "value": "key d_v", "mask": "query key"},
    result="query d_v",
    reference=attention,
    probes=(_first, _random(3, 5, 2, 7), _random(7, 3, 5, 2)),
    mistakes=(
        Mistake(
            "mask ignored",
            _weights(_ignored),
            lambda seen: (
                "Your answer does not depend on the mask: a forbidden word gets as much as "
                f"{_leaked(seen, _ignored)} of the weight. It must get exactly 0."
            ),
        ),
        Mistake(
            "mask turned round",
            _weights(lambda scores, mask: softmax(scores, ~mask)),
            "Your queries look at what is forbidden, and at nothing else. True means: may attend.",
        ),
        Mistake(
            "after softmax",
            _weights(_after),
            lambda seen: (
                "The weights in a row of yours sum to "
                f"{few(_after(scaled_dot(seen.query, seen.key), seen.mask).sum(axis=1))}: the "
                "forbidden words were in the sum when softmax divided. Mask before softmax."
            ),
        ),
        Mistake(
            "masked scores as 0",
            _weights(_filled(0.0)),
            lambda seen: (
                f"A forbidden word still gets {_leaked(seen, _filled(0.0))}. You set its score to 0, which is "
                "a middling score: exp(0) = 1. Which score has the exponential 0?"
            ),
        ),
        Mistake(
            "masked scores as a large number",
            _weights(_filled(1e9)),
            "The forbidden words get all the weight: the large score has the wrong sign.",
        ),
        Mistake(
            "mask added",
            _weights(lambda scores, mask: _shared(scores + mask)),
            "You add True and False to the scores, and they count as 1 and 0: that raises the "
            "allowed ones by 1, and shuts nobody out.",
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
            "softmax over the queries",
            _weights(lambda scores, mask: softmax(scores, mask, axis=0)),
            "In your table of weights the columns sum to 1. Each query shares out its own 1, along "
            "its row.",
        ),
        Mistake(
            "values forgotten",
            lambda query, key, value, mask: attention_weights(query, key, mask),
            "You return the weights, and they are right. They are still to fetch the values.",
        ),
    ),
    flaws=(
        Flaw(
            "NaN where nothing is allowed",
            _weights(_filled(-np.inf)),
            _with_empty_row,
            lambda seen: (
                f"{_empty(seen)}. ∞ − ∞ and 0 / 0 are not numbers; such a query reads nothing, "
                "zeros. Look at what you subtract, and at what you divide by."
            ),
        ),
        Flaw(
            "a large negative number",
            _weights(_filled(-1e9)),
            _with_empty_row,
            lambda seen: (
                f"{_empty(seen)}, the mean of the forbidden values: among equals even −1e9 gets its "
                "share. Such a query reads nothing, zeros. Put minus infinity, and mind the empty row."
            ),
        ),
        Flaw(
            "a large negative number added",
            _weights(lambda scores, mask: _shared(scores + np.where(mask, 0, -1e9))),
            _with_empty_row,
            lambda seen: (
                f"{_empty(seen)}, as if there were no mask: you lower all its scores alike, and "
                "softmax sees differences only. Such a query reads nothing, zeros."
            ),
        ),
        Flaw(
            "overflows",
            _weights(lambda scores, mask: _divided(np.exp(scores) * mask, mask)),
            _large,
            "for long queries it gives NaN: exp of a large score is infinite. Subtract the largest "
            "allowed score of each row first.",
        ),
        Flaw(
            "zeroed, then shared again",
            _weights(lambda scores, mask: _divided(_after(scores, mask), mask)),
            _forbidden_far_above,
            lambda seen: (
                f"if a forbidden score is far above the rest, it gives {few(seen.got[0])}: the "
                "allowed weights have rounded to 0 before you divide again. Mask before softmax."
            ),
        ),
        Flaw(
            "larger than needed",
            _triple_by_triple,
            _random(120, 130, 4, 70),
            lambda seen: (
                f"for {len(seen.query)} queries, {len(seen.key)} keys and values of length "
                f"{seen.value.shape[1]} it holds a table with three axes on the way: let @ multiply "
                "and add in one go."
            ),
            most_bytes=8 * 120 * 130 * 16,
        ),
    ),
    hints=(
        "Only one thing is new since chapter 2. It happens between the scores and softmax.",
        'The section "Sentences of unequal length" for the mask, "Three ways to do it wrong" for '
        "the empty row.",
        "scores = q kᵀ / √d_k, minus infinity where the mask is False; then softmax, then times the "
        "values. In an empty row the sum is 0: do not divide by it.",
        "Equal scores and two of three keys allowed: weights 0.5, 0.5, 0. None allowed: 0, 0, 0.",
    ),
    solution="""def my_masked_attention(query, key, value, mask):
    scores = query @ key.T / np.sqrt(query.shape[1])
    masked = np.where(mask, scores, -np.inf)
    highest = masked.max(axis=1, keepdims=True)
    highest = np.where(highest == -np.inf, 0, highest)  # a row with nothing allowed
    exponentials = np.exp(masked - highest)
    total = exponentials.sum(axis=1, keepdims=True)
    return exponentials / np.where(total == 0, 1, total) @ value
""",
)

EXERCISES = (MASKED_ATTENTION,)
