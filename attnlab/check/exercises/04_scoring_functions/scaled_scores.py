"""Batches of queries and keys."""

import numpy as np

from attnlab.core import scaled_dot

probes = (
    lambda _: {
        "query": np.array([[[1.0, 0, 1, 2], [0, 2, 0, 0]]]),
        "key": np.array([[[2.0, 0, 0, 2], [1, 1, 1, 1], [0, 3, 0, 0]]]),
    },
    lambda random: {
        "query": random.normal(size=(3, 5, 7)),
        "key": random.normal(size=(3, 2, 7)),
    },
    lambda random: {
        "query": random.normal(size=(5, 1, 3)),
        "key": random.normal(size=(5, 7, 3)),
    },
)

reference = scaled_dot


def long_vectors(random):
    return {
        "query": random.normal(size=(2, 20, 60)),
        "key": random.normal(size=(2, 24, 60)),
    }
