"""Calls of grouped-query attention."""

import numpy as np


def drawn(heads, groups, positions, d_head, size=1.0):
    shapes = {
        "query": (heads, positions, d_head),
        "key": (groups, positions, d_head),
        "value": (groups, positions, d_head),
    }
    return lambda random: {name: size * random.normal(size=s) for name, s in shapes.items()}


def small(_):
    # exp of ln 2 times a key is a power of 2; a key has one number, so the scale is 1.
    return {
        "query": np.log(2) * np.array([[1, 0, 2], [2, 1, 0], [0, 1, 1], [1, 2, 0.0]])[:, :, None],
        "key": np.array([[0, 1, 2], [2, 0, 1.0]])[:, :, None],
        "value": np.array([[7, 0, 7], [0, 14, 7.0]])[:, :, None],
    }


probes = (small, drawn(6, 2, 5, 3), drawn(6, 3, 4, 2), drawn(3, 1, 5, 2))
loud = drawn(4, 2, 3, 5, size=100.0)


def far_apart(random):
    given = drawn(4, 2, 3, 1)(random)
    query = np.array([400.0, 1.0, -400.0, 1.0])[:, None, None] * np.ones((4, 3, 1))
    return {**given, "query": query, "key": abs(given["key"]) + 1}
