"""What models ask of vectors and masks, and the words in which they refuse others."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from attnlab.core.arrays import Bool, check_boolean, fits
from attnlab.core.images import check_image


def check_vectors(name: str, x: Any, size: int, dtype: torch.dtype | None = None) -> None:
    """Refuse what holds no vectors of this length, in this type if one is given.

    Raises:
        TypeError: no tensor of real numbers, or of another type.
        ValueError: vectors of another length, naming both.
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} is a {type(x).__name__}, and must be a torch tensor")
    if not x.is_floating_point():
        raise TypeError(
            f"{name} holds {x.dtype}, and needs real numbers with a fraction part: write "
            f"{name}.float()"
        )
    if dtype not in (None, x.dtype) and not torch.is_autocast_enabled(x.device.type):
        raise TypeError(
            f"{name} holds {x.dtype}, and the parameters of this layer {dtype}: write "
            f"{name}.to({dtype}), or bring the model to the other type"
        )
    if x.ndim == 0 or x.shape[-1] != size:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}, and this layer takes vectors of length {size}: "
            f"the last axis of {name} must be {size} long"
        )


def check_pictures(name: str, x: Any, channels: int, dtype: torch.dtype | None = None) -> None:
    """Refuse what holds no pictures with so many channels, (batch, channels, height, width).

    Raises:
        TypeError: no tensor of real numbers, or of another type than dtype, if one is given.
        ValueError: other axes or channels, channels last among them, naming both numbers.
    """
    check_vectors(name, x, x.shape[-1] if isinstance(x, Tensor) and x.ndim else 0, dtype)
    if x.ndim != 4:
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}, and needs (batch, channels, height, width): a "
            f"single picture is {name}[None]"
        )
    check_image(x, channels, name)


def check_booleans(name: str, mask: Any) -> None:
    """Refuse what is no tensor of booleans.

    Raises:
        TypeError: naming the argument.
    """
    if not isinstance(mask, Tensor):
        raise TypeError(
            f"{name} is a {type(mask).__name__}, and must be a torch tensor of booleans: write "
            f"torch.as_tensor({name})"
        )
    check_boolean(name, mask)


def check_mask(name: str, mask: Any, batch: int, queries: int, keys: int) -> None:
    """Refuse a mask that does not fit (batch, query, key), or that could be meant in two ways.

    With two axes a mask is (query, key), as everywhere. Where there are as many sequences as
    queries, it might be meant as (batch, key), so it must say which.

    Raises:
        TypeError: no tensor of booleans.
        ValueError: another shape, or two axes that could be either.
    """
    check_booleans(name, mask)
    shape = tuple(mask.shape)
    if mask.ndim == 0:
        raise ValueError(f"{name} has shape (), and needs ({batch}, 1, {keys}): leave it out")
    cure = (
        f"one of padding, (batch, key), is {name}[:, None], or padding(lengths, positions); one "
        f"of pairs, (query, key), is {name}[None]"
    )
    if mask.ndim == 2 and shape == (batch, keys) and queries == batch > 1:
        raise ValueError(
            f"{name} has shape {shape}, and there are {batch} sequences of {queries} queries and "
            f"{keys} keys, so it could be meant in two ways: {cure}"
        )
    without_heads = (
        (shape[0], *shape[2:]) if mask.ndim == 4 else shape
    )  # heads check their own axis
    if not fits(without_heads, (batch, queries, keys)):
        raise ValueError(
            f"{name} has shape {shape}, and there are {batch} sequences of {queries} queries and "
            f"{keys} keys: it needs ({batch}, 1, {keys}); {cure}"
        )


def lengths_of(name: str, mask: Bool[Tensor, "#batch 1 count"], batch: int, count: int) -> Tensor:
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
    check_booleans(name, mask)
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


def check_front(name: str, mask: Tensor) -> None:
    """Refuse padding in front of real tokens, where positions are counted from the first token.

    Raises:
        ValueError: the first key is masked for all queries of a row, and a later one is not.
    """
    keys = mask.flatten(0, -3).any(-2) if mask.ndim > 2 else mask.any(0) if mask.ndim > 1 else mask
    if can_be_seen((~keys[..., 0] & keys.any(-1)).any()):
        raise ValueError(
            f"{name} has padding in front of a real token, and these positions count from the "
            "first token, padded or not: padding goes behind, as padding(lengths, positions) says, "
            'or take positions="rotary" or "alibi", which know distances only'
        )


def warn_of_padding(name: str, tokens: Tensor) -> None:
    """Say that padding is attended to, where rows end in zeros and no mask is given."""
    last = tokens[:, -1] == 0
    if not can_be_seen(last.any() & ~last.all()):
        return
    behind = (tokens == 0).flip(1).cumprod(1).flip(1).bool()
    if can_be_seen(((tokens == 0) == behind).all()):
        warnings.warn(
            f"{name} has rows that end in 0, which is padding, and no mask: it is attended to as a "
            f"real token. Hand in ({name} != 0)[:, None], or padding(lengths, positions); if 0 is "
            f"a real token, torch.ones_like({name})[:, None] == 1",
            stacklevel=4,
        )


def can_be_seen(condition: Tensor) -> bool:
    """Whether a condition holds, as far as its value can be had: not so in `vmap` or `compile`."""
    if torch.compiler.is_compiling():
        return False
    try:
        return bool(condition)
    except RuntimeError:
        return False
