"""Sentences, and the three matrices that map their words."""

import numpy as np

from attnlab.core import self_attention

probes = (
    lambda _: {
        "x": np.array([[1.0, 0], [0, 1], [1, 1]]),
        "w_query": np.array([[1.0, 0, 2, 0], [0, 1, 0, 0]]),
        "w_key": np.array([[0.0, 2, 0, 0], [1, 0, 1, 0]]),
        "w_value": np.array([[10.0], [20]]),
    },
    lambda random: {
        "x": random.normal(size=(5, 7)),
        "w_query": random.normal(size=(7, 3)) / 2,
        "w_key": random.normal(size=(7, 3)) / 2,
        "w_value": random.normal(size=(7, 2)),
    },
    lambda random: {
        "x": random.normal(size=(2, 3)),
        "w_query": random.normal(size=(3, 5)),
        "w_key": random.normal(size=(3, 5)),
        "w_value": random.normal(size=(3, 7)),
    },
)

reference = self_attention


def long_sentence(random):
    return {
        "x": random.normal(size=(30, 3)),
        "w_query": random.normal(size=(3, 70)) / 70,
        "w_key": random.normal(size=(3, 70)) / 70,
        "w_value": random.normal(size=(3, 2)),
    }
