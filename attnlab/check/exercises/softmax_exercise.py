"""Chapter 3: softmax along any axis, of any numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import softmax


def _plain(scores: Any, axis: Any = -1) -> Any:
    return np.exp(scores) / np.exp(scores).sum(axis=axis, keepdims=True)


def _steady(scores: Any, axis: Any = -1) -> Any:
    return _plain(scores - scores.max(axis=axis, keepdims=True), axis)


def _without_keepdims(scores: Any, axis: int = -1) -> Any:
    return np.exp(scores) / np.exp(scores).sum(axis=axis)


def _sums(seen: Seen) -> str:
    return few(seen.got.sum(axis=seen.axis))


SOFTMAX = Exercise(
    number="3.3",
    name="softmax",
    title="Softmax",
    difficulty="medium",
    minutes=10,
    parameters={"scores": "row option", "axis": ""},
    result="row option",
    reference=lambda scores, axis=-1: softmax(scores, axis=axis),
    probes=(
        lambda _: {"scores": np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 3.0]]), "axis": -1},
        lambda random: {"scores": random.normal(size=(3, 5)), "axis": -1},
        lambda random: {"scores": random.normal(size=(5, 2)).round(1), "axis": 0},
        lambda random: {"scores": random.normal(size=(2, 3, 5)), "axis": 1},
    ),
    mistakes=(
        Mistake(
            "axis ignored",
            lambda scores, axis=-1: _steady(scores, -1),
            lambda seen: (
                f"Called with axis={seen.axis}, your sums along that axis are {_sums(seen)}, "
                "and along the last one 1. Hand axis on to every sum and maximum."
            ),
        ),
        Mistake(
            "always axis 1",
            lambda scores, axis=-1: _steady(scores, 1),
            lambda seen: (
                f"Called with axis={seen.axis}, your shares sum to 1 along axis 1 all the "
                "same. Use the axis that is handed in, not a fixed one."
            ),
        ),
        Mistake(
            "down the columns",
            lambda scores, axis=-1: _steady(scores, 0),
            lambda seen: (
                f"Your rows sum to {_sums(seen)}, and your columns to "
                f"{few(seen.got.sum(axis=0))}: the softmax runs down axis 0. It must run along "
                f"axis={seen.axis}."
            ),
        ),
        Mistake(
            "over the whole table",
            lambda scores, axis=-1: _steady(scores, None),
            lambda seen: (
                f"All your numbers together sum to {said(seen.got.sum())}, your rows to "
                f"{_sums(seen)}. Each row shares out its own 1: sum along axis."
            ),
        ),
        Mistake(
            "keepdims forgotten",
            _without_keepdims,
            lambda seen: (
                f"The sums along axis={seen.axis} have lost that axis, so they do not "
                f"line up with the {seen.scores.ndim} axes of scores: sum(axis=axis, keepdims=True)."
            ),
        ),
        Mistake(
            "no exp",
            lambda scores, axis=-1: scores / scores.sum(axis=axis, keepdims=True),
            lambda seen: (
                f"Your first row, {few(seen.got[0])}, is the scores divided by their sum. "
                "First exp, so that none is negative and differences count; then divide."
            ),
        ),
        Mistake(
            "not shared out",
            lambda scores, axis=-1: np.exp(scores),
            lambda seen: (
                f"Your rows sum to {_sums(seen)}, not to 1: divide the exponentials by their sum."
            ),
        ),
        Mistake(
            "maximum subtracted, not shared out",
            lambda scores, axis=-1: np.exp(scores - scores.max(axis=axis, keepdims=True)),
            lambda seen: (
                f"Your largest number in each row is 1, and the rows sum to {_sums(seen)}. "
                "You subtracted the maximum; now divide by the sum of the exponentials."
            ),
        ),
        Mistake(
            "divided by the maximum",
            lambda scores, axis=-1: _plain(scores / scores.max(axis=axis, keepdims=True), axis),
            "You divide the scores by their maximum. That changes their differences: subtract it.",
        ),
        Mistake(
            "shared out before exp",
            lambda scores, axis=-1: np.exp(scores / scores.sum(axis=axis, keepdims=True)),
            lambda seen: (
                f"Your rows sum to {_sums(seen)}: you divide by the sum first, and take exp "
                "then. First exp, then divide."
            ),
        ),
        Mistake(
            "mean in place of sum",
            lambda scores, axis=-1: np.exp(scores) / np.exp(scores).mean(axis=axis, keepdims=True),
            lambda seen: (
                f"Your rows sum to {_sums(seen)}, the number of options: you divide by the "
                "mean. Divide by the sum."
            ),
        ),
        Mistake(
            "the logarithm of it",
            lambda scores, axis=-1: np.log(_steady(scores, axis)),
            lambda seen: (
                f"All your numbers are negative, {few(seen.got.ravel()[:3])}: they are the "
                "logarithms of the shares. Return the shares."
            ),
        ),
        Mistake(
            "sign turned round",
            lambda scores, axis=-1: _steady(-scores, axis),
            "Your largest share goes to the lowest score: a minus sign stands before the scores. "
            "It is scores minus maximum, not maximum minus scores.",
        ),
        Mistake(
            "squared in place of exp",
            lambda scores, axis=-1: scores**2 / (scores**2).sum(axis=axis, keepdims=True),
            "You make the scores positive by squaring. Then −3 beats 2, and 0 gets nothing: take exp.",
        ),
    ),
    flaws=(
        Flaw(
            "overflows",
            _plain,
            lambda _: {"scores": np.array([[1000.0, 1001.0, 999.0]]), "axis": -1},
            lambda seen: (
                f"for the scores {few(seen.scores)} it gives {few(seen.got)}: exp of them is "
                "too large to write down. Subtract the largest score of each row before exp."
                if np.isnan(seen.got).any()
                else f"for the scores {few(seen.scores)} it gives {few(seen.got)} where "
                f"{few(seen.wanted)} is right. Subtract the largest score of each row, and no score is "
                "too large for exp."
            ),
        ),
        Flaw(
            "mean subtracted",
            lambda scores, axis=-1: _plain(scores - scores.mean(axis=axis, keepdims=True), axis),
            lambda _: {"scores": np.array([[0.0, 0.0, 3000.0]]), "axis": -1},
            lambda seen: (
                f"for the scores {few(seen.scores)} it gives {few(seen.got)}: what you "
                "subtract is not the largest, so exp still meets large numbers. Subtract the maximum."
            ),
        ),
        Flaw(
            "one maximum for all rows",
            lambda scores, axis=-1: _plain(scores - scores.max(), axis),
            lambda _: {
                "scores": np.array([[0.0, 1.0, 2.0], [-2000.0, -2001.0, -2002.0]]),
                "axis": -1,
            },
            lambda seen: (
                f"with one row near 0 and one near −2000, the second gets {few(seen.got[1])}: "
                "what was subtracted is not the largest of its own scores, as if the table had one "
                "maximum. Each row has its own."
            ),
        ),
    ),
    hints=(
        "Two ideas: exponentiate, then normalise. And one precaution before them.",
        'The sections "Exponentiate, then normalise" and "When numbers run over".',
        "share of i = exp(sᵢ − m) / Σⱼ exp(sⱼ − m), m the largest; max and sum with axis=axis, "
        "keepdims=True.",
        "For the row (0, 1, 2): 0.09, 0.245, 0.665. For (1000, 1001, 1002): the same.",
    ),
    solution="""def my_softmax(scores, axis=-1):
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)
""",
)

EXERCISES = (SOFTMAX,)
