"""Mean and variance, asked for by the name of the norm that needs them."""

from __future__ import annotations

import math
from types import ModuleType

from attnlab.core.arrays import Array, Float, floating
from attnlab.core.scalars import whole_number

KINDS = ("batch", "layer", "layer of images", "layer of tokens", "instance", "group", "rms")


def statistics(
    x: Float[Array, "..."], kind: str, *, groups: int | None = None
) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
    """Mean and variance of the cells that a norm averages together, with the axes kept.

        kind               images        tokens       averaged together
        "batch"            (1, C, 1, 1)  (1, 1, d)    a feature, over all samples and places
        "layer of images"  (B, 1, 1, 1)  (B, 1, 1)    a whole sample
        "layer of tokens"  (B, 1, H, W)  (B, n, 1)    one place of one sample, over its features
        "layer"            as "layer of images" for images, as "layer of tokens" for tokens
        "instance"         (B, C, 1, 1)  (B, 1, d)    a feature of one sample, over its places
        "group"            (B, G, 1, 1)  (B, 1, G)    neighbouring features of one sample
        "rms"              (B, 1, H, W)  (B, n, 1)    as "layer of tokens", around 0

    The variance is divided by the number of cells, not by one less. For "rms" the mean is 0 and
    the variance the mean of the squares.

    Args:
        x: images (B, C, H, W) or tokens (B, n, d).
        kind: one of the table.
        groups: into how many groups the features are cut, for "group" alone.

    Returns:
        mean, variance: in the type of x, but in float32 for float16, whose squares overflow.

    Raises:
        TypeError: x holds no real numbers, or groups is no whole number.
        ValueError: neither three nor four axes, an unknown kind, groups that do not fit, or
            nothing to average.

    >>> mean, variance = statistics(np.array([[[1.0, 3.0], [4.0, 8.0]]]), "layer")
    >>> mean[..., 0], variance[..., 0]
    (array([[2., 6.]]), array([[1., 4.]]))

    Source: the five papers named at the norms below.
    """
    xp = floating(x=x)
    feature, places = layout(x)
    check_kind(kind, KINDS)
    count = _checked_groups(kind, groups, x.shape[feature])
    axes = {
        "batch": (0, *places),
        "layer": (1, 2, 3) if x.ndim == 4 else (2,),
        "layer of images": tuple(range(1, x.ndim)),
        "layer of tokens": (feature,),
        "instance": places,
        "group": tuple(range(1, x.ndim)),
        "rms": (feature,),
    }[kind]
    _check_something(x, axes)
    x = xp.astype(x, xp.result_type(x.dtype, xp.float32), copy=False)
    if kind == "group":
        return _group_statistics(xp, x, feature, places, count)
    return _moments(xp, x, axes, around_zero=kind == "rms")


def layout(x: Array) -> tuple[int, tuple[int, ...]]:
    """The axis of the features and the axes of the places."""
    if x.ndim not in (3, 4):
        raise ValueError(
            f"x has shape {tuple(x.shape)}, {x.ndim} axes, and needs four for images "
            "(batch, channel, height, width) or three for tokens (batch, position, feature): "
            "a single sample is a batch of one, x[None]"
        )
    return (1, (2, 3)) if x.ndim == 4 else (2, (1,))


def _moments(
    xp: ModuleType, x: Array, axes: tuple[int, ...], *, around_zero: bool = False
) -> tuple[Array, Array]:
    if around_zero:
        square = xp.mean(x**2, axis=axes, keepdims=True)
        return xp.zeros_like(square), square
    mean = xp.mean(x, axis=axes, keepdims=True)
    return mean, xp.mean((x - mean) ** 2, axis=axes, keepdims=True)


def _group_statistics(
    xp: ModuleType, x: Array, feature: int, places: tuple[int, ...], groups: int
) -> tuple[Array, Array]:
    members = x.shape[feature] // groups
    x = xp.reshape(x, (*x.shape[:feature], groups, members, *x.shape[feature + 1 :]))
    axes = tuple(place + (place > feature) for place in places)
    moments = _moments(xp, x, (*axes, feature + 1))
    return tuple(xp.squeeze(moment, axis=feature + 1) for moment in moments)


def check_kind(kind: str, kinds: tuple[str, ...]) -> None:
    if kind not in kinds:
        raise ValueError(f"kind is {kind!r}, and must be one of {', '.join(map(repr, kinds))}")


def _checked_groups(kind: str, groups: int | None, features: int) -> int:
    """Into how many groups the features are cut; other kinds leave them in one."""
    if kind != "group":
        if groups is not None:
            raise ValueError(f'groups is {groups}, and goes with kind "group", not with {kind!r}')
        return 1
    count = whole_number("groups", groups, "such as groups=2")
    if count < 1 or features % count:
        fitting = ", ".join(str(g) for g in range(1, features + 1) if features % g == 0)
        raise ValueError(
            f"groups is {groups} and x has {features} features: groups are equally large, "
            f"so take one of {fitting}"
        )
    return count


def _check_something(x: Array, axes: tuple[int, ...]) -> None:
    if not math.prod(x.shape[axis] for axis in axes):
        raise ValueError(
            f"x has shape {tuple(x.shape)}, nothing along axes {axes}: "
            "a mean needs at least one number"
        )
