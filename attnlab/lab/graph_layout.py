"""Where the nodes of a graph stand in a picture: near one another where they are joined."""

from __future__ import annotations

import numpy as np

_STEPS, _DRAWN_UP = 300, 1.7


def laid_out(adjacency: np.ndarray) -> np.ndarray:
    """A place for each node, (node, 2), from 0 to 1 to the right and down, to three decimals.

    Nodes are to stand as far apart as there are edges between them. It begins with a circle, and
    each step makes the sum of the squared errors smaller, so that the same graph always looks the
    same.

    Args:
        adjacency: boolean (node, node); the direction of an edge does not count.

    >>> laid_out(np.array([[False, True], [True, False]]))
    array([[0. , 0.5],
           [1. , 0.5]])

    Source: Gansner, Koren and North 2005, "Graph Drawing by Stress Majorization", section 2.
    """
    count, hops = len(adjacency), _hops(adjacency)
    angles = 2 * np.pi * np.arange(count) / count
    places = np.stack([np.sin(angles), -np.cos(angles)], axis=1) * hops.max(initial=1) / 2
    weight = 1 / np.where(hops == 0, np.inf, hops) ** 2  # a small distance is to be met better
    inverse = np.linalg.pinv(_laplacian(weight))
    alike = np.unique(hops[hops > 0]).size < 2
    for _ in range(0 if alike else _STEPS):  # of equal ones a circle is best
        apart = np.linalg.norm(places[:, None] - places, axis=-1)
        places = inverse @ _laplacian(weight * hops / np.maximum(apart, 1e-9)) @ places
    return _in_a_square(_bent(_upright(places)))


def _laplacian(weight: np.ndarray) -> np.ndarray:
    return np.diag(weight.sum(axis=1)) - weight


def _hops(adjacency: np.ndarray) -> np.ndarray:
    """How many edges lie between two nodes; of nodes that nothing joins about half the most."""
    joined = adjacency | adjacency.T | np.eye(len(adjacency), dtype=bool)
    hops, reached = np.where(joined, 1.0, np.inf), joined
    for step in range(2, len(adjacency)):
        reached = reached @ joined
        hops[reached & np.isinf(hops)] = step
    np.fill_diagonal(hops, 0.0)
    most = hops[np.isfinite(hops)].max()
    return np.where(np.isinf(hops), max(0.6 * most, 1.5), hops)


def _upright(places: np.ndarray) -> np.ndarray:
    """Turned so that a long graph lies from left to right, its first node on the left."""
    places = places - places.mean(axis=0)
    spread, axes = np.linalg.eigh(places.T @ places)
    if spread[1] < 1.2 * spread[0] + 1e-9:
        return places
    along = places @ axes[:, ::-1]
    aside = np.abs(along) > 0.05 * np.abs(along).max()
    first = along[aside.argmax(axis=0), [0, 1]]
    return along * np.where(first > 0, -1.0, 1.0)


def _bent(places: np.ndarray) -> np.ndarray:
    """What would be a line of many nodes goes up and down, so that each name has room."""
    across, up = np.ptp(places, axis=0)
    if len(places) < 5 or up > 0.15 * across:
        return places
    rank = places[:, 0].argsort().argsort()
    return np.stack([places[:, 0], across * 0.1 * (-1.0) ** rank], axis=1)


def _in_a_square(places: np.ndarray) -> np.ndarray:
    """From 0 to 1, what is flat drawn up a little to fill it."""
    low, high = places.min(axis=0), places.max(axis=0)
    size = np.maximum(high - low, (high - low).max() / _DRAWN_UP)
    return np.round(0.5 + (places - (low + high) / 2) / np.where(size > 0, size, 1.0), 3) + 0.0
