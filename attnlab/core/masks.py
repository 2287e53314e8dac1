"""Masks: yes-or-no questions about positions. True = this query may attend to this key.

A mask is asked of position vectors, so an offset (a cache, a cut-out) costs nothing:
``causal(np.arange(5, 6), np.arange(6))`` is the mask of the sixth word alone. Masks combine
with ``&`` and ``|``.
"""

from __future__ import annotations

import math
from types import ModuleType

from attnlab.core.arrays import (
    Array,
    Bool,
    Real,
    check_axes,
    kind_of,
    namespace,
    real_numbers,
)
from attnlab.core.precision import widened
from attnlab.core.scalars import at_least, number


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
    _, query, key = _pairs(query, key)
    return key <= query


def window(
    query: Real[Array, "... query"], key: Real[Array, "... key"], reach: int | float
) -> Bool[Array, "... query key"]:
    """Allow each query the keys at most `reach` positions away, on either side.

    Args:
        query: positions of the queries, (..., query).
        key: positions of the keys, (..., key).
        reach: at least 0; 0 leaves each query its own position only. None is too large.

    Raises:
        TypeError: positions are no numbers, reach is none, or NumPy is mixed with torch.
        ValueError: reach is below 0 or NaN.

    >>> window(np.arange(3), np.arange(3), 1).astype(int)
    array([[1, 1, 0],
           [1, 1, 1],
           [0, 1, 1]])

    Source: Beltagy et al. 2020, "Longformer", section 3.1.
    """
    reach = number("reach", reach)
    if not reach >= 0:
        raise ValueError(f"reach is {reach}, and must be at least 0: 0 means the own position only")
    xp, query, key = _pairs(query, key)
    if kind_of(xp, xp.result_type(query.dtype, key.dtype), "integral"):
        return _whole_window(xp, query, key, reach)
    query, key = widened(xp, query, key)
    return (key <= query + reach) & (query <= key + reach)


def strided(
    query: Real[Array, "... query"], key: Real[Array, "... key"], stride: int
) -> Bool[Array, "... query key"]:
    """Allow each query the keys that lie a multiple of `stride` positions away, on either side.

    Args:
        query: positions of the queries, (..., query).
        key: positions of the keys, (..., key).
        stride: from one key to the next, a whole number of at least 1; 1 allows every key.

    Raises:
        TypeError: positions are no numbers, stride is no whole one, or NumPy is mixed with torch.
        ValueError: stride is below 1, or 2^63 or more.

    >>> strided(np.arange(4), np.arange(4), 2).astype(int)
    array([[1, 0, 1, 0],
           [0, 1, 0, 1],
           [1, 0, 1, 0],
           [0, 1, 0, 1]])

    Source: Child et al. 2019, "Generating Long Sequences with Sparse Transformers", section 4.2,
    the second head of "strided".
    """
    stride = at_least("stride", stride, 1, "1 means every position")
    if stride >= 2**63:
        raise ValueError(f"stride is {stride}, and must be below 2^63, where positions end")
    _, query, key = _pairs(query, key)
    return query % stride == key % stride


