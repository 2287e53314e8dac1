"""Two sentences, one that asks and one that is read, and the three matrices."""

import numpy as np

from attnlab.core import attention


def reference(x, source, w_query, w_key, w_value):
    return attention(x @ w_query, source @ w_key, source @ w_value)


probes = (
    lambda _: {
        "x": np.array([[1.0], [2]]),
        "source": np.array([[0.0], [1], [2]]),
        "w_query": np.array([[1.0, 0, 1, 0]]),
        "w_key": np.array([[1.0, 1, 0, 0]]),
        "w_value": np.array([[1.0, 0, 2, 3, 10]]),
    },
    lambda random: {
        "x": random.normal(size=(3, 7)),
        "source": random.normal(size=(5, 7)),
        "w_query": random.normal(size=(7, 4)) / 2,
        "w_key": random.normal(size=(7, 4)) / 2,
        "w_value": random.normal(size=(7, 2)),
    },
    lambda random: {
        "x": random.normal(size=(1, 3)),
        "source": random.normal(size=(4, 3)),
        "w_query": random.normal(size=(3, 2)),
        "w_key": random.normal(size=(3, 2)),
        "w_value": random.normal(size=(3, 5)),
    },
)


def long_sentences(random):
    return {
        "x": random.normal(size=(24, 3)),
        "source": random.normal(size=(30, 3)),
        "w_query": random.normal(size=(3, 70)) / 70,
        "w_key": random.normal(size=(3, 70)) / 70,
        "w_value": random.normal(size=(3, 2)),
    }
