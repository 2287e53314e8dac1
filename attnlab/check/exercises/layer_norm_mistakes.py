"""Chapter 8: what goes wrong when LayerNorm is written for the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.wording import few, said


def over(x: Any, epsilon: float, axis: int | None = 1, less: int = 0) -> Any:
    mean = x.mean(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=axis, keepdims=True, ddof=less) + epsilon)


def with_normal(normal: Callable[[Any, float], Any]) -> Callable[[Any, Any, Any, float], Any]:
    """Another way to normalise, then gain and bias."""
    return lambda x, gain, bias, epsilon: normal(x, epsilon) * gain + bias


def _moments(x: Any) -> tuple[Any, Any]:
    return x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)


def _by_length(x: Any, epsilon: float) -> Any:
    rest = x - x.mean(axis=1, keepdims=True)
    return rest / np.sqrt((rest**2).sum(axis=1, keepdims=True) + epsilon)


def _before(seen: Seen) -> Any:
    """The student's numbers with bias and gain taken back."""
    return (seen.got - seen.bias) / seen.gain


def _sums(seen: Seen, axis: int) -> str:
    return few(_before(seen).sum(axis=axis).round(6))


MISTAKES = (
    Mistake(
        "down the columns",
        with_normal(lambda x, epsilon: over(x, epsilon, 0)),
        lambda seen: (
            f"Before gain and bias your columns sum to {_sums(seen, 0)}, and your rows to "
            f"{_sums(seen, 1)}: you average a feature over the words, as BatchNorm does. LayerNorm "
            "takes one word at a time."
        ),
    ),
    Mistake(
        "over the whole sentence",
        with_normal(lambda x, epsilon: over(x, epsilon, None)),
        lambda seen: (
            f"Before gain and bias your rows sum to {_sums(seen, 1)}, and only all numbers together "
            "to 0: one mean for the whole sentence. Then a word knows of later ones. Each word has "
            "a mean of its own."
        ),
    ),
    Mistake(
        "n − 1",
        with_normal(lambda x, epsilon: over(x, epsilon, 1, 1)),
        lambda seen: (
            f"Your numbers are a bit small: you divide the sum of the squares by "
            f"{seen.x.shape[1] - 1}. The variance here is the mean of {seen.x.shape[1]} squares."
        ),
    ),
    Mistake(
        "epsilon outside the root",
        with_normal(lambda x, epsilon: (x - _moments(x)[0]) / (np.sqrt(_moments(x)[1]) + epsilon)),
        lambda seen: (
            f"You add epsilon, {said(seen.epsilon)}, to the spread. It is added to the variance, "
            "under the root."
        ),
    ),
    Mistake(
        "epsilon forgotten",
        with_normal(lambda x, epsilon: over(x, 0.0)),
        lambda seen: (
            f"You leave out epsilon. It is {said(seen.epsilon)} here, so that it shows; and "
            "without it a word of equal numbers gives 0 / 0."
        ),
    ),
    Mistake(
        "the usual epsilon",
        with_normal(lambda x, epsilon: over(x, 1e-5)),
        lambda seen: (
            f"Your epsilon is 0.00001, whatever is handed in; here that is {said(seen.epsilon)}."
        ),
    ),
    Mistake(
        "no root",
        with_normal(lambda x, epsilon: (x - _moments(x)[0]) / (_moments(x)[1] + epsilon)),
        "You divide by the variance plus epsilon. Take the root of that first.",
    ),
    Mistake(
        "root of the spread",
        with_normal(
            lambda x, epsilon: (x - _moments(x)[0]) / np.sqrt(_moments(x)[1] ** 0.5 + epsilon)
        ),
        "You take a root twice: std is the root of the variance already, and the root here wants "
        "the variance.",
    ),
    Mistake(
        "the mean left in",
        with_normal(lambda x, epsilon: x / np.sqrt(_moments(x)[1] + epsilon)),
        lambda seen: (
            f"Before gain and bias your rows sum to {_sums(seen, 1)}, not to 0: you divide x as it "
            "is. Take the mean off first."
        ),
    ),
    Mistake(
        "RMSNorm",
        with_normal(lambda x, epsilon: x / np.sqrt((x**2).mean(axis=1, keepdims=True) + epsilon)),
        lambda seen: (
            f"Before gain and bias your rows sum to {_sums(seen, 1)}, not to 0: no mean is taken "
            "off, neither from x nor in the variance. That is RMSNorm."
        ),
    ),
    Mistake(
        "not divided",
        with_normal(lambda x, epsilon: x - _moments(x)[0]),
        "You take the mean off, and that is all. Divide by the spread, so that loud and quiet "
        "words come out alike.",
    ),
    Mistake(
        "the length",
        with_normal(_by_length),
        lambda seen: (
            "You divide by the length of what is left, the root of the sum of the squares: your "
            f"numbers are about √{seen.x.shape[1]} times too small. Take the mean of the squares."
        ),
    ),
    Mistake(
        "no gain, no bias",
        lambda x, gain, bias, epsilon: over(x, epsilon),
        lambda seen: (
            f"Your first row, {few(seen.got[0])}, has mean 0: it is normalised, but gain and bias "
            "are not used. They come last."
        ),
    ),
    Mistake(
        "gain forgotten",
        lambda x, gain, bias, epsilon: over(x, epsilon) + bias,
        "The bias is in there, the gain is not. Multiply each feature by its gain first.",
    ),
    Mistake(
        "bias forgotten",
        lambda x, gain, bias, epsilon: over(x, epsilon) * gain,
        "The gain is in there, the bias is not. Add it in the end.",
    ),
    Mistake(
        "bias before gain",
        lambda x, gain, bias, epsilon: (over(x, epsilon) + bias) * gain,
        "You add the bias first and multiply both by the gain. First the gain, then the bias.",
    ),
    Mistake(
        "gain and bias first",
        lambda x, gain, bias, epsilon: over(x * gain + bias, epsilon),
        lambda seen: (
            f"Your rows sum to {few(seen.got.sum(axis=1))}: you normalise after gain and bias, and "
            "that takes most of them away again. They come last."
        ),
    ),
    Mistake(
        "exchanged",
        lambda x, gain, bias, epsilon: over(x, epsilon) * bias + gain,
        "Gain and bias have changed places: multiply by the gain, add the bias.",
    ),
    Mistake(
        "1 + gain",
        lambda x, gain, bias, epsilon: over(x, epsilon) * (1 + gain) + bias,
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
    Mistake(
        "variance down the columns",
        with_normal(lambda x, e: (x - _moments(x)[0]) / np.sqrt(x.var(axis=0, keepdims=True) + e)),
        "Your means are right, each word its own. But the variance is that of a feature over the words: "
        "it belongs to the word, too.",
    ),
    Mistake(
        "variance of the whole sentence",
        with_normal(lambda x, e: (x - _moments(x)[0]) / np.sqrt(x.var() + e)),
        "Your means are right, each word its own. But you divide all words by the same spread: each "
        "has its own.",
    ),
    Mistake(
        "mean down the columns",
        with_normal(lambda x, e: (x - x.mean(axis=0)) / np.sqrt(_moments(x)[1] + e)),
        "You divide each word by its own spread, but take off the mean of each feature over the words. "
        "The mean belongs to the word, too.",
    ),
    Mistake(
        "brackets",
        lambda x, gain, bias, e: x - _moments(x)[0] / np.sqrt(_moments(x)[1] + e) * gain + bias,
        "Only the mean is divided by the spread and multiplied by the gain. Put x − mean in brackets: it "
        "is divided as a whole.",
    ),
    Mistake(
        "brackets, then the gain",
        with_normal(lambda x, e: x - _moments(x)[0] / np.sqrt(_moments(x)[1] + e)),
        "You divide the mean alone by the spread. Put x − mean in brackets: it is divided as a whole.",
    ),
    Mistake(
        "n − 1, no epsilon",
        with_normal(lambda x, e: over(x, 0.0, 1, 1)),
        lambda seen: (
            f"You divide the squares by {seen.x.shape[1] - 1}, as std of PyTorch does if not told "
            f"otherwise, and leave epsilon out. Take the mean of {seen.x.shape[1]} squares, plus epsilon."
        ),
    ),
    Mistake(
        "n − 1, epsilon outside",
        with_normal(lambda x, e: (x - _moments(x)[0]) / (x.std(axis=1, keepdims=True, ddof=1) + e)),
        lambda seen: (
            f"Two things at once: you divide the squares by {seen.x.shape[1] - 1}, and add epsilon to "
            "the root. Some well-known code does that; PyTorch's layer takes the mean of the squares, "
            "and epsilon stands under the root."
        ),
    ),
    Mistake(
        "epsilon squared",
        with_normal(lambda x, e: over(x, e**2)),
        "You add the square of epsilon to the variance. It is added as it is.",
    ),
    Mistake(
        "the first word only",
        lambda x, gain, bias, e: (over(x, e) * gain + bias)[0],
        lambda seen: (
            f"You return one word, the first of {len(seen.x)}: is a return inside the loop?"
        ),
    ),
    Mistake(
        "squares of x",
        with_normal(lambda x, e: (x - _moments(x)[0]) / np.sqrt((x**2).mean(1, keepdims=True) + e)),
        "Above, your mean is taken off. Below stands the mean of the squares of x itself: square what is "
        "left of x.",
    ),
)
