"""Chapter 12: one step's weights and its context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw
from attnlab.check.exercises.step_context_mistakes import MISTAKES, RIGHT, look
from attnlab.check.wording import few


def _drawn(
    words: int, states: int, memory: int, hidden: int
) -> Callable[[np.random.Generator], dict[str, Any]]:
    """A sentence with states of these sizes."""
    sizes = {
        "s": (states,),
        "h": (words, memory),
        "w_query": (states, hidden),
        "w_key": (memory, hidden),
        "w_value": (hidden,),
    }
    return lambda random: {name: random.normal(size=size) for name, size in sizes.items()}


def _small(_: np.random.Generator) -> dict[str, Any]:
    return {
        "s": np.array([1.0]),
        "h": np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]),
        "w_query": np.array([[1.0, 0.0, -1.0, 0.0]]),
        "w_key": np.array([[1.0, 2.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 1.0]]),
        "w_value": np.array([2.0, 1.0, 1.0, -1.0]),
    }


def _loud(_: np.random.Generator) -> dict[str, Any]:
    return {**_small(_), "w_value": np.array([2000.0, 1000.0, 0.0, 0.0])}


STEP_CONTEXT = Exercise(
    number="12.5",
    name="step_context",
    title="A context for one step",
    difficulty="hard",
    minutes=15,
    parameters={
        "s": "state",
        "h": "word memory",
        "w_query": "state hidden",
        "w_key": "memory hidden",
        "w_value": "hidden",
    },
    result={"weights": "word", "context": "memory"},
    reference=RIGHT,
    probes=(_small, _drawn(5, 3, 7, 2), _drawn(2, 7, 5, 11)),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "overflows",
            look(weigh=lambda scores: np.exp(scores) / np.exp(scores).sum()),
            _loud,
            lambda seen: (
                f"for scores of some thousand the weights become {few(seen.got[0])}: subtract the largest "
                "score before exp, as in chapter 3."
            ),
        ),
    ),
    hints=(
        "Three steps: a score for each word, a weight for each word, one context for all.",
        'The cell `step_by_step` in the section "A context for every word"; the score is chapter 4\'s.',
        "e = tanh(s W_q + h W_k) w_v, α = softmax of e, c = Σ αⱼ hⱼ.",
        "Small example: e = (2.13, 1.061, −1.523), α = (0.73, 0.251, 0.019), c = (0.856, 0.144).",
    ),
    solution="""def my_step_context(s, h, w_query, w_key, w_value):
    e = np.tanh(s @ w_query + h @ w_key) @ w_value
    exponentials = np.exp(e - e.max())
    alpha = exponentials / exponentials.sum()
    return alpha, alpha @ h
""",
)

EXERCISES = (STEP_CONTEXT,)
