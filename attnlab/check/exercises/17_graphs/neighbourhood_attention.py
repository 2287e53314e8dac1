"""Nodes that ask, and whom they may ask."""

import numpy as np


def drawn(nodes, d_k, d_v, size=1.0):
    def given(random):
        mask = random.random((nodes, nodes)) < 0.5
        mask[:, 0] |= ~mask.any(axis=1)  # nobody is alone
        mask[1, 1], mask[2, 2], mask[0, 1], mask[1, 0] = True, False, True, False
        mask[2, 0] = True
        return {
            "query": size * random.normal(size=(nodes, d_k)),
            "key": size * random.normal(size=(nodes, d_k)),
            "value": random.normal(size=(nodes, d_v)),
            "mask": mask,
        }

    return given


def small(_):
    # exp of ln 2 times a key is a power of 2; a query has one number, so the scale is 1.
    return {
        "query": np.log(2) * np.array([[1.0], [2.0], [1.0]]),
        "key": np.array([[1.0], [0.0], [2.0]]),
        "value": np.array([[6.0, 0.0], [0.0, 15.0], [3.0, 30.0]]),
        "mask": np.array([[0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=bool),
    }


probes = (small, drawn(5, 3, 2), drawn(6, 4, 5), drawn(4, 2, 3))
loud = drawn(5, 3, 2, size=100.0)


def alone(random):
    given = drawn(5, 3, 2)(random)
    given["mask"][3] = False
    return given


def far_apart(_):
    # Scores of about 800 at the first node, of about −800 at the last.
    given = small(_)
    mask = np.array([[0, 1, 1], [1, 1, 0], [1, 0, 1]], dtype=bool)
    return {
        **given,
        "query": np.array([[400.0], [1.0], [-400.0]]),
        "key": given["key"] + 1,
        "mask": mask,
    }


def far_neighbour(_):
    return {**small(_), "query": np.array([[1.0], [900.0], [1.0]])}
