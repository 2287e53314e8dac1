"""Multi-head attention: several attentions side by side, each on its own share of the features."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from attnlab.core.arrays import Bool, Float, check_axes, floating
from attnlab.core.heads import join_heads, split_heads


def fused_attention(
    query: Float[Tensor, "... query d_k"],
    key: Float[Tensor, "... key d_k"],
    value: Float[Tensor, "... key d_v"],
    mask: Bool[Tensor, "..."] | None = None,
    *,
    bias: Float[Tensor, "..."] | None = None,
) -> Float[Tensor, "... query d_v"]:
    """`attnlab.attention` in one pass of PyTorch's own kernel, which need not store the weights.

        softmax(query @ key^T / sqrt(d_k) + bias) @ value

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k)
        value: (..., key, d_v), one value for each key.
        mask: boolean, True = may attend, broadcasts to (..., query, key). A query that may
            attend to nothing gets a vector of zeros.
        bias: real numbers to add to the scores, broadcasts to (..., query, key).

    Raises:
        TypeError: not real numbers, or a mask that is not boolean.
        ValueError: sizes that do not fit, naming both.

    >>> fused_attention(torch.eye(2), torch.eye(2), torch.tensor([[1.0], [3.0]]))
    tensor([[1.6605],
            [2.3395]])

    Source: Dao et al. 2022, "FlashAttention", algorithm 1; Vaswani et al. 2017, eq. 1.
    """
    scores = _shape_of_scores(query, key, value)
    if mask is not None:
        _check_mask(mask, scores)
    if bias is not None:
        _check_fits("bias", bias, scores)
        mask = bias if mask is None else torch.where(mask, bias, -torch.inf)
    if mask is not None and mask.ndim < 2:  # the kernel wants to see both axes
        mask = mask.expand(1, scores[-1])
    return functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)


class MultiHeadAttention(nn.Module):
    """Attention with several heads: project, split into heads, attend, join the heads, project.

        head_h = attend(query W_query, key W_key, value W_value), features of head h
        output = (head_0 ... head_heads-1, end to end) W_output

    Args:
        d_model: the length of the vectors that come in and go out.
        heads: how many heads; each takes d_model / heads features.
        attend: (query, key, value, mask) -> output, what happens inside the heads, on shapes
            (batch, heads, n, d_k). A plain attribute: another may be put in its place.
        bias: whether the four projections add a vector of their own.

    Raises:
        ValueError: heads does not divide d_model.

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
        split_heads(torch.empty(1, d_model), heads)  # refuses heads that do not divide d_model
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
        mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """What each query has read from the values.

        Args:
            query: (batch, query, d_model)
            key: (batch, key, d_model); the queries themselves if not given: self-attention.
            value: (batch, key, d_model); the keys if not given.
            mask: boolean, True = may attend, broadcasts to (batch, heads, query, key). One with
                three axes is taken as (batch, query, key), the same for all heads: a mask a head
                alone is (1, heads, query, key).

        Raises:
            TypeError: a mask that is not boolean.
            ValueError: sizes that do not fit, naming both.
        """
        key = query if key is None else key
        value = key if value is None else value
        self._check(query=query, key=key, value=value)
        return self.read(query, *self.remember(key, value), mask)

    def remember(
        self,
        key: Float[Tensor, "batch key d_model"],
        value: Float[Tensor, "batch key d_model"] | None = None,
    ) -> tuple[Float[Tensor, "batch heads key d_k"], Float[Tensor, "batch heads key d_k"]]:
        """Keys and values of each head, projected once, to be read by any number of queries."""
        value = key if value is None else value
        self._check(key=key, value=value)
        return split_heads(self.key(key), self.heads), split_heads(self.value(value), self.heads)

    def read(
        self,
        query: Float[Tensor, "batch query d_model"],
        keys: Float[Tensor, "batch heads key d_k"],
        values: Float[Tensor, "batch heads key d_k"],
        mask: Bool[Tensor, "..."] | None = None,
    ) -> Float[Tensor, "batch query d_model"]:
        """What each query reads from keys and values that `remember` has projected."""
        self._check(query=query)
        if query.shape[0] != keys.shape[0]:
            raise ValueError(
                f"query has {query.shape[0]} and keys has {keys.shape[0]} sequences in the batch: "
                "each query needs a key of its own"
            )
        mask = None if mask is None else self._for_heads(mask, query, keys)
        queries = split_heads(self.query(query), self.heads)
        return self.output(join_heads(self.attend(queries, keys, values, mask)))

    def _check(self, **sequences: Tensor) -> None:
        for name, x in sequences.items():
            if x.ndim != 3 or x.shape[-1] != self.d_model:
                raise ValueError(
                    f"{name} has shape {tuple(x.shape)}, and this layer d_model {self.d_model}: "
                    f"it needs (batch, {name}, {self.d_model}), a single sequence is {name}[None]"
                )
        if len({x.shape[0] for x in sequences.values()}) > 1:
            sizes = ", ".join(f"{name} has {x.shape[0]}" for name, x in sequences.items())
            raise ValueError(f"{sizes} sequences in the batch: each query needs a key of its own")

    def _for_heads(self, mask: Tensor, query: Tensor, keys: Tensor) -> Tensor:
        """The mask with its axis of heads."""
        batch, queries, keys = *query.shape[:2], keys.shape[-2]
        if mask.ndim == 3:
            _check_mask(mask, (batch, queries, keys))
            return mask[:, None]
        _check_mask(mask, (batch, self.heads, queries, keys))
        return mask


def _check_mask(mask: Tensor, scores: tuple[int, ...]) -> None:
    if not isinstance(mask, Tensor):
        raise TypeError(
            f"mask is a {type(mask).__name__}, and must be a torch tensor of booleans: "
            "write torch.as_tensor(mask)"
        )
    if mask.dtype != torch.bool:
        raise TypeError(
            f"mask holds {mask.dtype}, and must be boolean, True = may attend: "
            "write mask == 1 if 1 means allowed, mask == 0 if 0 does"
        )
    _check_fits("mask", mask, scores)


def _check_fits(name: str, array: Tensor, scores: tuple[int, ...]) -> None:
    sizes = zip(reversed(array.shape), reversed(scores), strict=False)
    if array.ndim > len(scores) or any(a not in (1, s) for a, s in sizes):
        raise ValueError(
            f"{name} has shape {tuple(array.shape)}, and scores {tuple(scores)}: "
            f"counted from the right, each axis of {name} is as long as that of scores, or 1"
        )


def _shape_of_scores(query: Tensor, key: Tensor, value: Tensor) -> tuple[int, ...]:
    """The shape (..., query, key), once it is sure that the three fit each other."""
    floating(query=query, key=key, value=value)
    for name, array in {"query": query, "key": key, "value": value}.items():
        check_axes(name, array, f"{name} feature")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"query has vectors of length {query.shape[-1]} and key of length {key.shape[-1]}: "
            "a dot product needs equal lengths, so project one to the length of the other"
        )
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(
            f"key has {key.shape[-2]} positions and value {value.shape[-2]}: "
            "each key needs exactly one value, so take both from the same words"
        )
    batches = [tuple(x.shape[:-2]) for x in (query, key, value)]
    if batches[0] == batches[1] == batches[2]:
        return (*batches[0], query.shape[-2], key.shape[-2])
    try:
        batch = torch.broadcast_shapes(*batches)
    except RuntimeError:
        raise ValueError(
            f"query has batch axes {batches[0]}, key {batches[1]} and value {batches[2]}: "
            "counted from the right, each must be equal, or 1"
        ) from None
    return (*batch, query.shape[-2], key.shape[-2])
