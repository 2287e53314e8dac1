"""Pieces of words, head by head."""

import numpy as np

from attnlab.core import join_heads, split_heads


def telling_numbers(_):
    """Each says where it comes from: 23 is the third number of the second word."""
    whole = 10.0 * np.arange(1, 5)[:, None] + np.arange(1, 7)
    return {"x": split_heads(whole, 2)}


probes = (
    telling_numbers,
    lambda random: {"x": random.normal(size=(3, 5, 2))},
    lambda random: {"x": random.normal(size=(2, 3, 7))},
    lambda random: {"x": random.normal(size=(5, 2, 3))},
)

reference = join_heads
