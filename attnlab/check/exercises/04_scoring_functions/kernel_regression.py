"""Readings at some times, and the times asked for."""

from functools import partial

import numpy as np

from attnlab.core import attention, gaussian


def reference(query, keys, values, bandwidth):
    score = partial(gaussian, width=bandwidth)
    return attention(query[:, None], keys[:, None], values[:, None], score=score)[:, 0]


probes = (
    lambda _: {
        "query": np.array([11.0, 14.0]),
        "keys": np.array([9.0, 12, 15]),
        "values": np.array([10.0, 16, 18]),
        "bandwidth": 2.0,
    },
    lambda random: {
        "query": random.uniform(0, 5, size=5),
        "keys": random.uniform(0, 5, size=7),
        "values": random.normal(size=7),
        "bandwidth": 0.7,
    },
    lambda random: {
        "query": random.uniform(0, 5, size=1),
        "keys": random.uniform(0, 5, size=5),
        "values": random.normal(size=5),
        "bandwidth": 3.0,
    },
)


def far_from_all(_):
    return {
        "query": np.array([100.0]),
        "keys": np.array([9.0, 12, 15]),
        "values": np.array([10.0, 16, 18]),
        "bandwidth": 2.0,
    }


def in_seconds(_):
    return {
        "query": np.array([1.7e9 + 1]),
        "keys": np.array([1.7e9, 1.7e9 + 3]),
        "values": np.array([10.0, 20.0]),
        "bandwidth": 2.0,
    }


def near_and_far(_):
    return far_from_all(_) | {"query": np.array([11.0, 100.0])}


def one_far_reading(_):
    return far_from_all(_) | {"query": np.array([11.0]), "keys": np.array([9.0, 12, 900])}
