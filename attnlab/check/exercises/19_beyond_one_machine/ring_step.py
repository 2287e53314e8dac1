"""Chunks of several processes, and the number of a step."""

import numpy as np


def at(step, processes, number):
    return lambda random: {
        "chunks": random.integers(1, 99, size=(processes, processes, number)) * 1.0,
        "step": step,
    }


def small(_):
    return {"chunks": np.array([[[1.0], [2.0]], [[10.0], [20.0]]]), "step": 0}


probes = (
    small,
    at(0, 4, 3),
    at(1, 4, 3),
    at(2, 4, 2),
    at(3, 4, 2),
    at(4, 4, 3),
    at(5, 4, 2),
    at(3, 5, 2),
    at(6, 5, 3),
)
