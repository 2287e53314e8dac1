"""Positions: three ways to tell attention, which sees a set of words, where each one stands.

As the masks do, they take position vectors: ``rotary(x, np.arange(5, 6))`` is for the sixth word.
Angles are computed in float64 and rounded once, so that late positions stay exact.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from array_api_compat import device, to_device

from attnlab.core.arrays import (
    Array,
    Float,
    Real,
    check_axes,
    fits,
    floating,
    kind_of,
    namespace,
    real_numbers,
)
from attnlab.core.precision import narrowed, widened
from attnlab.core.scalars import whole_number


def sinusoids(positions: Real[Array, "..."], d_model: int) -> Float[Array, "... d_model"]:
    """A vector for every position, made of waves from short to long.

        feature 2i     = sin(position / 10000^(2i / d_model))
        feature 2i + 1 = cos(position / 10000^(2i / d_model))

    Args:
        positions: (..., n), for example np.arange(n); they need not be whole.
        d_model: how many features; if odd, the last wave lacks its cosine.

    Returns:
        (..., n, d_model), in the type of the positions if they are floats, else in the default
        float of the library.

    Raises:
        TypeError: positions are no real numbers, or d_model no whole number.
        ValueError: d_model is less than 1.

    >>> sinusoids(np.arange(3), 4).round(2)
    array([[ 0.  ,  1.  ,  0.  ,  1.  ],
           [ 0.84,  0.54,  0.01,  1.  ],
           [ 0.91, -0.42,  0.02,  1.  ]])

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.5.
    """
    xp = real_numbers(positions=positions)
    _check_count("d_model", d_model)
    angles = _angles(xp, positions, d_model)
    pairs = xp.stack([xp.sin(angles), xp.cos(angles)], axis=-1)
    waves = xp.reshape(pairs, (*angles.shape[:-1], 2 * angles.shape[-1]))
    return xp.astype(waves[..., :d_model], _fraction_type(xp, positions))


def rotary(
    x: Float[Array, "... position feature"], positions: Real[Array, "..."]
) -> Float[Array, "... position feature"]:
    """Turn each pair of features by an angle that grows with the position.

        angle = position / 10000^(2i / d)
        feature 2i     = x_2i cos(angle) - x_2i+1 sin(angle)
        feature 2i + 1 = x_2i sin(angle) + x_2i+1 cos(angle)

    Apply it to queries and keys: their dot products then depend on the distance only.

    Args:
        x: (..., n, d) with an even d, for example the queries of every head.
        positions: (n,), or anything that broadcasts to (..., n). They may lie on another device.

    Raises:
        TypeError: no real numbers, or NumPy mixed with torch.
        ValueError: d is odd, or positions do not fit.

    >>> rotary(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0.0, np.pi / 2])).round(2)
    array([[1., 0.],
           [0., 1.]])

    Source: Su et al. 2021, "RoFormer", eq. 34.
    """
    floating(x=x)
    xp = namespace(x=x, positions=positions)
    real_numbers(positions=positions)
    check_axes("x", x, "position d")
    _check_pairs(x)
    _check_positions(x, positions)
    angles = _angles(xp, positions, x.shape[-1])
    (wide,) = widened(xp, x)
    cosine, sine = (
        to_device(xp.astype(wave, wide.dtype), device(x))
        for wave in (xp.cos(angles), xp.sin(angles))
    )
    even, odd = wide[..., 0::2], wide[..., 1::2]
    turned = xp.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=-1)
    return narrowed(xp, xp.reshape(turned, x.shape), x)


def distance_bias(
    query: Real[Array, "... query"], key: Real[Array, "... key"], heads: int
) -> Float[Array, "... heads query key"]:
    """What to add to the scores so that far keys count less: ALiBi, one slope a head.

        bias = -slope_h |query - key|, slope_h = 2^(-8 (h + 1) / heads), h = 0 .. heads - 1

    Args:
        query: positions of the queries, (..., query), for example np.arange(n).
        key: positions of the keys, (..., key).
        heads: how many heads, at least 1; the first looks nearest, the last farthest.

    Returns:
        (..., heads, query, key), in the type of the positions if they are floats, else in the
        default float of the library.

    Raises:
        TypeError: positions are no real numbers, NumPy mixed with torch, or heads no whole number.
        ValueError: heads is less than 1.

    >>> distance_bias(np.arange(3), np.arange(3), 8)[0]
    array([[ 0. , -0.5, -1. ],
           [-0.5,  0. , -0.5],
           [-1. , -0.5,  0. ]])

    Source: Press et al. 2022, "Train Short, Test Long", section 3.
    """
    xp = real_numbers(query=query, key=key)
    check_axes("query", query, "query")
    check_axes("key", key, "key")
    _check_count("heads", heads)
    dtype = _fraction_type(xp, query, key)
    query, key = (xp.astype(positions, xp.float64) for positions in (query, key))
    query, key = query[..., None, :, None], key[..., None, None, :]
    nearness = xp.minimum(query - key, key - query)  # -|query - key|, and 0 instead of -0
    head = xp.arange(1, heads + 1, dtype=xp.float64, device=device(query))
    slopes = 2.0 ** (-8.0 * head / heads)
    return xp.astype(slopes[:, None, None] * nearness, dtype)


def _angles(xp: ModuleType, positions: Array, features: int) -> Array:
    """(..., n) -> (..., n, pairs): the angle of each position in each pair, in float64."""
    pair = xp.arange((features + 1) // 2, dtype=xp.float64, device=device(positions))
    return xp.astype(positions, xp.float64)[..., None] / 10000.0 ** (2.0 * pair / features)


def _fraction_type(xp: ModuleType, *positions: Array) -> Any:
    """The floating type that the positions have, or the library's default if all are integers."""
    floats = [p.dtype for p in positions if kind_of(xp, p.dtype, "real floating")]
    return xp.result_type(*floats) if floats else xp.asarray(0.0).dtype


def _check_count(name: str, count: int) -> None:
    if whole_number(name, count, "at least 1") < 1:
        raise ValueError(f"{name} is {count}, and must be at least 1")


def _check_pairs(x: Array) -> None:
    if x.shape[-1] % 2:
        raise ValueError(
            f"x has vectors of length {x.shape[-1]}, an odd number, and features are turned in "
            f"pairs: take an even length, such as {x.shape[-1] + 1}"
        )


def _check_positions(x: Array, positions: Array) -> None:
    if not fits(positions.shape, x.shape[:-1]):
        raise ValueError(
            f"positions has shape {tuple(positions.shape)}, and x {tuple(x.shape)}: each vector "
            f"needs one position, so take shape {tuple(x.shape[-2:-1])}, or one that broadcasts to "
            f"{tuple(x.shape[:-1])}; for a batch with heads that is positions[:, None]"
        )
