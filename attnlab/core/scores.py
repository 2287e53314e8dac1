"""Scores: how well each query fits each key, one number a pair."""

from __future__ import annotations

import math

from attnlab.core.arrays import Array, Float, check_axes, floating, meet
from attnlab.core.precision import check_same_type, narrowed, widened
from attnlab.core.scalars import number


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
    return _dot(query, key, 1.0)


def _dot(query: Array, key: Array, divisor: float) -> Array:
    xp = floating(query=query, key=key)
    check_axes("query", query, "query d_k")
    check_axes("key", key, "key d_k")
    check_same_type(xp, query=query, key=key)
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"query has vectors of length {query.shape[-1]} and key of length {key.shape[-1]}: "
            "a dot product needs equal lengths, so multiply one by a matrix that maps it "
            "to the other's length, as w_query and w_key do, or take a score with weights of its "
            "own, score=bilinear or score=additive"
        )
    _check_batch(query, key)
    wide_query, wide_key = widened(xp, query, key)
    scores = wide_query @ xp.matrix_transpose(wide_key)
    scores = scores if divisor == 1.0 else scores / divisor
    return narrowed(xp, scores, query, key)


def scaled_dot(
    query: Float[Array, "... query d_k"], key: Float[Array, "... key d_k"]
) -> Float[Array, "... query key"]:
    """Score by the dot product divided by the root of d_k, query @ key^T / sqrt(d_k).

    Shapes and errors as in `dot`. The divisor keeps the spread of the scores independent of d_k.

    >>> scaled_dot(np.array([[1.0, 2.0, 0.0, 1.0]]), np.array([[3.0, 4.0, 9.0, 1.0]]))
    array([[6.]])

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
    """
    features = query.shape[-1] if getattr(query, "ndim", 0) else 1
    return _dot(query, key, math.sqrt(features or 1))


def bilinear(
    query: Float[Array, "... query d_q"],
    key: Float[Array, "... key d_k"],
    weight: Float[Array, "d_q d_k"],
) -> Float[Array, "... query key"]:
    """Score by a dot product with a matrix in between, query @ weight @ key^T.

    Queries and keys may differ in length. With the identity as weight it is `dot`.

    Args:
        query: (..., query, d_q)
        key: (..., key, d_k)
        weight: (d_q, d_k)

    Raises:
        TypeError: as `dot`.
        ValueError: weight has another shape, or the batch axes do not fit.

    >>> bilinear(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([[1.0], [0.5]]))
    array([[6., 8.]])

    Source: Luong et al. 2015, section 3.1, "general".
    """
    xp = floating(query=query, key=key, weight=weight)
    check_axes("query", query, "query d_q")
    check_axes("key", key, "key d_k")
    check_same_type(xp, query=query, key=key, weight=weight)
    if tuple(weight.shape) != (query.shape[-1], key.shape[-1]):
        raise ValueError(
            f"query has vectors of length {query.shape[-1]}, key of length {key.shape[-1]}, and "
            f"weight has shape {tuple(weight.shape)}: words are rows, "
            f"so weight must be {query.shape[-1]} by {key.shape[-1]}"
        )
    wide_query, wide_key, wide_weight = widened(xp, query, key, weight)
    return narrowed(xp, dot(wide_query @ wide_weight, wide_key), query, key, weight)


