"""The live graph: nodes that attend to their neighbours, edges that are added and cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets as t

from attnlab.core import (
    attention_weights,
    edges,
    gat_scores,
    gatv2_scores,
    scaled_dot,
    window,
)
from attnlab.lab.graph_layout import laid_out
from attnlab.lab.graph_still import graph_png
from attnlab.lab.prepared_graphs import PREPARED, prepared_graph
from attnlab.lab.shown_arrays import as_array, listed_words
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Numbers, OneOf, Whole
from attnlab.lab.widgets.declared import Menu, Number, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.sending import words_of

MOST_NODES, MOST_FEATURES = 16, 4
RULES = ("dot", "mean", "GAT", "GATv2")


class AttentionGraph(Figure):
    """A graph whose nodes attend to their neighbours; beside it the same as a matrix of weights.

    An edge is a pair that may attend, so the graph is the mask. The node in focus shows how much
    it reads of each node, and its new vector, the sum of the nodes' vectors by these shares.
    After two layers, in which neighbours have read theirs, the shares are the product of the
    weights of both. Nodes can be moved, which changes only the picture; two nodes that are clicked
    one after the other are joined, or their edge is cut, and so they are by a click on a cell of
    the matrix. A node that nothing is joined to has weights of 0 and the vector 0.

    Args:
        features: a vector for each node, (node, feature), up to 16 nodes of 1 to 4 numbers; they
            are the values too.
        adjacency: 0 or 1, or booleans, (node, node), square: who is joined to whom. A diagonal
            that is all 1 stands for `loops`. None for prepared graphs only.
        labels: a word for each node; its number if not given.
        positions: a place for each node of this graph, (node, 2), from 0 to 1 to the right and
            down; as `laid_out` has them if not given.
        name: what the graph is called where one is chosen.
        graphs: which prepared ones can be chosen besides: of "star", "ring", "path", "tree", "two
            communities" and "complete"; all if not given.
        directed: whether row i, column j may differ from row j, column i: i reads j, but j not i.
        rules: which rules can be chosen: of "dot" (q · k / √d_k), "mean" (all scores 0), "GAT"
            (LeakyReLU(a · (q + k))) and "GATv2" (a · LeakyReLU(q + k)), where q is x @ query_map
            and k is x @ key_map; all if not given.
        query_map, key_map: matrices (feature, d_k), given both or neither; q and k are the
            features themselves if not given.
        vector: the d_k numbers a; all 1 if not given.

    Traits: graph (which one is shown), changed (cells [row, column, row, column ...] that were
    added or cut since), places (as `positions`, where nodes were moved; else None), loops
    (whether each node attends to itself, too), rule, layers (1 or 2), joining ([node] from which an
    edge is being drawn, or []), focus ([query, key] or []).

    Raises:
        TypeError, ValueError: naming the argument, both sizes and the cure.

    Source: Veličković et al. 2018, "Graph Attention Networks", eq. 1 to 4; Brody et al. 2022, "How
    Attentive are Graph Attention Networks?", eq. 7.
    """

    _esm = bundle("attention_graph.js")

    features = Numbers("node", "feature")
    labels = t.List(t.Unicode()).tag(sync=True)
    graphs = t.Dict().tag(sync=True)
    graph = OneOf("graphs")
    changed = t.List(t.Int()).tag(sync=True)
    places = Numbers("node", "axis", allow_none=True)
    directed = t.Bool(False).tag(sync=True)
    loops = t.Bool(True).tag(sync=True)
    rules = t.List(t.Unicode()).tag(sync=True)
    rule = OneOf("rules")
    query_map = Numbers("feature", "d_k", allow_none=True)
    key_map = Numbers("feature", "d_k", allow_none=True)
    vector = Numbers("d_k")
    layers = Whole(1, 2, default=1)
    joining = t.List(t.Int()).tag(sync=True)

    controls = (
        Menu("graph", options="graphs"),
        Menu("rule", "score", options="rules"),
        Switch("loops", "self-loops"),
        Number("layers"),
    )

    def __init__(
        self,
        features,
        adjacency=None,
        labels=None,
        *,
        positions=None,
        name="this graph",
        graphs=None,
        directed=False,
        rules=None,
        query_map=None,
        key_map=None,
        vector=None,
        **traits,
    ):
        features = as_array("features", features)
        count = _nodes(features)
        labels = words_of("labels", labels, count)
        maps = _maps(query_map, key_map, np.shape(features)[1])
        given, loops = _given(adjacency, count, directed)
        known = _graphs(given, positions, name, graphs, count)
        rules = _known("rules", rules, RULES, least=1)
        width = (features if maps["query_map"] is None else maps["query_map"]).shape[1]
        first = {"graph": next(iter(known)), "rule": rules[0], "loops": loops}
        first["focus"] = [0, int(_rows(known[first["graph"]], count)[0].argmax())]
        super().__init__(
            features=features,
            labels=labels,
            graphs=known,
            directed=directed,
            rules=rules,
            **maps,
            vector=_vector(vector, width),
            **(first | traits),
        )

    @t.validate("changed", "joining")
    def _names_nodes(self, proposal):
        name, value, count = proposal.trait.name, list(proposal.value), len(self.labels)
        fits = len(value) % 2 == 0 if name == "changed" else len(value) < 2
        if not fits or any(not 0 <= node < count for node in value):
            wanted = "pairs of nodes in a row" if name == "changed" else "[] or [node]"
            raise ValueError(f"{name} is {value}, and must be {wanted}, each from 0 to {count - 1}")
        return value

    @t.validate("places")
    def _stands_somewhere(self, proposal):
        return None if proposal.value is None else _placed("places", proposal.value, self.cells[0])

    @t.observe("graph")
    def _begin_anew(self, change) -> None:
        """Another graph begins as it was prepared; the page does the same."""
        if change.old:
            self.changed, self.places, self.joining = [], None, []

    @property
    def mask(self) -> np.ndarray:
        """Who may attend to whom now, boolean (query, key): the edges of the graph."""
        adjacency = _rows(self.graphs[self.graph], len(self.labels))
        for row, column in zip(self.changed[::2], self.changed[1::2], strict=True):
            adjacency[row, column] = not adjacency[row, column]
            adjacency[column, row] = (
                adjacency[column, row] if self.directed else adjacency[row, column]
            )
        nodes = np.arange(len(adjacency))
        return edges(adjacency) | (window(nodes, nodes, 0) & self.loops)

    @property
    def steps(self) -> list[np.ndarray]:
        """The weights of each layer, (query, key), the first one first."""
        vectors, found = self.features, []
        for _ in range(self.layers):
            query = vectors if self.query_map is None else vectors @ self.query_map
            key = vectors if self.key_map is None else vectors @ self.key_map
            found.append(attention_weights(query, key, self.mask, score=self._score))
            vectors = found[-1] @ vectors
        return found

    @property
    def shares(self) -> np.ndarray:
        """How much of each node's vector (column) is in each new vector (row), after all layers."""
        first, *rest = self.steps
        return rest[0] @ first if rest else first

    @property
    def output(self) -> np.ndarray:
        """The new vectors, (node, feature), after all layers."""
        return self.shares @ self.features

    @property
    def result(self) -> list:
        """The weights of the last layer, the new vectors, and the shares after all layers."""
        return [each.tolist() for each in (self.steps[-1], self.output, self.shares)]

    @property
    def cells(self) -> tuple[int, int]:
        return len(self.labels), len(self.labels)

    def __repr__(self) -> str:
        return f"Live graph, {len(self.labels)} nodes, {self.graph}, score {self.rule}"

    def png(self) -> bytes:
        prepared = self.graphs[self.graph]["positions"]
        places = np.array(prepared) if self.places is None else self.places
        return graph_png(self, places)

    def _score(self, query: np.ndarray, key: np.ndarray) -> np.ndarray:
        """Scores (query, key) by the rule that is chosen."""
        rules = {
            "dot": lambda: scaled_dot(query, key),
            "mean": lambda: np.zeros((len(query), len(key))),
            "GAT": lambda: gat_scores(query, key, self.vector, self.vector),
            "GATv2": lambda: gatv2_scores(query, key, self.vector),
        }
        return rules[self.rule]()


