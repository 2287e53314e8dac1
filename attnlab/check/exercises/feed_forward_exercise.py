"""Chapter 9: the small network through which each word goes alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw, Probe
from attnlab.check.exercises.feed_forward_mistakes import MISTAKES, relu, right


def _random(words: int, d_model: int, d_ff: int) -> Probe:
    shapes = {
        "x": (words, d_model),
        "W1": (d_model, d_ff),
        "b1": (d_ff,),
        "W2": (d_ff, d_model),
        "b2": (d_model,),
    }
    return lambda random: {name: random.normal(size=shape) for name, shape in shapes.items()}


def _triple_by_triple(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    return relu((x[:, :, None] * w1).sum(axis=1) + b1) @ w2 + b2


def _first(_: np.random.Generator) -> dict[str, Any]:
    return {
        "x": np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0], [1.0, 1.0]]),
        "W1": np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]),
        "b1": np.array([0.0, -1.0, 2.0]),
        "W2": np.array([[1.0, 0.0], [0.0, 2.0], [1.0, -1.0]]),
        "b2": np.array([0.0, 0.5]),
    }


FEED_FORWARD = Exercise(
    number="9.4",
    name="feed_forward",
    title="Each word alone",
    difficulty="easy",
    minutes=7,
    parameters={
        "x": "word d_model",
        "W1": "d_model d_ff",
        "b1": "d_ff",
        "W2": "d_ff d_model",
        "b2": "d_model",
    },
    result="word d_model",
    reference=right,
    probes=(_first, _random(5, 3, 7), _random(2, 11, 5)),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "larger than needed",
            _triple_by_triple,
            _random(90, 60, 70),
            lambda seen: (
                f"for {len(seen.x)} words it holds a table of {len(seen.x)} × {seen.W1.shape[0]} × "
                f"{seen.W1.shape[1]} on the way: let @ multiply and add in one go."
            ),
            most_bytes=8 * 90 * 70 * 20,
        ),
    ),
    hints=(
        "One line will do: what goes in, first matrix, bend, second matrix.",
        'The section "The missing part"; its loop and its matrix form.',
        "max(0, x W₁ + b₁) W₂ + b₂, with the maximum taken number by number.",
        "With W1, b1, W2 of the chapter and zeros for b2 it gives Table 9.1, on the right.",
    ),
    solution="""def my_feed_forward(x, W1, b1, W2, b2):
    hidden = np.maximum(x @ W1 + b1, 0)
    return hidden @ W2 + b2
""",
)

EXERCISES = (FEED_FORWARD,)
