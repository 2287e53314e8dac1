"""A row of scores at a temperature."""

import numpy as np

from attnlab.core import softmax


def reference(scores, temperature):
    return softmax(scores, temperature=temperature)


probes = (
    lambda _: {"scores": np.array([0.0, 1.0, 3.0]), "temperature": 2.0},
    lambda random: {"scores": random.normal(size=5), "temperature": 0.3},
    lambda random: {"scores": random.normal(size=7), "temperature": 4.0},
)


def cold(_):
    return {"scores": np.array([1.0, 2.0, 0.5]), "temperature": 0.001}


def cold_tie(_):
    return {"scores": np.array([2.0, 2.0, 1.0]), "temperature": 0.001}


def cold_and_close(_):
    return {"scores": np.array([1.0, 1.001, 0.999]), "temperature": 0.001}
