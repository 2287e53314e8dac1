"""Chapter 8: LayerNorm of some words, with gain and bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake, Probe, Seen
from attnlab.check.wording import few, said
from attnlab.core import layer_norm


def _over(x: Any, epsilon: float, axis: int | None = 1, less: int = 0) -> Any:
    mean = x.mean(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=axis, keepdims=True, ddof=less) + epsilon)


def _with(normal: Callable[[Any, float], Any]) -> Callable[[Any, Any, Any, float], Any]:
    """Another way to normalise, then gain and bias."""
    return lambda x, gain, bias, epsilon: normal(x, epsilon) * gain + bias


def _moments(x: Any) -> tuple[Any, Any]:
    return x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)


def _by_mean_of_squares(x: Any, epsilon: float) -> Any:
    mean = x.mean(axis=1, keepdims=True)
    return (x - mean) / np.sqrt((x**2).mean(axis=1, keepdims=True) - mean**2 + epsilon)


def _by_length(x: Any, epsilon: float) -> Any:
    rest = x - x.mean(axis=1, keepdims=True)
    return rest / np.sqrt((rest**2).sum(axis=1, keepdims=True) + epsilon)


def _random(words: int, features: int, epsilon: float) -> Probe:
    return lambda random: {
        "x": random.normal(size=(words, features)) + 0.5,
        "gain": random.normal(size=features),
        "bias": random.normal(size=features),
        "epsilon": epsilon,
    }


def _before(seen: Seen) -> Any:
    """The student's numbers with bias and gain taken back."""
    return (seen.got - seen.bias) / seen.gain


def _sums(seen: Seen, axis: int) -> str:
    return few(_before(seen).sum(axis=axis).round(6))


