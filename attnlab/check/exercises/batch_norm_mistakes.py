"""Chapter 8: what goes wrong when padding is kept out of BatchNorm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Mistake, Seen
from attnlab.check.wording import few, said

_BATCH = (0, 1)


def normal(x: Any, moments: tuple[Any, Any], epsilon: float) -> Any:
    """Mean off, divided by the spread."""
    return (x - moments[0]) / np.sqrt(moments[1] + epsilon)


def moments(x: Any, counted: Any, axes: Any = _BATCH, less: int = 0) -> tuple[Any, Any]:
    """Mean and variance of the cells that are counted."""
    share = counted / counted.sum(axis=axes, keepdims=True)
    mean = (x * share).sum(axis=axes, keepdims=True)
    count = counted.sum(axis=axes, keepdims=True)
    variance = (((x - mean) ** 2) * share).sum(axis=axes, keepdims=True)
    return mean, variance * count / (count - less)


def cells(x: Any, real: Any) -> Any:
    """1 for each number of a real word, 0 for those of fillers."""
    return real[..., None] * np.ones_like(x)


def _with(found: Callable[[Any, Any], tuple[Any, Any]]) -> Callable[[Any, Any, float], Any]:
    """BatchNorm with other means and variances."""
    return lambda x, real, epsilon: normal(x, found(x, real), epsilon)


def _right(x: Any, real: Any) -> tuple[Any, Any]:
    return moments(x, cells(x, real))


def _divided_by_all(x: Any, real: Any) -> tuple[Any, Any]:
    inside, places = cells(x, real), real.size
    mean = (x * inside).sum(axis=_BATCH, keepdims=True) / places
    return mean, ((x - mean) ** 2 * inside).sum(axis=_BATCH, keepdims=True) / places


def _fillers_summed(x: Any, real: Any) -> tuple[Any, Any]:
    mean = x.sum(axis=_BATCH, keepdims=True) / real.sum()
    return mean, ((x - mean) ** 2).sum(axis=_BATCH, keepdims=True) / real.sum()


def _emptied_again(x: Any, real: Any) -> tuple[Any, Any]:
    mean, emptied = _right(x, real)[0], x * cells(x, real)
    return mean, ((emptied - mean) ** 2).sum(axis=_BATCH, keepdims=True) / real.sum()


def _mean_of_means(x: Any, real: Any) -> tuple[Any, Any]:
    by_sentence = [part.mean(axis=0) for part in moments(x, cells(x, real), 1)]
    return by_sentence[0], by_sentence[1]


def _fillers(seen: Seen) -> str:
    count = int((~seen.real).sum())
    return f"{count} of the {seen.real.size} places hold fillers"


def _sums(seen: Seen) -> str:
    """The sums of the student's features over real words, which should be 0."""
    return few(seen.got[seen.real].sum(axis=0).round(6))


