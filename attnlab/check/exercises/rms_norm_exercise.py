"""Chapter 8: RMSNorm, which takes no mean off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Mistake, Probe, Seen
from attnlab.check.wording import few, said
from attnlab.core import rms_norm


def _square(x: Any, axis: int | None = 1) -> Any:
    return (x**2).mean(axis=axis, keepdims=True)


def _mean(x: Any) -> Any:
    return x.mean(axis=1, keepdims=True)


def _with(normal: Callable[[Any, float], Any]) -> Callable[[Any, Any, float], Any]:
    """Another way to normalise, then the gain."""
    return lambda x, gain, epsilon: normal(x, epsilon) * gain


def _random(words: int, features: int, epsilon: float) -> Probe:
    return lambda random: {
        "x": random.normal(size=(words, features)) + 0.5,
        "gain": random.normal(size=features),
        "epsilon": epsilon,
    }


def _size(seen: Seen) -> str:
    """The mean squares of the student's rows, with the gain taken back."""
    return few(_square(seen.got / seen.gain))


RMS_NORM = Exercise(
    number="8.5",
    name="rms_norm",
    title="RMSNorm",
    difficulty="easy",
    minutes=5,
    parameters={"x": "word feature", "gain": "feature", "epsilon": ""},
    result="word feature",
    reference=lambda x, gain, epsilon: rms_norm(x[None], epsilon=epsilon)[0] * gain,
    probes=(
        lambda _: {
            "x": np.array([[4.0, 4, 0, 0], [3.0, 1, 1, -1]]),
            "gain": np.array([1.0, 2, 1, 1]),
            "epsilon": 1.0,
        },
        _random(5, 3, 0.2),
        _random(3, 7, 0.05),
    ),
    mistakes=(
        Mistake(
            "LayerNorm",
            _with(lambda x, e: (x - _mean(x)) / np.sqrt(x.var(axis=1, keepdims=True) + e)),
            lambda seen: (
                f"Without the gain your rows sum to {few((seen.got / seen.gain).sum(axis=1).round(6))}: you take "
                "the mean off, as LayerNorm does. RMSNorm leaves it."
            ),
        ),
        Mistake(
            "the mean off above",
            _with(lambda x, e: (x - _mean(x)) / np.sqrt(_square(x) + e)),
            "You divide by the right number, but take the mean off before. RMSNorm leaves it.",
        ),
        Mistake(
            "the mean off below",
            _with(lambda x, e: x / np.sqrt(x.var(axis=1, keepdims=True) + e)),
            "You divide by the spread, and a spread has the mean taken off. Take the mean of the "
            "squares as they are.",
        ),
        Mistake(
            "down the columns",
            _with(lambda x, e: x / np.sqrt(_square(x, 0) + e)),
            "You average the squares of a feature over the words. Each word has its own mean square.",
        ),
        Mistake(
            "over the whole sentence",
            _with(lambda x, e: x / np.sqrt(_square(x, None) + e)),
            "You divide all words by one and the same number. Each word has its own mean square.",
        ),
        Mistake(
            "no root",
            _with(lambda x, e: x / (_square(x) + e)),
            "You divide by the mean square. Divide by its root: that is the R of RMS.",
        ),
        Mistake(
            "the length",
            _with(lambda x, e: x / np.sqrt((x**2).sum(axis=1, keepdims=True) + e)),
            lambda seen: (
                f"Without the gain the mean squares of your rows are {_size(seen)}, far below 1: you "
                "divide by the root of the sum. Take the mean: that is the M of RMS."
            ),
        ),
        Mistake(
            "not squared",
            _with(lambda x, e: x / np.sqrt(_mean(x) + e)),
            "You take the root of the mean itself. Square the numbers first: that is the S of RMS.",
        ),
        Mistake(
            "the square of the mean",
            _with(lambda x, e: x / np.sqrt(_mean(x) ** 2 + e)),
            "You take the mean first, and square it then. It is the other way: the mean of the squares.",
        ),
        Mistake(
            "absolute values",
            _with(lambda x, e: x / (np.abs(x).mean(axis=1, keepdims=True) + e)),
            "You divide by the mean of the absolute values. Square them, and take the root of the mean.",
        ),
        Mistake(
            "the largest",
            _with(lambda x, e: x / (np.abs(x).max(axis=1, keepdims=True) + e)),
            "You divide by the largest number of each word. All its numbers count: the root of the mean "
            "square.",
        ),
        Mistake(
            "multiplied",
            _with(lambda x, e: x * np.sqrt(_square(x) + e)),
            lambda seen: (
                f"Without the gain the mean squares of your rows are {_size(seen)}: you multiply by the "
                "root, and loud words become louder. Divide."
            ),
        ),
        Mistake(
            "epsilon outside the root",
            _with(lambda x, e: x / (np.sqrt(_square(x)) + e)),
            lambda seen: (
                f"You add epsilon, {said(seen.epsilon)}, to the root. It is added under the root."
            ),
        ),
        Mistake(
            "epsilon forgotten",
            _with(lambda x, e: x / np.sqrt(_square(x))),
            lambda seen: (
                f"You leave out epsilon, {said(seen.epsilon)} here. Without it a word of zeros gives "
                "0 / 0."
            ),
        ),
        Mistake(
            "the usual epsilon",
            _with(lambda x, e: x / np.sqrt(_square(x) + 1e-5)),
            lambda seen: (
                f"Your epsilon is 0.00001, whatever is handed in; here that is {said(seen.epsilon)}."
            ),
        ),
        Mistake(
            "1 + gain",
            lambda x, gain, e: x / np.sqrt(_square(x) + e) * (1 + gain),
            "You multiply by 1 + gain, as some models do whose gain begins at 0. Here it begins at 1.",
        ),
        Mistake(
            "gain forgotten",
            lambda x, gain, e: x / np.sqrt(_square(x) + e),
            "The words are normalised, but the gain is not used. Multiply each feature by its gain.",
        ),
        Mistake(
            "gain first",
            lambda x, gain, e: x * gain / np.sqrt(_square(x * gain) + e),
            "You multiply by the gain first and normalise then, which takes part of it away again. The "
            "gain comes last.",
        ),
        Mistake(
            "divided by the gain",
            lambda x, gain, e: x / np.sqrt(_square(x) + e) / gain,
            "You divide by the gain. Multiply by it.",
        ),
        Mistake(
            "keepdims forgotten",
            lambda x, gain, e: x / np.sqrt((x**2).mean(axis=1) + e) * gain,
            lambda seen: (
                f"The mean squares have lost their axis: {len(seen.x)} numbers do not line up with rows "
                f"of {seen.x.shape[1]}. keepdims=True leaves a column."
            ),
        ),
    ),
    hints=(
        "One step fewer than LayerNorm, and the other steps as there.",
        "What the text below Figure 8.2 says of RMSNorm.",
        "x / √(mean of x² + epsilon) · gain, a mean for each row.",
        "The word (3, 1, 1, −1) with epsilon 1 and gain 1 becomes 1.5, 0.5, 0.5, −0.5.",
    ),
    solution="""def my_rms_norm(x, gain, epsilon):
    return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon) * gain
""",
)

EXERCISES = (RMS_NORM,)
