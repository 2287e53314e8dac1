"""Graphs to try: a star, a ring, a path, a tree, two communities, and all joined to all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np


def _pairs_of_two_communities(count: int) -> list[tuple[int, int]]:
    half = (count + 1) // 2
    within = [(i, j) for j in range(count) for i in range(j) if (i < half) == (j < half)]
    return within + [(half - 1, half)] * (count > 1)


_PAIRS: dict[str, Callable[[int], Iterable[tuple[int, int]]]] = {
    "star": lambda count: [(0, i) for i in range(1, count)],
    "ring": lambda count: [(i, (i + 1) % count) for i in range(count)],
    "path": lambda count: [(i, i + 1) for i in range(count - 1)],
    "tree": lambda count: [((i - 1) // 2, i) for i in range(1, count)],
    "two communities": _pairs_of_two_communities,
    "complete": lambda count: [(i, j) for j in range(count) for i in range(j)],
}
PREPARED = tuple(_PAIRS)


def prepared_graph(name: str, count: int) -> np.ndarray:
    """The adjacency of a graph of so many nodes, boolean (node, node), without self-loops.

    Args:
        name: "star" (node 0 in the middle), "ring", "path" (the nodes in a row), "tree" (each has
            two below it), "two communities" (one edge between them) or "complete".

    Raises:
        ValueError: another name.

    >>> prepared_graph("path", 3).astype(int)
    array([[0, 1, 0],
           [1, 0, 1],
           [0, 1, 0]])
    """
    if name not in _PAIRS:
        raise ValueError(f"graph {name!r} is not prepared: take one of {', '.join(PREPARED)}")
    adjacency = np.zeros((count, count), bool)
    for one, other in _PAIRS[name](count):
        adjacency[one, other] = adjacency[other, one] = one != other
    return adjacency
