"""Calls of a loss with fillers: scores, target and smoothing."""

import numpy as np


def call(scores, target, smoothing):
    return {"scores": np.array(scores), "target": np.array(target), "smoothing": smoothing}


def drawn(positions, tokens, smoothing):
    """Some positions are fillers, not only at the end: the loss is that of a whole batch."""

    def probe(random):
        target = random.integers(1, tokens, size=positions)
        target[[1, -1]] = 0
        return call(random.normal(size=(positions, tokens)) * 2, target, smoothing)

    return probe


probes = (
    lambda _: call([[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]], [2, 0], 0.3),
    drawn(5, 7, 0.1),
    drawn(11, 4, 0.4),
)


def thousands(_):
    return call([[1000.0, 1000.0, 999.0], [0.0, 1.0, 0.0]], [2, 0], 0.1)


def far_apart(_):
    return call([[0.0, 1000.0, 0.0], [0.0, 1.0, 0.0]], [1, 0], 0.1)


def one_large_score(_):
    return call([[0.0, 0.0, 3000.0], [0.0, 1.0, 0.0]], [2, 0], 0.1)


def rows_far_apart(_):
    return call([[1000.0, 1001.0, 999.0], [0.0, 1.0, 2.0]], [2, 1], 0.1)
