"""Chapter 8: BatchNorm with the statistics of real words only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake
from attnlab.check.exercises.batch_norm_mistakes import MISTAKES, cells, moments, normal
from attnlab.check.wording import few
from attnlab.core import normalise, statistics


def _careful(x: Any, real: Any, epsilon: float) -> Any:
    return normalise(x, *statistics(x[real][None], "batch"), epsilon)


def _at_real_words(mine: Callable[..., Any], x: Any, real: Any, epsilon: float) -> Any:
    """The result with 0 at the fillers, where anything may stand."""
    words = real.copy()
    found = mine(x, real, epsilon)
    found = np.asarray(found) if isinstance(found, list) else found
    if len(getattr(found, "shape", ())) != 3 or tuple(found.shape[:2]) != words.shape:
        return found
    return np.where(words[..., None], np.asarray(found), 0.0)


def _by_mean_of_squares(x: Any, real: Any, epsilon: float) -> Any:
    inside = cells(x, real)
    mean, square = (moments(part, inside)[0] for part in (x, x**2))
    return normal(x, (mean, square - mean**2), epsilon)


def _batch(lengths: list[int], features: int, epsilon: float) -> Callable[..., dict[str, Any]]:
    """Whole numbers, some of them 0 in real words; fillers hold other numbers."""

    def probe(random: np.random.Generator) -> dict[str, Any]:
        words = max(lengths) + 1
        real = np.arange(words) < np.array(lengths)[:, None]
        x = random.integers(-3, 4, size=(len(lengths), words, features)).astype(float)
        fillers = random.integers(5, 9, size=x.shape)
        return {"x": np.where(real[..., None], x, fillers), "real": real, "epsilon": epsilon}

    return probe


def _all_along(axis: int) -> Callable[..., Any]:
    """Means and variances along one axis, of words and fillers alike."""

    def mine(x: Any, _: Any, epsilon: float) -> Any:
        return normal(x, (x.mean(axis, keepdims=True), x.var(axis, keepdims=True)), epsilon)

    return mine


def _about_the_mean_of_means(x: Any, real: Any, epsilon: float) -> Any:
    inside = cells(x, real)
    mean = moments(x, inside, 1)[0].mean(axis=0)
    return normal(x, (mean, moments((x - mean) ** 2, inside)[0]), epsilon)


_MORE = (
    Mistake(
        "each sentence, fillers too",
        _all_along(1),
        "You average each sentence by itself, fillers and all. A feature has one mean for all sentences, "
        "and only real words count.",
    ),
    Mistake(
        "each place, fillers too",
        _all_along(0),
        "You average each place by itself, fillers and all. A feature has one mean for all places, and "
        "only real words count.",
    ),
    Mistake(
        "about the mean of means",
        _about_the_mean_of_means,
        "Your mean is the mean of the sentences' means. So a word of a short sentence counts more than "
        "one of a long sentence. Average all real words at once.",
    ),
)


BATCH_NORM = Exercise(
    number="8.6",
    name="batch_norm",
    title="BatchNorm without the padding",
    difficulty="hard",
    minutes=15,
    parameters={"x": "sentence position feature", "real": "sentence position", "epsilon": ""},
    result="sentence position feature",
    reference=_careful,
    use=_at_real_words,
    probes=(
        lambda _: {
            "x": np.array([[[5.0], [1.0], [1.0]], [[1.0], [0.0], [0.0]]]),
            "real": np.array([[True, True, True], [True, False, False]]),
            "epsilon": 1.0,
        },
        _batch([4, 2, 1], 2, 0.3),
        _batch([1, 2, 1, 5], 7, 0.1),
    ),
    mistakes=(*MISTAKES, *_MORE),
    flaws=(
        Flaw(
            "small differences of large numbers",
            _by_mean_of_squares,
            lambda _: {
                # float32 holds these, and the sum of the real ones
                "x": 5e6 + np.array([[[1.0], [3.0]], [[2.0], [0.0]]]),
                "real": np.array([[True, True], [True, False]]),
                "epsilon": 1e-5,
            },
            lambda seen: (
                f"for the words 5000001, …3, …2 it gives {few(seen.got[seen.real])}, and should give "
                f"{few(seen.wanted[seen.real])}. Is your variance one large number minus another? Squares "
                "of these have fourteen digits, and their difference keeps few. Take the mean off before "
                "you square."
            ),
        ),
    ),
    hints=(
        "First collect what counts: all real words of all sentences. Then BatchNorm as ever.",
        'The recipe "careful" in the section "The company you keep", and `by_axes` further up.',
        "Mean and variance of each feature over real words; (x − mean) / √(variance + epsilon).",
        "Real words 5, 1, 1 and 1, epsilon 1: mean 2, variance 3, so that 5 becomes 1.5 and 1 −0.5.",
    ),
    solution="""def my_batch_norm(x, real, epsilon):
    words = x[real]  # the real words of all sentences, one below the other
    mean, variance = words.mean(axis=0), words.var(axis=0)
    return (x - mean) / np.sqrt(variance + epsilon)
""",
)

EXERCISES = (BATCH_NORM,)
