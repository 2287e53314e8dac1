"""Attention a block of keys at a time: online softmax, which never holds the whole row of weights.

Softmax needs the highest score of a row and the total of its exponentials, so it seems to need all
scores at once. But both can be kept up to date: when a higher score comes, what was summed up to
then is scaled down. That is how fused kernels compute attention.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from types import ModuleType

from array_api_compat import device

from attnlab.core.arrays import Array, Float, Mask, check_axes, floating
from attnlab.core.attention import check_values, scores_of
from attnlab.core.precision import narrowed, widened
from attnlab.core.scalars import at_least
from attnlab.core.scores import scaled_dot
from attnlab.core.sequence_checks import check_pairs
from attnlab.core.softmax import check_mask

Question = Callable[[Array, Array], Array]  # positions of queries and keys -> may they attend?
Step = tuple[Array, Array, Array]


def blockwise_steps(
    query: Float[Array, "... query d_q"],
    key: Float[Array, "... key d_k"],
    value: Float[Array, "... key d_v"],
    mask: Mask[Array, "query key"] | Question | None = None,
    *,
    block: int,
    score: Callable[[Array, Array], Array] = scaled_dot,
) -> Iterator[Step]:
    """What is known of attention after each block of keys: maximum, total and output so far.

    With the scores s and values v of a new block, and what was known before it,

        maximum' = max(maximum, max s)
        total'   = total e^(maximum - maximum') + sum e^(s - maximum')
        output'  = (output total e^(maximum - maximum') + sum e^(s - maximum') v) / total'

    The factor e^(maximum - maximum') brings what was summed under the old maximum to the new one.
    The output is always attention to the keys seen so far.

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k)
        value: (..., key, d_v), one value for each key.
        mask: boolean, True = may attend, broadcasts to (..., query, key). Or a question about
            positions, such as `causal`, which is asked block by block, so that the mask is never
            held either.
        block: how many keys come together, at least 1; the last block may be smaller.
        score: (query, key) -> scores (..., query, key), as in `attention`.

    Yields:
        maximum (..., query): the highest score so far; -inf where nothing was allowed.
        total (..., query): the sum of e^(score - maximum) so far.
        output (..., query, d_v): the weighted sum, already divided by the total.
        Of numbers of 16 bits, maximum and total are in float32.

    Raises:
        TypeError, ValueError: as `attention`; TypeError or ValueError if block is no whole number
            of at least 1.

    >>> query, key, value = np.ones((1, 1)), np.log([[1.0], [3.0]]), np.array([[4.0], [8.0]])
    >>> for maximum, total, output in blockwise_steps(query, key, value, block=1):
    ...     print(np.exp(maximum).round(2), total.round(2), output.round(2))
    [1.] [1.] [[4.]]
    [3.] [1.33] [[7.]]

    Source: Milakov and Gimelshein 2018, "Online Normalizer Calculation for Softmax", algorithm 3;
    Rabe and Staats 2021, "Self-attention Does Not Need O(n^2) Memory", section 3.
    """
    xp = floating(query=query, key=key, value=value)
    check_axes("key", key, "key d_k")
    check_axes("value", value, "key d_v")
    check_pairs(key, value)
    block = at_least("block", block, 1, "a block holds one key or more")
    steps = _steps(xp, widened(xp, query, key, value), mask, block, score)
    return ((highest, total, narrowed(xp, x, query, key, value)) for highest, total, x in steps)


def blockwise_attention(
    query: Float[Array, "... query d_q"],
    key: Float[Array, "... key d_k"],
    value: Float[Array, "... key d_v"],
    mask: Mask[Array, "query key"] | Question | None = None,
    *,
    block: int = 128,
    score: Callable[[Array, Array], Array] = scaled_dot,
) -> Float[Array, "... query d_v"]:
    """`attention`, computed a block of keys at a time: the last of `blockwise_steps`.

    Arguments, shapes and errors as there. There are never more than query times block scores, so
    memory grows with the number of words and not with its square; the arithmetic is the same, and
    a little more. Where PyTorch is to go back for the gradient, it keeps the scores of all blocks
    after all; a fused kernel computes them again.

    >>> blockwise_attention(np.eye(2), np.eye(2), np.array([[1.0], [3.0]]), block=1).round(2)
    array([[1.66],
           [2.34]])

    Source: Dao et al. 2022, "FlashAttention", algorithm 1, with all queries in one block.
    """
    steps = blockwise_steps(query, key, value, mask, block=block, score=score)
    _, _, output = deque(steps, maxlen=1).pop()
    return output


def _steps(
    xp: ModuleType,
    arrays: tuple[Array, ...],
    mask: Array | Question | None,
    block: int,
    score: Callable[[Array, Array], Array],
) -> Iterator[Step]:
    query, key, value = arrays
    known, keys = _nothing(xp, value), key.shape[-2]
    for first in range(0, keys, block):
        own = slice(first, min(first + block, keys))
        scores = scores_of(score, query, key[..., own, :])
        if mask is not None:
            scores = xp.where(_allowed(xp, mask, scores, own, keys), scores, -math.inf)
        known = _updated(xp, known, scores, value[..., own, :])
        yield known


def _allowed(xp: ModuleType, mask: Array | Question, scores: Array, own: slice, keys: int) -> Array:
    """Which queries may attend to these keys, of all so many."""
    if callable(mask):
        at = device(scores)
        queries = xp.arange(scores.shape[-2], device=at)
        asked = mask(queries, xp.arange(own.start, own.stop, device=at))
        check_mask(asked, scores, tuple(scores.shape))
        return asked
    check_mask(mask, scores, (*scores.shape[:-1], keys))
    return mask[..., own] if mask.ndim and mask.shape[-1] == keys else mask


def _nothing(xp: ModuleType, value: Array) -> Step:
    """What is known before the first key, for any number of queries."""
    kind = {"dtype": value.dtype, "device": device(value)}
    return xp.full((), -math.inf, **kind), xp.zeros((), **kind), xp.zeros((1,), **kind)


def _updated(xp: ModuleType, known: Step, scores: Array, value: Array) -> Step:
    """What is known with one more block of scores (..., query, block) and their values."""
    maximum, total, output = known
    check_values(xp, scores, value)
    highest = xp.maximum(maximum, xp.max(scores, axis=-1))
    shift = xp.where(highest == -math.inf, 0.0, highest)  # nothing allowed yet: -inf stays as it is
    exponentials = xp.exp(scores - shift[..., None])
    kept = total * xp.exp(maximum - shift)
    total = kept + xp.sum(exponentials, axis=-1)
    divisor = xp.where(total == 0.0, 1.0, total)[..., None]
    return highest, total, (output * kept[..., None] + exponentials @ value) / divisor
