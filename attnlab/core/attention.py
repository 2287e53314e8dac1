"""Attention: every query reads the values, each times the weight that its key has earned."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

from attnlab.core.arrays import Array, Float, Mask, check_axes, floating, meet, namespace
from attnlab.core.precision import check_same_type, narrowed, widened
from attnlab.core.scores import scaled_dot
from attnlab.core.softmax import softmax


def attention_weights(
    query: Float[Array, "... query d_q"],
    key: Float[Array, "... key d_k"],
    mask: Mask[Array, "query key"] | None = None,
    *,
    score: Callable[[Array, Array], Array] = scaled_dot,
) -> Float[Array, "... query key"]:
    """How much each query attends to each key: the softmax of the scores, row by row.

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k)
        mask: boolean, True = may attend, broadcasts to (..., query, key). A query that may
            attend to nothing gets a row of zeros.
        score: (query, key) -> scores (..., query, key). Queries and keys of 16 bits come to it
            in float32.

    Raises:
        TypeError, ValueError: as `softmax` and `score`.

    >>> attention_weights(np.eye(2), np.eye(2)).round(2)
    array([[0.67, 0.33],
           [0.33, 0.67]])

    Source: Vaswani et al. 2017, eq. 1, without its last factor.
    """
    xp = floating(query=query, key=key)
    weights = softmax(scores_of(score, *widened(xp, query, key)), mask)
    return narrowed(xp, weights, query, key)


def attention(
    query: Float[Array, "... query d_q"],
    key: Float[Array, "... key d_k"],
    value: Float[Array, "... key d_v"],
    mask: Mask[Array, "query key"] | None = None,
    *,
    score: Callable[[Array, Array], Array] = scaled_dot,
) -> Float[Array, "... query d_v"]:
    """The weighted sum of the values: softmax(query @ key^T / sqrt(d_k)) @ value.

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k)
        value: (..., key, d_v), one value for each key.
        mask: boolean, True = may attend, broadcasts to (..., query, key). A query that may
            attend to nothing gets a vector of zeros.
        score: (query, key) -> scores (..., query, key). Queries and keys of 16 bits come to it
            in float32, where the rest is reckoned too.

    Raises:
        TypeError, ValueError: as `softmax` and `score`; ValueError if keys and values differ
            in number.

    What a mask forbids has no weight at all, but its numbers still count: 0 * NaN is NaN, so a
    masked value of NaN or infinity spoils all outputs that it could enter, as in PyTorch. A
    masked key of NaN does no harm to the output, unless its value is NaN too, but it spoils the
    gradient of the queries. Fill padding with zeros.

    >>> attention(np.eye(2), np.eye(2), np.array([[1.0], [3.0]])).round(2)
    array([[1.66],
           [2.34]])

    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
    """
    xp = floating(query=query, key=key, value=value)
    check_axes("value", value, "key d_v")
    if key.ndim > 1 and key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"key has {key.shape[-2]} positions and value {value.shape[-2]}: "
            "each key needs exactly one value, so take both from the same words"
        )
    wide_query, wide_key, wide_value = widened(xp, query, key, value)
    weights = softmax(scores_of(score, wide_query, wide_key), mask)
    check_values(xp, weights, wide_value)
    return narrowed(xp, weights @ wide_value, query, key, value)


def self_attention(
    x: Float[Array, "... position d_model"],
    w_query: Float[Array, "d_model d_k"],
    w_key: Float[Array, "d_model d_k"],
    w_value: Float[Array, "d_model d_v"],
    mask: Mask[Array, "position position"] | None = None,
) -> Float[Array, "... position d_v"]:
    """Attention of a sequence to itself: query, key and value are three maps of the same x.

    Args:
        x: one row a word, (..., position, d_model).
        w_query, w_key: (d_model, d_k)
        w_value: (d_model, d_v)
        mask: as in `attention`.

    Raises:
        TypeError, ValueError: as `attention`; ValueError if a matrix does not take rows of x.

    >>> x = np.eye(2)
    >>> self_attention(x, x, x, 3 * x).round(2)
    array([[2.01, 0.99],
           [0.99, 2.01]])

    Source: Vaswani et al. 2017, section 3.2.2 with one head and without W^O.
    """
    matrices = {"w_query": w_query, "w_key": w_key, "w_value": w_value}
    xp = floating(x=x, **matrices)
    check_axes("x", x, "position d_model")
    check_same_type(xp, x=x, **matrices)
    for name, matrix in matrices.items():
        check_axes(name, matrix, "d_model d_out")
        if matrix.shape[-2] != x.shape[-1]:
            raise ValueError(
                f"x has rows of length {x.shape[-1]} and {name} shape {tuple(matrix.shape)}: "
                f"words are rows, so the first axis of {name} must be {x.shape[-1]} long"
            )
    wide, *maps = widened(xp, x, w_query, w_key, w_value)
    output = attention(*(wide @ matrix for matrix in maps), mask=mask)
    return narrowed(xp, output, x, w_query, w_key, w_value)


def scores_of(score: Callable[[Array, Array], Array], query: Array, key: Array) -> Array:
    """The scores, if score gives one for each pair; what is handed to it, it checks itself."""
    if not callable(score):
        raise TypeError(
            f"score is {score!r}, and must be a function (query, key) -> scores, such as scaled_dot"
        )
    scores = score(query, key)
    namespace(scores=scores)
    if query.ndim > 1 and key.ndim > 1:
        pairs = query.shape[-2], key.shape[-2]
        if scores.ndim < 2 or tuple(scores.shape[-2:]) != pairs:
            raise ValueError(
                f"score gives scores of shape {tuple(scores.shape)}, and there are {pairs[0]} "
                f"queries and {pairs[1]} keys: it must give (..., {pairs[0]}, {pairs[1]}), a row "
                "for each query"
            )
    return scores


def check_values(xp: ModuleType, weights: Array, value: Array) -> None:
    check_same_type(xp, query=weights, value=value)
    if not meet(weights.shape[:-2], value.shape[:-2]):
        raise ValueError(
            f"value has batch axes {tuple(value.shape[:-2])}, and the weights of query and key "
            f"{tuple(weights.shape[:-2])}: counted from the right, each must be equal, or 1 in "
            "one of them"
        )
