"""Weights of words over the regions of a grid."""

import numpy as np


def drawn(word, height, width):
    def given(random):
        weights = random.exponential(size=(word, height * width))
        return {
            "weights": weights / weights.sum(axis=1, keepdims=True),
            "height": height,
            "width": width,
        }

    return given


def small(_):
    return {
        "weights": np.array(
            [[0.5, 0, 0, 0, 0, 0.5], [0, 0.25, 0.75, 0, 0, 0], [0, 0, 0, 1.0, 0, 0]]
        ),
        "height": 2,
        "width": 3,
    }


probes = (small, drawn(4, 3, 5), drawn(5, 4, 2), drawn(3, 2, 6))
