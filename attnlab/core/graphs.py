"""Attention on a graph: each node reads the nodes that it is joined to, and no others.

A graph is its adjacency, one row and one column a node: row i, column j says whether i may attend
to j. As a mask it is `edges`. Here the same is done neighbourhood by neighbourhood.
"""

from __future__ import annotations

from collections.abc import Callable

from attnlab.core.arrays import Array, Bool, Float, Real, namespace
from attnlab.core.attention import attention
from attnlab.core.masks import edges
from attnlab.core.scores import scaled_dot
from attnlab.core.sequence_checks import check_same_words, check_sequences


def neighbourhood_attention(
    query: Float[Array, "... node d_k"],
    key: Float[Array, "... node d_k"],
    value: Float[Array, "... node d_v"],
    adjacency: Real[Array, "node node"] | Bool[Array, "node node"],
    *,
    score: Callable[[Array, Array], Array] = scaled_dot,
) -> Float[Array, "... node d_v"]:
    """Attention of each node to its neighbours, computed for each neighbourhood alone.

        weight_ij = exp(score_ij) / sum over the neighbours k of i of exp(score_ik)
        output_i  = sum over the neighbours j of i of weight_ij value_j

    It gives what ``attention(query, key, value, edges(adjacency))`` gives, where the scores of
    all pairs are made and those of strangers thrown away. Here one softmax after the other has
    as many scores as the node has neighbours: to be read and compared, not to be fast.

    Args:
        query, key: (..., node, d_k), one row a node.
        value: (..., node, d_v)
        adjacency: (node, node), numbers or booleans; what is not 0 is an edge, whatever its
            weight. A node is its own neighbour only if the diagonal says so.
        score: as in `attention`.

    Returns:
        (..., node, d_v); a node without neighbours gets zeros.

    Raises:
        TypeError, ValueError: as `attention` and `edges`; ValueError if adjacency has more than
            two axes, or rows for another number of nodes.

    >>> value, a = np.array([[1.0], [3.0], [5.0]]), np.array([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    >>> neighbourhood_attention(value * 0, value * 0, value, a)
    array([[4.],
           [1.],
           [0.]])

    Source: Veličković et al. 2018, "Graph Attention Networks", eq. 2 and 4.
    """
    check_sequences(query, key, value)
    check_same_words(query, key, "both are the nodes of one graph")
    xp = namespace(query=query, adjacency=adjacency)
    joined = edges(adjacency)
    _check_nodes(joined, key)
    outputs = []
    for node in range(key.shape[-2]):
        near = xp.nonzero(joined[node])[0]
        keys, values = (xp.take(x, near, axis=-2) for x in (key, value))
        if near.shape[0] == 0:  # nothing to read: zeros, as of a row that is masked altogether
            keys, values = (xp.zeros_like(x[..., :1, :]) for x in (key, value))
        outputs.append(attention(query[..., node : node + 1, :], keys, values, score=score))
    return xp.concat(outputs, axis=-2)


def _check_nodes(joined: Array, key: Array) -> None:
    if joined.ndim != 2:
        raise ValueError(
            f"adjacency has shape {tuple(joined.shape)}, and this function takes one graph, "
            "(node, node): of a batch of graphs use attention(query, key, value, edges(adjacency))"
        )
    if joined.shape[0] != key.shape[-2]:
        raise ValueError(
            f"adjacency has {joined.shape[0]} rows and columns, and key {key.shape[-2]} nodes: "
            "give each node a row in both, in the same order"
        )
