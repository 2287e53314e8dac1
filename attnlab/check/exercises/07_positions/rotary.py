"""Calls of rotary positions."""

import numpy as np

from attnlab.core import rotary


def reference(x, positions):
    return rotary(x, positions).astype(np.float32)  # so that speeds in float32 pass


probes = (
    lambda _: {
        "x": np.array([[1.0, 2, 0, 3], [1.0, 0, 2, 0], [2.0, 0, 1, 1]]),
        "positions": np.array([0, 1, 3]),
    },
    lambda random: {"x": random.normal(size=(5, 8)), "positions": np.array([3, 8, 0, 40, 1])},
    lambda random: {"x": random.normal(size=(7, 6)), "positions": np.arange(7)},
)


def many_positions(random):
    return {"x": random.normal(size=(200, 60)), "positions": np.arange(200)}
