"""The scores of graph attention networks: how much one node has to say to another.

Both put LeakyReLU, max(x, slope x), where the additive score of translation has tanh. They differ
in one thing: whether the last vector comes before it (GAT) or behind it (GATv2).
"""

from __future__ import annotations

from types import ModuleType

from attnlab.core.arrays import Array, Float, check_axes, floating, meet
from attnlab.core.precision import check_same_type, narrowed, widened
from attnlab.core.scalars import number


def gat_scores(
    query: Float[Array, "... query d_k"],
    key: Float[Array, "... key d_k"],
    query_vector: Float[Array, "... d_k"],
    key_vector: Float[Array, "... d_k"],
    *,
    slope: int | float = 0.2,
) -> Float[Array, "... query key"]:
    """Score by the sum of two numbers, LeakyReLU(query_vector . query_i + key_vector . key_j).

    The query only moves its whole row of scores up or down, and LeakyReLU keeps their order: the
    key that is first for one query is first for all of them. That is called static attention.

    Args:
        query, key: (..., node, d_k); in GAT both are the nodes times one matrix, W h.
        query_vector, key_vector: (..., d_k), the two halves of the vector a; axes in front, such
            as heads, go with the batch axes of query and key.
        slope: what LeakyReLU makes of numbers below 0; from 0 to 1.

    Raises:
        TypeError: no real numbers, or NumPy mixed with torch.
        ValueError: the dimensions or the batch axes do not fit, or slope is outside 0 to 1.

    >>> one = np.array([[1.0], [-2.0]])
    >>> gat_scores(one, one, np.array([1.0]), np.array([1.0]))
    array([[ 2. , -0.2],
           [-0.2, -0.8]])

    Source: Veličković et al. 2018, "Graph Attention Networks", eq. 3; "static": Brody et al. 2022,
    "How Attentive are Graph Attention Networks?", definition 3.1 and theorem 1.
    """
    parts = {"query": query, "key": key, "query_vector": query_vector, "key_vector": key_vector}
    xp = _checked(parts, query="query_vector", key="key_vector")
    slope = _slope(slope)
    query, key, query_vector, key_vector = widened(xp, *parts.values())
    of_query, of_key = query @ query_vector[..., None], key @ key_vector[..., None]
    scores = _leaky_relu(xp, of_query + xp.matrix_transpose(of_key), slope)
    return narrowed(xp, scores, *parts.values())


def gatv2_scores(
    query: Float[Array, "... query hidden"],
    key: Float[Array, "... key hidden"],
    vector: Float[Array, "... hidden"],
    *,
    slope: int | float = 0.2,
) -> Float[Array, "... query key"]:
    """Score by a small network on each pair, vector . LeakyReLU(query_i + key_j).

    Since the vector comes last, each query can have an order of its own among the keys: dynamic
    attention. It is the additive score with LeakyReLU in place of tanh.

    Args:
        query, key: (..., node, hidden); in GATv2 the nodes times two matrices, the halves of W.
        vector: (..., hidden), what each hidden unit is worth; axes in front, such as heads, go
            with the batch axes of query and key.
        slope: what LeakyReLU makes of numbers below 0; from 0 to 1.

    Raises:
        TypeError, ValueError: as `gat_scores`.

    >>> gatv2_scores(2 * np.eye(2), -np.eye(2), np.array([1.0, 1.0]))  # each another favourite
    array([[1. , 1.8],
           [1.8, 1. ]])

    Source: Brody et al. 2022, "How Attentive are Graph Attention Networks?", eq. 7.
    """
    parts = {"query": query, "key": key, "vector": vector}
    xp = _checked(parts, query="vector", key="vector")
    slope = _slope(slope)
    query, key, vector = widened(xp, *parts.values())
    hidden = _leaky_relu(xp, query[..., :, None, :] + key[..., None, :, :], slope)
    scores = hidden @ vector[..., None, :, None]  # (..., query, key, hidden) -> (..., key, 1)
    return narrowed(xp, scores[..., 0], *parts.values())


def _leaky_relu(xp: ModuleType, x: Array, slope: int | float) -> Array:
    return xp.where(x > 0, x, slope * x)


def _slope(slope: int | float) -> int | float:
    slope = number("slope", slope)
    if not 0 <= slope <= 1:
        raise ValueError(f"slope is {slope}, and must be from 0, as in ReLU, to 1: take 0.2")
    return slope


def _checked(parts: dict[str, Array], **vectors: str) -> ModuleType:
    """The library, once query and key are sure to fit each other and their vectors."""
    xp = floating(**parts)
    check_same_type(xp, **parts)
    for name, vector in vectors.items():
        check_axes(name, parts[name], "node hidden")
        check_axes(vector, parts[vector], "hidden")
        if parts[name].shape[-1] != parts[vector].shape[-1]:
            raise ValueError(
                f"{name} has vectors of dimension {parts[name].shape[-1]} and {vector} one of "
                f"dimension {parts[vector].shape[-1]}: both must be equal, as in a dot product"
            )
    _check_batch_axes(parts, vectors)
    return xp


def _check_batch_axes(parts: dict[str, Array], vectors: dict[str, str]) -> None:
    axes = {name: tuple(parts[name].shape[:-2]) for name in vectors}
    axes |= {name: tuple(parts[name].shape[:-1]) for name in vectors.values()}
    (first, of_first), *others = axes.items()
    for other, of_other in others:
        if not meet(of_first, of_other):
            raise ValueError(
                f"{first} has batch axes {of_first} and {other} {of_other}: counted from the "
                "right, each must be equal, or 1 in one of them"
            )
