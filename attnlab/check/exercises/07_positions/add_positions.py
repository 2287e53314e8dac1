"""Calls of what adds the places to words."""

import numpy as np

probes = (
    lambda _: {"x": np.array([[[2.0, 1, 0, 3]] * 3, [[1.0, 0, 2, 1]] * 3])},
    lambda random: {"x": random.normal(size=(2, 5, 8))},
    lambda random: {"x": random.normal(size=(7, 3, 4))},
)
