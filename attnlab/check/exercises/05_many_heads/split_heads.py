"""Words to be cut, and the number of heads."""

import numpy as np

from attnlab.core import split_heads


def telling_numbers(_):
    """Each says where it comes from: 23 is the third number of the second word."""
    return {"x": np.array([[11.0, 12, 13, 14, 15, 16], [21, 22, 23, 24, 25, 26]]), "heads": 2}


probes = (
    telling_numbers,
    lambda random: {"x": random.normal(size=(6, 12)), "heads": 3},
    lambda random: {"x": random.normal(size=(8, 10)), "heads": 2},
    lambda random: {"x": random.normal(size=(10, 20)), "heads": 5},
)

reference = split_heads
