"""Grouped queries: several heads read the same keys and values, so that the cache holds fewer."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from attnlab.core.heads import split_heads
from attnlab.core.scalars import whole_number
from attnlab.nn.fused import fused_attention
from attnlab.nn.multihead import MultiHeadAttention


class GroupedQueryAttention(MultiHeadAttention):
    """Multi-head attention in which each group of heads shares its keys and values.

    Head h has queries of its own, and reads the keys and values of group h // (heads / groups).
    Only those are projected and kept in a cache: heads / groups times fewer numbers a word.

        groups = heads      multi-head attention, each head with keys of its own
        groups = 1          multi-query attention, one key and value a word for all heads

    Args:
        d_model, heads, attend, bias: as in `MultiHeadAttention`.
        groups: how many sets of keys and values, a divisor of heads.

    Raises:
        TypeError: heads or groups is no whole number.
        ValueError: heads does not divide d_model, or groups does not divide heads.

    It is called as `MultiHeadAttention` is; what `remember` gives and `read` takes, and so the
    cache, has the shape (batch, groups, key, d_k).

    >>> attention = GroupedQueryAttention(d_model=8, heads=4, groups=2)
    >>> attention(torch.ones(1, 5, 8)).shape
    torch.Size([1, 5, 8])
    >>> keys, values = attention.remember(torch.ones(1, 5, 8))
    >>> keys.shape
    torch.Size([1, 2, 5, 2])

    Source: Ainslie et al. 2023, "GQA: Training Generalized Multi-Query Transformer Models",
    section 2.2; groups = 1: Shazeer 2019, "Fast Transformer Decoding", section 3.
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        groups: int,
        *,
        attend: Callable[..., Tensor] = fused_attention,
        bias: bool = True,
    ):
        super().__init__(d_model, heads, attend=attend, bias=bias)
        _check_groups(whole_number("groups", groups), heads)
        self.groups = groups
        self.key = nn.Linear(d_model, groups * (d_model // heads), bias=bias)
        self.value = nn.Linear(d_model, groups * (d_model // heads), bias=bias)

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, groups={self.groups}"

    def _remembered(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        keys = split_heads(self.key(key), self.groups)
        values = split_heads(self.value(value), self.groups)
        return keys, values

    def _read(self, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        if keys.shape[1] != self.groups:
            raise ValueError(
                f"keys has shape {tuple(keys.shape)}, and this layer {self.groups} groups: they "
                f"must be (batch, {self.groups}, key, d_k), as remember makes them"
            )
        heads = self.heads // self.groups  # of each group, one after the other
        keys, values = (x.repeat_interleave(heads, dim=1) for x in (keys, values))
        return super()._read(query, keys, values, mask)


def _check_groups(groups: int, heads: int) -> None:
    if groups < 1 or heads % groups:
        fitting = ", ".join(str(g) for g in range(1, heads + 1) if heads % g == 0)
        raise ValueError(
            f"groups is {groups} and heads {heads}: each group serves equally many heads, so "
            f"groups must be one of {fitting}"
        )
