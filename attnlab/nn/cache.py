"""The key-value cache: what a decoder layer need not compute again for the next token."""

from __future__ import annotations

import torch
from torch import Tensor

from attnlab.core.masks import causal


class Cache:
    """Keys and values of one decoder layer: of the target so far, and of the source.

    >>> cache = Cache()
    >>> keys, values = cache.extend(torch.ones(1, 2, 1, 4), torch.ones(1, 2, 1, 4))
    >>> keys, values = cache.extend(torch.ones(1, 2, 1, 4), torch.ones(1, 2, 1, 4))
    >>> keys.shape, len(cache)
    (torch.Size([1, 2, 2, 4]), 2)

    Source: Shazeer 2019, "Fast Transformer Decoding", section 2.3 (incremental attention).
    """

    def __init__(self):
        self.target: tuple[Tensor, Tensor] | None = None
        self.source: tuple[Tensor, Tensor] | None = None

    def __len__(self) -> int:
        """How many target positions are held."""
        return 0 if self.target is None else self.target[0].shape[-2]

    def extend(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Take in those of new target positions; gives those of all."""
        if self.target is not None:
            keys = torch.cat([self.target[0], keys], dim=-2)
            values = torch.cat([self.target[1], values], dim=-2)
        self.target = keys, values
        return self.target

    def keep(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Take in those of the source, which stay as they are."""
        self.source = keys, values
        return self.source

    def choose(self, rows: Tensor) -> None:
        """Keep these rows of the batch, in this order, as a beam search goes on with them."""
        self.target = _chosen(self.target, rows)
        self.source = _chosen(self.source, rows)


def _chosen(held: tuple[Tensor, Tensor] | None, rows: Tensor) -> tuple[Tensor, Tensor] | None:
    if held is None:
        return None
    keys, values = held
    return keys.index_select(0, rows), values.index_select(0, rows)


def earlier(x: Tensor, caches: list[Cache] | None = None) -> Tensor:
    """Which positions each of x, (batch, position, feature), may see, (position, all of them).

    These are the cached ones, itself, and those of x before it.

    >>> earlier(torch.zeros(1, 2, 4))
    tensor([[ True, False],
            [ True,  True]])
    """
    first = len(caches[0]) if caches else 0
    places = torch.arange(first + x.shape[1], device=x.device)
    return causal(places[first:], places)


def seen_so_far(
    x: Tensor, caches: list[Cache] | None = None, mask: Tensor | None = None
) -> Tensor | None:
    """The mask of `earlier`, with further limits; None where nothing is hidden.

    >>> seen_so_far(torch.zeros(1, 1, 4)) is None  # a single position may see all that are cached
    True
    """
    if x.shape[1] == 1 and mask is None:
        return None
    seen = earlier(x, caches)
    return seen if mask is None else seen & mask
