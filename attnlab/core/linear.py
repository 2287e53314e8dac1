"""Linear attention: without the exponential of each pair, what was read fits into one matrix.

Softmax attention weighs a pair of words by exp(q . k), which has to be computed for each pair.
Linear attention weighs it by phi(q) . phi(k) instead. A dot product may be summed over the words
before the query comes: the sum of all phi(k) v^T is one matrix of d_k times d_v numbers, the
**state**, however long the sequence is. Updated word by word, it is a recurrent network.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType

from array_api_compat import device

from attnlab.core.arrays import Array, Float, check_axes, floating, namespace
from attnlab.core.precision import check_same_type, narrowed, widened
from attnlab.core.scalars import at_least, number
from attnlab.core.sequence_checks import (
    check_causal,
    check_pairs,
    check_same_words,
    check_sequences,
)

CHUNK = 128  # of linear_attention: fewer words take more steps, more of them more weights


def elu_plus_one(x: Float[Array, "..."]) -> Float[Array, "..."]:
    """The feature map 1 + x above 0 and exp(x) below: positive, and without a corner at 0.

    Args:
        x: real numbers, any shape.

    Raises:
        TypeError: x holds no real numbers.

    >>> elu_plus_one(np.array([-1.0, 0.0, 2.0])).round(2)
    array([0.37, 1.  , 3.  ])

    Source: Katharopoulos et al. 2020, "Transformers are RNNs", eq. 7, elu(x) + 1.
    """
    xp = floating(x=x)
    (wide,) = widened(xp, x)
    below = xp.exp(xp.where(wide > 0.0, 0.0, wide))  # not of large numbers, which would overflow
    return narrowed(xp, xp.where(wide > 0.0, wide + 1.0, below), x)


def linear_attention(
    query: Float[Array, "... query d_k"],
    key: Float[Array, "... key d_k"],
    value: Float[Array, "... key d_v"],
    causal: bool = False,
    *,
    feature_map: Callable[[Array], Array] = elu_plus_one,
) -> Float[Array, "... query d_v"]:
    """Attention whose weights are phi(q) . phi(k), shared out so that each row sums to 1.

        S = sum_j phi(k_j) v_j^T        z = sum_j phi(k_j)
        output_i = phi(q_i) S / (phi(q_i) . z)

    The sums go over all words, or, where `causal`, over those up to word i. Time and memory grow
    with the number of words, and no matrix of query times key is made.

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k)
        value: (..., key, d_v), one value for each key.
        causal: whether a query reads only the words up to its own.
        feature_map: phi, from (..., d_k) to as many vectors of any dimension, never below 0.
            Vectors of 16 bits come to it in float32, where the rest is reckoned too.

    Raises:
        TypeError: not real numbers, NumPy mixed with torch, or a feature map that is no function.
        ValueError: sizes that do not fit; causal with another number of queries than of keys;
            a feature map that gives negative numbers or another number of vectors; a query whose
            weights are all 0.

    >>> query, value = np.zeros((2, 1)), np.array([[1.0], [3.0]])  # phi(0) = 1: equal weights
    >>> linear_attention(query, query, value)
    array([[2.],
           [2.]])
    >>> linear_attention(query, query, value, causal=True)
    array([[1.],
           [2.]])

    Source: Katharopoulos et al. 2020, "Transformers are RNNs", eq. 5; eq. 9-12 where causal.
    """
    check_causal(causal)
    if causal:
        return linear_attention_chunked(query, key, value, CHUNK, feature_map=feature_map)
    xp = check_sequences(query, key, value)
    queries, keys, values = _features(feature_map, *widened(xp, query, key, value))
    state = xp.matrix_transpose(keys) @ values  # (..., d_k, d_v)
    total = xp.sum(keys, axis=-2)[..., None]  # (..., d_k, 1)
    return narrowed(xp, _shared(queries @ state, queries @ total), query, key, value)


def linear_attention_recurrent(
    query: Float[Array, "... position d_k"],
    key: Float[Array, "... position d_k"],
    value: Float[Array, "... position d_v"],
    *,
    feature_map: Callable[[Array], Array] = elu_plus_one,
    decay: int | float = 1.0,
) -> Float[Array, "... position d_v"]:
    """Causal linear attention as a recurrent network: word by word, with a state and a total.

        S_i = decay S_{i-1} + phi(k_i) v_i^T        z_i = decay z_{i-1} + phi(k_i)
        output_i = phi(q_i) S_i / (phi(q_i) . z_i)

    With decay 1 these are the numbers of ``linear_attention(..., causal=True)``. The state has
    d_k times d_v numbers however many words it has read, as the hidden state of a recurrent
    network, and is all that need be kept to read on.

    Args:
        query, key: (..., position, d_k)
        value: (..., position, d_v)
        feature_map: as in `linear_attention`.
        decay: above 0, at most 1: what is left, one word later, of what was read.

    Raises:
        TypeError, ValueError: as `linear_attention`; ValueError if decay is outside its range.

    >>> query, value = np.zeros((3, 1)), np.array([[1.0], [3.0], [5.0]])
    >>> linear_attention_recurrent(query, query, value)
    array([[1.],
           [2.],
           [3.]])
    >>> linear_attention_recurrent(query, query, value, decay=0.5).round(2)  # the last word leads
    array([[1.  ],
           [2.33],
           [3.86]])

    Source: Katharopoulos et al. 2020, "Transformers are RNNs", eq. 16-20; the decay: Sun et al.
    2023, "Retentive Network", eq. 6.
    """
    xp = check_sequences(query, key, value)
    check_same_words(query, key, _CAUSAL)
    decay = _decay(decay)
    queries, keys, values = _features(feature_map, *widened(xp, query, key, value))
    state, total, outputs = 0.0, 0.0, []
    for i in range(key.shape[-2]):
        q, k, v = (x[..., i : i + 1, :] for x in (queries, keys, values))  # rows: (..., 1, d)
        state = decay * state + xp.matrix_transpose(k) @ v
        total = decay * total + xp.matrix_transpose(k)
        outputs.append(_shared(q @ state, q @ total))
    return narrowed(xp, xp.concat(outputs, axis=-2), query, key, value)


def linear_attention_chunked(
    query: Float[Array, "... position d_k"],
    key: Float[Array, "... position d_k"],
    value: Float[Array, "... position d_v"],
    chunk: int,
    *,
    feature_map: Callable[[Array], Array] = elu_plus_one,
    decay: int | float = 1.0,
) -> Float[Array, "... position d_v"]:
    """The numbers of `linear_attention_recurrent`, a chunk of words at a time.

    Within a chunk all words read each other at once, by weights of query times key, with those of
    later words 0; what the chunks before have left comes out of the state. So n words take
    n / chunk steps instead of n, and each step is a product of matrices.

        output_i ~ decay^(i+1) phi(q_i) S + sum_{j <= i} decay^(i-j) (phi(q_i) . phi(k_j)) v_j

    Here i and j count from 0 within the chunk, and S is the state at its beginning. All powers of
    decay are at most 1, so nothing overflows however long the sequence is. As in `attention`,
    NaN or infinity at a later word spoils the words before it that share its chunk.

    Args:
        query, key: (..., position, d_k)
        value: (..., position, d_v)
        chunk: how many words go together, at least 1; the last chunk may be shorter.
        feature_map, decay: as in `linear_attention_recurrent`.

    Raises:
        TypeError, ValueError: as `linear_attention_recurrent`; TypeError or ValueError if chunk
            is no whole number of at least 1.

    >>> query, value = np.zeros((3, 1)), np.array([[1.0], [3.0], [5.0]])
    >>> linear_attention_chunked(query, query, value, 2)
    array([[1.],
           [2.],
           [3.]])

    Source: Yang et al. 2024, "Gated Linear Attention Transformers", eq. 2; with the decay Sun et
    al. 2023, "Retentive Network", eq. 7.
    """
    xp = check_sequences(query, key, value)
    check_same_words(query, key, _CAUSAL)
    chunk = at_least("chunk", chunk, 1, "a chunk holds one word or more")
    decay = _decay(decay)
    queries, keys, values = _features(feature_map, *widened(xp, query, key, value))
    values = xp.concat([values, xp.ones_like(values[..., :1])], axis=-1)  # of ones: the total
    powers, left = _fading(xp, decay, keys[..., :chunk, :])
    state = xp.matrix_transpose(keys[..., :0, :]) @ values[..., :0, :]  # of no word: zeros
    sums = []
    for first in range(0, key.shape[-2], chunk):
        q, k, v = (x[..., first : first + chunk, :] for x in (queries, keys, values))
        n = k.shape[-2]  # the last chunk may be shorter
        weights = q @ xp.matrix_transpose(k) * powers[:n, :n]
        sums.append(weights @ v + left[:n] * (q @ state))
        state = left[n - 1] * state + xp.matrix_transpose(k * powers[n - 1, :n, None]) @ v
    sums = xp.concat(sums, axis=-2)
    return narrowed(xp, _shared(sums[..., :-1], sums[..., -1:]), query, key, value)


def associative_states(
    key: Float[Array, "... position d_k"],
    value: Float[Array, "... position d_v"],
    *,
    decay: int | float = 1.0,
    rate: int | float | None = None,
) -> Float[Array, "... position d_k d_v"]:
    """A memory of pairs in one matrix, after each word: asked with k, it answers k S.

        S_i = decay S_{i-1} + k_i v_i^T

    is what linear attention keeps, here without a feature map and without the total. It only
    ever adds: a key that comes again with another value gets both. With a rate, the **delta rule**
    first asks what the memory would answer, and writes the difference:

        S_i = S + rate k_i (v_i - k_i S)^T  with  S = decay S_{i-1}

    At rate 1, and a key of length 1, the new value takes the place of the old one.

    Args:
        key: (..., position, d_k)
        value: (..., position, d_v)
        decay: above 0, at most 1: what is left, one word later, of what was written.
        rate: how much of the difference is written, at least 0; None for the plain sum.

    Raises:
        TypeError: not real numbers, or NumPy mixed with torch.
        ValueError: sizes that do not fit, or decay or rate outside their range.

    >>> key, value = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[2.0], [5.0]])
    >>> associative_states(key, value)[-1]  # the same key twice: the sum of its values
    array([[7.],
           [0.]])
    >>> associative_states(key, value, rate=1)[-1]  # the new one in place of the old
    array([[5.],
           [0.]])

    Source: Schlag et al. 2021, "Linear Transformers Are Secretly Fast Weight Programmers", sections
    3.1 and 4.2; Yang et al. 2024, "Gated Delta Networks", eq. 10, for the delta rule with decay.
    """
    xp = floating(key=key, value=value)
    check_axes("key", key, "key d_k")
    check_axes("value", value, "key d_v")
    check_same_type(xp, key=key, value=value)
    check_pairs(key, value)
    decay, rate = _decay(decay), rate if rate is None else _rate(rate)
    keys, values = widened(xp, key, value)
    state = xp.matrix_transpose(keys[..., :0, :]) @ values[..., :0, :]  # of no word: zeros
    states = []
    for i in range(key.shape[-2]):
        k, v = keys[..., i : i + 1, :], values[..., i : i + 1, :]  # rows: (..., 1, d)
        state = decay * state
        new = v if rate is None else rate * (v - k @ state)
        state = state + xp.matrix_transpose(k) @ new
        states.append(state)
    return narrowed(xp, xp.stack(states, axis=-3), key, value)


_CAUSAL = "each query reads the words up to its own"


def _features(
    feature_map: Callable[[Array], Array], query: Array, key: Array, value: Array
) -> tuple[Array, Array, Array]:
    """The features of queries and keys, and the values as they are."""
    if not callable(feature_map):
        raise TypeError(
            f"feature_map is {feature_map!r}, and must be a function of vectors, such as "
            "elu_plus_one"
        )
    queries, keys = _mapped(feature_map, "query", query), _mapped(feature_map, "key", key)
    if queries.shape[-1] != keys.shape[-1]:
        raise ValueError(
            f"feature_map gives query {queries.shape[-1]} features and key {keys.shape[-1]}: a "
            "dot product needs equal lengths, so give query and key the same dimension"
        )
    return queries, keys, value


def _mapped(feature_map: Callable[[Array], Array], name: str, x: Array) -> Array:
    features = feature_map(x)
    named = {name: x, f"feature_map({name})": features}
    xp = floating(**named)
    check_same_type(xp, **named)
    if features.ndim < 2 or features.shape[:-1] != x.shape[:-1]:
        raise ValueError(
            f"feature_map makes of {name} of shape {tuple(x.shape)} an array of shape "
            f"{tuple(features.shape)}: it must give one vector for each, of any dimension"
        )
    if _some(xp, features < 0.0):
        raise ValueError(
            f"feature_map gives a number below 0 for {name}: features must be positive, since "
            "weights that cancel cannot be shared out; take elu_plus_one or exp"
        )
    return features


def _shared(sums: Array, totals: Array) -> Array:
    """The weighted sums over the totals of their weights."""
    if _some(namespace(totals=totals), totals <= 0.0):
        raise ValueError(
            "the weights of a query have the total 0, which cannot be shared out: feature_map "
            "must leave each query and some key a feature above 0 in common, as elu_plus_one does"
        )
    return sums / totals


def _fading(xp: ModuleType, decay: int | float | Array, chunk: Array) -> tuple[Array, Array]:
    """What is left at word i of a chunk: of its word j, (i, j), 0 for later ones; and of the state
    before the chunk, (i, 1)."""
    place = xp.arange(chunk.shape[-2], dtype=chunk.dtype, device=device(chunk))
    since = place[:, None] - place
    powers = decay ** xp.abs(since)  # at most 1, those of later words too, which are left out now
    return xp.where(since < 0.0, 0.0, powers), decay ** (place[:, None] + 1.0)


def _decay(value: int | float) -> int | float:
    value = number("decay", value)
    if not 0.0 < value <= 1.0:
        raise ValueError(
            f"decay is {value}, and must be above 0 and at most 1: it is what is left of the "
            "state at the next word, and 1 forgets nothing"
        )
    return value


def _rate(value: int | float) -> int | float:
    value = number("rate", value)
    if not 0.0 <= value < math.inf:
        raise ValueError(
            f"rate is {value}, and must be at least 0 and finite: 1 writes the whole difference"
        )
    return value


def _some(xp: ModuleType, condition: Array) -> bool:
    """Whether it holds anywhere, as far as can be seen: in torch.vmap no value can."""
    try:
        return bool(xp.any(condition))
    except RuntimeError:
        return False
