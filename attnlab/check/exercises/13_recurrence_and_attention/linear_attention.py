"""Calls of causal linear attention; all features are positive."""

import numpy as np


def drawn(words, d_k, d_v, size=1.0):
    """Some features are large, so that the words differ in what they read."""

    def probe(random):
        return {
            "query": size * random.exponential(size=(words, d_k)),
            "key": size * random.exponential(size=(words, d_k)),
            "value": random.normal(size=(words, d_v)),
        }

    return probe


def small(_):
    # The first three numbers of an output are the weights.
    return {
        "query": np.array([[2.0, 1.0], [1.0, 2.0], [1.0, 1.0]]),
        "key": np.array([[1.0, 1.0], [4.0, 1.0], [2.0, 1.0]]),
        "value": np.array([[1.0, 0, 0, 6], [0, 1, 0, 0], [0, 0, 1, 10]]),
    }


probes = (small, drawn(5, 3, 2), drawn(4, 7, 3), drawn(7, 2, 11))
faint = drawn(5, 3, 2, size=1e-5)
