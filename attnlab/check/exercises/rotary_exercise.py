"""Chapter 7: turn queries and keys like the hands of clocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw
from attnlab.check.exercises.rotary_mistakes import MISTAKES, angles
from attnlab.core import rotary


def _by_matrices(x: Any, positions: Any) -> Any:
    c, s = (np.repeat(wave(angles(x, positions)), 2, axis=1) for wave in (np.cos, np.sin))
    table = c[:, :, None] * np.eye(x.shape[1])
    even = np.arange(0, x.shape[1], 2)
    table[:, even, even + 1], table[:, even + 1, even] = s[:, 0::2], -s[:, 0::2]
    return np.einsum("nd,nde->ne", x, table)


def _near_enough(x: Any, positions: Any) -> Any:
    """In float32, so that speeds in float32 pass."""
    return rotary(x, positions).astype(np.float32)


ROTARY = Exercise(
    number="7.7",
    name="rotary",
    title="Turn the hands",
    difficulty="hard",
    minutes=15,
    parameters={"x": "position feature", "positions": "position"},
    result="position feature",
    reference=_near_enough,
    probes=(
        lambda _: {
            "x": np.array([[1.0, 2, 0, 3], [1.0, 0, 2, 0], [2.0, 0, 1, 1]]),
            "positions": np.array([0, 1, 3]),
        },
        lambda random: {"x": random.normal(size=(5, 8)), "positions": np.array([3, 8, 0, 40, 1])},
        lambda random: {"x": random.normal(size=(7, 6)), "positions": np.arange(7)},
    ),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "larger than needed",
            _by_matrices,
            lambda random: {"x": random.normal(size=(200, 60)), "positions": np.arange(200)},
            lambda seen: (
                f"for {len(seen.x)} rows of {seen.x.shape[1]} numbers it holds a matrix of "
                f"{seen.x.shape[1]} × {seen.x.shape[1]} for each row, mostly zeros. Two numbers a hand "
                "are enough, sine and cosine."
            ),
            most_bytes=8 * 200 * 60 * 20,
        ),
    ),
    hints=(
        "Features 0 and 1 are a hand, 2 and 3 the next one. Each turns by its own angle.",
        'Table 7.4 and the section "One turn for all positions" for a turn; the speeds are those of '
        "the sinusoids.",
        "angle = position / 10000^(2i / d); (u, v) becomes (u cos a − v sin a, u sin a + v cos a).",
        "At position 1 the hand (1, 0) of the first clock becomes (0.54, 0.84). At position 0 nothing "
        "changes, and lengths never do.",
    ),
    solution="""def my_rotary(x, positions):
    turned = np.zeros(x.shape)
    for i in range(0, x.shape[1], 2):
        angle = positions / 10000 ** (i / x.shape[1])
        u, v = x[:, i], x[:, i + 1]
        turned[:, i] = u * np.cos(angle) - v * np.sin(angle)
        turned[:, i + 1] = u * np.sin(angle) + v * np.cos(angle)
    return turned
""",
)

EXERCISES = (ROTARY,)
