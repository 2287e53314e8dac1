"""Chapter 10: one step of attention with a cache."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe
from attnlab.check.exercises.cached_growth_mistakes import GROWTH
from attnlab.check.exercises.cached_step_mistakes import MISTAKES, right, with_new
from attnlab.check.wording import few

_PARTS = {
    "query": "d_k",
    "key": "d_k",
    "value": "d_v",
    "keys": "earlier d_k",
    "values": "earlier d_v",
}


def _no_maximum(query: Any, keys: Any, values: Any) -> Any:
    e = np.exp(keys @ query / math.sqrt(len(query)))
    return e / e.sum() @ values


def _for_all(query: Any, keys: Any, values: Any) -> Any:
    scores = np.tile(query, (len(keys), 1)) @ keys.T / math.sqrt(len(query))
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True) @ values)[-1]


def _random(earlier: int, d_k: int, d_v: int, size: float = 1.0) -> Probe:
    sizes = {"earlier": earlier, "d_k": d_k, "d_v": d_v}
    shapes = {name: tuple(sizes[axis] for axis in axes.split()) for name, axes in _PARTS.items()}
    return lambda random: {name: size * random.normal(size=s) for name, s in shapes.items()}


def _first(_: np.random.Generator) -> dict[str, Any]:
    return {
        "query": np.array([1.0, 0, 1, 0]),
        "key": np.array([2.0, 0, 2, 1]),
        "value": np.array([30.0]),
        "keys": np.array([[0.0, 1, 0, 1], [1.0, 0, 1, 0]]),
        "values": np.array([[10.0], [20.0]]),
    }


CACHED_STEP = Exercise(
    number="10.5",
    name="cached_step",
    title="One step with a cache",
    difficulty="medium",
    minutes=12,
    parameters=_PARTS,
    result={"new": "d_v", "keys": "position d_k", "values": "position d_v"},
    reference=right,
    probes=(_first, _random(6, 3, 5), _random(4, 7, 2)),
    mistakes=(*MISTAKES, *GROWTH),
    flaws=(
        Flaw(
            "overflows",
            with_new(_no_maximum),
            _random(6, 3, 5, size=100.0),
            lambda seen: (
                f"for long vectors it gives {few(seen.got[0])}: exp of a large score is infinite. "
                "Subtract the largest score first."
                if np.isnan(seen.got[0]).any()
                else f"for long vectors it gives {few(seen.got[0])} where {few(seen.wanted[0])} is right: "
                "see what becomes of large scores. If the largest is subtracted first, none is too large."
            ),
        ),
        Flaw(
            "larger than needed",
            with_new(_for_all),
            _random(700, 3, 2),
            lambda seen: (
                f"with {len(seen.keys)} tokens in the cache it holds a table of {len(seen.keys) + 1} × "
                f"{len(seen.keys) + 1} on the way. There is one query, so one row of scores is enough: "
                "that is what the cache is for."
            ),
            most_bytes=8 * 700 * 100,
        ),
    ),
    hints=(
        "First let the cache grow, then look: one query, all keys.",
        'The section "What need not be computed again".',
        "keys and values each get one row more; new = softmax(keys query / √d_k) values.",
        "If all keys are equal, the new vector is the mean of all values, the newest included.",
    ),
    solution="""def my_cached_step(query, key, value, keys, values):
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    scores = keys @ query / np.sqrt(len(query))
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum() @ values, keys, values
""",
)

EXERCISES = (CACHED_STEP,)
