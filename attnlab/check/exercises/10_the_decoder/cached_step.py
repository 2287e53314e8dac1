"""Calls of one step of attention with a cache."""

import numpy as np


def random(earlier, d_k, d_v, size=1.0):
    shapes = {
        "query": d_k,
        "key": d_k,
        "value": d_v,
        "keys": (earlier, d_k),
        "values": (earlier, d_v),
    }
    return lambda random: {name: size * random.normal(size=s) for name, s in shapes.items()}


def small(_):
    return {
        "query": np.array([1.0, 0, 1, 0]),
        "key": np.array([2.0, 0, 2, 1]),
        "value": np.array([30.0]),
        "keys": np.array([[0.0, 1, 0, 1], [1.0, 0, 1, 0]]),
        "values": np.array([[10.0], [20.0]]),
    }


probes = (small, random(6, 3, 5), random(4, 7, 2))
long_vectors = random(6, 3, 5, size=100.0)
many_tokens = random(700, 3, 2)
