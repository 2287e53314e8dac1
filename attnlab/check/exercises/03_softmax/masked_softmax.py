"""Tables of scores, and who may take part."""

import numpy as np

from attnlab.core import softmax

probes = (
    lambda _: {
        "scores": np.array([[0.0, 1.0, 2.0], [3.0, 1.0, 2.0]]),
        "mask": np.array([[True, True, False], [False, True, True]]),
    },
    lambda random: {
        "scores": random.normal(size=(3, 5)),
        "mask": np.arange(5) != np.array([[4], [1], [0]]),
    },
    lambda random: {
        "scores": random.normal(size=(7, 3)),
        "mask": np.arange(3) <= np.array([[0], [1], [2], [1], [2], [0], [1]]),
    },
)

reference = softmax


def nobody_in_row_1(_):
    return {
        "scores": np.array([[0.0, 1.0], [2.0, 3.0]]),
        "mask": np.array([[True, False], [False, False]]),
    }


def thousands(_):
    return {
        "scores": np.array([[1000.0, 1001.0, 999.0]]),
        "mask": np.array([[True, True, False]]),
    }


def largest_not_allowed(_):
    return {
        "scores": np.array([[0.0, 1.0, 2000.0]]),
        "mask": np.array([[True, True, False]]),
    }


def rows_far_apart(_):
    return {
        "scores": np.array([[0.0, 1.0, 2.0], [-2e4, -20001, -20002]]),
        "mask": np.array([[True, True, False], [False, True, True]]),
    }
