"""Scores, and which class is right."""

import numpy as np

probes = (
    lambda _: {"scores": np.array([0.0, 1.0, 2.0]), "right": 1},
    lambda random: {"scores": random.normal(size=5), "right": 3},
    lambda random: {"scores": random.normal(size=7), "right": 0},
)


def thousands(_):
    return {"scores": np.array([1000.0, 1001.0, 999.0]), "right": 0}


def share_of_0(_):
    return {"scores": np.array([0.0, 1000.0, 0.0]), "right": 0}