def attention_graph(
    features, adjacency=None, labels=None, *, controls: Sequence[str] | None = None, **arguments
) -> LiveFigure:
    """An `AttentionGraph` with its controls, ready to show; the widget itself is `.figure`.

    Args:
        features, adjacency, labels and further arguments: as `AttentionGraph`.
        controls: which of graph, rule, loops and layers to show, in this order; all of them if not
            given.

    >>> attention_graph([[1.0], [2.0], [4.0]], [[0, 1, 0], [1, 0, 1], [0, 1, 0]], list("abc"))
    Live graph, 3 nodes, this graph, score dot
    """
    return LiveFigure(AttentionGraph(features, adjacency, labels, **arguments), controls)


def _nodes(features) -> int:
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


def _maps(query_map, key_map, width: int) -> dict:
    if (query_map is None) != (key_map is None):
        raise TypeError("give both query_map and key_map, or neither")
    maps = {"query_map": query_map, "key_map": key_map}
    maps = {name: None if m is None else as_array(name, m) for name, m in maps.items()}
    for name, matrix in maps.items():
        if matrix is not None and (matrix.ndim != 2 or len(matrix) != width or 0 in matrix.shape):
            raise ValueError(
                f"{name} has shape {matrix.shape} and features {width} numbers a node: nodes are "
                f"rows, so {name} needs {width} rows"
            )
    if query_map is not None and maps["query_map"].shape != maps["key_map"].shape:
        raise ValueError(
            f"query_map has {maps['query_map'].shape[1]} columns and key_map "
            f"{maps['key_map'].shape[1]}: a score needs queries and keys of the same dimension"
        )
    return maps


