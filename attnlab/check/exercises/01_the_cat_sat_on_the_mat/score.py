"""Pairs of one query and one key."""

import numpy as np

from attnlab.core import scaled_dot


def reference(query, key):
    return scaled_dot(query[None, :], key[None, :])[0, 0]


probes = (
    lambda _: {"query": np.array([1.0, 1, 1, 0]), "key": np.array([3.0, 0, 1, 0])},
    lambda random: {
        "query": random.normal(size=3).round(1),
        "key": random.normal(size=3).round(1),
    },
    lambda random: {"query": random.normal(size=7), "key": random.normal(size=7)},
)
