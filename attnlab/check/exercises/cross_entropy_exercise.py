"""Chapter 3: how wrong shares are, and which way to move each score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Seen
from attnlab.check.wording import few, said
from attnlab.core import softmax


def _one_hot(scores: Any, right: int) -> Any:
    return np.eye(len(scores))[right]


def _cost(scores: Any, right: int) -> Any:
    highest = scores.max()
    return np.log(np.exp(scores - highest).sum()) + highest - scores[right]


def _slopes(scores: Any, right: int) -> Any:
    return softmax(scores) - _one_hot(scores, right)


def _with_cost(cost: Callable[[Any, int], Any]) -> Callable[[Any, int], Any]:
    """A wrong cost beside the right slopes, of shares and the place of the right class."""
    return lambda scores, right: (cost(softmax(scores), right), _slopes(scores, right))


def _with_slopes(slopes: Callable[[Any, int], Any]) -> Callable[[Any, int], Any]:
    """Wrong slopes beside the right cost, of shares and the place of the right class."""
    return lambda scores, right: (_cost(scores, right), slopes(softmax(scores), right))


def _plain(scores: Any, right: int) -> Any:
    shares = np.exp(scores) / np.exp(scores).sum()
    return -np.log(shares[right]), shares - _one_hot(scores, right)


def _summed_plainly(scores: Any, right: int) -> Any:
    return np.log(np.exp(scores).sum()) - scores[right], _slopes(scores, right)


def _too_large(seen: Seen) -> str:
    found = f"for the scores {few(seen.scores)} the cost becomes "
    if np.isfinite(seen.got[0]):
        return f"{found}{seen.got[0]:.6g} where {seen.wanted[0]:.6g} is right, or a slope is wrong."
    return f"{found}{said(seen.got[0])}: subtract the largest score before exp."


def _share(seen: Seen) -> str:
    return said(softmax(seen.scores)[seen.right])


CROSS_ENTROPY = Exercise(
    number="3.5",
    name="cross_entropy",
    title="The cost and its slopes",
    difficulty="medium",
    minutes=15,
    parameters={"scores": "class", "right": ""},
    result={"cost": "", "slopes": "class"},
    reference=lambda scores, right: (_cost(scores, right), _slopes(scores, right)),
    probes=(
        lambda _: {"scores": np.array([0.0, 1.0, 2.0]), "right": 1},
        lambda random: {"scores": random.normal(size=5), "right": 3},
        lambda random: {"scores": random.normal(size=7), "right": 0},
    ),
    mistakes=(
        Mistake(
            "minus forgotten",
            _with_cost(lambda shares, right: np.log(shares[right])),
            lambda seen: (
                f"Your cost is {said(seen.got[0])}, below 0. The logarithm of a share is "
                "negative: a minus stands before it."
            ),
        ),
        Mistake(
            "1 minus the share",
            _with_cost(lambda shares, right: 1 - shares[right]),
            lambda seen: (
                f"Your cost is 1 minus the share {_share(seen)} of the right class, which never "
                "exceeds 1. The cost is minus the logarithm of the share."
            ),
        ),
        Mistake(
            "the share itself",
            _with_cost(lambda shares, right: shares[right]),
            lambda seen: (
                f"Your cost, {said(seen.got[0])}, is the share of the right class: the better "
                "the dearer. Take minus its logarithm."
            ),
        ),
        Mistake(
            "logarithm to base 10",
            _with_cost(lambda shares, right: -np.log10(shares[right])),
            "You take the logarithm to base 10. The reverse of exp is np.log.",
        ),
        Mistake(
            "logarithm to base 2",
            _with_cost(lambda shares, right: -np.log2(shares[right])),
            "You take the logarithm to base 2, which counts bits. The reverse of exp is np.log.",
        ),
        Mistake(
            "over all classes",
            _with_cost(lambda shares, right: -np.log(shares).sum()),
            lambda seen: (
                f"Your cost, {said(seen.got[0])}, adds up the classes, and does not depend on "
                "which is right. Only the share of the right class counts."
            ),
        ),
        Mistake(
            "entropy",
            _with_cost(lambda shares, right: -(shares * np.log(shares)).sum()),
            lambda seen: (
                f"Your cost, {said(seen.got[0])}, is the entropy of the shares, and does not "
                "depend on which class is right. In place of the first p stands the one-hot target."
            ),
        ),
        Mistake(
            "squared",
            lambda scores, right: ((_slopes(scores, right) ** 2).sum(), _slopes(scores, right)),
            "Your cost is the sum of squared differences between shares and target. The "
            "cross-entropy is minus the logarithm of one share.",
        ),
        Mistake(
            "score in place of share",
            lambda scores, right: (-scores[right], _slopes(scores, right)),
            lambda seen: (
                f"Your cost, {said(seen.got[0])}, is minus the score. Make shares of the scores "
                "first, by softmax, and take the logarithm of the right one."
            ),
        ),
        Mistake(
            "counted from 1",
            lambda scores, right: (_cost(scores, right - 1), _slopes(scores, right - 1)),
            lambda seen: (
                f"You look at class {seen.right - 1} in place of {seen.right}: classes are "
                "counted from 0, so scores[right] is the right one."
            ),
        ),
        Mistake(
            "target minus shares",
            _with_slopes(lambda shares, right: _one_hot(shares, right) - shares),
            lambda seen: (
                f"Your slope for the right class is {said(seen.got[1][seen.right])}, above 0: as "
                "if the cost rose with it. It is shares minus target, not target minus shares."
            ),
        ),
        Mistake(
            "target forgotten",
            _with_slopes(lambda shares, right: shares),
            lambda seen: (
                f"Your slopes are the shares; they sum to {said(seen.got[1].sum())}, and slopes "
                "sum to 0. The one-hot target is not yet subtracted."
            ),
        ),
        Mistake(
            "right class only",
            _with_slopes(lambda shares, right: (shares - 1) * _one_hot(shares, right)),
            "Only the right class has a slope in your answer. To raise another score costs, too: "
            "its slope is its share.",
        ),
        Mistake(
            "slope of the share",
            _with_slopes(lambda shares, right: -_one_hot(shares, right) / shares),
            "Your slopes are −1 / p, those for the shares. Asked are those for the scores, and a "
            "score moves all shares at once.",
        ),
        Mistake(
            "divided by the number of classes",
            _with_slopes(lambda shares, right: (shares - _one_hot(shares, right)) / len(shares)),
            lambda seen: (
                f"Your slopes are the right ones divided by {len(seen.scores)}, the number of "
                "classes. The cost is not a mean over classes, so nothing is divided."
            ),
        ),
    ),
    flaws=(
        Flaw(
            "overflows",
            _plain,
            lambda _: {"scores": np.array([1000.0, 1001.0, 999.0]), "right": 0},
            _too_large,
        ),
        Flaw(
            "overflows in the sum",
            _summed_plainly,
            lambda _: {"scores": np.array([1000.0, 1001.0, 999.0]), "right": 0},
            _too_large,
        ),
        Flaw(
            "logarithm of 0",
            lambda scores, right: _plain(scores - scores.max(), right),
            lambda _: {"scores": np.array([0.0, 1000.0, 0.0]), "right": 0},
            lambda seen: (
                f"for the scores {few(seen.scores)} and class 0 the cost becomes "
                f"{said(seen.got[0])}, and is 1000: the share is too small to write down, and its "
                "logarithm is lost. Work out the logarithm with a pencil first: "
                "cost = log Σ exp(sⱼ − m) + m − s_right."
            ),
        ),
    ),
    hints=(
        "Make shares first. One of them gives the cost; all of them give the slopes.",
        'The sections "How wrong is it?" and, for the slopes, the verdict below it.',
        "cost = −ln p_right; slopes = p − one-hot(right).",
        "For scores (0, 1, 2) and class 1: cost 1.408, slopes (0.09, −0.755, 0.665).",
    ),
    solution="""def my_cross_entropy(scores, right):
    highest = scores.max()
    exponentials = np.exp(scores - highest)
    cost = np.log(exponentials.sum()) + highest - scores[right]
    slopes = exponentials / exponentials.sum()
    slopes[right] -= 1
    return cost, slopes
""",
)

EXERCISES = (CROSS_ENTROPY,)
