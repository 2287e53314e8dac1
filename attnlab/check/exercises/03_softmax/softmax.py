"""Calls of a softmax along any axis."""

import numpy as np

from attnlab.core import softmax


def reference(scores, axis=-1):
    return softmax(scores, axis=axis)


probes = (
    lambda _: {"scores": np.array([[0.0, 1.0, 2.0], [1.0, 1.0, 3.0]]), "axis": -1},
    lambda random: {"scores": random.normal(size=(3, 5)), "axis": -1},
    lambda random: {"scores": random.normal(size=(5, 2)).round(1), "axis": 0},
    lambda random: {"scores": random.normal(size=(2, 3, 5)), "axis": 1},
)


def thousands(_):
    return {"scores": np.array([[1000.0, 1001.0, 999.0]]), "axis": -1}


def one_large_score(_):
    return {"scores": np.array([[0.0, 0.0, 3000.0]]), "axis": -1}


def rows_far_apart(_):
    return {"scores": np.array([[0.0, 1.0, 2.0], [-2000.0, -2001.0, -2002.0]]), "axis": -1}


def rows_below_0(_):
    return {"scores": np.array([[-1000.0, -1001.0, -999.0]]), "axis": -1}
