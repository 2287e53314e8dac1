"""Sentences of which every word attends to all words."""

import numpy as np

from attnlab.core import attention


def reference(x):
    return attention(x, x, x)


probes = (
    lambda _: {"x": np.array([[0.0, 2.0], [1.0, 0.0], [2.0, 1.0]])},
    lambda random: {"x": random.normal(size=(5, 3))},
    lambda random: {"x": random.normal(size=(2, 7))},
)


def long_sentence(random):
    return {"x": random.normal(size=(30, 70))}
