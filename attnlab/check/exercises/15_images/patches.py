"""Pictures that are cut into patches."""

import numpy as np


def drawn(channels, height, width, size):
    return lambda random: {"image": random.normal(size=(channels, height, width)), "size": size}


def small(_):
    return {"image": np.arange(1.0, 9).reshape(1, 2, 4), "size": 2}


probes = (
    small,
    drawn(1, 4, 6, 2),
    drawn(3, 4, 8, 2),
    drawn(2, 6, 9, 3),
    drawn(3, 2, 5, 1),
    drawn(2, 3, 6, 3),
)
