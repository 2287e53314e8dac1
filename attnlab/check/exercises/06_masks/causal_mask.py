"""Calls of a causal mask; not all begin at 0, nor are in order."""

import numpy as np

from attnlab.core import causal

reference = causal

probes = (
    lambda _: {"query": np.array([3, 4]), "key": np.arange(5)},
    lambda _: {"query": np.arange(7), "key": np.arange(3)},
    lambda _: {"query": np.array([5, 0, 2]), "key": np.array([4, 2, 0, 6, 1])},
)
