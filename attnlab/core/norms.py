"""Norms: bring numbers to mean 0 and variance 1. They differ in which cells are averaged together.

``x`` has four axes (batch, channel, height, width), images, or three (batch, position, feature),
tokens. A gain and a bias are not in here: multiply and add them yourself.
"""

from __future__ import annotations

import math
from types import ModuleType

from array_api_compat import device

from attnlab.core.arrays import Array, Float, fits, floating
from attnlab.core.moments import KINDS, check_kind, layout, statistics
from attnlab.core.precision import widened
from attnlab.core.scalars import number


def normalise(
    x: Float[Array, "..."],
    mean: Float[Array, "..."],
    variance: Float[Array, "..."],
    epsilon: int | float = 1e-5,
) -> Float[Array, "..."]:
    """Subtract the mean and divide by the spread, (x - mean) / sqrt(variance + epsilon).

    The numbers come from `statistics`, or from elsewhere: running averages kept since training
    are simply other numbers handed in here.

    Args:
        x: images (B, C, H, W) or tokens (B, n, d).
        mean, variance: each of the axes of x as it is or 1; along the features also one number
            for each group of neighbours.
        epsilon: at least 0; keeps a constant feature from being divided by 0.

    Raises:
        TypeError: no real numbers, or NumPy mixed with torch.
        ValueError: shapes that do not fit, or epsilon below 0.

    >>> normalise(np.array([[[1.0, 3.0]]]), np.array([[[2.0]]]), np.array([[[4.0]]]), 0)
    array([[[-0.5,  0.5]]])

    Source: Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1.
    """
    xp = floating(x=x, mean=mean, variance=variance)
    epsilon = number("epsilon", epsilon)
    if not 0.0 <= epsilon < math.inf:
        raise ValueError(f"epsilon is {epsilon}, and must be at least 0 and finite, such as 1e-5")
    feature, _ = layout(x)
    mean = _for_each_feature(xp, "mean", mean, x, feature)
    variance = _for_each_feature(xp, "variance", variance, x, feature)
    wide, mean, variance = widened(xp, x, mean, variance)
    return xp.astype((wide - mean) / xp.sqrt(variance + float(epsilon)), x.dtype, copy=False)


def batch_norm(x: Float[Array, "..."], *, epsilon: int | float = 1e-5) -> Float[Array, "..."]:
    """Normalise each feature over all samples and places of the batch, as in training.

    Shapes and errors as in `statistics`. In use, hand running averages to `normalise`.

    >>> batch_norm(np.array([[[1.0]], [[3.0]]])).round(2)
    array([[[-1.]],
    <BLANKLINE>
           [[ 1.]]])

    Source: Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1, without gain and bias.
    """
    return normalise(x, *statistics(x, "batch"), epsilon)


def layer_norm(
    x: Float[Array, "..."], *, kind: str = "layer", epsilon: int | float = 1e-5
) -> Float[Array, "..."]:
    """Normalise within a sample: an image as a whole, a text token by token.

    Args:
        x: images (B, C, H, W) or tokens (B, n, d).
        kind: "layer", or to choose yourself "layer of images" or "layer of tokens".
        epsilon: as in `normalise`.

    Raises:
        TypeError, ValueError: as `statistics` and `normalise`; ValueError for another kind.

    >>> layer_norm(np.array([[[1.0, 3.0], [4.0, 8.0]]])).round(2)
    array([[[-1.,  1.],
            [-1.,  1.]]])

    Source: Ba et al. 2016, "Layer Normalization", eq. 3, without gain and bias.
    """
    check_kind(kind, tuple(k for k in KINDS if k.startswith("layer")))
    return normalise(x, *statistics(x, kind), epsilon)


def instance_norm(x: Float[Array, "..."], *, epsilon: int | float = 1e-5) -> Float[Array, "..."]:
    """Normalise each feature of each sample over its places. Shapes and errors as `statistics`.

    >>> instance_norm(np.array([[[1.0, 4.0], [3.0, 8.0]]])).round(2)
    array([[[-1., -1.],
            [ 1.,  1.]]])

    Source: Ulyanov et al. 2016, "Instance Normalization", eq. 4.
    """
    return normalise(x, *statistics(x, "instance"), epsilon)


def group_norm(
    x: Float[Array, "..."], groups: int, *, epsilon: int | float = 1e-5
) -> Float[Array, "..."]:
    """Normalise groups of neighbouring features of each sample, over its places too.

    One group is "layer of images", a group for each feature is `instance_norm`. Shapes and errors
    as in `statistics`.

    >>> group_norm(np.array([[[1.0, 3.0, 4.0, 8.0]]]), 2).round(2)
    array([[[-1.,  1., -1.,  1.]]])

    Source: Wu and He 2018, "Group Normalization", eq. 7.
    """
    return normalise(x, *statistics(x, "group", groups=groups), epsilon)


def rms_norm(x: Float[Array, "..."], *, epsilon: int | float = 1e-5) -> Float[Array, "..."]:
    """Divide each token, or each place of an image, by the root of its mean square.

    Shapes and errors as in `statistics`.

    >>> rms_norm(np.array([[[1.0, 7.0]]])).round(2)
    array([[[0.2, 1.4]]])

    Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", eq. 4.
    """
    return normalise(x, *statistics(x, "rms"), epsilon)


def _for_each_feature(xp: ModuleType, name: str, statistic: Array, x: Array, feature: int) -> Array:
    """The statistic as it broadcasts to x: that of a group repeated for each of its features."""
    if statistic.ndim == x.ndim:
        have, need = statistic.shape[feature], x.shape[feature]
        if 1 < have < need and need % have == 0:
            group = xp.arange(need, device=device(statistic)) // (need // have)
            statistic = xp.take(statistic, group, axis=feature)
    if not fits(statistic.shape, x.shape):
        raise ValueError(
            f"{name} has shape {tuple(statistic.shape)} and x {tuple(x.shape)}: "
            f"each axis of {name} is as long as that of x, or 1, as statistics(x, kind) makes them"
        )
    return statistic
