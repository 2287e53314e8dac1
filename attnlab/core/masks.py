"""Masks: yes-or-no questions about positions. True = this query may attend to this key.

A mask is asked of position vectors, so an offset (a cache, a cut-out) costs nothing:
``causal(np.arange(5, 6), np.arange(6))`` is the mask of the sixth word alone. Masks combine
with ``&`` and ``|``.
"""

from __future__ import annotations

import math

from attnlab.core.arrays import Array, Bool, Real, check_axes, namespace


def causal(
    query: Real[Array, "... query"], key: Real[Array, "... key"]
) -> Bool[Array, "... query key"]:
    """Allow each query the keys up to its own position: key <= query.

    Args:
        query: positions of the queries, (..., query), for example np.arange(n).
        key: positions of the keys, (..., key).

    >>> causal(np.arange(3), np.arange(3)).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])

    Source: Vaswani et al. 2017, section 3.2.3.
    """
    query, key = _pairs(query, key)
    return key <= query


def window(
    query: Real[Array, "... query"], key: Real[Array, "... key"], reach: int | float
) -> Bool[Array, "... query key"]:
    """Allow each query the keys at most `reach` positions away, on either side.

    Args:
        query: positions of the queries, (..., query).
        key: positions of the keys, (..., key).
        reach: at least 0; 0 leaves each query its own position only.

    >>> window(np.arange(3), np.arange(3), 1).astype(int)
    array([[1, 1, 0],
           [1, 1, 1],
           [0, 1, 1]])

    Source: Beltagy et al. 2020, "Longformer", section 3.1.
    """
    if not reach >= 0:
        raise ValueError(f"reach is {reach}, and must be at least 0: 0 means the own position only")
    query, key = _pairs(query, key)
    return (key <= query + reach) & (query <= key + reach)


def padding(lengths: Real[Array, "..."], key: Real[Array, " key"]) -> Bool[Array, "... 1 key"]:
    """Allow every query the keys before the end of its own sequence: key < length.

    Args:
        lengths: how many real tokens each sequence has, (...), one a sequence: for a batch with
            heads pass lengths[:, None].
        key: positions of the keys, (key,), for example np.arange(n).

    Raises:
        TypeError: NumPy mixed with torch.
        ValueError: a length below 0, or beyond the last key.

    >>> padding(np.array([1, 3]), np.arange(3)).astype(int)
    array([[[1, 0, 0]],
    <BLANKLINE>
           [[1, 1, 1]]])

    Source: Vaswani et al. 2017, section 3.2.3, where illegal connections are masked alike.
    """
    namespace(lengths=lengths, key=key)
    check_axes("key", key, "key")
    if key.shape[-1] and math.prod(lengths.shape):
        _check_lengths(lengths, key)
    return key < lengths[..., None, None]


def edges(
    adjacency: Real[Array, "... node node"] | Bool[Array, "... node node"],
) -> Bool[Array, "... node node"]:
    """Allow each node the nodes that it is joined to: adjacency is not 0.

    A node is its own neighbour only if the diagonal says so. To add it to every node, ask for
    ``edges(a) | window(n, n, 0)``, where n are the positions np.arange(len(a)).

    Args:
        adjacency: (..., node, node), numbers or booleans. Row i, column j: may i attend to j?

    Raises:
        TypeError: adjacency is no array.
        ValueError: adjacency is not square.

    >>> a = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> n = np.arange(3)
    >>> (edges(a) | window(n, n, 0)).astype(int)
    array([[1, 1, 0],
           [1, 1, 1],
           [0, 1, 1]])

    Source: Veličković et al. 2018, "Graph Attention Networks", section 2.1, "masked attention".
    """
    namespace(adjacency=adjacency)
    check_axes("adjacency", adjacency, "node node")
    rows, columns = adjacency.shape[-2:]
    if rows != columns:
        raise ValueError(
            f"adjacency has {rows} rows and {columns} columns: it needs a row and a column for "
            "every node; of a list of pairs make a square with a[pairs[:, 0], pairs[:, 1]] = 1"
        )
    return adjacency != 0


def _check_lengths(lengths: Array, key: Array) -> None:
    xp = namespace(lengths=lengths, key=key)
    shortest, longest, last = (float(x) for x in (xp.min(lengths), xp.max(lengths), xp.max(key)))
    if shortest < 0:
        raise ValueError(f"lengths holds {shortest:g}, and a sequence has at least 0 tokens")
    if longest > last + 1:
        raise ValueError(
            f"lengths holds {longest:g}, and the keys end at position {last:g}: a sequence has at "
            f"most {last + 1:g} tokens here, so give the positions of more keys, "
            "or cut lengths where the sequences were cut"
        )


def _pairs(query: Array, key: Array) -> tuple[Array, Array]:
    """Positions of shapes (..., query, 1) and (..., 1, key), to be compared pair by pair."""
    namespace(query=query, key=key)
    check_axes("query", query, "query")
    check_axes("key", key, "key")
    return query[..., :, None], key[..., None, :]
