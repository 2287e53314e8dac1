"""Calls of one step of linear attention; all features are positive."""

import numpy as np


def drawn(d_k, d_v, size=1.0):
    """In the middle of a sentence: state and total of four words."""

    def probe(random):
        keys = size * random.uniform(0.2, 2, size=(5, d_k))
        values = random.normal(size=(5, d_v))
        return {
            "state": keys[:4].T @ values[:4],
            "total": keys[:4].sum(axis=0),
            "key": keys[4],
            "value": values[4],
            "query": size * random.uniform(0.2, 2, size=d_k),
        }

    return probe


def small(_):
    return {
        "state": np.array([[2.0, 0.0, 4.0], [1.0, 3.0, 0.0]]),
        "total": np.array([1.0, 3.0]),
        "key": np.array([3.0, 1.0]),
        "value": np.array([2.0, 1.0, 0.0]),
        "query": np.array([1.0, 0.5]),
    }


def start(random):
    given = drawn(3, 4)(random)
    return {**given, "state": np.zeros((3, 4)), "total": np.zeros(3)}


probes = (small, drawn(3, 5), drawn(7, 2), start)
faint = drawn(3, 5, size=1e-4)
