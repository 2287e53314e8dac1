"""Weights of words over regions, and the regions of what they name."""

import numpy as np


def _given(random, word, region, inside):
    weights = random.exponential(size=(word, region)) ** 2
    return {"weights": weights / weights.sum(axis=1, keepdims=True), "inside": inside}


def _blocks(word, region):
    """The mask of each word: a run of regions, as long as its number and one more."""
    place = np.arange(region)
    return np.array([(place >= w) & (place <= 2 * w) for w in range(word)])


def drawn(word, region):
    return lambda random: _given(random, word, region, _blocks(word, region))


def small(_):
    return {
        "weights": np.array([[0.5, 0.25, 0.125, 0.125], [0.25, 0.25, 0.5, 0], [0, 0.75, 0, 0.25]]),
        "inside": np.array([[1, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 0]], dtype=bool),
    }


probes = (small, drawn(3, 7), drawn(4, 9), drawn(2, 5))


def with_empty(random):
    inside = _blocks(4, 7)
    inside[[1, 3]] = False
    return _given(random, 4, 7, inside)