MISTAKES = (
    Mistake(
        "padding counted",
        _with(lambda x, real: moments(x, np.ones_like(x))),
        lambda seen: (
            f"{_fillers(seen)}, and they count in your means: over real words your outputs sum to "
            f"{_sums(seen)}, not to 0. Take mean and variance of real words only."
        ),
    ),
    Mistake(
        "fillers counted as zeros",
        _with(lambda x, real: moments(x * cells(x, real), np.ones_like(x))),
        lambda seen: (
            f"You set fillers to 0, and then count these zeros: {_fillers(seen)}. 0 is a number as "
            "any other to a mean. Leave them out."
        ),
    ),
    Mistake(
        "divided by all places",
        _with(_divided_by_all),
        lambda seen: (
            f"You sum over real words, and divide by all {seen.real.size} places. There are "
            f"{int(seen.real.sum())} real words."
        ),
    ),
    Mistake(
        "fillers summed",
        _with(_fillers_summed),
        lambda seen: (
            f"You divide by {int(seen.real.sum())}, the number of real words, but fillers are in the "
            "sums. They may hold anything, and a 0 has a distance from the mean, too."
        ),
    ),
    Mistake(
        "fillers in the variance",
        _with(
            lambda x, real: (
                _right(x, real)[0],
                ((x - _right(x, real)[0]) ** 2).mean(axis=_BATCH, keepdims=True),
            )
        ),
        lambda seen: (
            f"Your mean is right: over real words your outputs sum to {_sums(seen)}. But the variance "
            "counts fillers: leave them out there, too."
        ),
    ),
    Mistake(
        "the variance of all places",
        _with(lambda x, real: (_right(x, real)[0], moments(x, np.ones_like(x))[1])),
        lambda seen: (
            f"Your mean is right: over real words your outputs sum to {_sums(seen)}. But the variance "
            "is that of all places, fillers with them. Take that of real words."
        ),
    ),
    Mistake(
        "fillers back in the variance",
        _with(_emptied_again),
        "Your mean is right. In the variance the emptied fillers come back: 0 minus the mean, "
        "squared, is not 0. Choose the real words once more after taking the mean off.",
    ),
    Mistake(
        "real words guessed",
        _with(lambda x, real: moments(x, cells(x, (x != 0).any(axis=2)))),
        "You take every word that is not all zeros for a real one. Here fillers may hold other "
        "numbers: which words are real is handed in.",
    ),
    Mistake(
        "zeros left out",
        _with(lambda x, real: moments(x, (x != 0).astype(float))),
        "You leave out every single 0. A real word may have zeros; which words are real is handed in.",
    ),
    Mistake(
        "fillers only",
        _with(lambda x, real: moments(x, cells(x, ~real))),
        "Your means are those of the fillers: the mask is turned round. In real, True means a word.",
    ),
    Mistake(
        "within each word",
        _with(lambda x, real: moments(x, np.ones_like(x), 2)),
        "You average over the features of a word: that is LayerNorm. BatchNorm averages one feature "
        "over all words of all sentences.",
    ),
    Mistake(
        "within each sentence",
        _with(lambda x, real: moments(x, cells(x, real), 1)),
        lambda seen: (
            "You leave the fillers out, but each sentence has a mean of its own, as in InstanceNorm. "
            f"All {len(seen.x)} sentences share one."
        ),
    ),
    Mistake(
        "at each place",
        _with(lambda x, real: moments(x, cells(x, real), 0)),
        "You average over the sentences, one mean for each place. All places share one: average over "
        "the positions, too.",
    ),
    Mistake(
        "features together",
        _with(lambda x, real: moments(x, cells(x, real), (0, 1, 2))),
        lambda seen: (
            f"One mean for all {seen.x.shape[2]} features: over real words your outputs sum to "
            f"{_sums(seen)}. Each feature has its own."
        ),
    ),
    Mistake(
        "mean of means",
        _with(_mean_of_means),
        "You average each sentence first, and then these averages. So a word of a short sentence "
        "counts more than one of a long sentence. Average all real words at once.",
    ),
    Mistake(
        "n − 1",
        _with(lambda x, real: moments(x, cells(x, real), less=1)),
        lambda seen: (
            f"You divide the squares by {int(seen.real.sum()) - 1}. The variance here is their mean: "
            f"there are {int(seen.real.sum())} real words."
        ),
    ),
    Mistake(
        "epsilon outside the root",
        lambda x, real, epsilon: (x - _right(x, real)[0]) / (_right(x, real)[1] ** 0.5 + epsilon),
        lambda seen: (
            f"You add epsilon, {said(seen.epsilon)}, to the spread. Add it under the root."
        ),
    ),
    Mistake(
        "epsilon forgotten",
        lambda x, real, epsilon: normal(x, _right(x, real), 0.0),
        lambda seen: f"You leave out epsilon, {said(seen.epsilon)} here. Add it to the variance.",
    ),
    Mistake(
        "no root",
        lambda x, real, epsilon: (x - _right(x, real)[0]) / (_right(x, real)[1] + epsilon),
        "You divide by the variance plus epsilon. Take the root of that first.",
    ),
    Mistake(
        "the mean left in",
        lambda x, real, epsilon: x / np.sqrt(_right(x, real)[1] + epsilon),
        lambda seen: (
            f"Over real words your outputs sum to {_sums(seen)}, not to 0: you divide x as it is. Take "
            "the mean off first."
        ),
    ),
    Mistake(
        "not divided",
        lambda x, real, epsilon: x - _right(x, real)[0],
        "You take the mean off, and that is all. Divide by the spread of the feature.",
    ),
    Mistake(
        "real words only",
        lambda x, real, epsilon: normal(x, _right(x, real), epsilon)[real],
        lambda seen: (
            f"You return a list of the {int(seen.real.sum())} real words. The statistics are for these "
            "alone, but normalise x as a whole, so that its shape stays."
        ),
    ),
    Mistake(
        "a batch of the real words",
        lambda x, real, epsilon: normal(x, _right(x, real), epsilon)[real][None],
        lambda seen: (
            f"You return one sentence of the {int(seen.real.sum())} real words. The statistics are for "
            "these alone, but normalise x as a whole, so that its shape stays."
        ),
    ),
    Mistake(
        "mask not lined up",
        lambda x, real, epsilon: normal(x * real, _right(x, real), epsilon),
        "real has no axis for the features, so it does not line up with x. Give it one behind, or "
        "choose with it: x[real] is a list of words.",
    ),
)
