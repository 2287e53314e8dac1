"""Places of pixels, a shift and a sharpness."""

import numpy as np


def grid(height, width):
    return np.array([[row, column] for row in range(height) for column in range(width)], float)


def called(height, width, shift, sharpness):
    return lambda _: {
        "positions": grid(height, width),
        "shift": np.array(shift, float),
        "sharpness": sharpness,
    }


def scattered(random):
    return {
        "positions": random.normal(size=(5, 2)),
        "shift": random.normal(size=2),
        "sharpness": 1.5,
    }


def small(_):
    # A sharpness of ln 2: each exponential is a power of 1/2.
    return {
        "positions": np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
        "shift": np.array([0.0, 1.0]),
        "sharpness": np.log(2),
    }


probes = (
    small,
    called(2, 2, (0, 1), np.log(2)),
    called(2, 3, (1, -1), 0.7),
    scattered,
    called(3, 3, (-1, 2), 0.3),
)
outside = called(1, 3, (3, 0), 1000.0)
sharp = called(1, 3, (0, 1), 1000.0)
tie = called(1, 4, (0, 0.5), 1000.0)
