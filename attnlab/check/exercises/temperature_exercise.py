"""Chapter 3: softmax at a temperature."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Mistake
from attnlab.check.wording import few, said
from attnlab.core import softmax


def _shared(scores: Any) -> Any:
    e = np.exp(scores - np.max(scores))
    return e / e.sum()


def _overflowing(scores: Any, temperature: Any) -> Any:
    return np.exp(scores / temperature) / np.exp(scores / temperature).sum()


TEMPERATURE = Exercise(
    number="3.4",
    name="temperature",
    title="Temperature",
    difficulty="easy",
    minutes=5,
    parameters={"scores": "option", "temperature": ""},
    result="option",
    reference=lambda scores, temperature: softmax(scores, temperature=temperature),
    probes=(
        lambda _: {"scores": np.array([0.0, 1.0, 3.0]), "temperature": 2.0},
        lambda random: {"scores": random.normal(size=5), "temperature": 0.3},
        lambda random: {"scores": random.normal(size=7), "temperature": 4.0},
    ),
    mistakes=(
        Mistake(
            "multiplied",
            lambda scores, temperature: _shared(scores * temperature),
            lambda seen: (
                f"At temperature {said(seen.temperature)} your largest share is "
                f"{said(seen.got.max())}, expected {said(seen.wanted.max())}: you multiply the scores by "
                "the temperature. Divide."
            ),
        ),
        Mistake(
            "no effect",
            lambda scores, temperature: _shared(scores),
            lambda seen: (
                f"Your shares {few(seen.got)} are those of temperature 1. If you divide the "
                "exponentials, it cancels out; divide the scores, before exp."
            ),
        ),
        Mistake(
            "after the shares",
            lambda scores, temperature: _shared(scores) / temperature,
            lambda seen: (
                f"Your shares sum to {said(seen.got.sum())}, which is 1 / "
                f"{said(seen.temperature)}: you divide the shares. Divide the scores, before exp."
            ),
        ),
        Mistake(
            "shares twice",
            lambda scores, temperature: _shared(_shared(scores) / temperature),
            "You take the softmax, divide by the temperature, and take the softmax of that. Once is "
            "enough: divide the scores.",
        ),
        Mistake(
            "root of the temperature",
            lambda scores, temperature: _shared(scores / np.sqrt(temperature)),
            "You divide by the root of the temperature. The root belongs to the length of vectors "
            "in a score; divide by the temperature itself.",
        ),
        Mistake(
            "square of the temperature",
            lambda scores, temperature: _shared(scores / temperature**2),
            "You divide by the temperature twice. Once.",
        ),
        Mistake(
            "temperature as base",
            lambda scores, temperature: temperature**scores / (temperature**scores).sum(),
            lambda seen: (
                f"One point more gives {said(seen.temperature)} times the share in your answer: "
                "you take the temperature to the power of the score. It divides the scores before exp."
            ),
        ),
        Mistake(
            "only above the line",
            lambda scores, temperature: np.exp(scores / temperature) / np.exp(scores).sum(),
            lambda seen: (
                f"Your shares sum to {said(seen.got.sum())}: the temperature stands above the "
                "line, and is missing in the sum below it. Divide the scores first, then softmax."
            ),
        ),
        Mistake(
            "not shared out",
            lambda scores, temperature: np.exp(scores / temperature),
            lambda seen: f"Your numbers sum to {said(seen.got.sum())}: divide by their sum.",
        ),
        Mistake(
            "scores returned",
            lambda scores, temperature: scores / temperature,
            "You return the scores, divided. The softmax of them is still to come.",
        ),
        Mistake(
            "sign turned round",
            lambda scores, temperature: _shared(-scores / temperature),
            "Your largest share goes to the lowest score: a minus sign stands before the scores.",
        ),
    ),
    flaws=(
        Flaw(
            "overflows when cold",
            _overflowing,
            lambda _: {"scores": np.array([1.0, 2.0, 0.5]), "temperature": 0.001},
            lambda seen: (
                f"at temperature 0.001 it gives {few(seen.got)}: the scores become 1000 and "
                "2000, and exp of them overflows. Subtract the maximum after you divide."
                if np.isnan(seen.got).any()
                else f"at temperature 0.001 it gives {few(seen.got)} where {few(seen.wanted)} is right: "
                "the scores become 1000, 2000 and 500. What becomes of them?"
            ),
        ),
    ),
    hints=(
        "One division more than softmax. Of what, and where?",
        'The section "Temperature", first sentence.',
        "share of i = exp(sᵢ / T) / Σⱼ exp(sⱼ / T).",
        "For (0, 1, 3) at T = 2: 0.14, 0.231, 0.629; at T = 1 the last had 0.844.",
    ),
    solution="""def my_temperature_softmax(scores, temperature):
    scores = scores / temperature
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()
""",
)

EXERCISES = (TEMPERATURE,)
