"""Edges of graphs, as lists and as arrays."""

import numpy as np


def called(pairs, count):
    return lambda _: {"pairs": pairs, "count": count}


probes = (
    called([(0, 2), (3, 0), (1, 3)], 5),
    called(np.array([[4, 1], [0, 4], [4, 2], [5, 3], [2, 5]]), 7),
    called([[1, 2], [2, 3], [6, 1], [3, 1]], 8),
)
without_edges = called([], 3)
empty_array = called([], 4)
twice = called([(0, 1), (1, 0), (2, 2), (1, 3), (1, 3), (3, 1)], 4)
