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
from attnlab.lab.graph_still import graph_png
from attnlab.lab.shown_arrays import as_array
from attnlab.lab.widgets.assets import bundle
from attnlab.lab.widgets.bounds import Numbers, OneOf, Whole
from attnlab.lab.widgets.declared import Menu, Number, Switch
from attnlab.lab.widgets.figure import Figure, LiveFigure
from attnlab.lab.widgets.graph_input import (
    adjacency_of,
    edges_given,
    graphs_of,
    known,
    maps_of,
    nodes_of,
    places_of,
    vector_of,
)
from attnlab.lab.widgets.sending import words_of

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
        features: a vector for each node, (node, feature), up to 36 nodes of 1 to 4 numbers; they
            are the values too. Above 16 the shares are written in the matrix and the strip only.
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
    (whether each node attends to itself, too; at first if the diagonal is all 1, or where there
    is no adjacency), rule, layers (1 or 2), joining ([node] from which an
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
        count = nodes_of(features)
        labels = words_of("labels", labels, count)
        maps = maps_of(query_map, key_map, features.shape[1])
        given, loops = edges_given(adjacency, count, directed)
        offered = graphs_of(given, positions, name, graphs, count)
        rules = known("rules", rules, RULES, least=1)
        given_map = features if maps["query_map"] is None else maps["query_map"]
        first = {"graph": next(iter(offered)), "rule": rules[0], "loops": loops}
        first["focus"] = [0, int(adjacency_of(offered[first["graph"]], count)[0].argmax())]
        super().__init__(
            features=features,
            labels=labels,
            graphs=offered,
            directed=directed,
            rules=rules,
            **maps,
            vector=vector_of(vector, given_map.shape[1]),
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
        places = proposal.value
        return None if places is None else places_of("places", places, len(self.labels))

    @t.observe("graph")
    def _begin_anew(self, change) -> None:
        """Another graph begins as it was prepared; the page does the same."""
        if change.old:
            self.changed, self.places, self.joining = [], None, []

    @property
    def mask(self) -> np.ndarray:
        """Who may attend to whom now, boolean (query, key): the edges of the graph."""
        adjacency = adjacency_of(self.graphs[self.graph], len(self.labels))
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
