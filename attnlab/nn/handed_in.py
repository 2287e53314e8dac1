"""What models ask of tokens and masks, and the words in which they refuse others."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor


def whole_tokens(name: str, tokens: Any, device: torch.device) -> Tensor:
    """The token numbers in a type that an embedding takes.

    Raises:
        TypeError: a text, a list or an array, or a tensor of fractions or booleans.
        ValueError: they lie on another device than the model.

    >>> whole_tokens("tokens", torch.tensor([[3]], dtype=torch.uint8), torch.device("cpu"))
    tensor([[3]])
    """
    if not isinstance(tokens, Tensor):
        kind = "text" if isinstance(tokens, str) else type(tokens).__name__
        raise TypeError(
            f"{name} is a {kind}, and must be a tensor of token numbers (batch, position): write "
            "torch.tensor([vocabulary.encode(text)])"
        )
    if tokens.is_floating_point() or tokens.is_complex() or tokens.dtype == torch.bool:
        raise TypeError(
            f"{name} holds {tokens.dtype}, and token numbers are whole: write {name}.long() if "
            "they are"
        )
    if tokens.device != device:
        raise ValueError(
            f"{name} lies on {tokens.device} and the model on {device}: bring both to one device, "
            f"{name}.to({str(device)!r})"
        )
    return tokens if tokens.dtype in (torch.int64, torch.int32) else tokens.long()


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


def check_mask(name: str, mask: Any, batch: int, queries: int, keys: int) -> None:
    """Refuse a mask that does not fit (batch, query, key), or that could be meant in two ways.

    With two axes a mask is (query, key), as everywhere. Where there are as many sequences as
    queries, it might be meant as (batch, key), so it must say which.

    Raises:
        TypeError: no tensor of booleans.
        ValueError: another shape, or two axes that could be either.
    """
    if not isinstance(mask, Tensor):
        raise TypeError(
            f"{name} is a {type(mask).__name__}, and must be a torch tensor of booleans: write "
            f"torch.as_tensor({name})"
        )
    if mask.dtype != torch.bool:
        raise TypeError(
            f"{name} holds {mask.dtype}, and must be boolean, True = may attend: write "
            f"{name} == 1 if 1 means allowed, {name} == 0 if 0 does"
        )
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
    wanted = (batch, 1, queries, keys) if mask.ndim == 4 else (batch, queries, keys)
    sizes = list(zip(reversed(shape), reversed(wanted), strict=False))
    if mask.ndim == 4:
        sizes.pop(-2 if len(sizes) > 2 else 0)  # an axis of heads is theirs to check
    if mask.ndim > 4 or any(m not in (1, s) for m, s in sizes):
        raise ValueError(
            f"{name} has shape {shape}, and there are {batch} sequences of {queries} queries and "
            f"{keys} keys: it needs ({batch}, 1, {keys}); {cure}"
        )


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
