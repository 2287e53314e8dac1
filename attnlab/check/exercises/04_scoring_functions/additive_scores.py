"""Queries and keys of different lengths, and what maps, bends and weighs them."""

import numpy as np

from attnlab.core import additive

probes = (
    lambda _: {
        "query": np.array([[0.0], [1], [2], [-1], [3]]),
        "key": np.array([[1.0, 0], [0, 1], [1, 1], [2, 0]]),
        "w_query": np.array([[1.0, -1, 0]]),
        "w_key": np.array([[1.0, 0, 1], [0, 1, 1]]),
        "w_value": np.array([1.0, 2, -1]),
    },
    lambda random: {
        "query": random.normal(size=(2, 5)),
        "key": random.normal(size=(7, 3)),
        "w_query": random.normal(size=(5, 4)) / 2,
        "w_key": random.normal(size=(3, 4)),
        "w_value": random.normal(size=4),
    },
    lambda random: {
        "query": random.normal(size=(1, 2)),
        "key": random.normal(size=(3, 7)),
        "w_query": random.normal(size=(2, 5)),
        "w_key": random.normal(size=(7, 5)) / 2,
        "w_value": random.normal(size=5),
    },
)

reference = additive


def long_vectors(random):
    return {
        "query": random.normal(size=(20, 70)),
        "key": random.normal(size=(24, 80)),
        "w_query": random.normal(size=(70, 2)) / 8,
        "w_key": random.normal(size=(80, 2)) / 8,
        "w_value": random.normal(size=2),
    }
