"""Attention to a part of the words, computed for that part alone: a window, or every s-th word.

A mask says who may attend to whom, but with a mask all scores are made, and most thrown away.
Here those that no query may use are never made.
"""

from __future__ import annotations

from collections.abc import Callable

from array_api_compat import device

from attnlab.core.arrays import Array, Float
from attnlab.core.attention import attention
from attnlab.core.masks import causal as up_to_itself
from attnlab.core.masks import window
from attnlab.core.scalars import at_least
from attnlab.core.sequence_checks import (
    check_attend,
    check_causal,
    check_same_words,
    check_sequences,
)


def window_attention(
    query: Float[Array, "... position d_k"],
    key: Float[Array, "... position d_k"],
    value: Float[Array, "... position d_v"],
    reach: int,
    *,
    causal: bool = False,
    attend: Callable[..., Array] = attention,
) -> Float[Array, "... position d_v"]:
    """Attention of each word to those at most `reach` away, block by block of queries.

    It gives what `attention` gives with the mask ``window(n, n, reach)``, n = np.arange(words),
    and with ``& causal(n, n)`` where `causal`. But a block of queries takes only the keys that
    some of them may see, so time and memory grow with words times reach, not with words squared.

    Args:
        query, key: (..., position, d_k)
        value: (..., position, d_v)
        reach: how far away the furthest key is, on either side, a whole number of at least 0; at
            words - 1 or more it is full attention.
        causal: whether a query reads only the words up to its own.
        attend: (query, key, value, mask) -> output, what happens in a block: `attention`, or
            `attnlab.nn.fused_attention`.

    Raises:
        TypeError: as `attention`, or a reach that is no whole number.
        ValueError: as `attention`; a reach below 0; another number of queries than of keys.

    >>> query, value = np.zeros((4, 1)), np.array([[1.0], [3.0], [5.0], [7.0]])
    >>> window_attention(query, query, value, 1)
    array([[2.],
           [3.],
           [5.],
           [6.]])

    Source: Beltagy et al. 2020, "Longformer", section 3.1, "sliding window".
    """
    xp = check_sequences(query, key, value)
    check_same_words(query, key, "a window is counted in positions of one sequence")
    check_causal(causal)
    check_attend(attend)
    reach = at_least("reach", reach, 0, "0 means the own position only")
    words = query.shape[-2]
    place = xp.arange(words, device=device(query))
    block, ahead = max(BLOCK, reach), 0 if causal else reach
    outputs = []
    for first in range(0, words, block):
        own = slice(first, min(first + block, words))
        seen = slice(max(own.start - reach, 0), min(own.stop + ahead, words))
        mask = window(place[own], place[seen], reach)
        if causal:
            mask = mask & up_to_itself(place[own], place[seen])
        parts = query[..., own, :], key[..., seen, :], value[..., seen, :]
        outputs.append(attend(*parts, mask))
    return xp.concat(outputs, axis=-2)


def strided_attention(
    query: Float[Array, "... position d_k"],
    key: Float[Array, "... position d_k"],
    value: Float[Array, "... position d_v"],
    stride: int,
    *,
    causal: bool = False,
    attend: Callable[..., Array] = attention,
) -> Float[Array, "... position d_v"]:
    """Attention of each word to every stride-th one, counted from itself: far, with few keys.

    It gives what `attention` gives with the mask ``strided(n, n, stride)``, n = np.arange(words),
    and with ``& causal(n, n)`` where `causal`. The words of one remainder by stride see each
    other and nobody else, so they are taken out as a sequence of their own: words^2 / stride
    scores in all.

    Args:
        query, key: (..., position, d_k)
        value: (..., position, d_v)
        stride: from one key to the next, a whole number of at least 1; at 1 it is full attention.
        causal: whether a query reads only the words up to its own.
        attend: (query, key, value, mask) -> output, what happens in each of these sequences.

    Raises:
        TypeError: as `attention`, or a stride that is no whole number.
        ValueError: as `attention`; a stride below 1; another number of queries than of keys.

    >>> query, value = np.zeros((4, 1)), np.array([[1.0], [3.0], [5.0], [7.0]])
    >>> strided_attention(query, query, value, 2)
    array([[3.],
           [5.],
           [3.],
           [5.]])

    Source: Child et al. 2019, "Generating Long Sequences with Sparse Transformers", section 4.2,
    the second head of "strided".
    """
    xp = check_sequences(query, key, value)
    check_same_words(query, key, "a stride is counted in positions of one sequence")
    check_causal(causal)
    check_attend(attend)
    stride = at_least("stride", stride, 1, "1 means every position")
    place = xp.arange(query.shape[-2], device=device(query))
    outputs = []
    for remainder in range(min(stride, query.shape[-2])):
        own = slice(remainder, None, stride)
        mask = up_to_itself(place[own], place[own]) if causal else None
        outputs.append(attend(*(x[..., own, :] for x in (query, key, value)), mask))
    order = xp.concat([place[first::stride] for first in range(len(outputs))])
    return xp.take(xp.concat(outputs, axis=-2), xp.argsort(order), axis=-2)


BLOCK = 128  # queries at a time, or more where the reach is: fewer take longer than they save
