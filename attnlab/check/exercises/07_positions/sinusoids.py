"""Calls of sinusoids."""

import numpy as np

from attnlab.core import sinusoids


def reference(positions, d_model):
    return sinusoids(positions, d_model).astype(np.float32)  # so that speeds in float32 pass


probes = (
    lambda _: {"positions": np.arange(3), "d_model": 4},
    lambda _: {"positions": np.arange(5), "d_model": 8},
    lambda _: {"positions": np.array([7, 2, 40, 3, 300]), "d_model": 6},
)


def beyond_a_table(_):
    return {"positions": np.array([600, 1000, 1200]), "d_model": 4}
