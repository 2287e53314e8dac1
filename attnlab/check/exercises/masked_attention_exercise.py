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


def _one_maximum(scores: Any, mask: Any) -> Any:
    e = np.where(mask, np.exp(scores - scores[mask].max()), 0)
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


def _filled_and_emptied(scores: Any, mask: Any) -> Any:
    return filled(-1e9)(scores, mask) * mask.any(axis=-1, keepdims=True)


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
    # Scores of about −400, −400 and 400: exp of each is a number, but their ratio is not.
    return _first(random) | {"key": np.array([[-566.0, 0.0], [0.0, -565.0], [566.0, 1.0]])}


def _allowed_far_below(random: np.random.Generator) -> dict[str, Any]:
    # The allowed scores are −2e9, exactly; the forbidden one is 0.
    key = np.zeros((3, 4))
    key[:2, 0] = -4e9
    return _first(random) | {"query": np.array([[1.0, 0.0, 0.0, 0.0]]), "key": key}


def _large(random: np.random.Generator) -> dict[str, Any]:
    return _first(random) | {"query": np.array([[2000.0, 2000.0]]), "mask": np.ones((1, 3), bool)}


def _rows_far_apart(random: np.random.Generator) -> dict[str, Any]:
    # Scores of 283 to 849 in one row, and −134 to −403 in the other.
    query = np.array([[400.0, 400.0], [-400.0, -400.0]])
    return _first(random) | {"query": query, "mask": np.ones((2, 3), bool)}


def _empty(seen: Seen) -> str:
    return f"the query that may look at nothing gets {few(seen.got[1])}"


def _no_number(seen: Seen) -> str:
    if not np.isnan(seen.got[1]).any():
        return f"{_empty(seen)}. Such a query reads nothing: zeros."
    return (
        f"{_empty(seen)}. ∞ − ∞ and 0 / 0 are not numbers; such a query reads nothing, zeros. Look "
        "at what you subtract, and at what you divide by."
    )


def _lost(seen: Seen) -> str:
    if np.allclose(seen.got, seen.value[~seen.mask[0]]):
        what = "the forbidden key gets all the weight"
    elif np.allclose(seen.got, 0):
        what = "the allowed keys get no weight at all"
    else:
        raise ValueError("something else is wrong")
    return (
        f"where the allowed scores are far below 0, {what}. Has a forbidden score been replaced by "
        "a number, or lowered by one? There is always a score that is lower. Only minus infinity "
        "is below them all."
    )


def _rounded_rows(seen: Seen) -> str:
    rounded = np.isnan(seen.got[1]) | (seen.got[1] == 0)
    if not rounded.all() or not np.allclose(seen.got[0], seen.wanted[0]):
        raise ValueError("something else is wrong")
    return (
        f"where one query has scores far below those of another, it gets {few(seen.got[1])}: all "
        "its exponentials round to 0. One maximum for the whole table does that; subtract the "
        "largest allowed score of each row."
    )


def _infinite(seen: Seen) -> str:
    if not np.isnan(seen.got).any():
        raise ValueError("something else is wrong")
    return (
        "for long queries it gives NaN: exp of a large score is infinite. Subtract the largest "
        "allowed score of each row first."
    )


def _rounded(seen: Seen) -> str:
    if not (np.isnan(seen.got) | (seen.got == 0)).all():
        raise ValueError("something else is wrong")
    return (
        f"if a forbidden score is far above the rest, it gives {few(seen.got[0])}: beside it the "
        "allowed ones round to 0 before you share them out. Mask before softmax, and before you "
        "look for the largest score."
    )


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
            _no_number,
        ),
        Flaw(
            "a large negative number",
            with_weights(filled(-1e9)),
            _with_empty_row,
            lambda seen: (
                f"{_empty(seen)}, the mean of the forbidden values: among equals even a very low "
                "score gets its share. Such a query reads nothing, zeros. Put minus infinity, and mind the empty row."
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
            _infinite,
        ),
        Flaw(
            "one maximum for the whole table",
            with_weights(_one_maximum),
            _rows_far_apart,
            _rounded_rows,
        ),
        Flaw(
            "zeroed, then shared again",
            with_weights(lambda scores, mask: _divided(after_softmax(scores, mask), mask)),
            _forbidden_far_above,
            _rounded,
        ),
        Flaw("not the lowest score", with_weights(_filled_and_emptied), _allowed_far_below, _lost),
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
