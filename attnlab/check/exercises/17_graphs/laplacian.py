"""Adjacencies of graphs: with edges of weight 1, and of other weights."""

import numpy as np


def joined(nodes, pairs, weights=None):
    adjacency = np.zeros((nodes, nodes))
    for number, (one, other) in enumerate(pairs):
        adjacency[one, other] = adjacency[other, one] = weights[number] if weights else 1.0
    return adjacency


def called(*given):
    return lambda _: {"adjacency": joined(*given)}


STAR = [(0, 1), (0, 2), (0, 3)]
RING = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (0, 3)]

probes = (
    called(4, STAR),
    called(6, RING),
    called(4, [(0, 1), (1, 2), (2, 3), (3, 1)], [2.0, 0.5, 3.0, 1.5]),
)
alone = called(5, [(0, 1), (1, 3), (3, 4)])
