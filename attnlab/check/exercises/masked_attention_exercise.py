"""Chapter 6: attention in which some looks are forbidden."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe, Seen
from attnlab.check.exercises.masked_attention_mistakes import (
    MISTAKES,
    after_softmax,
    filled,
    with_weights,
)
from attnlab.check.wording import few
from attnlab.core import attention, attention_weights, softmax


def _divided(parts: Any, mask: Any) -> Any:
    total = parts.sum(axis=-1, keepdims=True)
    return parts / np.where(mask.any(axis=-1, keepdims=True), total, 1)


def _triple_by_triple(query: Any, key: Any, value: Any, mask: Any) -> Any:
    return (attention_weights(query, key, mask)[:, :, None] * value).sum(axis=1)


def _random(queries: int, keys: int, d_k: int, d_v: int) -> Probe:
    def probe(random: np.random.Generator) -> dict[str, Any]:
        mask = random.random((queries, keys)) < 0.6
        places = np.arange(queries)
        mask[places, places % keys] = True  # something is allowed in each row
        mask[places, (places + 1) % keys] = False  # and something is not
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
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "NaN where nothing is allowed",
            with_weights(filled(-np.inf)),
            _with_empty_row,
            lambda seen: (
                f"{_empty(seen)}. ∞ − ∞ and 0 / 0 are not numbers; such a query reads nothing, "
                "zeros. Look at what you subtract, and at what you divide by."
            ),
        ),
        Flaw(
            "a large negative number",
            with_weights(filled(-1e9)),
            _with_empty_row,
            lambda seen: (
                f"{_empty(seen)}, the mean of the forbidden values: among equals even −1e9 gets its "
                "share. Such a query reads nothing, zeros. Put minus infinity, and mind the empty row."
            ),
        ),
        Flaw(
            "a large negative number added",
            with_weights(lambda scores, mask: softmax(scores + np.where(mask, 0, -1e9))),
            _with_empty_row,
            lambda seen: (
                f"{_empty(seen)}, as if there were no mask: you lower all its scores alike, and "
                "softmax sees differences only. Such a query reads nothing, zeros."
            ),
        ),
        Flaw(
            "overflows",
            with_weights(lambda scores, mask: _divided(np.exp(scores) * mask, mask)),
            _large,
            "for long queries it gives NaN: exp of a large score is infinite. Subtract the largest "
            "allowed score of each row first.",
        ),
        Flaw(
            "zeroed, then shared again",
            with_weights(lambda scores, mask: _divided(after_softmax(scores, mask), mask)),
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