def additive(
    query: Float[Array, "... query d_q"],
    key: Float[Array, "... key d_k"],
    w_query: Float[Array, "d_q hidden"],
    w_key: Float[Array, "d_k hidden"],
    w_value: Float[Array, " hidden"],
) -> Float[Array, "... query key"]:
    """Score by a small network on each pair, tanh(query @ w_query + key @ w_key) @ w_value.

    Queries and keys may differ in length. In between stand query times key times hidden numbers.

    Args:
        query: (..., query, d_q)
        key: (..., key, d_k)
        w_query, w_key: (d_q, hidden) and (d_k, hidden)
        w_value: (hidden,), what each hidden unit is worth.

    Raises:
        TypeError: as `dot`.
        ValueError: a matrix does not take the rows, the hidden sizes or the batch axes do not fit.

    >>> query, key, one = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]]), np.array([[1.0]])
    >>> additive(query, key, one, one, np.array([2.0])).round(2)
    array([[0.  , 1.52],
           [1.52, 1.93]])

    Source: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
    Translate", appendix A.1.2.
    """
    xp = floating(query=query, key=key, w_query=w_query, w_key=w_key, w_value=w_value)
    check_axes("query", query, "query d_q")
    check_axes("key", key, "key d_k")
    _check_matrix("query", query, "w_query", w_query)
    _check_matrix("key", key, "w_key", w_key)
    sizes = w_query.shape[1], w_key.shape[1]
    if sizes[0] != sizes[1] or tuple(w_value.shape) != (sizes[1],):
        raise ValueError(
            f"w_query has {sizes[0]} hidden units, w_key {sizes[1]}, and w_value shape "
            f"{tuple(w_value.shape)}: give all three the same number, w_value one axis of it"
        )
    _check_batch(query, key)
    sources = query, key, w_query, w_key, w_value
    check_same_type(xp, query=query, key=key, w_query=w_query, w_key=w_key, w_value=w_value)
    query, key, w_query, w_key, w_value = widened(xp, *sources)
    from_query, from_key = query @ w_query, key @ w_key
    hidden = xp.tanh(from_query[..., :, None, :] + from_key[..., None, :, :])
    scores = hidden @ w_value  # (..., query, key, hidden) -> (..., query, key)
    return narrowed(xp, scores, *sources)


def gaussian(
    query: Float[Array, "... query d_k"],
    key: Float[Array, "... key d_k"],
    width: int | float = 1.0,
) -> Float[Array, "... query key"]:
    """Score by nearness, -|query - key|^2 / (2 width^2): 0 at the same place, less elsewhere.

    Attention with this score is kernel regression: the values smoothed by a Gaussian.

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k), with the same d_k.
        width: above 0, in the units of query and key. To learn it, scale query and key instead.

    Raises:
        TypeError: as `dot`.
        ValueError: width is not above 0, or query and key do not fit.

    >>> gaussian(np.array([[0.0], [1.0]]), np.array([[0.0], [1.0], [3.0]]))
    array([[ 0. , -0.5, -4.5],
           [-0.5,  0. , -2. ]])

    Source: Nadaraya 1964, "On Estimating Regression", and Watson 1964, "Smooth Regression
    Analysis", with the Gaussian as kernel.
    """
    xp = floating(query=query, key=key)
    check_axes("query", query, "query d_k")
    check_axes("key", key, "key d_k")
    width = number("width", width)
    if not 0.0 < width < math.inf:
        raise ValueError(
            f"width is {width}, and must be above 0 and finite: "
            "for the nearest key alone take a small one such as 0.01, for the average a large one"
        )
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"query has vectors of length {query.shape[-1]} and key of length {key.shape[-1]}: "
            "a distance needs equal lengths, so describe both by the same features"
        )
    _check_batch(query, key)
    # Differences, not |q|^2 - 2 q k + |k|^2, which rounds to a distance below 0 at equal points.
    wide_query, wide_key = widened(xp, query, key)
    width = max(float(width), 1e-30)  # float32 holds no much smaller one
    steps = (wide_query[..., :, None, :] - wide_key[..., None, :, :]) / width
    return narrowed(xp, 0.0 - xp.sum(steps * steps, axis=-1) / 2.0, query, key)


def _check_matrix(name: str, rows: Array, matrix_name: str, matrix: Array) -> None:
    if matrix.ndim != 2 or matrix.shape[0] != rows.shape[-1]:
        raise ValueError(
            f"{name} has vectors of length {rows.shape[-1]} and {matrix_name} shape "
            f"{tuple(matrix.shape)}: words are rows, so {matrix_name} must be "
            f"({rows.shape[-1]}, hidden)"
        )


def _check_batch(query: Array, key: Array) -> None:
    if not meet(query.shape[:-2], key.shape[:-2]):
        raise ValueError(
            f"query has batch axes {tuple(query.shape[:-2])} and key {tuple(key.shape[:-2])}: "
            "counted from the right, each must be equal, or 1 in one of them"
        )
