"""Chapter 4: a curve through points, by attention with a Gaussian score."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import attention, gaussian


def _reference(query: Any, keys: Any, values: Any, bandwidth: Any) -> Any:
    score = partial(gaussian, width=float(bandwidth))
    return attention(query[:, None], keys[:, None], values[:, None], score=score)[:, 0]


def _gaps(query: Any, keys: Any) -> Any:
    return np.abs(query[:, None] - keys[None, :])


def _bell(query: Any, keys: Any, bandwidth: Any) -> Any:
    return np.exp(-(_gaps(query, keys) ** 2) / (2 * bandwidth**2))


def _weights(query: Any, keys: Any, bandwidth: Any) -> Any:
    bell = _bell(query, keys, bandwidth)
    return bell / bell.sum(axis=1, keepdims=True)


def _curve(bell: Any, values: Any, axis: int | None = 1) -> Any:
    return (bell / bell.sum(axis=axis, keepdims=True)) @ values


def _scored(score: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The curve with another score of distance and bandwidth."""

    def function(query: Any, keys: Any, values: Any, bandwidth: Any) -> Any:
        return _curve(np.exp(score(_gaps(query, keys), bandwidth)), values)

    return function


def _written_out(query: Any, keys: Any, values: Any, bandwidth: Any) -> Any:
    squares = query[:, None] ** 2 - 2 * query[:, None] * keys + keys**2
    scores = -squares / (2 * bandwidth**2)
    return _curve(np.exp(scores - scores.max(axis=1, keepdims=True)), values)


def _outside(seen: Seen) -> str:
    lowest, highest = said(seen.values.min()), said(seen.values.max())
    return f"Your first value is {said(seen.got[0])}, for readings from {lowest} to {highest}"


