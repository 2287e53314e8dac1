"""Chapter 8: LayerNorm of some words, with gain and bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe
from attnlab.check.exercises.layer_norm_mistakes import MISTAKES, with_normal
from attnlab.check.wording import few
from attnlab.core import layer_norm


def _by_mean_of_squares(x: Any, epsilon: float) -> Any:
    mean = x.mean(axis=1, keepdims=True)
    return (x - mean) / np.sqrt((x**2).mean(axis=1, keepdims=True) - mean**2 + epsilon)


def _random(words: int, features: int, epsilon: float) -> Probe:
    return lambda random: {
        "x": random.normal(size=(words, features)) + 0.5,
        "gain": random.normal(size=features),
        "bias": random.normal(size=features),
        "epsilon": epsilon,
    }


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
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "small differences of large numbers",
            with_normal(_by_mean_of_squares),
            lambda _: {
                "x": 5e6 + np.array([[1.0, 3, 2]]),  # float32 holds these, and their sum
                "gain": np.ones(3),
                "bias": np.zeros(3),
                "epsilon": 1e-5,
            },
            lambda seen: (
                f"for the word 5000001, …3, …2 it gives {few(seen.got)}, and should give "
                f"{few(seen.wanted)}. Is your variance one large number minus another? Squares of "
                "these have fourteen digits, and their difference keeps few. Take the mean off before "
                "you square."
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
