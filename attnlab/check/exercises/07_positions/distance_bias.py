"""Calls of a price for distance, and what a place costs in one of the heads."""

import numpy as np

from attnlab.check.wording import said
from attnlab.core import distance_bias

reference = distance_bias

probes = (
    lambda _: {"query": np.array([3]), "key": np.array([0, 2, 4]), "heads": 4},
    lambda _: {"query": np.arange(5), "key": np.arange(2, 9), "heads": 3},
    lambda _: {"query": np.array([9, 0, 4]), "key": np.array([3, 8]), "heads": 8},
)


def price(seen, head):
    return said(-seen.got[head].min() / abs(seen.query[:, None] - seen.key).max())
