"""Heads: one wide sequence of vectors seen as several narrow ones, side by side."""

from __future__ import annotations

from types import ModuleType

from attnlab.core.arrays import Array, Real, check_axes, namespace
from attnlab.core.scalars import whole_number


def split_heads(
    x: Real[Array, "... position d_model"], heads: int
) -> Real[Array, "... heads position d_k"]:
    """Cut every vector into `heads` equal pieces, and make the heads a batch axis.

        d_k = d_model / heads; head h gets the features from h d_k up to, without, (h + 1) d_k

    Args:
        x: one row a word, (..., position, d_model).
        heads: how many pieces, a divisor of d_model.

    Raises:
        TypeError: heads is no whole number, or x no array.
        ValueError: heads does not divide d_model.

    >>> split_heads(np.array([[1, 2, 3, 4], [5, 6, 7, 8]]), 2)
    array([[[1, 2],
            [5, 6]],
    <BLANKLINE>
           [[3, 4],
            [7, 8]]])

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
    """
    xp = namespace(x=x)
    check_axes("x", x, "position d_model")
    d_model = x.shape[-1]
    heads = whole_number("heads", heads)
    check_heads(heads, d_model)
    pieces = xp.reshape(x, (*x.shape[:-1], heads, d_model // heads))
    return _swapped(xp, pieces)


def join_heads(
    x: Real[Array, "... heads position d_k"],
) -> Real[Array, "... position d_model"]:
    """Put the pieces of every vector end to end again: `split_heads` undone.

    Args:
        x: (..., heads, position, d_k).

    Raises:
        TypeError: x is no array.
        ValueError: x has no axis of heads.

    >>> join_heads(np.array([[[1, 2], [5, 6]], [[3, 4], [7, 8]]]))
    array([[1, 2, 3, 4],
           [5, 6, 7, 8]])

    Source: Vaswani et al. 2017, section 3.2.2, "Concat".
    """
    xp = namespace(x=x)
    if x.ndim < 3:
        raise ValueError(
            f"x has shape {tuple(x.shape)}, and needs at least 3 axes (..., heads, position, d_k), "
            "as split_heads(x, heads) makes them"
        )
    heads, position, d_k = x.shape[-3:]
    return xp.reshape(_swapped(xp, x), (*x.shape[:-3], position, heads * d_k))


def _swapped(xp: ModuleType, x: Array) -> Array:
    """With heads and positions in each other's place; torch.vmap knows no moveaxis."""
    *front, heads, position, feature = range(x.ndim)
    return xp.permute_dims(x, (*front, position, heads, feature))


def check_heads(heads: int, d_model: int) -> None:
    """Raises ValueError unless d_model features can be shared equally by so many heads."""
    if heads < 1 or d_model % heads:
        fitting = ", ".join(str(h) for h in range(1, d_model + 1) if d_model % h == 0)
        raise ValueError(
            f"heads is {heads} and d_model {d_model}: each head takes an equal share of the "
            f"features, so heads must be one of {fitting}, or d_model a multiple of heads"
        )