def _vector(vector, width: int) -> np.ndarray:
    vector = np.ones(width) if vector is None else as_array("vector", vector)
    if vector.shape != (width,):
        raise ValueError(
            f"vector has shape {vector.shape}, and queries and keys here {width} numbers: "
            "give one for each"
        )
    return vector


def _given(adjacency, count: int, directed: bool) -> tuple[np.ndarray | None, bool]:
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


def _graphs(given, positions, name: str, graphs, count: int) -> dict[str, dict]:
    """By name the edges and the places of each graph, the given one first."""
    names = _known("graphs", graphs, PREPARED, least=int(given is None))
    if given is None and positions is not None:
        raise TypeError("positions are those of the nodes of adjacency: give adjacency, too")
    found = {} if given is None else {name: _written(given, positions)}
    return found | {each: _written(prepared_graph(each, count)) for each in names if each != name}


def _written(adjacency: np.ndarray, positions=None) -> dict:
    places = (
        laid_out(adjacency)
        if positions is None
        else _placed("positions", positions, len(adjacency))
    )
    return {"edges": np.argwhere(adjacency).tolist(), "positions": places.tolist()}


def _placed(name: str, places, count: int) -> np.ndarray:
    places = as_array(name, places)
    if places.shape != (count, 2):
        raise ValueError(
            f"{name} has shape {places.shape}, and the figure {count} nodes: give each two numbers"
        )
    if not ((places >= 0) & (places <= 1)).all():
        raise ValueError(f"{name} must be from 0 to 1, to the right and down")
    return places


def _rows(graph: dict, count: int) -> np.ndarray:
    adjacency = np.zeros((count, count), bool)
    for row, column in graph["edges"]:
        adjacency[row, column] = True
    return adjacency


def _known(name: str, given, offered: Sequence[str], least: int = 0) -> list[str]:
    given = list(offered) if given is None else listed_words(name, given)
    if unknown := [each for each in given if each not in offered]:
        raise ValueError(f"{name} has {unknown}, and knows only {', '.join(offered)}")
    if len(given) < least:
        cure = " or give adjacency" if name == "graphs" else ""
        raise ValueError(f"{name} is empty: name one of {', '.join(offered)}{cure}")
    return given
