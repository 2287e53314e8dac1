"""Calls of an RMSNorm of words."""

import numpy as np

from attnlab.core import rms_norm


def reference(x, gain, epsilon):
    return rms_norm(x[None], epsilon=epsilon)[0] * gain


def vectors(words, features, epsilon):
    return lambda random: {
        "x": random.normal(size=(words, features)) + 0.5,
        "gain": random.normal(size=features),
        "epsilon": epsilon,
    }


probes = (
    lambda _: {
        "x": np.array([[4.0, 4, 0, 0], [3.0, 1, 1, -1]]),
        "gain": np.array([1.0, 2, 1, 1]),
        "epsilon": 1.0,
    },
    vectors(5, 3, 0.2),
    vectors(3, 7, 0.05),
)
