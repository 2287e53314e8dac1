"""From a mask of padding to lengths, for models that need all padding at the end."""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.core.arrays import Bool


def lengths_of(name: str, mask: Bool[Tensor, "..."], batch: int, count: int) -> Tensor:
    """How many real tokens each row has, (batch,), by a mask of the kind that `padding` makes.

    Args:
        name: what the mask is called in errors.
        mask: boolean, True = a real token, (batch, 1, count), or 1 in place of batch.
        batch, count: how many rows, and how many tokens with their padding.

    Raises:
        TypeError: a mask that is not boolean.
        ValueError: another shape, a row without a real token, or padding in front of one.

    >>> lengths_of("source_mask", torch.tensor([[[True, True, False]]]), 2, 3)
    tensor([2, 2])
    """
    if not isinstance(mask, Tensor):
        raise TypeError(
            f"{name} is a {type(mask).__name__}, and must be a torch tensor of booleans"
        )
    if mask.dtype != torch.bool:
        raise TypeError(
            f"{name} holds {mask.dtype}, and must be boolean, True = a real token: "
            f"write {name} == 1 if 1 means real"
        )
    if mask.ndim != 3 or mask.shape[1:] != (1, count) or mask.shape[0] not in (1, batch):
        raise ValueError(
            f"{name} has shape {tuple(mask.shape)}, and there are {batch} rows of {count} tokens: "
            f"it needs ({batch}, 1, {count}), as padding(lengths, positions) makes it; of a mask "
            f"(batch, position) take {name}[:, None]"
        )
    real = mask.expand(batch, 1, count)[:, 0]
    if not real[:, 0].all():
        row = int(real[:, 0].int().argmin())
        raise ValueError(
            f"{name} leaves row {row} no first token: each row needs at least one real token, "
            "and padding goes to its end, so leave out empty sentences"
        )
    if (real[:, 1:] & ~real[:, :-1]).any():
        row = int((real[:, 1:] & ~real[:, :-1]).any(1).int().argmax())
        raise ValueError(
            f"{name} has padding in front of a real token in row {row}: this model reads in order, "
            "so padding goes behind: put all of it to the end"
        )
    return real.sum(1)
