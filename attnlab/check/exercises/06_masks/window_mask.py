"""Calls of a window mask; not all begin at 0, nor are in order."""

import numpy as np

from attnlab.core import window

reference = window

probes = (
    lambda _: {"query": np.array([2, 4]), "key": np.arange(6), "reach": 1},
    lambda _: {"query": np.arange(7), "key": np.arange(5), "reach": 2},
    lambda _: {"query": np.array([6, 0, 3]), "key": np.array([5, 1, 9, 3, 2]), "reach": 3},
    lambda _: {"query": np.arange(3), "key": np.arange(5), "reach": 0},
)
