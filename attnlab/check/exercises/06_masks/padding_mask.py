"""Calls of a padding mask."""

import numpy as np

from attnlab.core import padding

reference = padding

probes = (
    lambda _: {"lengths": np.array([2, 4]), "key": np.arange(5)},
    lambda _: {"lengths": np.array([7, 1, 3]), "key": np.arange(7)},
    lambda _: {"lengths": np.array([1, 2, 0, 3, 2]), "key": np.arange(3)},
)


def keys_out_of_order(_):
    return {"lengths": np.array([1, 4]), "key": np.array([3, 4, 0, 2, 1])}
