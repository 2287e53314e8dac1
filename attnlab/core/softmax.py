"""Softmax: from scores, any real numbers, to weights, which are at least 0 and sum to 1."""

from __future__ import annotations

import math

from attnlab.core.arrays import Array, Bool, Float, check_boolean, fits, floating, namespace
from attnlab.core.precision import narrowed, widened
from attnlab.core.scalars import number, whole_number


def softmax(
    scores: Float[Array, "..."],
    mask: Bool[Array, "..."] | None = None,
    *,
    temperature: int | float = 1.0,
    axis: int = -1,
) -> Float[Array, "..."]:
    """Turn scores into weights that share 1 among the allowed entries of each row.

        weight_i = exp(score_i / temperature) / sum over allowed j of exp(score_j / temperature)

    The row's maximum is subtracted first, which changes nothing and keeps exp from overflowing.
    A masked entry gets exactly 0, whatever its score, NaN included; a row with nothing allowed is
    all zeros, with zero gradient. An allowed NaN spoils its own row only. Scores of 16 bits are
    reckoned in float32.

    Args:
        scores: real numbers, any shape.
        mask: boolean, True = may get weight; counted from the right, each axis as that of scores
            or 1. With more axes than scores it asks for as many results.
        temperature: above 0; small values sharpen the row, large ones flatten it.
        axis: the axis of scores whose entries share the 1.

    Raises:
        TypeError: scores are not real numbers, mask is not boolean, or libraries are mixed.
        ValueError: temperature is not above 0, or the shape of mask does not fit.

    >>> softmax(np.array([0.0, 1.0, 1.0])).round(3)
    array([0.155, 0.422, 0.422])

    Source: Bridle 1990, "Probabilistic Interpretation of Feedforward Classification Network
    Outputs", eq. 2; with the mask as in Vaswani et al. 2017, section 3.2.3.
    """
    xp = floating(scores=scores)
    temperature = _usable(temperature, scores)
    axis = _from_the_right(scores, axis)
    (wide,) = widened(xp, scores)
    if mask is not None:
        check_mask(mask, scores, scores.shape)
        wide = xp.where(mask, wide, -math.inf)
    highest = xp.max(wide, axis=axis, keepdims=True)
    highest = xp.where(highest == -math.inf, 0.0, highest)  # nothing allowed: keep -inf as it is
    exponentials = xp.exp((wide - highest) / temperature)
    total = xp.sum(exponentials, axis=axis, keepdims=True)
    return narrowed(xp, exponentials / xp.where(total == 0.0, 1.0, total), scores)


def _usable(temperature: int | float, scores: Array) -> int | float:
    """The temperature, if it is one; from 1e-30 to 1e30, since float32 ends soon after."""
    temperature = number("temperature", temperature)
    if not isinstance(temperature, int | float):  # a tensor of no axes
        namespace(scores=scores, temperature=temperature)
    if not 0.0 < temperature < math.inf:
        raise ValueError(
            f"temperature is {temperature}, and must be above 0 and finite: "
            "for argmax take a small one such as 0.01, for the plain average a large one"
        )
    return temperature if 1e-30 <= temperature <= 1e30 else min(max(temperature, 1e-30), 1e30)


def _from_the_right(scores: Array, axis: int) -> int:
    """The axis counted from the right, where a mask with more axes in front does not move it."""
    if type(axis) is not int:
        axis = whole_number("axis", axis, "such as -1, the last one")
    if scores.ndim == 0:
        raise ValueError("scores has shape (), a single number: softmax needs a row of them")
    if not -scores.ndim <= axis < scores.ndim:
        raise ValueError(
            f"axis is {axis}, and scores has shape {tuple(scores.shape)}: "
            f"take an axis from {-scores.ndim} to {scores.ndim - 1}"
        )
    if scores.shape[axis] == 0:
        raise ValueError(
            f"scores has shape {tuple(scores.shape)}, nothing along axis {axis}: "
            "softmax needs at least one score to share its 1"
        )
    return axis if axis < 0 else axis - scores.ndim


def check_mask(mask: Array, scores: Array, shape: tuple[int, ...]) -> None:
    """Refuse a mask that cannot be spread over scores of this shape.

    Raises:
        TypeError: a mask that is not boolean, or of another library.
        ValueError: another shape, or another device.
    """
    namespace(scores=scores, mask=mask)
    check_boolean("mask", mask)
    if mask.device != scores.device:
        raise ValueError(
            f"mask lies on {mask.device} and scores on {scores.device}: bring both to one device, "
            "mask.to(scores.device)"
        )
    if not fits(mask.shape[-scores.ndim :], shape):  # more axes ask for more results
        raise ValueError(
            f"mask has shape {tuple(mask.shape)}, and scores {tuple(shape)}: "
            "counted from the right, each axis of mask is as long as that of scores, or 1"
            + _of_padding(mask, scores)
        )


def _of_padding(mask: Array, scores: Array) -> str:
    if mask.ndim != 2 or scores.ndim < 3:
        return ""
    return "; of padding, (batch, key), take mask[:, None], as padding(lengths, key) makes it"
