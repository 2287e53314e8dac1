"""Calls of a relay with a gate."""

import numpy as np


def drawn(words, features, gate):
    return lambda random: {"x": random.normal(size=(words, features)), "gate": gate}


def small(_):
    return {"x": np.array([[4.0, 0.0], [0.0, 8.0], [4.0, 4.0]]), "gate": 0.75}


probes = (small, drawn(5, 3, 0.9), drawn(4, 7, 0.125))
shut = drawn(4, 3, 0.0)
many_words = drawn(500, 2, 0.125)


def whole(_):
    return {"x": np.array([[4, 1], [0, 8], [3, 5]]), "gate": 0.75}
