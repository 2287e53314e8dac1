"""Calls of a LayerNorm of words, with gain and bias."""

import numpy as np

from attnlab.core import layer_norm


def reference(x, gain, bias, epsilon):
    return layer_norm(x[None], epsilon=epsilon)[0] * gain + bias


def vectors(words, features, epsilon):
    return lambda random: {
        "x": random.normal(size=(words, features)) + 0.5,
        "gain": random.normal(size=features),
        "bias": random.normal(size=features),
        "epsilon": epsilon,
    }


probes = (
    lambda _: {
        "x": np.array([[4.0, 0, 0, 0], [1.0, 5, 5, 5]]),
        "gain": np.array([1.0, 2, 1, 1]),
        "bias": np.array([0.0, 0, 1, 0]),
        "epsilon": 1.0,
    },
    vectors(5, 3, 0.2),
    vectors(3, 7, 0.05),
)


def large_numbers(_):
    return {
        "x": 5e6 + np.array([[1.0, 3, 2]]),  # float32 holds these, and their sum
        "gain": np.ones(3),
        "bias": np.zeros(3),
        "epsilon": 1e-5,
    }
