"""Weights of regions, their vectors, and a draw."""

import numpy as np


def called(weights, features, draw):
    return lambda random: {
        "weights": np.array(weights),
        "regions": random.integers(10, 99, size=(len(weights), features)) * 1.0,
        "draw": draw,
    }


QUARTERS = [0.25, 0.5, 0.0, 0.25]
UNEVEN = [0.0, 0.125, 0.25, 0.0625, 0.4375, 0.125]

probes = (
    called(QUARTERS, 3, 0.6),
    called(QUARTERS, 3, 0.25),
    called(QUARTERS, 3, 0.875),
    called(UNEVEN, 4, 0.0),
    called(UNEVEN, 4, 0.3),
    called(UNEVEN, 4, 0.4),
    called(UNEVEN, 4, 0.5),
    called(UNEVEN, 4, 0.95),
)
just_below = called([0.3, 0.45, 0.2499999], 2, 0.99999995)
