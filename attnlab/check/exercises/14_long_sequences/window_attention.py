"""Calls of attention in a window."""

import numpy as np


def drawn(positions, d_k, d_v, reach, size=1.0):
    shapes = {"query": (positions, d_k), "key": (positions, d_k), "value": (positions, d_v)}
    return lambda random: {
        **{name: size * random.normal(size=shape) for name, shape in shapes.items()},
        "reach": reach,
    }


def small(_):
    # exp of ln 2 times a key is a power of 2; a query has one number, so the scale is 1.
    return {
        "query": np.log(2) * np.array([[1.0], [1.0], [2.0], [0.0], [1.0]]),
        "key": np.array([[1.0], [0.0], [2.0], [1.0], [3.0]]),
        "value": np.array([[3.0, 0.0], [0.0, 3.0], [6.0, 0.0], [0.0, 6.0], [9.0, 3.0]]),
        "reach": 1,
    }


probes = (small, drawn(7, 3, 2, 2), drawn(9, 4, 5, 3), drawn(4, 2, 3, 0))
loud = drawn(7, 3, 2, 2, size=100.0)
wide = drawn(3, 2, 4, 7)
many = drawn(300, 4, 3, 2)


def far_apart(_):
    # Scores of about 400 at the first position, of about −400 at the last.
    return {**small(_), "query": np.array([[400.0], [1.0], [1.0], [1.0], [-400.0]])}
