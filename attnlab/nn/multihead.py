"""Multi-head attention: several attentions side by side, each on its own share of the features."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from attnlab.core.arrays import Float, Mask
from attnlab.core.heads import check_heads, join_heads, split_heads
from attnlab.core.scalars import whole_number
from attnlab.nn.cache import Cache
from attnlab.nn.config_checks import check_sizes
from attnlab.nn.fused import check_fused_mask, fused_attention


class MultiHeadAttention(nn.Module):
    """Attention with several heads: project, split into heads, attend, join the heads, project.

        head_h = attend(query W_query, key W_key, value W_value), features of head h
        output = (head_0 ... head_heads-1, end to end) W_output

    Args:
        d_model: the dimension of the vectors that come in and go out.
        heads: how many heads; each takes d_model / heads features.
        attend: (query, key, value, mask) -> output, what happens inside the heads, on shapes
            (batch, heads, n, d_k). A plain attribute: another may be put in its place.
        bias: whether the four projections add a vector of their own.

    Raises:
        ValueError: heads does not divide d_model.

    PyTorch's fused kernels have no second derivative and no forward mode (`torch.func.jvp`).
    Where these are asked for, write `attend=attention`, which is `attnlab.attention`.

    >>> attention = MultiHeadAttention(d_model=6, heads=2)
    >>> attention(torch.ones(1, 5, 6)).shape
    torch.Size([1, 5, 6])

    Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
    """

    def __init__(
        self,
        d_model: int,
        heads: int,
        *,
        attend: Callable[..., Tensor] = fused_attention,
        bias: bool = True,
    ):
        super().__init__()
        check_sizes(d_model=d_model)
        check_heads(whole_number("heads", heads), d_model)
        self.d_model, self.heads, self.attend = d_model, heads, attend
        self.query = nn.Linear(d_model, d_model, bias=bias)
        self.key = nn.Linear(d_model, d_model, bias=bias)
        self.value = nn.Linear(d_model, d_model, bias=bias)
        self.output = nn.Linear(d_model, d_model, bias=bias)

    def forward(
        self,
        query: Float[Tensor, "batch query d_model"],
        key: Float[Tensor, "batch key d_model"] | None = None,
        value: Float[Tensor, "batch key d_model"] | None = None,
        mask: Mask[Tensor, "query key"] | None = None,
        cache: Cache | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """What each query has read from the values.

        Args:
            query: (batch, query, d_model)
            key: (batch, key, d_model); the queries themselves if not given: self-attention.
            value: (batch, key, d_model); the keys if not given.
            mask: boolean, True = may attend, broadcasts to (batch, heads, query, key). One with
                three axes is taken as (batch, query, key), the same for all heads: a mask a head
                alone is (1, heads, query, key). One with two is (query, key): of padding,
                (batch, key), take mask[:, None].
            cache: keys and values of earlier calls, which can be read too; these are added to it.

        Raises:
            TypeError: a mask that is not boolean.
            ValueError: sizes that do not fit, naming both.
        """
        key = query if key is None else key
        value = key if value is None else value
        self._check(query=query, key=key, value=value)
        keys, values = self._remembered(key, value)
        if cache is not None:
            keys, values = cache.extend(keys, values)
        return self._read(query, keys, values, mask)

    def remember(
        self,
        key: Float[Tensor, "batch key d_model"],
        value: Float[Tensor, "batch key d_model"] | None = None,
    ) -> tuple[Float[Tensor, "batch heads key d_k"], Float[Tensor, "batch heads key d_k"]]:
        """Keys and values of each head, projected once, to be read by any number of queries."""
        value = key if value is None else value
        self._check(key=key, value=value)
        return self._remembered(key, value)

    def read(
        self,
        query: Float[Tensor, "batch query d_model"],
        keys: Float[Tensor, "batch heads key d_k"],
        values: Float[Tensor, "batch heads key d_k"],
        mask: Mask[Tensor, "query key"] | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """What each query reads from keys and values that `remember` has projected."""
        self._check(query=query)
        if query.shape[0] != keys.shape[0]:
            raise ValueError(
                f"query has {query.shape[0]} and keys has {keys.shape[0]} sequences in the batch: "
                "each query needs a key of its own"
            )
        return self._read(query, keys, values, mask)

    def extra_repr(self) -> str:
        return f"d_model={self.d_model}, heads={self.heads}, attend={_name(self.attend)}"

    def _remembered(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        keys = split_heads(self.key(key), self.heads)
        values = split_heads(self.value(value), self.heads)
        return keys, values

    def _read(self, query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
        mask = None if mask is None else self._for_heads(mask, query, keys)
        queries = split_heads(self.query(query), self.heads)
        heads = self.attend(queries, keys, values, mask)
        return self.output(join_heads(heads))

    def _check(self, **sequences: Tensor) -> None:
        for name, x in sequences.items():
            if not isinstance(x, Tensor):
                raise TypeError(f"{name} is a {type(x).__name__}, and must be a torch tensor")
            self._check_type(name, x)
            if x.ndim != 3 or x.shape[-1] != self.d_model:
                raise ValueError(
                    f"{name} has shape {tuple(x.shape)}, and this layer d_model {self.d_model}: "
                    f"it needs (batch, {name}, {self.d_model}), a single sequence is {name}[None]"
                )
        if len({x.shape[0] for x in sequences.values()}) > 1:
            sizes = ", ".join(f"{name} has {x.shape[0]}" for name, x in sequences.items())
            raise ValueError(f"{sizes} sequences in the batch: each query needs a key of its own")

    def _check_type(self, name: str, x: Tensor) -> None:
        weight = self.query.weight
        if x.device != weight.device:
            raise ValueError(
                f"{name} lies on {x.device} and this layer on {weight.device}: bring both to one "
                f"device, {name}.to({str(weight.device)!r})"
            )
        if x.dtype != weight.dtype and not torch.is_autocast_enabled(x.device.type):
            raise TypeError(
                f"{name} holds {x.dtype}, and the parameters of this layer {weight.dtype}: write "
                f"{name}.to({weight.dtype}), or bring the model to the other type"
            )

    def _for_heads(self, mask: Tensor, query: Tensor, keys: Tensor) -> Tensor:
        """The mask with its axis of heads."""
        batch, queries = query.shape[:2]
        count = keys.shape[-2]
        if getattr(mask, "ndim", 0) == 3:
            check_fused_mask(mask, (batch, queries, count))
            return mask[:, None]
        check_fused_mask(mask, (batch, self.heads, queries, count))
        return mask


def _name(attend: Callable[..., Tensor]) -> str:
    """As it is written: that of a method with what it is a method of."""
    owner = getattr(attend, "__self__", None)
    if owner is not None:
        return f"{type(owner).__name__}.{attend.__name__}"
    return getattr(attend, "__name__", type(attend).__name__)
