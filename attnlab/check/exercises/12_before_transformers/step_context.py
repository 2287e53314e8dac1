"""Calls of the context for one step."""

import numpy as np


def drawn(words, states, memory, hidden):
    """A sentence with states of these sizes."""
    shapes = {
        "s": states,
        "h": (words, memory),
        "w_query": (states, hidden),
        "w_key": (memory, hidden),
        "w_value": hidden,
    }
    return lambda random: {name: random.normal(size=shape) for name, shape in shapes.items()}


def small(_):
    return {
        "s": np.array([1.0]),
        "h": np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]),
        "w_query": np.array([[1.0, 0.0, -1.0, 0.0]]),
        "w_key": np.array([[1.0, 2.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 1.0]]),
        "w_value": np.array([2.0, 1.0, 1.0, -1.0]),
    }


def loud(_):
    return {**small(_), "w_value": np.array([2000.0, 1000.0, 0.0, 0.0])}


probes = (small, drawn(5, 3, 7, 2), drawn(2, 7, 5, 11))