def padding(lengths: Real[Array, "..."], key: Real[Array, " key"]) -> Bool[Array, "... 1 key"]:
    """Allow every query the keys before the end of its own sequence: key < length.

    Args:
        lengths: how many real tokens each sequence has, (...), one a sequence: for a batch with
            heads pass lengths[:, None].
        key: positions of the keys, (key,), for example np.arange(n).

    Raises:
        TypeError: NumPy mixed with torch, or a boolean mask in place of lengths.
        ValueError: a length below 0, or beyond the last key; a mask of 0 and 1 in their place.

    >>> padding(np.array([1, 3]), np.arange(3)).astype(int)
    array([[[1, 0, 0]],
    <BLANKLINE>
           [[1, 1, 1]]])

    Source: Vaswani et al. 2017, section 3.2.3, where illegal connections are masked alike.
    """
    xp = namespace(lengths=lengths, key=key)
    _check_no_mask(xp, lengths)
    real_numbers(lengths=lengths, key=key)
    check_axes("key", key, "key")
    lengths, key = _comparable(xp, lengths, key)
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
        TypeError: adjacency is no array of numbers or booleans.
        ValueError: adjacency is not square, or holds NaN.

    >>> a = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> n = np.arange(3)
    >>> (edges(a) | window(n, n, 0)).astype(int)
    array([[1, 1, 0],
           [1, 1, 1],
           [0, 1, 1]])

    Source: Veličković et al. 2018, "Graph Attention Networks", section 2.1, "masked attention".
    """
    xp = namespace(adjacency=adjacency)
    if not any(kind_of(xp, adjacency.dtype, kind) for kind in ("numeric", "bool")):
        raise TypeError(
            f"adjacency holds {adjacency.dtype}, and needs numbers or booleans, 0 or False where "
            "there is no edge"
        )
    check_axes("adjacency", adjacency, "node node")
    rows, columns = adjacency.shape[-2:]
    if rows != columns:
        raise ValueError(
            f"adjacency has {rows} rows and {columns} columns: it needs a row and a column for "
            "every node; of a list of pairs make a square with a[pairs[:, 0], pairs[:, 1]] = 1"
        )
    _check_no_nan(xp, adjacency)
    return adjacency != 0


def _check_no_nan(xp: ModuleType, adjacency: Array) -> None:
    floats = any(kind_of(xp, adjacency.dtype, f"{kind} floating") for kind in ("real", "complex"))
    try:
        bad = floats and bool(xp.any(xp.isnan(adjacency)))
    except RuntimeError:  # in torch.vmap no value can be seen
        return
    if bad:
        raise ValueError(
            "adjacency holds NaN, which says neither edge nor none: write 0 where there is no edge"
        )


def _check_lengths(lengths: Array, key: Array) -> None:
    xp = namespace(lengths=lengths, key=key)
    try:
        _check_no_numbers_of_a_mask(lengths, key)
        ends = [float(x) for x in (xp.min(lengths), xp.max(lengths), xp.max(key))]
    except RuntimeError:  # in torch.vmap no value can be seen
        return
    shortest, longest, last = ends
    if not shortest >= 0:
        raise ValueError(f"lengths holds {shortest:g}, and a sequence has at least 0 tokens")
    if longest > last + 1:
        raise ValueError(
            f"lengths holds {longest:g}, and the keys end at position {last:g}: a sequence has at "
            f"most {last + 1:g} tokens here, so give the positions of more keys, "
            "or cut lengths where the sequences were cut"
        )


def _check_no_numbers_of_a_mask(lengths: Array, key: Array) -> None:
    """Where lengths has a number of 0 or 1 for each key of a row, it is a mask and no lengths."""
    many = lengths.ndim > 1 and lengths.shape[-1] == key.shape[-1] > 1
    if many and bool(((lengths == 0) | (lengths == 1)).all()):
        raise ValueError(
            f"lengths has shape {tuple(lengths.shape)} and holds only 0 and 1, as a mask (batch, "
            f"key) of {key.shape[-1]} keys does, and needs how many tokens each sequence has: of a "
            "mask make lengths.sum(-1), or take (lengths == 1)[:, None] as the mask"
        )


def _check_no_mask(xp: ModuleType, lengths: Array) -> None:
    if kind_of(xp, lengths.dtype, "bool"):
        raise TypeError(
            "lengths holds booleans, and needs how many tokens each sequence has: of a mask "
            "(batch, key), True = a real token, make lengths.sum(-1), or take the mask as it is, "
            "lengths[:, None]"
        )


def _pairs(query: Array, key: Array) -> tuple[ModuleType, Array, Array]:
    """Positions of shapes (..., query, 1) and (..., 1, key), to be compared pair by pair."""
    xp = real_numbers(query=query, key=key)
    check_axes("query", query, "query")
    check_axes("key", key, "key")
    if query.dtype == key.dtype == xp.uint64:
        query, key = (_from_the_middle(xp, positions) for positions in (query, key))
    query, key = _comparable(xp, query, key)
    return xp, query[..., :, None], key[..., None, :]


def _comparable(xp: ModuleType, *positions: Array) -> tuple[Array, ...]:
    """Whole positions in int64, where no sum of two of a narrower type wraps round.

    Beside fractions they are compared in float64: float32 holds no odd number above 2^24, and
    bfloat16 none above 2^8.
    """
    whole = [kind_of(xp, p.dtype, "integral") for p in positions]
    if not all(whole) and any(whole):
        return tuple(xp.astype(p, xp.float64) for p in positions)
    return tuple(_in_int64(xp, p) for p in positions) if all(whole) else positions


def _from_the_middle(xp: ModuleType, positions: Array) -> Array:
    """Numbers from 0 to 2^64 - 1, counted from 2^63 as int64: all distances stay."""
    return xp.astype(positions, xp.int64) ^ xp.iinfo(xp.int64).min


def _in_int64(xp: ModuleType, positions: Array) -> Array:
    signed = xp.astype(positions, xp.int64, copy=False)
    if positions.dtype == xp.uint64 and xp.any(signed < 0):
        raise ValueError(
            f"positions or lengths of {positions.dtype} hold a number of 2^63 or more: count from "
            "a nearer beginning"
        )
    return signed


def _whole_window(xp: ModuleType, query: Array, key: Array, reach: int | float) -> Array:
    """Sums that end at the ends of int64 in place of wrapping round.

    A reach from one end to the other is 2^64 - 1, so it goes in three steps that int64 holds.
    """
    ends = xp.iinfo(xp.int64)
    reach = getattr(reach, "item", lambda: reach)()  # of a tensor
    reach = 2**64 if reach >= 2**64 else int(reach)
    top = bottom = query
    for step in (reach // 3, (reach + 1) // 3, (reach + 2) // 3):
        top = xp.where(top > ends.max - step, ends.max - step, top) + step
        bottom = xp.where(bottom < ends.min + step, ends.min + step, bottom) - step
    return (bottom <= key) & (key <= top)
