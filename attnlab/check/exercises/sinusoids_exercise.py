"""Chapter 7: a row of clock hands for every position."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnlab.check.exercise import Exercise, Flaw
from attnlab.check.exercises.sinusoids_mistakes import MISTAKES
from attnlab.check.wording import few
from attnlab.core import sinusoids


def _near_enough(positions: Any, d_model: int) -> Any:
    """In float32, so that speeds in float32 pass."""
    return sinusoids(positions, d_model).astype(np.float32)


def _from_a_table(positions: Any, d_model: int) -> Any:
    return sinusoids(np.arange(512), d_model)[positions]


SINUSOIDS = Exercise(
    number="7.4",
    name="sinusoids",
    title="A row of clocks",
    difficulty="medium",
    minutes=10,
    parameters={"positions": "position", "d_model": ""},
    result="position feature",
    reference=_near_enough,
    probes=(
        lambda _: {"positions": np.arange(3), "d_model": 4},
        lambda _: {"positions": np.arange(5), "d_model": 8},
        lambda _: {"positions": np.array([7, 2, 40, 3, 300]), "d_model": 6},
    ),
    mistakes=MISTAKES,
    flaws=(
        Flaw(
            "a table with an end",
            _from_a_table,
            lambda _: {"positions": np.array([600, 1000, 1200]), "d_model": 4},
            lambda seen: (
                f"not for the positions {few(seen.positions)}: a sinusoid has a value for every "
                "position. Compute the rows of those that are handed in."
            ),
        ),
    ),
    hints=(
        "Each position is a row. First make a table of angles, every position times every speed.",
        'The section "A clock is two numbers": as a loop, then as a matrix.',
        "Clock i, from 0: angle = position / 10000^(2i / d), then sin and cos side by side.",
        "For position 1 and four features: 0.84, 0.54, 0.01, 1. For six features the speeds are "
        "1, 0.0464 and 0.00215.",
    ),
    solution="""def my_sinusoids(positions, d_model):
    rows = []
    for position in positions:
        row = []
        for i in range(d_model // 2):
            angle = position / 10000 ** (2 * i / d_model)
            row += [np.sin(angle), np.cos(angle)]
        rows.append(row)
    return np.array(rows)
""",
)

EXERCISES = (SINUSOIDS,)
