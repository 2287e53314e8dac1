"""Pixels, three maps and a gate."""

import numpy as np


def drawn(pixel, channels, d_k, gate, size=1.0):
    shapes = {
        "pixels": (pixel, channels),
        "query_map": (channels, d_k),
        "key_map": (channels, d_k),
        "value_map": (channels, channels),
    }
    return lambda random: {
        **{name: size * random.normal(size=shape) for name, shape in shapes.items()},
        "gate": gate,
    }


def small(_):
    # A query is ln 2 times the first channel, so that exponentials are powers of 2.
    return {
        "pixels": np.array([[1.0, 0.0], [2.0, 1.0], [0.0, 2.0]]),
        "query_map": np.log(2) * np.array([[1.0], [0.0]]),
        "key_map": np.array([[0.0], [1.0]]),
        "value_map": np.array([[7.0, 0.0], [14.0, 21.0]]),
        "gate": 0.5,
    }


probes = (small, drawn(5, 3, 4, -0.3), drawn(4, 3, 2, 1.7), drawn(6, 2, 3, 0.0))
loud = drawn(5, 3, 4, 0.5, size=10.0)


def far_apart(_):
    # Scores of about 1000 at the first pixel, of about −1000 at the last.
    return {
        **small(_),
        "pixels": np.array([[40.0, 30.0], [0.0, 35.0], [-40.0, 40.0]]),
    }
