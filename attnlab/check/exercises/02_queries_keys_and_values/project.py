"""Words, and the three matrices that map them."""

import numpy as np

probes = (
    lambda _: {
        "x": np.array([[1.0, 0], [0, 2], [1, 3]]),
        "w_query": np.array([[1.0, 0, 2, 1], [0, 1, 1, 0]]),
        "w_key": np.array([[0.0, 1, 1, 3], [2, 0, 1, 1]]),
        "w_value": np.array([[5.0], [10]]),
    },
    lambda random: {
        "x": random.normal(size=(5, 7)),
        "w_query": random.normal(size=(7, 3)),
        "w_key": random.normal(size=(7, 3)),
        "w_value": random.normal(size=(7, 2)),
    },
    lambda random: {
        "x": random.normal(size=(1, 5)),
        "w_query": random.normal(size=(5, 2)),
        "w_key": random.normal(size=(5, 2)),
        "w_value": random.normal(size=(5, 3)),
    },
)
