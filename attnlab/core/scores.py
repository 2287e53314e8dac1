"""Scores: how well each query fits each key, one number a pair."""

from __future__ import annotations

import math

from attnlab.core.arrays import Array, Float, check_axes, floating


def dot(
    query: Float[Array, "... query d_k"], key: Float[Array, "... key d_k"]
) -> Float[Array, "... query key"]:
    """Score every query against every key by their dot product, query @ key^T.

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k), with the same d_k.

    Raises:
        TypeError: not real numbers, or NumPy mixed with torch.
        ValueError: the vectors differ in length, or the batch axes do not fit.

    >>> dot(np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [0.0, 1.0]]))
    array([[11.,  2.]])

    Source: Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine
    Translation", section 3.1, "dot".
    """
    xp = floating(query=query, key=key)
    check_axes("query", query, "query d_k")
    check_axes("key", key, "key d_k")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"query has vectors of length {query.shape[-1]} and key of length {key.shape[-1]}: "
            "a dot product needs equal lengths, so multiply one by a matrix that maps it "
            "to the other's length, as w_query and w_key do"
        )
    _check_batch(query, key)
    return query @ xp.matrix_transpose(key)


def scaled_dot(
    query: Float[Array, "... query d_k"], key: Float[Array, "... key d_k"]
) -> Float[Array, "... query key"]:
    """Score by the dot product divided by the root of d_k, query @ key^T / sqrt(d_k).

    Shapes and errors as in `dot`. The divisor keeps the spread of the scores independent of d_k.

    >>> scaled_dot(np.array([[1.0, 2.0, 0.0, 1.0]]), np.array([[3.0, 4.0, 9.0, 1.0]]))
    array([[6.]])

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
    """
    return dot(query, key) / math.sqrt(query.shape[-1])


def _check_batch(query: Array, key: Array) -> None:
    batches = zip(reversed(query.shape[:-2]), reversed(key.shape[:-2]), strict=False)
    if any(q != k and 1 not in (q, k) for q, k in batches):
        raise ValueError(
            f"query has batch axes {tuple(query.shape[:-2])} and key {tuple(key.shape[:-2])}: "
            "counted from the right, each must be equal, or 1 in one of them"
        )