LAYER_NORM = Exercise(
    number="8.4",
    name="layer_norm",
    title="LayerNorm",
    difficulty="medium",
    minutes=10,
    parameters={"x": "word feature", "gain": "feature", "bias": "feature", "epsilon": ""},
    result="word feature",
    reference=lambda x, gain, bias, epsilon: layer_norm(x[None], epsilon=epsilon)[0] * gain + bias,
    probes=(
        lambda _: {
            "x": np.array([[4.0, 0, 0, 0], [1.0, 5, 5, 5]]),
            "gain": np.array([1.0, 2, 1, 1]),
            "bias": np.array([0.0, 0, 1, 0]),
            "epsilon": 1.0,
        },
        _random(5, 3, 0.2),
        _random(3, 7, 0.05),
    ),
    mistakes=(
        Mistake(
            "down the columns",
            _with(lambda x, epsilon: _over(x, epsilon, 0)),
            lambda seen: (
                f"Before gain and bias your columns sum to {_sums(seen, 0)}, and your rows to "
                f"{_sums(seen, 1)}: you average a feature over the words, as BatchNorm does. LayerNorm "
                "takes one word at a time."
            ),
        ),
        Mistake(
            "over the whole sentence",
            _with(lambda x, epsilon: _over(x, epsilon, None)),
            lambda seen: (
                f"Before gain and bias your rows sum to {_sums(seen, 1)}, and only all numbers together "
                "to 0: one mean for the whole sentence. Then a word knows of later ones. Each word has "
                "a mean of its own."
            ),
        ),
        Mistake(
            "n − 1",
            _with(lambda x, epsilon: _over(x, epsilon, 1, 1)),
            lambda seen: (
                f"Your numbers are a bit small: you divide the sum of the squares by "
                f"{seen.x.shape[1] - 1}. The variance here is the mean of {seen.x.shape[1]} squares."
            ),
        ),
        Mistake(
            "epsilon outside the root",
            _with(lambda x, epsilon: (x - _moments(x)[0]) / (np.sqrt(_moments(x)[1]) + epsilon)),
            lambda seen: (
                f"You add epsilon, {said(seen.epsilon)}, to the spread. It is added to the variance, "
                "under the root."
            ),
        ),
        Mistake(
            "epsilon forgotten",
            _with(lambda x, epsilon: _over(x, 0.0)),
            lambda seen: (
                f"You leave out epsilon. It is {said(seen.epsilon)} here, so that it shows; and "
                "without it a word of equal numbers gives 0 / 0."
            ),
        ),
        Mistake(
            "the usual epsilon",
            _with(lambda x, epsilon: _over(x, 1e-5)),
            lambda seen: (
                f"Your epsilon is 0.00001, whatever is handed in; here that is {said(seen.epsilon)}."
            ),
        ),
        Mistake(
            "no root",
            _with(lambda x, epsilon: (x - _moments(x)[0]) / (_moments(x)[1] + epsilon)),
            "You divide by the variance plus epsilon. Take the root of that first.",
        ),
        Mistake(
            "root of the spread",
            _with(
                lambda x, epsilon: (x - _moments(x)[0]) / np.sqrt(_moments(x)[1] ** 0.5 + epsilon)
            ),
            "You take a root twice: std is the root of the variance already, and the root here wants "
            "the variance.",
        ),
        Mistake(
            "the mean left in",
            _with(lambda x, epsilon: x / np.sqrt(_moments(x)[1] + epsilon)),
            lambda seen: (
                f"Before gain and bias your rows sum to {_sums(seen, 1)}, not to 0: you divide x as it "
                "is. Take the mean off first."
            ),
        ),
        Mistake(
            "RMSNorm",
            _with(lambda x, epsilon: x / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon)),
            lambda seen: (
                f"Before gain and bias your rows sum to {_sums(seen, 1)}, not to 0: no mean is taken "
                "off, neither from x nor in the variance. That is RMSNorm."
            ),
        ),
        Mistake(
            "not divided",
            _with(lambda x, epsilon: x - _moments(x)[0]),
            "You take the mean off, and that is all. Divide by the spread, so that loud and quiet "
            "words come out alike.",
        ),
        Mistake(
            "the length",
            _with(_by_length),
            lambda seen: (
                "You divide by the length of what is left, the root of the sum of the squares: your "
                f"numbers are about √{seen.x.shape[1]} times too small. Take the mean of the squares."
            ),
        ),
        Mistake(
            "no gain, no bias",
            lambda x, gain, bias, epsilon: _over(x, epsilon),
            lambda seen: (
                f"Your first row, {few(seen.got[0])}, has mean 0: it is normalised, but gain and bias "
                "are not used. They come last."
            ),
        ),
        Mistake(
            "gain forgotten",
            lambda x, gain, bias, epsilon: _over(x, epsilon) + bias,
            "The bias is in there, the gain is not. Multiply each feature by its gain first.",
        ),
        Mistake(
            "bias forgotten",
            lambda x, gain, bias, epsilon: _over(x, epsilon) * gain,
            "The gain is in there, the bias is not. Add it in the end.",
        ),
        Mistake(
            "bias before gain",
            lambda x, gain, bias, epsilon: (_over(x, epsilon) + bias) * gain,
            "You add the bias first and multiply both by the gain. First the gain, then the bias.",
        ),
        Mistake(
            "gain and bias first",
            lambda x, gain, bias, epsilon: _over(x * gain + bias, epsilon),
            lambda seen: (
                f"Your rows sum to {few(seen.got.sum(axis=1))}: you normalise after gain and bias, and "
                "that takes most of them away again. They come last."
            ),
        ),
        Mistake(
            "exchanged",
            lambda x, gain, bias, epsilon: _over(x, epsilon) * bias + gain,
            "Gain and bias have changed places: multiply by the gain, add the bias.",
        ),
        Mistake(
            "1 + gain",
            lambda x, gain, bias, epsilon: _over(x, epsilon) * (1 + gain) + bias,
            "You multiply by 1 + gain, as some models do whose gain begins at 0. Here it begins at 1.",
        ),
        Mistake(
            "keepdims forgotten",
            lambda x, gain, bias, epsilon: (x - x.mean(axis=1)) * gain + bias,
            lambda seen: (
                f"The mean of each word has lost its axis: {len(seen.x)} numbers do not line up with "
                f"rows of {seen.x.shape[1]}. keepdims=True leaves a column, for mean and variance."
            ),
        ),
    ),
    flaws=(
        Flaw(
            "small differences of large numbers",
            _with(_by_mean_of_squares),
            lambda _: {
                "x": 1e8 + np.array([[0.0, 1, 2, 5]]),
                "gain": np.ones(4),
                "bias": np.zeros(4),
                "epsilon": 1e-5,
            },
            lambda seen: (
                f"for the word 100000000, …1, …2, …5 it gives {few(seen.got)}, and should give "
                f"{few(seen.wanted)}: the squares have sixteen digits, and their difference keeps none. "
                "Take the mean off before you square."
            ),
        ),
    ),
    hints=(
        "Four steps for each word: mean, variance, normalise, gain and bias.",
        'The sections "Normalise with a pencil" and "By loop, by matrix, by package".',
        "(x − mean) / √(variance + epsilon) · gain + bias, mean and variance of each row.",
        "The word (4, 0, 0, 0) with epsilon 1, gain 1 and bias 0 becomes 1.5, −0.5, −0.5, −0.5.",
    ),
    solution="""def my_layer_norm(x, gain, bias, epsilon):
    mean = x.mean(axis=1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=1, keepdims=True)
    return (x - mean) / np.sqrt(variance + epsilon) * gain + bias
""",
)

EXERCISES = (LAYER_NORM,)
