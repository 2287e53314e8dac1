"""Tensor parallel: one layer's matrices cut among processes, and one sum to put it together."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist

from attnlab.training.parallel import place


class SplitFeedForward(nn.Module):
    """A feed-forward layer of which each process holds a share of the hidden features.

        output = sum over processes p of activation(x W1_p + b1_p) W2_p  + b2

    The first matrix is cut by columns and the second by rows, so nothing need be exchanged
    between the two: forward takes one sum over all processes, and so does backward.

    Args:
        first: the whole layer's first linear map, d_model to d_ff.
        second: its second one, d_ff to d_model.
        activation: what stands between them.

    Raises:
        ValueError: d_ff cannot be cut evenly, or the two maps do not fit.

    >>> first, second = nn.Linear(2, 6), nn.Linear(6, 2)
    >>> SplitFeedForward(first, second)(torch.zeros(3, 2)).shape
    torch.Size([3, 2])

    Source: Shoeybi et al. 2019, "Megatron-LM", section 3, figure 3a (f and g).
    """

    def __init__(self, first: nn.Linear, second: nn.Linear, activation: nn.Module | None = None):
        super().__init__()
        rank, world = place()
        _check(first, second, world)
        self.activation = activation or nn.ReLU()
        self.w1, self.b1 = _part(first.weight, 0, rank, world), _part(first.bias, 0, rank, world)
        self.w2 = _part(second.weight, 1, rank, world)
        self.b2 = nn.Parameter(second.bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        x = _Copied.apply(x)
        hidden = self.activation(nn.functional.linear(x, self.w1, self.b1))
        return _Summed.apply(hidden @ self.w2.T) + self.b2


class _Copied(torch.autograd.Function):
    """The same in all processes; backward, the sum of all their gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ARG004
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Tensor:  # noqa: ARG004
        return _sum_of_all(grad_outputs[0])


class _Summed(torch.autograd.Function):
    """The sum over all processes; backward, the same gradient for all."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # noqa: ARG004
        return _sum_of_all(x)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Tensor:  # noqa: ARG004
        return grad_outputs[0]


def _sum_of_all(x: Tensor) -> Tensor:
    if place().world == 1:
        return x
    x = x.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(x)
    return x


def _part(whole: Tensor, axis: int, rank: int, world: int) -> nn.Parameter:
    return nn.Parameter(whole.detach().chunk(world, axis)[rank].clone())


def _check(first: nn.Linear, second: nn.Linear, world: int) -> None:
    if first.out_features != second.in_features:
        raise ValueError(
            f"first gives {first.out_features} hidden features and second takes "
            f"{second.in_features}: they must be equally many, d_ff"
        )
    if first.bias is None or second.bias is None:
        raise ValueError(
            "first and second need a bias each: make them by nn.Linear(..., bias=True)"
        )
    if first.out_features % world:
        raise ValueError(
            f"d_ff is {first.out_features}, which cannot be cut evenly for {world} processes: take "
            f"a multiple of {world}"
        )
