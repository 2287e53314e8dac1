"""A frozen layer and the narrow way beside it."""

import numpy as np


def drawn(position, d_in, d_out, rank, alpha):
    def given(random):
        return {
            "x": random.normal(size=(position, d_in)),
            "weight": random.normal(size=(d_out, d_in)),
            "down": random.normal(size=(rank, d_in)),
            "up": random.normal(size=(d_out, rank)),
            "alpha": alpha,
        }

    return given


def small(_):
    return {
        "x": np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -2.0], [3.0, 0.0, -1.0], [0.0, 0.0, 1.0]]),
        "weight": np.array([[1.0, 2.0, 0.0]]),
        "down": np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]),
        "up": np.array([[1.0, 2.0]]),
        "alpha": 6,
    }


probes = (small, drawn(2, 5, 7, 3, 8), drawn(6, 4, 5, 3, 2.0), drawn(5, 7, 6, 2, 1))
