"""Attention in one pass of PyTorch's own kernel, and what it asks of its tensors."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from attnlab.core.arrays import Float, Mask, check_axes, check_boolean, fits, floating


def fused_attention(
    query: Float[Tensor, "... query d_k"],
    key: Float[Tensor, "... key d_k"],
    value: Float[Tensor, "... key d_v"],
    mask: Mask[Tensor, "query key"] | None = None,
    *,
    bias: Float[Tensor, "... #query #key"] | Float[Tensor, " #key"] | None = None,
) -> Float[Tensor, "... query d_v"]:
    """`attnlab.attention` in one pass of PyTorch's own kernel, which need not store the weights.

        softmax(query @ key^T / sqrt(d_k) + bias) @ value

    Args:
        query: (..., query, d_k)
        key: (..., key, d_k)
        value: (..., key, d_v), one value for each key.
        mask: boolean, True = may attend, broadcasts to (..., query, key). A query that may
            attend to nothing gets a vector of zeros.
        bias: real numbers to add to the scores, in the type of query, broadcasts to
            (..., query, key).

    Raises:
        TypeError: not real numbers, another type than query's, or a mask that is not boolean.
        ValueError: sizes that do not fit, naming both.

    >>> fused_attention(torch.eye(2), torch.eye(2), torch.tensor([[1.0], [3.0]]))
    tensor([[1.6605],
            [2.3395]])

    What a mask forbids has no weight, but NaN or infinity at a masked key or value spoils outputs
    all the same, as it does in PyTorch: fill padding with zeros. With five axes or more, PyTorch
    stores the weights after all.

    Source: Dao et al. 2022, "FlashAttention", algorithm 1; Vaswani et al. 2017, eq. 1.
    """
    scores = _shape_of_scores(query, key, value)
    if mask is not None:
        check_fused_mask(mask, scores)
    if bias is not None:
        _check_bias(bias, query)
        _check_fits("bias", bias, scores)
        mask = bias if mask is None else torch.where(mask, bias, -torch.inf)
    if mask is not None and mask.ndim < 2:  # the kernel wants to see both axes
        mask = mask.expand(1, scores[-1])
    few = 4 - len(scores)  # with other than 4 axes PyTorch takes a way that stores the weights
    if few >= 0:
        query, key, value = (x[(None,) * (4 - x.ndim)] for x in (query, key, value))
        mask = mask[None] if mask is not None and mask.ndim == 3 else mask
    output = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    return output[(0,) * few] if few > 0 else output


def check_fused_mask(mask: Tensor, scores: tuple[int, ...]) -> None:
    """Refuse what is no tensor of booleans that can be spread over scores of this shape."""
    if not isinstance(mask, Tensor):
        raise TypeError(
            f"mask is a {type(mask).__name__}, and must be a torch tensor of booleans: "
            "write torch.as_tensor(mask)"
        )
    check_boolean("mask", mask)
    _check_fits("mask", mask, scores)


def _check_bias(bias: Tensor, query: Tensor) -> None:
    if not isinstance(bias, Tensor):
        raise TypeError(f"bias is a {type(bias).__name__}, and must be a torch tensor")
    if bias.dtype == torch.bool:
        raise TypeError(
            "bias holds torch.bool, and is added to the scores: booleans that say who may attend "
            "are a mask, mask=..."
        )
    if bias.dtype != query.dtype:
        raise TypeError(
            f"bias holds {bias.dtype} and query {query.dtype}: give both one type, "
            "bias.to(query.dtype)"
        )
    _check_device("bias", bias, query)


def _check_device(name: str, array: Tensor, query: Tensor) -> None:
    if array.device != query.device:
        raise ValueError(
            f"{name} lies on {array.device} and query on {query.device}: bring both to one device, "
            f"{name}.to(query.device)"
        )


def _check_fits(name: str, array: Tensor, scores: tuple[int, ...]) -> None:
    if not fits(array.shape, scores):
        raise ValueError(
            f"{name} has shape {tuple(array.shape)}, and scores {tuple(scores)}: "
            f"counted from the right, each axis of {name} is as long as that of scores, or 1"
            f"{_of_padding(name, array, scores)}"
        )


def _of_padding(name: str, array: Tensor, scores: tuple[int, ...]) -> str:
    if array.ndim != 2 or len(scores) < 3:
        return ""
    return (
        f"; of padding, (batch, key), take {name}[:, None], as padding(lengths, positions) makes it"
    )


def _shape_of_scores(query: Tensor, key: Tensor, value: Tensor) -> tuple[int, ...]:
    """The shape (..., query, key), once it is sure that the three fit each other."""
    floating(query=query, key=key, value=value)
    for name, array in {"key": key, "value": value}.items():
        if array.dtype != query.dtype and not torch.is_autocast_enabled(query.device.type):
            raise TypeError(
                f"query holds {query.dtype} and {name} {array.dtype}: give both one type, "
                f"{name}.to(query.dtype)"
            )
        _check_device(name, array, query)
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
