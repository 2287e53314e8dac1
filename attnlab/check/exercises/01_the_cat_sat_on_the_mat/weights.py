"""One query, and the keys of all words."""

import numpy as np

from attnlab.core import attention_weights


def reference(query, keys):
    return attention_weights(query[None, :], keys)[0]


probes = (
    lambda _: {
        "query": np.array([2.0, 0.0]),
        "keys": np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]),
    },
    lambda random: {"query": random.normal(size=3), "keys": random.normal(size=(5, 3))},
    lambda random: {"query": random.normal(size=7), "keys": random.normal(size=(2, 7))},
)
