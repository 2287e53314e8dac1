"""Calls of a feed-forward layer."""

import numpy as np


def random(words, d_model, d_ff):
    shapes = {
        "x": (words, d_model),
        "W1": (d_model, d_ff),
        "b1": (d_ff,),
        "W2": (d_ff, d_model),
        "b2": (d_model,),
    }
    return lambda random: {name: random.normal(size=shape) for name, shape in shapes.items()}


def small(_):
    return {
        "x": np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0], [1.0, 1.0]]),
        "W1": np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]),
        "b1": np.array([0.0, -1.0, 2.0]),
        "W2": np.array([[1.0, 0.0], [0.0, 2.0], [1.0, -1.0]]),
        "b2": np.array([0.0, 0.5]),
    }


probes = (small, random(5, 3, 7), random(2, 11, 5))
many_words = random(40, 30, 40)
