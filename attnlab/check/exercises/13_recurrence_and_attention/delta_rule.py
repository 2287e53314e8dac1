"""Calls of the delta rule."""

import numpy as np


def drawn(d_k, d_v, rate):
    shapes = {"state": (d_k, d_v), "key": d_k, "value": d_v}
    return lambda random: {
        **{name: random.normal(size=shape) for name, shape in shapes.items()},
        "rate": rate,
    }


def small(_):
    return {
        "state": np.array([[2.0, 0.0, 1.0], [4.0, 1.0, 0.0]]),
        "key": np.array([1.0, 0.5]),
        "value": np.array([6.0, 1.5, 3.0]),
        "rate": 0.5,
    }


probes = (small, drawn(3, 5, 0.3), drawn(7, 2, 0.8), drawn(4, 3, 1.0))