KERNEL_REGRESSION = Exercise(
    number="4.2",
    name="kernel_regression",
    title="A curve by attention",
    difficulty="medium",
    minutes=10,
    parameters={"query": "query", "keys": "key", "values": "key", "bandwidth": ""},
    result="query",
    reference=_reference,
    probes=(
        lambda _: {
            "query": np.array([11.0, 14.0]),
            "keys": np.array([9.0, 12, 15]),
            "values": np.array([10.0, 16, 18]),
            "bandwidth": 2.0,
        },
        lambda random: {
            "query": random.uniform(0, 5, size=5),
            "keys": random.uniform(0, 5, size=7),
            "values": random.normal(size=7),
            "bandwidth": 0.7,
        },
        lambda random: {
            "query": random.uniform(0, 5, size=1),
            "keys": random.uniform(0, 5, size=5),
            "values": random.normal(size=5),
            "bandwidth": 3.0,
        },
    ),
    mistakes=(
        Mistake(
            "bandwidth not squared",
            _scored(lambda gap, bandwidth: -(gap**2) / (2 * bandwidth)),
            lambda seen: (
                f"You divide by 2 × {said(seen.bandwidth)}. The bandwidth is a distance, and is "
                "squared like the distance above it."
            ),
        ),
        Mistake(
            "the 2 forgotten",
            _scored(lambda gap, bandwidth: -(gap**2) / bandwidth**2),
            lambda seen: (
                f"You divide the squared distance by {said(seen.bandwidth**2)}, the bandwidth "
                "squared. Twice that belongs below the line."
            ),
        ),
        Mistake(
            "the 2 above the line",
            _scored(lambda gap, bandwidth: -(gap**2) / 2 * bandwidth**2),
            "You divide by 2 and multiply by the bandwidth squared, since Python goes from left to "
            "right. Put what stands below the line into brackets.",
        ),
        Mistake(
            "the 2 squared, too",
            _scored(lambda gap, bandwidth: -(gap**2) / (2 * bandwidth) ** 2),
            lambda seen: (
                f"You divide by {said((2 * seen.bandwidth) ** 2)}, which is 2 × bandwidth, all "
                "squared. Only the bandwidth is squared, not the 2."
            ),
        ),
        Mistake(
            "distance not squared",
            _scored(lambda gap, bandwidth: -gap / (2 * bandwidth**2)),
            "You take the distance as it is: that is a tent with a peak, not a bell. Square the "
            "distance.",
        ),
        Mistake(
            "minus forgotten",
            _scored(lambda gap, bandwidth: gap**2 / (2 * bandwidth**2)),
            "In your answer the farthest reading counts most: the minus before the squared "
            "distance is missing.",
        ),
        Mistake(
            "bandwidth ignored",
            _scored(lambda gap, bandwidth: -(gap**2) / 2),
            lambda seen: (
                f"Your curve is that of bandwidth 1, and asked was {said(seen.bandwidth)}. If it "
                "only stands before the bell, it cancels out; it belongs inside exp."
            ),
        ),
        Mistake(
            "not shared out",
            lambda query, keys, values, bandwidth: _bell(query, keys, bandwidth) @ values,
            lambda seen: (
                f"{_outside(seen)}: the values are weighed and added, but the weights do not sum "
                "to 1. Divide by their sum."
            ),
        ),
        Mistake(
            "down the columns",
            lambda query, keys, values, bandwidth: _curve(_bell(query, keys, bandwidth), values, 0),
            lambda seen: (
                f"{_outside(seen)}: each reading shares its weight among the places. Each place "
                "shares out its own 1 among the readings: sum along a row."
            ),
        ),
        Mistake(
            "keys as rows",
            lambda query, keys, values, bandwidth: _weights(keys, query, bandwidth) @ values,
            lambda seen: (
                f"Your table has {len(seen.keys)} rows, one for each reading. Queries are rows: "
                f"{len(seen.query)} rows with a weight for each of the {len(seen.keys)} readings."
            ),
        ),
        Mistake(
            "one number for all places",
            lambda query, keys, values, bandwidth: (
                (_bell(query, keys, bandwidth) * values).sum() / _bell(query, keys, bandwidth).sum()
            ),
            lambda seen: (
                f"You return one number for {len(seen.query)} places: both sums run over the whole "
                "table. Each place has its own sums, along its row: axis=1."
            ),
        ),
        Mistake(
            "not added up",
            lambda query, keys, values, bandwidth: _weights(query, keys, bandwidth) * values,
            lambda seen: (
                f"Each reading is weighed, but not added up: the first row is {few(seen.got[0])}. "
                "Its sum is the temperature."
            ),
        ),
        Mistake(
            "weights returned",
            lambda query, keys, values, bandwidth: _weights(query, keys, bandwidth),
            lambda seen: (
                f"You return the weights; the first row is {few(seen.got[0])}. The weighted sum of "
                "the values is still to come."
            ),
        ),
        Mistake(
            "places against readings",
            lambda query, keys, values, bandwidth: query - keys,
            lambda seen: (
                f"You subtract {len(seen.keys)} readings from {len(seen.query)} places. Each place "
                "meets each reading: put in an axis with query[:, None], or go place by place."
            ),
        ),
    ),
    flaws=(
        Flaw(
            "0 divided by 0",
            lambda query, keys, values, bandwidth: _curve(_bell(query, keys, bandwidth), values),
            lambda _: {
                "query": np.array([100.0]),
                "keys": np.array([9.0, 12, 15]),
                "values": np.array([10.0, 16, 18]),
                "bandwidth": 2.0,
            },
            lambda seen: (
                f"at hour {said(seen.query[0])}, far from all readings, it gives {said(seen.got[0])}: "
                "all exponentials round to 0, and nothing is left to share out. Subtract the "
                "largest score first, or let softmax from attnlab do it."
            ),
        ),
        Flaw(
            "the squares written out",
            _written_out,
            lambda _: {
                "query": np.array([1.7e9 + 1]),
                "keys": np.array([1.7e9, 1.7e9 + 3]),
                "values": np.array([10.0, 20.0]),
                "bandwidth": 2.0,
            },
            lambda seen: (
                f"for times counted in seconds, such as 1700000000, it gives {said(seen.got[0])}, "
                f"expected {said(seen.wanted[0])}. If you write q² − 2qk + k², huge numbers are "
                "subtracted, and their last places are lost: take the difference first, then square "
                "it. In float32 even the times themselves are rounded."
            ),
        ),
    ),
    hints=(
        "Three steps for each place: scores, weights, weighted sum. Only the score is new.",
        'The section "Nearness as a score"; and "Every shape on the way" for the [:, None].',
        "score = −(query − key)² / (2 × bandwidth²); then softmax along each row, times the values.",
        "For 11 and 14 o'clock, the three readings of the chapter and bandwidth 2: 13.9 and 17.",
    ),
    solution="""def my_kernel_regression(query, keys, values, bandwidth):
    distances = query[:, None] - keys[None, :]
    scores = -(distances**2) / (2 * bandwidth**2)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return weights @ values
""",
)

EXERCISES = (KERNEL_REGRESSION,)
