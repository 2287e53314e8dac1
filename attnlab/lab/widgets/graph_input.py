"""What a live graph is made from: features, edges, matrices and places, checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnlab.core import edges
from attnlab.lab.graph_layout import laid_out
from attnlab.lab.prepared_graphs import PREPARED, prepared_graph
from attnlab.lab.shown_arrays import as_array, listed_words

MOST_NODES, MOST_FEATURES = 36, 4


def nodes_of(features) -> int:
    """How many nodes there are; or what is wrong with their features."""
    shape = np.shape(features)
    if len(shape) != 2 or 0 in shape:
        raise ValueError(f"features has shape {shape}, and needs (node, feature)")
    if shape[0] > MOST_NODES or shape[1] > MOST_FEATURES:
        raise ValueError(
            f"features has {shape[0]} nodes of {shape[1]} numbers, and the figure room for "
            f"{MOST_NODES} of {MOST_FEATURES}: show a part of them"
        )
    return shape[0]


def maps_of(query_map, key_map, width: int) -> dict[str, np.ndarray | None]:
    """Both matrices, or neither, as they fit features of so many numbers."""
    if (query_map is None) != (key_map is None):
        raise TypeError("give both query_map and key_map, or neither")
    if query_map is None:
        return {"query_map": None, "key_map": None}
    maps = {"query_map": as_array("query_map", query_map), "key_map": as_array("key_map", key_map)}
    for name, matrix in maps.items():
        if matrix.ndim != 2 or len(matrix) != width or 0 in matrix.shape:
            raise ValueError(
                f"{name} has shape {matrix.shape} and features {width} numbers a node: nodes are "
                f"rows, so {name} needs {width} rows"
            )
    columns = [matrix.shape[1] for matrix in maps.values()]
    if columns[0] != columns[1]:
        raise ValueError(
            f"query_map has {columns[0]} columns and key_map {columns[1]}: a score needs queries "
            "and keys of the same dimension"
        )
    return dict(maps)


def vector_of(vector, width: int) -> np.ndarray:
    """The vector of GAT and GATv2, all 1 if not given."""
    vector = np.ones(width) if vector is None else as_array("vector", vector)
    if vector.shape != (width,):
        raise ValueError(
            f"vector has shape {vector.shape}, and queries and keys here {width} numbers: "
            "give one for each"
        )
    return vector


def edges_given(adjacency, count: int, directed: bool) -> tuple[np.ndarray | None, bool]:
    """The edges that were given, and whether each node has a self-loop; those are taken off."""
    if adjacency is None:
        return None, True
    array = as_array("adjacency", adjacency)
    joined = edges(array)
    if joined.shape != (count, count):
        raise ValueError(
            f"adjacency has shape {joined.shape}, and features {count} rows: give each node a row "
            "and a column"
        )
    wrong = np.argwhere((array != 0) & (array != 1))
    if len(wrong):
        place = wrong[0].tolist()
        raise ValueError(
            f"adjacency holds {array[tuple(place)]} at {place}, and edges here have no weights, "
            "only 0 or 1: write adjacency != 0"
        )
    if not directed and (joined != joined.T).any():
        one, other = np.argwhere(joined & ~joined.T)[0].tolist()
        raise ValueError(
            f"adjacency joins [{one}, {other}] but not [{other}, {one}]: give both, as "
            "adjacency | adjacency.T does, or directed=True"
        )
    loops = bool(joined.diagonal().all())
    return joined & ~(np.eye(count, dtype=bool) & loops), loops


def graphs_of(given, positions, name: str, graphs, count: int) -> dict[str, dict]:
    """By name the edges and the places of each graph, the given one first."""
    names = known("graphs", graphs, PREPARED, least=int(given is None))
    if given is None and positions is not None:
        raise TypeError("positions are those of the nodes of adjacency: give adjacency, too")
    found = {} if given is None else {name: _written(given, positions)}
    return found | {each: _written(prepared_graph(each, count)) for each in names if each != name}


def _written(adjacency: np.ndarray, positions=None) -> dict:
    places = (
        laid_out(adjacency)
        if positions is None
        else places_of("positions", positions, len(adjacency))
    )
    return {"edges": np.argwhere(adjacency).tolist(), "positions": places.tolist()}


def places_of(name: str, places, count: int) -> np.ndarray:
    """A place for each node, (node, 2), from 0 to 1."""
    places = as_array(name, places)
    if places.shape != (count, 2):
        raise ValueError(
            f"{name} has shape {places.shape}, and the figure {count} nodes: give each two numbers"
        )
    if not ((places >= 0) & (places <= 1)).all():
        raise ValueError(f"{name} must be from 0 to 1, to the right and down")
    return places


def adjacency_of(graph: dict, count: int) -> np.ndarray:
    """Of a graph as `graphs_of` writes it, boolean (node, node)."""
    adjacency = np.zeros((count, count), bool)
    for row, column in graph["edges"]:
        adjacency[row, column] = True
    return adjacency


def known(name: str, given, offered: Sequence[str], least: int = 0) -> list[str]:
    """The words that were given, if they are among those offered; all of these if none were."""
    given = list(offered) if given is None else listed_words(name, given)
    if unknown := [each for each in given if each not in offered]:
        raise ValueError(f"{name} has {unknown}, and knows only {', '.join(offered)}")
    if len(given) < least:
        cure = " or give adjacency" if name == "graphs" else ""
        raise ValueError(f"{name} is empty: name one of {', '.join(offered)}{cure}")
    return given
